// The metadata endpoint: listeners, their connections, and the bounds on them. What instances read passes here.

import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TokenAuthority } from "../token/token-authority.ts";
import { Connection, type ConnectionHome, type Handle } from "./connection.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { isLoopback, type Listener } from "./listener.ts";
import { Request } from "./request.ts";
import { type Caller, type Exchange, Responder } from "./respond.ts";
import { CONTINUE, ResponseWriter } from "./response.ts";

export interface EndpointOptions {
	readonly authority: TokenAuthority;
	readonly limits?: Limits;
	/** Refuse, on loopback listeners, what may be a web page's request (security.md S7). Default: yes. */
	readonly webPageGuard?: boolean;
	/** Milliseconds since the epoch. */
	readonly nowMs?: () => number;
}

/** What has become of connections; requests are counted by {@link Responder}. */
export interface ConnectionCounts {
	accepted: number;
	/** Closed unheard: too many connections. */
	overLimit: number;
	/** Closed because a deadline passed. */
	timedOut: number;
	/** Closed because nobody known was asking. */
	unknownCaller: number;
}

/** How often deadlines are looked at: they are met within this. */
const SWEEP_MS = 250;

const READ_BUFFER_BYTES = 65_536;

/** A listener that is open. */
export interface OpenListener {
	readonly host: string;
	readonly port: number;
	/** Stops listening and closes its connections. */
	close(): void;
}

export class Endpoint implements ConnectionHome {
	readonly limits: Limits;
	readonly nowMs: () => number;
	readonly request = new Request();
	readonly responder: Responder;
	readonly counts: ConnectionCounts = { accepted: 0, overLimit: 0, timedOut: 0, unknownCaller: 0 };
	draining = false;
	readonly #webPageGuard: boolean;
	readonly #listeners = new Set<Listener>();
	readonly #connections = new Set<Connection>();
	readonly buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
	readonly words = new Int32Array(this.buffer.buffer);
	readonly #sweep: NodeJS.Timeout;
	#drained: (() => void) | undefined;

	constructor({ authority, limits = DEFAULT_LIMITS, webPageGuard = true, nowMs = Date.now }: EndpointOptions) {
		this.limits = limits;
		this.nowMs = nowMs;
		this.responder = new Responder(authority, new ResponseWriter());
		this.#webPageGuard = webPageGuard;
		this.#sweep = setInterval(() => this.#closeOverdue(), SWEEP_MS).unref();
	}

	/** How many connections are open. */
	get open(): number {
		return this.#connections.size;
	}

	/**
	 * Opens a listener.
	 *
	 * @param port 0 for any that is free.
	 * @throws the system's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` …) when it can't be bound.
	 */
	async listen(host: string, port: number, caller: () => Caller | undefined): Promise<OpenListener> {
		const server = createServer({ pauseOnConnect: true });
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen({ host, port, backlog: 4096, ipv6Only: true }, resolve);
		});
		const bound = server.address() as AddressInfo;
		const listener: Listener = {
			host,
			port: bound.port,
			caller,
			// As the system prints it: a name, or another spelling of an address, does not show what it is.
			address: bound.address,
			onAnyAddress: bound.address === "0.0.0.0" || bound.address === "::",
			server,
			connections: 0,
		};
		server.on("connection", (socket: Socket) => this.#accept(listener, socket));
		// An accept that fails (too many open files) must not end the service.
		server.on("error", () => this.counts.overLimit++);
		this.#listeners.add(listener);
		return { host, port: listener.port, close: () => this.#closeListener(listener) };
	}

	respond({ listener, guardsWebPages }: Connection, exchange: Exchange): string | undefined {
		const caller = this.#callerAt(listener);
		return caller && this.responder.respond(caller, exchange, guardsWebPages);
	}

	refuse(listener: Listener, nowMs: number): string | undefined {
		return this.#callerAt(listener) && this.responder.refuse(nowMs);
	}

	encourage(listener: Listener): string | undefined {
		return this.#callerAt(listener) && CONTINUE;
	}

	forget(connection: Connection): void {
		if (!this.#connections.delete(connection)) return;
		connection.listener.connections--;
		if (this.draining && this.#connections.size === 0) this.#drained?.();
	}

	/**
	 * Stops listening, lets requests under way finish, and closes everything.
	 *
	 * @param graceMs after which what is still open is closed all the same.
	 */
	async drain(graceMs: number): Promise<void> {
		this.draining = true;
		for (const listener of this.#listeners) listener.server.close();
		this.#listeners.clear();
		for (const connection of this.#connections) if (connection.idle) connection.destroy();
		if (this.#connections.size > 0) {
			await new Promise<void>((resolve) => {
				this.#drained = resolve;
				setTimeout(resolve, graceMs).unref();
			});
		}
		for (const connection of this.#connections) connection.destroy();
		clearInterval(this.#sweep);
	}

	#callerAt(listener: Listener): Caller | undefined {
		const caller = listener.caller();
		if (caller === undefined) this.counts.unknownCaller++;
		return caller;
	}

	#accept(listener: Listener, socket: Socket): void {
		// By the address that the client came to: a listener on all addresses is reached on loopback, too.
		const guardsWebPages = this.#webPageGuard && isLoopback(listener.onAnyAddress ? (socket.localAddress ?? "") : listener.address);
		const handle = takeHandle(socket);
		if (handle === undefined) return;
		const { maxConnections, maxConnectionsPerCaller } = this.limits;
		this.counts.accepted++;
		if (this.#connections.size >= maxConnections || listener.connections >= maxConnectionsPerCaller) {
			this.counts.overLimit++;
			handle.close();
			return;
		}
		listener.connections++;
		this.#connections.add(new Connection(this, { listener, handle, guardsWebPages }));
	}

	#closeListener(listener: Listener): void {
		if (!this.#listeners.delete(listener)) return;
		listener.server.close();
		for (const connection of this.#connections) if (connection.listener === listener) connection.destroy();
	}

	#closeOverdue(): void {
		const nowMs = this.nowMs();
		for (const connection of this.#connections) {
			if (connection.deadlineMs > nowMs) continue;
			this.counts.timedOut++;
			connection.destroy();
		}
	}
}

// Takes the kernel's handle out of an accepted socket and lets go of the rest, so that the server doesn't count it as open.
function takeHandle(socket: Socket): Handle | undefined {
	const holder = socket as unknown as { _handle: Handle | null };
	const handle = holder._handle;
	holder._handle = null;
	socket.destroy();
	return handle ?? undefined;
}
