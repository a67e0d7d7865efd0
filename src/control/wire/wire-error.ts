/** What is wrong with a request before any operation has seen it. The code is AWS's; the pipeline answers it like an operation's. */
export class WireError extends Error {
	override readonly name = "WireError";
	readonly code: string;
	/** Of HTTP: it is always the client's mistake. */
	readonly status = 400;

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

/** A value as a message tells it: a mistaken one can be ten megabytes long. */
export function shortened(value: string): string {
	return value.length > MAX_TOLD ? `${value.slice(0, MAX_TOLD)}…` : value;
}

/** Of a value, in characters. */
const MAX_TOLD = 200;
