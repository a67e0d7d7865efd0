// The socket of the control APIs. What a request says is read here; what it means, when the first one has come: a start waits for nothing.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { ApiError } from "./errors.ts";
import type { answerApi as AnswerApi, ApiAnswer, ApiRequest, refuseApi as RefuseApi, Surroundings } from "./pipeline.ts";

// Quirk: as in the daemon's control socket, for the sake of the start.
const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http");

/** More than any request of these APIs needs; AWS bounds user data, policies and lists far below. */
const BODY_MAX_BYTES = 1_048_576;

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Each may hold a body before anybody is known: a quarter of a gibibyte at worst. */
const CONNECTIONS_MAX = 256;

/** A server of the APIs that listens. */
export interface ApiServer {
	readonly host: string;
	readonly port: number;
	/** Lets requests under way finish, so long as that takes no longer than `drainMs`. */
	close(drainMs: number): Promise<void>;
}

/**
 * Listens for requests to the APIs.
 *
 * @throws what listening throws.
 */
export async function listenForApi({ host, port }: { host: string; port: number }, surroundings: Surroundings): Promise<ApiServer> {
	const listen = (request: IncomingMessage, response: ServerResponse): void => {
		answer(request, response, surroundings).catch((error: unknown) => {
			surroundings.failed(error, "");
			response.destroy();
		});
	};
	const server = createServer(
		{
			headersTimeout: HEADERS_TIMEOUT_MS,
			requestTimeout: REQUEST_TIMEOUT_MS,
			connectionsCheckingInterval: 5_000,
			// Nobody is authenticated without: the host must be signed.
			requireHostHeader: false,
		},
		listen,
	);
	// Node's own answers to these have no body, and an SDK would make a parse error of them.
	server.on("checkExpectation", listen);
	server.on("clientError", refuseUnreadable);
	server.maxConnections = CONNECTIONS_MAX;
	server.listen(port, host);
	await once(server, "listening");
	const address = server.address() as AddressInfo;
	return { host: address.address, port: address.port, close: (drainMs) => close(server, drainMs) };
}

/** Loaded with the first request. */
let pipeline: Promise<{ readonly answerApi: typeof AnswerApi; readonly refuseApi: typeof RefuseApi }> | undefined;

async function answer(incoming: IncomingMessage, response: ServerResponse, surroundings: Surroundings): Promise<void> {
	const body = await bodyOf(incoming);
	if (body === "aborted") return void response.destroy();
	const { answerApi, refuseApi } = await (pipeline ??= import("./pipeline.ts"));
	const request: ApiRequest = {
		method: incoming.method ?? "",
		target: incoming.url ?? "",
		headers: pairs(incoming.rawHeaders),
		body: body === "too-large" ? Buffer.alloc(0) : body,
		sourceIp: (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
	};
	if (body === "too-large") {
		const refusal = new ApiError("RequestEntityTooLarge", `The request is larger than ${BODY_MAX_BYTES} bytes`, 413);
		send(response, await refuseApi(request, refusal, surroundings), { Connection: "close" });
	} else {
		send(response, await answerApi(request, surroundings));
	}
}

function send(response: ServerResponse, { status, headers, body }: ApiAnswer, more: Readonly<Record<string, string>> = {}): void {
	const bytes = typeof body === "string" ? Buffer.from(body) : body;
	response.writeHead(status, { ...headers, "Content-Length": bytes.length, "Cache-Control": "no-cache, no-store", ...more });
	response.end(bytes);
}

/** What is no request that could be answered in the words of a service. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
	if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
	const { status, headers, text } = unreadable(error.code);
	const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join("")}\r\n${text}`);
}

/** AWS: the first three of "Common error types" in each of its API references. */
function unreadable(code: string | undefined): ReturnType<typeof refusal> {
	if (code === "ERR_HTTP_REQUEST_TIMEOUT") return refusal(408, "RequestTimeoutException", "The request did not come in time.");
	if (code === "HPE_HEADER_OVERFLOW") return refusal(431, "RequestHeaderSectionTooLarge", "The headers of the request are too large.");
	return refusal(400, "MalformedHttpRequestException", "The request is not one of HTTP.");
}

function refusal(status: number, code: string, message: string) {
	const requestId = randomUUID();
	const text =
		'<?xml version="1.0" encoding="UTF-8"?>\n' +
		`<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
	const headers = {
		"x-amzn-RequestId": requestId,
		"Content-Type": "text/xml;charset=UTF-8",
		"Content-Length": text.length,
		Connection: "close",
	};
	return { status, headers, text };
}

/** The body; of one that is too large the rest is read and let go of, so that its sender comes to read the answer. */
function bodyOf(request: IncomingMessage): Promise<Buffer | "too-large" | "aborted"> {
	let bytes = Buffer.alloc(0);
	let size = 0;
	return new Promise((resolve) => {
		request.on("data", (chunk: Buffer) => {
			size += chunk.length;
			if (size > BODY_MAX_BYTES) bytes = Buffer.alloc(0);
			else bytes = appended(bytes, chunk, size);
		});
		request.on("end", () => resolve(size > BODY_MAX_BYTES ? "too-large" : bytes.subarray(0, size)));
		request.on("error", () => resolve("aborted"));
		request.on("close", () => resolve("aborted"));
	});
}

/** One buffer that doubles: a body in chunks of a byte would take hundreds of times its size if each was kept. */
function appended(bytes: Buffer<ArrayBuffer>, chunk: Buffer, size: number): Buffer<ArrayBuffer> {
	let room = bytes;
	if (size > bytes.length) {
		room = Buffer.allocUnsafeSlow(Math.min(BODY_MAX_BYTES, Math.max(size, 2 * bytes.length)));
		bytes.copy(room);
	}
	chunk.copy(room, size - chunk.length);
	return room;
}

function pairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
	return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : []));
}

async function close(server: Server, drainMs: number): Promise<void> {
	const closed = once(server, "close");
	server.close();
	server.closeIdleConnections();
	const timer = setTimeout(() => server.closeAllConnections(), drainMs);
	await closed;
	clearTimeout(timer);
}
