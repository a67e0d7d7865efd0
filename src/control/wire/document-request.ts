import type { Invocation } from "./protocol.ts";
import type { ServiceShapes, StructureShape } from "./service-shapes.ts";
import { shortened, WireError } from "./wire-error.ts";

/**
 * An operation that a request names, with its input for later: who asks is looked at in between.
 *
 * @throws {WireError} as {@link Protocol.read} says.
 */
export function documentInvocation(shapes: ServiceShapes, operation: string, decode: (input: StructureShape) => object): Invocation {
	const found = shapes.operations.get(operation);
	if (found !== undefined) return { operation, decodeInput: () => decode(found.input) };
	if (shapes.unsupportedOperations.has(operation)) {
		// Gap: operations that have nothing to do with metadata answer by their name, and do nothing.
		throw new WireError("UnsupportedOperation", `The operation ${operation} is not supported by OpenIMDS.`);
	}
	throw unknownOperation(operation);
}

/** AWS: the one word for whatever names no operation, in JSON and CBOR. */
export function unknownOperation(named: string): WireError {
	return new WireError("UnknownOperationException", `There is no operation '${shortened(named)}' in this service.`);
}

/** What is no document of its protocol. */
export function malformed(message: string): WireError {
	return new WireError("SerializationException", message);
}
