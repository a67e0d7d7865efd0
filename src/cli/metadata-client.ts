// Asks a metadata endpoint as a program on the instance does: a token first, then paths.

import { Failure } from "./failure.ts";

// Quirk: an import of node:http would also load the WebSocket and fetch of Node, which takes longer than all of this program.
const { Agent, request } = process.getBuiltinModule("node:http");

export interface Answer {
	readonly status: number;
	readonly body: Buffer;
}

export interface MetadataClientOptions {
	/** `http://HOST:PORT`, and a path to prepend if there is one. */
	readonly endpoint: URL;
	readonly ttlSeconds: number;
	/** Ask without a token, as IMDSv1 does. */
	readonly v1: boolean;
}

/** How long an answer may take. */
const TIMEOUT_MS = 5_000;

export class MetadataClient {
	readonly endpoint: URL;
	readonly #options: MetadataClientOptions;
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
	#token: Promise<string> | undefined;

	constructor(options: MetadataClientOptions) {
		this.endpoint = options.endpoint;
		this.#options = options;
	}

	/** @throws {Failure} when nobody answers, or gives no token. */
	async get(path: string): Promise<Answer> {
		const answer = await this.#askInSession(path);
		if (answer.status !== 401 || this.#options.v1) return answer;
		// A long walk through the tree may outlast a token.
		this.#token = undefined;
		return this.#askInSession(path);
	}

	close(): void {
		this.#agent.destroy();
	}

	async #askInSession(path: string): Promise<Answer> {
		if (this.#options.v1) return this.#ask("GET", path, {});
		return this.#ask("GET", path, { "x-aws-ec2-metadata-token": await (this.#token ??= this.#startSession()) });
	}

	async #startSession(): Promise<string> {
		const { status, body } = await this.#ask("PUT", "/latest/api/token", {
			"x-aws-ec2-metadata-token-ttl-seconds": String(this.#options.ttlSeconds),
		});
		if (status === 200) return body.toString("latin1").trim();
		if (status === 403) throw forbidden(this.endpoint);
		throw new Failure(
			`${this.endpoint.origin} answers a request for a token with ${status}: is it a metadata service? --v1 asks without a token.`,
		);
	}

	#ask(method: string, path: string, headers: Record<string, string>): Promise<Answer> {
		const { endpoint } = this;
		const to = {
			host: endpoint.hostname.replaceAll(/[[\]]/g, ""),
			port: endpoint.port,
			path: endpoint.pathname.replace(/\/$/, "") + path,
		};
		return new Promise((resolve, reject) => {
			const asked = request({ ...to, method, headers, agent: this.#agent, timeout: TIMEOUT_MS }, (response) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk: Buffer) => chunks.push(chunk));
				response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
				response.on("error", (error) => reject(unreachable(endpoint, error)));
			});
			asked.on("timeout", () => asked.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
			asked.on("error", (error) => reject(unreachable(endpoint, error)));
			asked.end();
		});
	}
}

/** Why an instance may not ask. */
export function forbidden({ hostname, origin }: URL): Failure {
	const byName = /[a-z]/i.test(hostname) && !hostname.startsWith("[") && hostname !== "localhost";
	const name = byName ? ` Or it refuses the name ${hostname}, as a web page might use it: write its IP address.` : "";
	return new Failure(
		`${origin} refuses (403): the instance's metadata endpoint is disabled. ` +
			`Set httpEndpoint: enabled in its metadataOptions; "openimds instances show" prints them.${name}`,
	);
}

const UNREACHABLE: Readonly<Record<string, string>> = {
	ECONNREFUSED: `nothing listens there. "openimds serve" starts a service, "openimds status" tells where one listens`,
	ECONNRESET: "the connection was cut off. Is it a metadata service, and has its instance not been stopped?",
	ENOTFOUND: "there is no host of that name. Write the IP address",
	EAI_AGAIN: "there is no host of that name. Write the IP address",
	ETIMEDOUT: "no answer within 5 seconds. Is the address right, and no firewall between?",
	EHOSTUNREACH: "there is no way to that address from here",
	ENETUNREACH: "there is no way to that address from here",
};

function unreachable({ origin }: URL, error: NodeJS.ErrnoException): Failure {
	const code = error.code ?? "";
	const reason = UNREACHABLE[code] ?? (code.startsWith("HPE_") ? "what listens there does not speak HTTP" : error.message);
	return new Failure(`${origin} can't be asked: ${reason.endsWith("?") ? reason : `${reason}.`}`, { cause: error });
}
