import { type Listen, printListen } from "../config/listen.ts";
import type { Endpoint, OpenListener } from "../endpoint/endpoint.ts";
import type { Replica } from "../replica/replica.ts";
import { StartError } from "./start-error.ts";
import { type AskedListen, type WantedListener, wantedListeners } from "./wanted-listeners.ts";

/** A listener as people are shown it. */
export interface ListenerStatus {
	/** `HOST:PORT` as bound. */
	readonly address: string;
	readonly instanceId: string;
}

interface Opened {
	readonly listener: OpenListener;
	instanceId: string;
}

/** The open listeners, kept in step with what flags and instances ask for. */
export class Listeners {
	readonly #endpoint: Endpoint;
	readonly #replica: Replica;
	readonly #asked: readonly AskedListen[];
	readonly #opened = new Map<string, Opened>();
	#last: Promise<void> = Promise.resolve();

	constructor(endpoint: Endpoint, replica: Replica, asked: readonly AskedListen[]) {
		this.#endpoint = endpoint;
		this.#replica = replica;
		this.#asked = asked;
	}

	/**
	 * Opens what is wanted and not open yet, closes what is no longer wanted; one time after the other, since opening takes
	 * its time, and what is being opened must not be opened twice.
	 *
	 * @throws {StartError} when a listener can't be bound, or it is not clear whose it is; the others are as they should be.
	 */
	reconcile(): Promise<void> {
		const inTurn = () => this.#reconcile();
		this.#last = this.#last.then(inTurn, inTurn);
		return this.#last;
	}

	/** What is open now. */
	status(): readonly ListenerStatus[] {
		return [...this.#opened.values()].map(({ listener, instanceId }) => ({ address: printListen(listener), instanceId }));
	}

	async #reconcile(): Promise<void> {
		const { wanted, problems: unclear } = wantedListeners(this.#asked, [...this.#replica.tenants()]);
		const names = new Set(wanted.map(({ name }) => name));
		for (const [name, { listener }] of this.#opened) {
			if (names.has(name)) continue;
			listener.close();
			this.#opened.delete(name);
		}
		const problems = [...unclear];
		for (const one of wanted) {
			const opened = this.#opened.get(one.name);
			if (opened !== undefined) opened.instanceId = one.instanceId;
			else await this.#open(one).catch((error: unknown) => problems.push(bindProblem(one.listen, error)));
		}
		if (problems.length > 0) throw new StartError(problems.join("\n"));
	}

	async #open({ listen, name, instanceId }: WantedListener): Promise<void> {
		const opened: { instanceId: string; listener?: OpenListener } = { instanceId };
		// Looked up for each request: a listener can change hands, and its instance can stop or go.
		const listener = await this.#endpoint.listen(listen.host, listen.port, () => this.#replica.tenant(opened.instanceId));
		this.#opened.set(name, Object.assign(opened, { listener }));
	}
}

const BIND_PROBLEMS: Readonly<Record<string, string>> = {
	EADDRINUSE: "another program listens there. Choose another with --endpoint-listen HOST:PORT (port 0: any free one)",
	EACCES: "this user may not. Ports below 1024 need privileges; choose another with --endpoint-listen HOST:PORT",
	EADDRNOTAVAIL: "no interface of this machine has that address. Choose another with --endpoint-listen HOST:PORT",
	EAFNOSUPPORT: "this machine has no such address family. Choose another with --endpoint-listen HOST:PORT",
};

function bindProblem(listen: Listen, error: unknown): string {
	const code = (error as NodeJS.ErrnoException).code ?? "";
	return `Can't listen on ${printListen(listen)}: ${BIND_PROBLEMS[code] ?? (error instanceof Error ? error.message : String(error))}.`;
}
