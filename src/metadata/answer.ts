/**
 * What a path says, ready to be sent. Bodies and headers are "binary strings", one character a byte: V8 keeps them at
 * one byte a character and writes them to a socket in one call, whatever bytes they hold.
 */
export interface Answer {
	/** The header lines that describe the body, each with its CRLF, in EC2's order (metadata-endpoint.md §1.2). */
	readonly head: string;
	readonly body: string;
	/** The endpoint's: the last response made of this answer, which for up to a second is the next one too. */
	sent: Sent | undefined;
}

/** A response and all that it was made of besides the answer. */
export interface Sent {
	readonly response: string;
	readonly date: string;
	readonly ttlSeconds: number;
	readonly keepAlive: boolean;
}

/** An answer of a body and the time it was last refreshed. */
export function answer(body: string | Buffer, lastModifiedMs: number, contentType = "text/plain"): Answer {
	const binary = typeof body === "string" ? Buffer.from(body).toString("latin1") : body.toString("latin1");
	return {
		head:
			`Content-Type: ${contentType}\r\nAccept-Ranges: none\r\n` +
			`Last-Modified: ${new Date(lastModifiedMs).toUTCString()}\r\nContent-Length: ${binary.length}\r\n`,
		body: binary,
		sent: undefined,
	};
}
