// The control socket: how commands reach a running service. Its folder and the socket itself are the owner's alone.

import { chmod, rm } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

// Quirk: as in service-client.ts, for the sake of the start.
const { createServer } = process.getBuiltinModule("node:http");

export interface ControlAnswer {
	/** Of HTTP. */
	readonly status: number;
	readonly body: object;
}

/** Answers a GET of a path as it came (no id needs an escape); `undefined`: no such thing. */
export type Answerer = (path: string) => ControlAnswer | undefined;

/**
 * Opens the socket.
 *
 * @param path of the socket; one left behind by a crash is replaced, since the store's lock shows that nobody uses it.
 */
export async function openControlSocket(path: string, answer: Answerer): Promise<Server> {
	await rm(path, { force: true });
	const server = createServer((request, response) => respond(request, response, answer));
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

function respond(request: IncomingMessage, response: ServerResponse, answer: Answerer): void {
	const found = request.method === "GET" ? answer(request.url ?? "/") : undefined;
	response.writeHead(found?.status ?? 404, { "Content-Type": "application/json", Connection: "close" });
	response.end(JSON.stringify(found?.body ?? { error: `no ${request.method} ${request.url}` }));
}
