/** A client that sends whatever bytes a test wants and shows exactly those that come back, as a binary string. */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

export class Client {
	readonly socket: Socket;
	#received = "";
	#ended = false;
	#wake: () => void = () => {};

	private constructor(socket: Socket) {
		this.socket = socket;
		socket.setNoDelay(true);
		socket.on("data", (bytes) => {
			this.#received += bytes.toString("latin1");
			this.#wake();
		});
		// A reset is one way of being closed: what came before it is all there is.
		socket.on("error", () => {});
		for (const event of ["end", "close"]) {
			socket.on(event, () => {
				this.#ended = true;
				this.#wake();
			});
		}
	}

	static async open(port: number, host = "127.0.0.1"): Promise<Client> {
		const socket = createConnection({ port, host, allowHalfOpen: true });
		const client = new Client(socket);
		await once(socket, "connect");
		return client;
	}

	/** Nothing more comes. */
	get ended(): boolean {
		return this.#ended;
	}

	write(bytes: string | Buffer): this {
		this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
		return this;
	}

	/** The next response, as long as its own head says; what came of it, if the connection closed before. */
	async response(request: "GET" | "HEAD" = "GET"): Promise<string> {
		const length = await this.#when(() => {
			const headEnd = this.#received.indexOf("\r\n\r\n");
			if (headEnd < 0) return undefined;
			const [, bodyLength = "0"] = /\r\nContent-Length: (\d+)/.exec(this.#received.slice(0, headEnd)) ?? [];
			const end = headEnd + 4 + (request === "HEAD" ? 0 : Number(bodyLength));
			return this.#received.length >= end ? end : undefined;
		});
		return this.#take(length ?? this.#received.length);
	}

	/** All that comes until the other side closes. */
	async rest(): Promise<string> {
		await this.#when(() => undefined);
		return this.#take(this.#received.length);
	}

	/** The connection goes without a farewell (RST). */
	reset(): void {
		this.socket.resetAndDestroy();
	}

	close(): void {
		this.socket.destroy();
	}

	async #when<T>(look: () => T | undefined): Promise<T | undefined> {
		for (;;) {
			const seen = look();
			if (seen !== undefined || this.#ended) return seen;
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
	}

	#take(length: number): string {
		const taken = this.#received.slice(0, length);
		this.#received = this.#received.slice(length);
		return taken;
	}
}

/** Sends bytes on a connection of their own, and answers with all that comes back until the service closes it. */
export async function exchange(port: number, bytes: string | Buffer, host?: string): Promise<string> {
	const client = await Client.open(port, host);
	const answer = await client.write(bytes).rest();
	client.close();
	return answer;
}

/** A request without a body, as clients write it. */
export function request(line: string, headers: readonly string[] = []): string {
	return [`${line} HTTP/1.1`, "Host: 169.254.169.254", ...headers, "", ""].join("\r\n");
}

/** The first line of a response. */
export function statusLine(response: string): string {
	return response.slice(0, Math.max(0, response.indexOf("\r\n")));
}

export function statusOf(response: string): number {
	return Number(response.split(" ", 2)[1]);
}

export function bodyOf(response: string): string {
	return response.slice(response.indexOf("\r\n\r\n") + 4);
}

/** The value of a header with exactly this name, `undefined` for none. */
export function header(response: string, name: string): string | undefined {
	const head = response.slice(0, response.indexOf("\r\n\r\n"));
	return head
		.split("\r\n")
		.find((line) => line.startsWith(`${name}: `))
		?.slice(name.length + 2);
}
