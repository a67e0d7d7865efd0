/** A request as it came, before anything decoded it. */
export interface SignedRequest {
	readonly method: string;
	/** Path and query exactly as on the request line. */
	readonly target: string;
	/** Names and values in the order and spelling they came in; a name may come several times. */
	readonly headers: readonly (readonly [name: string, value: string])[];
	readonly body: Uint8Array;
}

/**
 * All values of a header, in the order they came.
 *
 * @param name in lower case.
 */
export function headerValues(request: SignedRequest, name: string): string[] {
	const values: string[] = [];
	for (const [each, value] of request.headers) {
		if (each.length === name.length && each.toLowerCase() === name) values.push(value);
	}
	return values;
}
