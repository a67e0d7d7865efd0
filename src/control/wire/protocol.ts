/** How a service is spoken to: bytes into typed input and back. One instance serves all requests; nothing here has state. */
export interface Protocol extends Answering {
	readonly name: "ec2Query" | "awsQuery" | "awsJson1_0" | "awsJson1_1" | "rpcV2Cbor";
	/**
	 * Finds out what a request asks for, without looking at the rest of it.
	 *
	 * @throws {WireError} for a request that isn't of this protocol, or of another version of the API, and for an operation that AWS or
	 * OpenIMDS doesn't have.
	 */
	read(request: WireRequest): Invocation;
	/**
	 * @param operation one that {@link read} gave.
	 * @param output as the generated type of the operation says; nothing, if that is void.
	 */
	encodeOutput(operation: string, output: object | undefined, requestId: string): string | Uint8Array;
}

/** What a request is written in: its answer is, too (control-apis.md §2.1). */
export type Encoding = "form" | "json" | "cbor";

/** How answers look, and errors. */
export interface Answering {
	/** Of every answer. */
	readonly contentType: string;
	/** Of every answer, too. */
	readonly headers?: Readonly<Record<string, string>>;
	/** @param failure an ApiError, a WireError, or what was made of a bug. */
	encodeError(failure: WireFailure, requestId: string): string | Uint8Array;
	/** Beside the headers of every answer. */
	errorHeaders?(failure: WireFailure): Readonly<Record<string, string>>;
}

/** A request as it came: what src/sigv4/ verifies, too. */
export interface WireRequest {
	readonly method: string;
	/** Path and query exactly as on the request line. */
	readonly target: string;
	/** Names and values in the order and spelling they came in. */
	readonly headers: readonly (readonly [name: string, value: string])[];
	readonly body: Uint8Array;
}

/** An operation that OpenIMDS has, asked for. */
export interface Invocation {
	readonly operation: string;
	/**
	 * The input, of the operation's generated type: only members that came, each of its type, nothing required missing.
	 *
	 * @throws {WireError} that names the parameter, its value and what is allowed.
	 */
	readonly decodeInput: () => object;
}

/** What an error answer tells. */
export interface WireFailure {
	readonly code: string;
	readonly message: string;
	/** Of HTTP. */
	readonly status: number;
}
