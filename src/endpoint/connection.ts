// One connection: bytes in, responses out, deadlines kept.

import { Socket, type SocketConstructorOpts } from "node:net";
import type { CallerUse } from "./caller-use.ts";
import type { Listener } from "./entrance.ts";
import type { Limits } from "./limits.ts";
import { readProxyHeader } from "./proxy-protocol.ts";
import type { Turns } from "./turns.ts";
import { RepeatedRequest } from "./repeated-request.ts";
import { BODY_MAX_BYTES, HEAD_MAX_BYTES, INCOMPLETE, readRequest, type Request } from "./request.ts";
import type { Exchange } from "./respond.ts";
import type { ConnectionEnds, TokenlessCaller, TokenlessCalls } from "./witness.ts";

/** What a kernel handle of an accepted connection is to us: something that a Socket can be made of. */
export type Handle = NonNullable<SocketConstructorOpts["handle"]> & {
	/** Bytes that the kernel has not taken yet. */
	readonly writeQueueSize: number;
	/** The file descriptor; -1 once closed. */
	readonly fd: number;
	/** Fill in an address; 0, or an error's number. Not of a Unix socket. */
	getpeername?(into: { address?: string; port?: number }): number;
	getsockname?(into: { address?: string; port?: number }): number;
	close(): void;
};

/** What a connection needs of the endpoint that it belongs to. */
export interface ConnectionHome {
	readonly limits: Limits;
	readonly nowMs: () => number;
	/** What all connections read into, and the same memory four bytes at a time: it is dealt with before anyone else's turn. */
	readonly buffer: Buffer;
	readonly words: Int32Array;
	/** Where the request being read goes; one at a time, for all connections. */
	readonly request: Request;
	/** No further request is wanted. */
	readonly draining: boolean;
	/** The response, as a binary string; `undefined`: the caller is unknown. */
	respond(connection: Connection, exchange: Exchange): string | undefined;
	/** The answer to what is no request; `undefined` likewise. */
	refuse(connection: Connection, nowMs: number): string | undefined;
	/** The leave to send a body; `undefined` likewise. */
	encourage(connection: Connection): string | undefined;
	/** A proxy has said whom it speaks for (`undefined`: for nobody); `false`: for nobody known. */
	identify(connection: Connection, source: string | undefined): boolean;
	/** Who goes first. */
	readonly turns: Turns;
	/**
	 * The answer to an exchange was written; without one, the refusal of what is no request. What follows is beside the request's path.
	 *
	 * @param arrivedMs what {@link arrivalMs} said when it had come.
	 */
	answered(connection: Connection, exchange: Exchange | undefined, arrivedMs: number, nowMs: number): void;
	/** Something has come that is to be answered: when, by {@link performance}, or 0 where nobody takes its time. */
	arrivalMs(nowMs: number): number;
	/** The connection has closed. */
	forget(connection: Connection): void;
}

/** The longest message that is kept while the rest of it comes. */
const MESSAGE_MAX_BYTES = HEAD_MAX_BYTES + BODY_MAX_BYTES;

const NOTHING = Buffer.alloc(0);

/** How much of what follows a refused request is read and thrown away, so that the client gets to read the refusal. */
const DISCARD_MAX_BYTES = 65_536;

/**
 * What a connection waits for; each has its deadline.
 * `request`: the rest of a request. `idle`: the next one. `flush`: the client to take the response. `linger`: the
 * client to close, after the last response.
 */
type Waiting = "request" | "idle" | "flush" | "linger";

/** What follows a response. */
type Next = "idle" | "close" | "linger";

/** A connection as it comes. */
export interface Accepted {
	readonly listener: Listener;
	readonly handle: Handle;
	readonly guardsWebPages: boolean;
	/** The client came to EC2's IPv6 address, which an instance's options can close. */
	readonly toEc2Ipv6: boolean;
}

/** Whose a connection is, once and for all. */
interface Belonging {
	readonly instanceId: string;
	/** The address it comes from; "" where nobody looks at that. */
	readonly source: string;
	readonly use: CallerUse;
}

export class Connection {
	/** When it is closed if nothing happens. */
	deadlineMs: number;
	readonly listener: Listener;
	/** Refuse what may be a web page's request. */
	readonly guardsWebPages: boolean;
	readonly toEc2Ipv6: boolean;
	/** As {@link Belonging}; "" until a proxy has said whom it speaks for. */
	instanceId = "";
	source = "";
	use: CallerUse | undefined;
	/** Its calls without a token, once it has made one that somebody looks at. */
	tokenlessCalls: TokenlessCalls | undefined;
	/** Its place in the {@link ConnectionList}; -1: none. */
	listIndex = -1;
	readonly #home: ConnectionHome;
	readonly #socket: Socket;
	readonly #handle: Handle;
	#waiting: Waiting = "request";
	#afterFlush: Next = "close";
	/** The beginning of a message that came in pieces. */
	#pending: Buffer | undefined;
	/** What came while others had to go first. */
	#putOff: Buffer | undefined;
	/** The last request, once the connection was kept alive. */
	#repeated: RepeatedRequest | undefined;
	#toldToContinue = false;
	#discardedBytes = 0;
	/** What it was limited to; 0: it was not. */
	#hops = 0;
	readonly #acceptedAtMs = performance.now();
	/** When the bytes that are being dealt with came ({@link ConnectionHome.arrivalMs}). */
	#arrivedMs = 0;

	/** @param belonging missing: the client is a proxy, which says whom it speaks for. */
	constructor(home: ConnectionHome, { listener, handle, guardsWebPages, toEc2Ipv6 }: Accepted, belonging?: Belonging) {
		this.#home = home;
		this.listener = listener;
		this.guardsWebPages = guardsWebPages;
		this.toEc2Ipv6 = toEc2Ipv6;
		if (belonging !== undefined) this.belongsTo(belonging.instanceId, belonging.source, belonging.use);
		this.#handle = handle;
		this.deadlineMs = home.nowMs() + home.limits.requestDeadlineMs;
		// Quirk: a server can't be given `onread`, so the accepted handle gets a socket of its own. It spares an allocation
		// and a copy for each read: about a quarter of what a kept-alive GET costs (docs/performance.md).
		this.#socket = new Socket({
			handle,
			readable: true,
			writable: true,
			onread: { buffer: home.buffer, callback: (length) => this.#receive(length) },
		});
		this.#socket.on("error", ignore);
		// A client that has nothing more to say still waits for its answer, which could not be sent after this.
		this.#socket.on("end", () => this.catchUp());
		this.#socket.on("close", () => home.forget(this));
		this.#socket.read(0);
	}

	/** Between two requests, with nothing begun. */
	get idle(): boolean {
		return this.#waiting === "idle";
	}

	/** Says, once, whose the connection is. */
	belongsTo(instanceId: string, source: string, use: CallerUse): void {
		this.instanceId = instanceId;
		this.source = source;
		this.use = use;
		use.connections++;
	}

	/**
	 * Lets what is sent from now on travel so many hops at most. The limit stays for the rest of the connection, and is never
	 * raised: a token that has to be sent again must not travel farther than the first time (security.md S4).
	 *
	 * @returns whether that is so.
	 */
	limitHops(set: (fd: number, hops: number) => boolean, hops: number): boolean {
		// A Unix socket's packets travel nowhere.
		if (this.listener.port === 0 || (this.#hops !== 0 && this.#hops <= hops)) return true;
		if (!set(this.#handle.fd, hops)) return false;
		this.#hops = hops;
		return true;
	}

	/** Whoever it is that calls without a token. */
	tokenlessCaller(userAgent: string): TokenlessCaller {
		const { instanceId, source, listener } = this;
		const behindProxy = listener.entrance.proxies !== undefined && source !== "" && this.#ends()?.clientAddress !== source;
		return { instanceId, source, behindProxy, userAgent, ends: this.#ends(), fd: this.#handle.fd, acceptedAtMs: this.#acceptedAtMs };
	}

	#ends(): ConnectionEnds | undefined {
		const [peer, own]: { address?: string; port?: number }[] = [{}, {}];
		if (this.#handle.getpeername?.(peer!) !== 0 || this.#handle.getsockname?.(own!) !== 0) return undefined;
		const { address: clientAddress = "", port: clientPort = 0 } = peer!;
		const { address: serverAddress = "", port: serverPort = 0 } = own!;
		const { networkNamespace } = this.listener.entrance;
		return { clientAddress, clientPort, serverAddress, serverPort, ...(networkNamespace !== undefined && { networkNamespace }) };
	}

	/** Closes at once, whatever is under way. */
	destroy(): void {
		this.deadlineMs = Infinity; // It is forgotten a turn later.
		this.#socket.destroy();
	}

	// Answers whether to go on reading: `false` holds the client back until it has taken its response.
	#receive(length: number): boolean {
		if (this.#waiting === "linger") return this.#discard(length);
		if (this.use === undefined) return this.#identify(length);
		const { buffer, limits, nowMs: clock, turns } = this.#home;
		const nowMs = clock();
		if (this.#waiting === "idle") this.#wait("request", nowMs + limits.requestDeadlineMs);
		if (this.#putOff !== undefined) {
			this.#putOff = Buffer.concat([this.#putOff, buffer.subarray(0, length)]);
			return this.#putOff.length < MESSAGE_MAX_BYTES;
		}
		this.#arrivedMs = this.#home.arrivalMs(nowMs);
		if (turns.take(this.use.turns)) return this.#read(length, nowMs);
		this.#putOff = Buffer.from(buffer.subarray(0, length));
		turns.putOff(this.use.turns, this);
		return length < MESSAGE_MAX_BYTES;
	}

	/** Answers what was put off, now that it is this connection's turn. */
	catchUp(): void {
		const bytes = this.#putOff;
		if (bytes === undefined || this.#socket.destroyed) return;
		this.#putOff = undefined;
		const { buffer, nowMs } = this.#home;
		const length = bytes.copy(buffer);
		const heldBack = length >= MESSAGE_MAX_BYTES;
		if (this.#read(length, nowMs())) {
			if (heldBack) this.#socket.resume();
		} else if (!heldBack) {
			this.#socket.pause();
		}
	}

	#read(length: number, nowMs: number): boolean {
		const { buffer, words } = this.#home;
		if (this.#pending !== undefined) {
			const joined = Buffer.concat([this.#pending, buffer.subarray(0, length)]);
			this.#pending = undefined;
			return this.#consume(joined, joined.length, nowMs);
		}
		const request = this.#repeated?.recall(buffer, words, length);
		return request === undefined ? this.#consume(buffer, length, nowMs) : this.#answer(request, buffer, true, nowMs);
	}

	#identify(length: number): boolean {
		const start = Buffer.concat([this.#pending ?? NOTHING, this.#home.buffer.subarray(0, length)]);
		const header = readProxyHeader(start);
		if (header === "incomplete") {
			this.#pending = start;
			return true;
		}
		this.#pending = undefined;
		if (!this.#home.identify(this, header?.source)) return this.#vanish();
		const rest = start.subarray(header?.length);
		if (rest.length === 0) return true;
		const nowMs = this.#home.nowMs();
		this.#arrivedMs = this.#home.arrivalMs(nowMs);
		return this.#consume(rest, rest.length, nowMs);
	}

	#consume(bytes: Buffer, length: number, nowMs: number): boolean {
		const { request } = this.#home;
		const consumed = readRequest(bytes, length, request);
		if (consumed === INCOMPLETE && length < MESSAGE_MAX_BYTES) {
			this.#pending = Buffer.from(bytes.subarray(0, length));
			return !request.expectsContinue || this.#toldToContinue || this.#tellToContinue();
		}
		if (consumed <= 0) return this.#send(this.#home.refuse(this, nowMs), "linger", nowMs);
		this.#toldToContinue = false;
		const alone = consumed === length;
		if (request.keepAlive && alone) (this.#repeated ??= new RepeatedRequest()).note(bytes, length);
		return this.#answer(request, bytes, alone, nowMs);
	}

	// AWS: pipelining is not offered (§1.3): what came behind a request that did not come alone is not read as another one.
	#answer(request: Request, bytes: Buffer, alone: boolean, nowMs: number): boolean {
		const keepAlive = request.keepAlive && alone && !this.#home.draining;
		const exchange = { request, bytes, keepAlive, nowMs };
		return this.#send(this.#home.respond(this, exchange), keepAlive ? "idle" : alone ? "close" : "linger", nowMs, exchange);
	}

	#tellToContinue(): boolean {
		const leave = this.#home.encourage(this);
		if (leave === undefined) return this.#vanish();
		this.#toldToContinue = true;
		this.#write(leave);
		return true;
	}

	#send(response: string | undefined, next: Next, nowMs: number, exchange?: Exchange): boolean {
		if (response === undefined) return this.#vanish();
		this.#write(response);
		this.#home.answered(this, exchange, this.#arrivedMs, nowMs);
		if (this.#handle.writeQueueSize === 0) return this.#proceed(next, nowMs);
		this.#afterFlush = next;
		this.#wait("flush", nowMs + this.#home.limits.responseDeadlineMs);
		return false;
	}

	/** An unknown caller gets no byte. */
	#vanish(): boolean {
		this.#socket.destroy();
		return false;
	}

	#proceed(next: Next, nowMs: number): boolean {
		const { idleDeadlineMs, responseDeadlineMs } = this.#home.limits;
		if (next === "idle") {
			this.#wait("idle", nowMs + idleDeadlineMs);
		} else if (next === "close") {
			this.#socket.destroy();
		} else {
			// To close now would reset the connection while the client still sends, and it would never read why.
			this.#wait("linger", nowMs + responseDeadlineMs);
			this.#socket.end();
		}
		return next !== "close";
	}

	#wait(what: Waiting, deadlineMs: number): void {
		this.#waiting = what;
		this.deadlineMs = deadlineMs;
	}

	#discard(length: number): boolean {
		this.#discardedBytes += length;
		if (this.#discardedBytes > DISCARD_MAX_BYTES) this.#socket.destroy();
		return true;
	}

	#write(text: string): void {
		// Quirk: `_write` is what `write` comes to when nothing is queued, and here nothing ever is.
		this.#socket._write(text, "latin1", this.#written);
	}

	readonly #written = (error?: Error | null): void => {
		if (error) {
			this.#socket.destroy();
			return;
		}
		// Quirk: this may be told of a "100 Continue" while the response behind it is still queued.
		if (this.#waiting !== "flush" || this.#handle.writeQueueSize > 0) return;
		// The response promised to stay open; since then the service began to end, and whoever waits for that has looked already.
		const next = this.#afterFlush === "idle" && this.#home.draining ? "linger" : this.#afterFlush;
		if (this.#proceed(next, this.#home.nowMs())) this.#socket.resume();
	};
}

function ignore(): void {}
