import type { ServiceShapes } from "./service-shapes.ts";
import type { WireFailure } from "./protocol.ts";

/** What the errors of a service say in JSON and in CBOR. */
export interface ErrorDocument {
	members(failure: WireFailure): Readonly<Record<string, string>>;
	headers?(failure: WireFailure): Readonly<Record<string, string>>;
}

/** AWS: what every client of these protocols reads. */
export const PLAIN_ERRORS: ErrorDocument = {
	members: ({ code, message }) => ({ __type: code, message }),
};

/**
 * AWS: Lightsail's exceptions have a code of their own (Lightsail API reference, "NotFoundException").
 * Gap: they have `docs` and `tip`, too, which lead to pages of AWS.
 */
export const LIGHTSAIL_ERRORS: ErrorDocument = {
	members: ({ code, message }) => ({ __type: code, code, message }),
};

/**
 * Errors of a service that was asked in the Query protocol only, once: a header says the code that it has there, and clients take that one
 * (Smithy, "awsQueryCompatible trait").
 *
 * @param namespace of the service's model.
 */
export function queryCompatibleErrors({ errors }: ServiceShapes, namespace: string): ErrorDocument {
	return {
		members: ({ code, message }) => ({ __type: `${namespace}#${errors.get(code) ?? code}`, message }),
		headers: ({ code, status }) => ({ "x-amzn-query-error": `${code};${status < 500 ? "Sender" : "Receiver"}` }),
	};
}
