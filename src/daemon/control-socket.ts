// The control socket: how commands reach a running service. Its folder and the socket itself are the owner's alone.

import { chmod, rm } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

// Quirk: as in service-client.ts, for the sake of the start.
const { createServer } = process.getBuiltinModule("node:http");

/** More than any request of a command needs: a thousand ids of instances. */
const BODY_MAX_BYTES = 65_536;

export interface ControlAnswer {
	/** Of HTTP. */
	readonly status: number;
	readonly body: object;
}

/** Who answers. */
export interface Answerers {
	/** Answers a GET of a path as it came (no id needs an escape); `undefined`: no such thing. */
	readonly tell: (path: string) => ControlAnswer | undefined;
	/** Performs an operation of OpenIMDS's own service: JSON in, JSON out. */
	readonly perform: (operation: string, input: Uint8Array) => Promise<ControlAnswer>;
}

/**
 * Opens the socket.
 *
 * @param path of the socket; one left behind by a crash is replaced, since the store's lock shows that nobody uses it.
 */
export async function openControlSocket(path: string, answerers: Answerers): Promise<Server> {
	await rm(path, { force: true });
	const server = createServer((request, response) => {
		respond(request, response, answerers).catch(() => response.destroy());
	});
	const before = process.umask(0o177);
	try {
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(path, resolve);
		});
	} finally {
		process.umask(before);
	}
	await chmod(path, 0o600);
	return server;
}

async function respond(request: IncomingMessage, response: ServerResponse, answerers: Answerers): Promise<void> {
	const { status, body } = (await answerTo(request, answerers)) ?? {
		status: 404,
		body: { error: `no ${request.method} ${request.url}` },
	};
	response.writeHead(status, { "Content-Type": "application/json", Connection: "close" });
	response.end(JSON.stringify(body));
}

async function answerTo(request: IncomingMessage, { tell, perform }: Answerers): Promise<ControlAnswer | undefined> {
	const path = request.url ?? "/";
	if (request.method === "GET") return tell(path);
	const [, operation] = /^\/operations\/([A-Za-z0-9]{1,64})$/.exec(path) ?? [];
	if (request.method !== "POST" || operation === undefined) return undefined;
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		// What is too much is read all the same, and forgotten: who still writes does not hear an answer.
		if (size <= BODY_MAX_BYTES) chunks.push(chunk);
	}
	if (size > BODY_MAX_BYTES) return { status: 413, body: { error: `the request is larger than ${BODY_MAX_BYTES} bytes` } };
	return perform(operation, Buffer.concat(chunks));
}
