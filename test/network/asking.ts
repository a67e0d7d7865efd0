// Requests byte by byte, over connections from wherever a lab has them.

import type { Socket } from "node:net";
import { connect, type Ends, type Family, type Place } from "./lab.ts";

export interface Asked {
	readonly method?: string;
	readonly path?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** What goes before the request line. */
	readonly preamble?: string | Buffer;
}

export interface Answer {
	readonly status: number;
	readonly body: string;
}

export const INSTANCE_ID = { path: "/latest/meta-data/instance-id" };
export const TOKEN = { method: "PUT", path: "/latest/api/token", headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" } };

/** A request's bytes; it asks that the connection stays open. */
export function requestBytes({ method = "GET", path = "/", headers = {}, preamble = "" }: Asked): Buffer {
	const fields = Object.entries({ Host: "169.254.169.254", Connection: "keep-alive", ...headers });
	const head = `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
	return Buffer.concat([Buffer.from(preamble), Buffer.from(head)]);
}

/**
 * Asks on an open connection, and leaves it open.
 *
 * @throws {Error} `closed after N bytes` when it ends before the answer is whole.
 */
export async function ask(socket: Socket, asked: Asked): Promise<Answer> {
	const answer = readAnswer(socket);
	socket.write(requestBytes(asked));
	return answer;
}

/** The next answer that a connection brings; see {@link ask}. */
export function readAnswer(socket: Socket): Promise<Answer> {
	return new Promise((resolve, reject) => {
		let text = "";
		const settle = () => {
			socket.off("data", take);
			socket.off("close", closed);
		};
		const take = (chunk: Buffer) => {
			text += chunk.toString("latin1");
			const [, status, length] = /^HTTP\/1\.1 (\d+) [^]*?\r\nContent-Length: (\d+)\r\n/i.exec(text) ?? [];
			const body = text.split("\r\n\r\n").slice(1).join("\r\n\r\n");
			if (length === undefined || !text.includes("\r\n\r\n") || body.length < Number(length)) return;
			settle();
			resolve({ status: Number(status), body });
		};
		const closed = () => {
			settle();
			reject(new Error(`closed after ${text.length} bytes`));
		};
		socket.on("data", take);
		socket.on("close", closed);
		if (socket.destroyed) closed();
	});
}

/** Asks on a connection of its own. */
export async function askOnce(place: Place, family: Family, asked: Asked, ends?: Ends): Promise<Answer> {
	const socket = await connect(place, family, ends);
	try {
		return await ask(socket, asked);
	} finally {
		socket.destroy();
	}
}

/** Who a place is told it is. */
export async function whoAmI(place: Place, family: Family): Promise<string> {
	return (await askOnce(place, family, INSTANCE_ID)).body;
}

/** A session token. */
export async function tokenFor(place: Place, family: Family): Promise<string> {
	return (await askOnce(place, family, TOKEN)).body;
}
