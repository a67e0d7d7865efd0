// The metadata endpoint: listeners, their connections, and the bounds on them. What instances read passes here.

import { createServer, type Server, type Socket } from "node:net";
import { METADATA_IPV6 } from "../model/endpoint-binding.ts";
import type { TokenAuthority } from "../token/token-authority.ts";
import { CallerUse } from "./caller-use.ts";
import { Connection, type ConnectionHome, type Handle } from "./connection.ts";
import { ConnectionList } from "./connection-list.ts";
import { type Entrance, isLoopback, type Listener } from "./entrance.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { LatencyHistogram } from "../observe/latency-histogram.ts";
import type { RequestCounts } from "../observe/request-counts.ts";
import { Request } from "./request.ts";
import { type Caller, type Exchange, Responder } from "./respond.ts";
import { CONTINUE, ResponseWriter } from "./response.ts";
import { Turns } from "./turns.ts";
import { tellOf, type Witness } from "./witness.ts";

export interface EndpointOptions {
	readonly authority: TokenAuthority;
	readonly limits?: Limits;
	/** Refuse, where only this machine's programs ask, what may be a web page's request (security.md S7). Default: yes. */
	readonly webPageGuard?: boolean;
	/**
	 * Limits the hops of what a socket sends, by its file descriptor, and answers whether it could. Missing: tokens travel
	 * as far as anything.
	 */
	readonly limitHops?: (fd: number, hops: number) => boolean;
	/** Missing: nothing is counted but connections. */
	readonly observer?: Observer;
	/** Milliseconds since the epoch. */
	readonly nowMs?: () => number;
}

/** What sees requests go by, behind their answers. */
export interface Observer {
	readonly counts: RequestCounts;
	readonly latency: LatencyHistogram;
	/** Missing: nobody asks who calls without a token. */
	readonly witness?: Witness;
}

/** What has become of connections; requests are counted by the {@link Observer}. */
export interface ConnectionCounts {
	accepted: number;
	/** Closed unheard: too many connections. */
	overLimit: number;
	/** Closed because a deadline passed. */
	timedOut: number;
	/** Closed because nobody known was asking, or somebody else than before. */
	unknownCaller: number;
	/** Closed on EC2's IPv6 address, because the instance's `httpProtocolIpv6` is disabled. */
	ipv6Disabled: number;
	/** Closed because a proxy did not say whom it speaks for. */
	badProxyHeader: number;
}

/** How often deadlines are looked at: they are met within this. */
const SWEEP_MS = 250;

/** Overdue connections that are closed in one turn: thousands may have been opened at once. */
const CLOSED_PER_TURN = 16;

const READ_BUFFER_BYTES = 65_536;

/** Where to listen. */
export type ListenAt =
	| { readonly host: string; readonly port: number }
	/** A Unix socket. */
	| { readonly path: string }
	/** A socket that listens already. */
	| { readonly fd: number };

/** A listener that is open. */
export interface OpenListener {
	/** As bound, when 0 was asked for; 0 for a Unix socket. */
	readonly port: number;
	/** The file descriptor of the socket that listens. */
	readonly fd: number;
	/** Stops listening and closes its connections. */
	close(): void;
}

export class Endpoint implements ConnectionHome {
	readonly limits: Limits;
	readonly nowMs: () => number;
	readonly request = new Request();
	readonly responder: Responder;
	readonly turns = new Turns();
	readonly counts: ConnectionCounts = { accepted: 0, overLimit: 0, timedOut: 0, unknownCaller: 0, ipv6Disabled: 0, badProxyHeader: 0 };
	draining = false;
	readonly #webPageGuard: boolean;
	readonly #limitHops: EndpointOptions["limitHops"];
	readonly #observer: Observer | undefined;
	/** The millisecond in which the last request came that has its time taken. */
	#timedMs = 0;
	readonly #uses = new Map<string, CallerUse>();
	readonly #listeners = new Set<Listener>();
	readonly #connections = new ConnectionList();
	readonly buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
	readonly words = new Int32Array(this.buffer.buffer);
	readonly #sweep: NodeJS.Timeout;
	#drained: (() => void) | undefined;

	constructor({ authority, limits = DEFAULT_LIMITS, webPageGuard = true, limitHops, observer, nowMs = Date.now }: EndpointOptions) {
		this.limits = limits;
		this.nowMs = nowMs;
		this.responder = new Responder(authority, new ResponseWriter());
		this.#webPageGuard = webPageGuard;
		this.#limitHops = limitHops;
		this.#observer = observer;
		this.#sweep = setInterval(() => this.#closeOverdue(), SWEEP_MS).unref();
	}

	/** How many connections are open. */
	get open(): number {
		return this.#connections.size;
	}

	/**
	 * Opens a listener.
	 *
	 * @param at port 0: any that is free.
	 * @throws the system's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` …) when it can't be bound.
	 */
	async listen(at: ListenAt, entrance: Entrance): Promise<OpenListener> {
		const server = createServer();
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen({ ...at, backlog: 4096, ipv6Only: true }, resolve);
		});
		return this.adopt(server, entrance);
	}

	/** Answers at a server that listens already, and has nobody else who accepts its connections. */
	adopt(server: Server, entrance: Entrance): OpenListener {
		// Quirk: an option of createServer, but another process's server comes without it. Accepted sockets must not read yet.
		Object.assign(server, { pauseOnConnect: true });
		// A Unix socket has its path, or nothing where it was opened by its descriptor.
		const bound = server.address();
		const { address, port } = typeof bound === "object" && bound !== null ? bound : { address: bound ?? "", port: 0 };
		const listener: Listener = {
			entrance,
			// As the system prints it: a name, or another spelling of an address, does not show what it is.
			address,
			port,
			onAnyAddress: address === "0.0.0.0" || address === "::",
			server,
		};
		server.on("connection", (socket: Socket) => this.#accept(listener, socket));
		// An accept that fails (too many open files) must not end the service.
		server.on("error", () => this.counts.overLimit++);
		this.#listeners.add(listener);
		const { _handle: handle } = server as unknown as { readonly _handle: Handle };
		return { port, fd: handle.fd, close: () => this.#closeListener(listener) };
	}

	respond(connection: Connection, exchange: Exchange): string | undefined {
		const caller = this.#callerOf(connection);
		if (caller === undefined) return undefined;
		const { request, nowMs } = exchange;
		if (connection.use?.takeRequest(nowMs) === false) return this.responder.throttle(exchange);
		const response = this.responder.respond(caller, exchange, connection.guardsWebPages);
		if (request.method !== "PUT" || request.onTokenPath !== true || this.#limitHops === undefined) return response;
		// A token that could travel farther than it may is not sent at all.
		return connection.limitHops(this.#limitHops, caller.httpPutResponseHopLimit) ? response : undefined;
	}

	refuse(connection: Connection, nowMs: number): string | undefined {
		return this.#callerOf(connection) && this.responder.refuse(nowMs);
	}

	encourage(connection: Connection): string | undefined {
		return this.#callerOf(connection) && CONTINUE;
	}

	/** One a millisecond has its time taken: to read the clock for each costs more than to count it. */
	arrivalMs(nowMs: number): number {
		if (this.#observer === undefined || nowMs === this.#timedMs) return 0;
		this.#timedMs = nowMs;
		return performance.now();
	}

	answered(connection: Connection, exchange: Exchange | undefined, arrivedMs: number, nowMs: number): void {
		const observer = this.#observer;
		if (observer === undefined || connection.use === undefined) return;
		const { series } = this.responder;
		observer.counts.add(connection.use.tally, series, nowMs);
		if (arrivedMs > 0) observer.latency.note(performance.now() - arrivedMs);
		if (observer.witness === undefined || exchange === undefined) return;
		tellOf(observer.witness, connection, exchange.request, exchange.bytes, series, nowMs);
	}

	identify(connection: Connection, source: string | undefined): boolean {
		if (source === undefined) {
			this.counts.badProxyHeader++;
			return false;
		}
		const caller = connection.listener.entrance.callerOf(source);
		if (!this.#admits(caller, connection.toEc2Ipv6)) return false;
		const use = this.#useOf(caller);
		if (!this.#hasRoomFor(use)) return false;
		connection.belongsTo(caller.instanceId, source, use);
		return true;
	}

	forget(connection: Connection): void {
		if (!this.#connections.remove(connection)) return;
		if (connection.use !== undefined) connection.use.connections--;
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

	/** Who is asking on a connection: whoever it was when it was opened, and nobody else who has that address since. */
	#callerOf({ listener, source, instanceId }: Connection): Caller | undefined {
		const caller = listener.entrance.callerOf(source);
		if (caller !== undefined && caller.instanceId === instanceId) return caller;
		this.counts.unknownCaller++;
		return undefined;
	}

	#accept(listener: Listener, socket: Socket): void {
		const { entrance, onAnyAddress, address } = listener;
		// By the address that the client came to: a listener on all addresses is reached on each of them.
		const cameTo = onAnyAddress ? (socket.localAddress ?? "") : address;
		const source = entrance.bySource === true ? (socket.remoteAddress ?? "") : "";
		const handle = takeHandle(socket);
		if (handle === undefined) return;
		this.counts.accepted++;
		if (this.#connections.size >= this.limits.maxConnections) {
			this.counts.overLimit++;
			handle.close();
			return;
		}
		const arrived = {
			listener,
			handle,
			guardsWebPages: this.#webPageGuard && (entrance.onThisMachine ?? isLoopback(cameTo)),
			toEc2Ipv6: cameTo === METADATA_IPV6,
		};
		if (entrance.proxies?.check(source, source.includes(":") ? "ipv6" : "ipv4") === true) {
			this.#connections.add(new Connection(this, arrived));
			return;
		}
		const caller = entrance.callerOf(source);
		const use = this.#admits(caller, arrived.toEc2Ipv6) ? this.#useOf(caller) : undefined;
		if (caller === undefined || use === undefined || !this.#hasRoomFor(use)) {
			handle.close();
			return;
		}
		this.#connections.add(new Connection(this, arrived, { instanceId: caller.instanceId, source, use }));
	}

	#admits(caller: Caller | undefined, toEc2Ipv6: boolean): caller is Caller {
		if (caller === undefined) this.counts.unknownCaller++;
		else if (toEc2Ipv6 && caller.httpProtocolIpv6 === "disabled") this.counts.ipv6Disabled++;
		else return true;
		return false;
	}

	#useOf({ instanceId }: Caller): CallerUse {
		const known = this.#uses.get(instanceId);
		if (known !== undefined) return known;
		const use = new CallerUse(instanceId, this.limits.requestRate, this.nowMs());
		this.#uses.set(instanceId, use);
		return use;
	}

	#hasRoomFor(use: CallerUse): boolean {
		if (use.connections < this.limits.maxConnectionsPerCaller && use.takeConnection(this.nowMs())) return true;
		this.counts.overLimit++;
		return false;
	}

	#closeListener(listener: Listener): void {
		if (!this.#listeners.delete(listener)) return;
		listener.server.close();
		for (const connection of this.#connections) if (connection.listener === listener) connection.destroy();
	}

	#closeOverdue(): void {
		const nowMs = this.nowMs();
		let closed = 0;
		for (const connection of this.#connections) {
			if (connection.deadlineMs > nowMs) continue;
			if (closed++ === CLOSED_PER_TURN) {
				setImmediate(() => this.#closeOverdue());
				return;
			}
			this.counts.timedOut++;
			connection.destroy();
		}
		for (const [instanceId, use] of this.#uses) if (use.isIdle(nowMs)) this.#uses.delete(instanceId);
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
