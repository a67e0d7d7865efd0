/**
 * Node's own parser, llhttp, as a second opinion: a real `http.Server` in strict mode, given its connections as streams
 * (https://nodejs.org/api/http.html#event-connection), so that a request costs microseconds and no socket.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";

/** A request as llhttp sees it. */
export interface SeenRequest {
	readonly method: string;
	readonly url: string;
	readonly httpVersion: string;
	/** Names and values as they came, values trimmed, in order. */
	readonly headers: readonly (readonly [name: string, value: string])[];
	/** The connection may stay open, for all that llhttp knows. */
	readonly keepAlive: boolean;
	readonly expectsContinue: boolean;
	/** Which piece of the input held its last byte; -1: none. */
	readonly completeAtPiece: number;
}

/** What llhttp made of an input. */
export interface Seen {
	readonly requests: readonly SeenRequest[];
	/** llhttp's code for what it refused, `HPE_…`; `undefined`: nothing. */
	readonly refusal: string | undefined;
}

type Taken = { request: IncomingMessage; response: ServerResponse; expectsContinue: boolean; completeAtPiece: number };

let taken: Taken[] = [];
let refusal: string | undefined;

const server = createServer({ requireHostHeader: false, insecureHTTPParser: false, maxHeaderSize: 16_384 });
server.on("request", (request, response) => take(request, response, false));
server.on("checkContinue", (request, response) => take(request, response, true));
server.on("checkExpectation", (request, response) => take(request, response, false));
server.on("clientError", (error: NodeJS.ErrnoException) => {
	refusal ??= error.code ?? error.message;
});

/** Gives llhttp an input in pieces. */
export function readWithLlhttp(pieces: readonly Buffer[]): Seen {
	taken = [];
	refusal = undefined;
	const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
	server.emit("connection", connection);
	for (const [piece, bytes] of pieces.entries()) {
		if (refusal === undefined && bytes.length > 0) connection.emit("data", bytes);
		for (const each of taken) if (each.request.complete && each.completeAtPiece < 0) each.completeAtPiece = piece;
	}
	// The server's clean-up runs now and not at the end of the turn, which in a synchronous property never comes.
	connection.emit("close");
	connection.destroy();
	return { requests: taken.map(seenRequest), refusal };
}

function take(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
	request.on("error", () => {}); // told when the connection goes
	request.resume();
	taken.push({ request, response, expectsContinue, completeAtPiece: -1 });
}

function seenRequest({ request, response, expectsContinue, completeAtPiece }: Taken): SeenRequest {
	const { method = "", url = "", httpVersion, rawHeaders } = request;
	const headers = Array.from({ length: rawHeaders.length / 2 }, (_, i) => [rawHeaders[2 * i]!, rawHeaders[2 * i + 1]!] as const);
	return { method, url, httpVersion, headers, keepAlive: response.shouldKeepAlive, expectsContinue, completeAtPiece };
}
