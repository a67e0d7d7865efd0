// The commands' side of the control socket.

import type { OpenimdsOperations } from "../control/models/openimds.ts";
import type { ControlAnswers, ControlRefusal, InstanceDetail, Wired } from "./control-messages.ts";
import { socketPathOf } from "./data-folder.ts";
import { StartError } from "./start-error.ts";

// Quirk: an import of node:http loads all that its exports lead to, a WebSocket client too, and takes 80 ms; this does not.
const { request } = process.getBuiltinModule("node:http");

/** Asks the service that uses a data folder. */
export class ServiceClient {
	readonly #dataDir: string;

	constructor(dataDir: string) {
		this.#dataDir = dataDir;
	}

	/** @throws {StartError} when no service runs there. */
	async get<P extends keyof ControlAnswers>(path: P): Promise<ControlAnswers[P]> {
		return (await this.#ask(path)).body as ControlAnswers[P];
	}

	/** One instance; `undefined` for none of that id. */
	async instance(instanceId: string): Promise<InstanceDetail | undefined> {
		const { status, body } = await this.#ask(`/instances/${encodeURIComponent(instanceId)}`);
		return status === 200 ? (body as InstanceDetail) : undefined;
	}

	/**
	 * Has an operation of OpenIMDS's own service performed, as the account's root.
	 *
	 * @throws {StartError} when no service runs there, and with its sentence when it refuses.
	 */
	async perform<Name extends keyof OpenimdsOperations>(
		operation: Name,
		input: Wired<OpenimdsOperations[Name]["input"]>,
	): Promise<Wired<OpenimdsOperations[Name]["output"]>> {
		const { status, body } = await this.#ask(`/operations/${operation}`, JSON.stringify(input));
		if (status === 200) return body as Wired<OpenimdsOperations[Name]["output"]>;
		const { message, error } = body as Partial<{ message: string } & ControlRefusal>;
		throw new StartError(
			message ?? (error === undefined ? `${operation}: the service answered with ${status}.` : `${operation}: ${error}.`),
		);
	}

	async #ask(path: string, input?: string): Promise<{ status: number; body: object | ControlRefusal }> {
		const { status, text } = await this.#fetch(path, input);
		try {
			return { status, body: JSON.parse(text) as object };
		} catch {
			throw new StartError(`What listens on ${socketPathOf(this.#dataDir)} is no service of this version: it does not answer in JSON.`);
		}
	}

	#fetch(path: string, input: string | undefined): Promise<{ status: number; text: string }> {
		return new Promise((resolve, reject) => {
			const failed = (error: NodeJS.ErrnoException) => reject(this.#unreachable(error));
			const asked = request(
				{ socketPath: socketPathOf(this.#dataDir), path, method: input === undefined ? "GET" : "POST", agent: false },
				(response) => {
					let text = "";
					response.setEncoding("utf8");
					response.on("data", (chunk: string) => (text += chunk));
					response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
					response.on("error", failed);
				},
			);
			asked.on("error", failed);
			asked.end(input);
		});
	}

	#unreachable(error: NodeJS.ErrnoException): Error {
		const folder = `the data folder ${this.#dataDir}`;
		const sentences: Readonly<Record<string, string>> = {
			ENOENT: nobody(folder),
			ECONNREFUSED: nobody(folder),
			EACCES: `T${folder.slice(1)} is another user's. Run this as that user, or name another with --data-dir.`,
			ECONNRESET: `The service on ${folder} stopped before it answered. Try again.`,
		};
		const sentence = sentences[error.code ?? ""];
		return sentence === undefined ? error : new StartError(sentence, { cause: error });
	}
}

function nobody(folder: string): string {
	return (
		`No service runs on ${folder}. Start one with "openimds serve", or say which with --data-dir ` +
		`(an --ephemeral one names its folder in its "ready" line).`
	);
}
