import { decodeQueryInput, type QueryDialect } from "./query-input.ts";
import { readQueryParameters } from "./query-parameters.ts";
import { WireError } from "./wire-error.ts";
import type { Invocation, WireRequest } from "./protocol.ts";
import type { ServiceShapes } from "./service-shapes.ts";

/** What sets the Query protocols apart when they find out what is asked for. */
export interface RequestDialect extends QueryDialect {
	readonly unknownVersion: (version: string | undefined, action: string) => WireError;
	readonly unknownAction: (action: string) => WireError;
}

/**
 * Reads which operation a request of a Query protocol asks for, and leaves its input for later: who asks is looked at in between.
 *
 * @throws {WireError} as {@link Protocol.read} says.
 */
export function readQueryRequest(request: WireRequest, shapes: ServiceShapes, dialect: RequestDialect): Invocation {
	const parameters = readQueryParameters(request);
	const [action, version] = [parameters.get("Action"), parameters.get("Version")];
	if (action === undefined || action === "") throw new WireError("MissingAction", "The request must contain the parameter Action");
	if (version !== shapes.version) throw dialect.unknownVersion(version, action);
	const operation = shapes.operations.get(action);
	if (operation !== undefined) return { operation: action, decodeInput: () => decodeQueryInput(operation.input, parameters, dialect) };
	if (shapes.unsupportedOperations.has(action)) {
		// Gap: operations that have nothing to do with metadata answer by their name, and do nothing.
		throw new WireError("UnsupportedOperation", `The operation ${action} is not supported by OpenIMDS.`);
	}
	throw dialect.unknownAction(action);
}
