// The commands' side of the control socket.

import { request } from "node:http";
import type { ControlAnswers, ControlRefusal, InstanceDetail } from "./control-messages.ts";
import { socketPathOf } from "./data-folder.ts";
import { StartError } from "./start-error.ts";

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

	#ask(path: string): Promise<{ status: number; body: object | ControlRefusal }> {
		return new Promise((resolve, reject) => {
			const asked = request({ socketPath: socketPathOf(this.#dataDir), path, agent: false }, (response) => {
				let text = "";
				response.setEncoding("utf8");
				response.on("data", (chunk: string) => (text += chunk));
				response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as object }));
			});
			asked.on("error", (error: NodeJS.ErrnoException) => reject(this.#unreachable(error)));
			asked.end();
		});
	}

	#unreachable(error: NodeJS.ErrnoException): Error {
		if (error.code === "ENOENT" || error.code === "ECONNREFUSED") {
			return new StartError(
				`No service runs on the data folder ${this.#dataDir}. Start one with "openimds serve", or say which with --data-dir.`,
			);
		}
		if (error.code === "EACCES") {
			return new StartError(`The data folder ${this.#dataDir} is another user's. Run this as that user, or name another with --data-dir.`);
		}
		return error;
	}
}
