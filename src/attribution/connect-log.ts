// Who connected which socket, from the kernel's events about the states of sockets. A socket begins to connect in the thread that asks
// for it, when it has no port yet; it is connected in anybody's time, and has both ends then. Its address in the kernel makes them one.

/** A socket's change from one state to another. */
export interface SocketEvent {
	/** By the kernel's monotonic clock, as all times here. */
	readonly atMs: number;
	/** The thread that ran when it happened. */
	readonly thread: number;
	/** Its address in the kernel, which another socket may have later. */
	readonly socket: string;
	/** As include/net/tcp_states.h numbers it. */
	readonly newState: number;
	/** Both ends, once it is connected: equal for equal ones. */
	readonly ends: string;
}

/** The thread that made a connection. */
export interface Connector {
	readonly thread: number;
	/** When the connection was there. */
	readonly atMs: number;
}

const TCP_ESTABLISHED = 1;
const TCP_SYN_SENT = 2;

/**
 * How long a connection that is there may wait until its server takes it, and still be told from all others. Two network namespaces may
 * have connections with equal ends; that only one of them was made in this time is what tells whose it is.
 *
 * Gap: a guest or another machine may have it, too, of which there are no events here. Whoever is taken for it then has the very same
 * addresses and ports, in another network namespace, in the same second.
 */
export const WINDOW_MS = 1000;
const CONNECTIONS_MAX = 4096;
/** Those that are on their way; one to nobody takes two minutes. */
const CONNECTING_MAX = 4096;

export class ConnectLog {
	/** The thread that connects, by socket. */
	readonly #connecting = new Map<string, number>();
	/** The oldest first. Without a thread it is not known, but somebody's. */
	#connections: { readonly ends: string; readonly thread: number | undefined; readonly atMs: number }[] = [];
	/** What happened while it was read: of what happened just before, on another processor, not all may be read yet. */
	#ahead: readonly SocketEvent[] = [];
	/** From then on it holds all connections. */
	#wholeSinceMs = -Infinity;

	/**
	 * Notes what happened since the last time.
	 *
	 * @param events changes of sockets that begin or end to connect, in any order.
	 * @param untilMs all from before that are among these, or were told before; later ones wait for the next call.
	 * @param wholeSinceMs from when on these are all that happened; `-Infinity`: all since the last time.
	 */
	note(events: readonly SocketEvent[], untilMs: number, wholeSinceMs: number): void {
		if (wholeSinceMs > this.#wholeSinceMs) {
			this.#wholeSinceMs = wholeSinceMs;
			this.#connecting.clear();
		}
		const told = [...this.#ahead, ...events];
		this.#ahead = told.filter(({ atMs }) => atMs >= untilMs);
		for (const event of told.toSorted((a, b) => a.atMs - b.atMs))
			if (event.atMs >= this.#wholeSinceMs && event.atMs < untilMs) this.#noteOne(event);
		if (this.#connections.length <= CONNECTIONS_MAX) return;
		const forgotten = this.#connections.slice(0, -CONNECTIONS_MAX / 2).at(-1)!;
		this.#connections = this.#connections.slice(-CONNECTIONS_MAX / 2);
		this.#wholeSinceMs = Math.max(this.#wholeSinceMs, forgotten.atMs);
	}

	/**
	 * Who made a connection that was there by a time, and not {@link WINDOW_MS} before it.
	 *
	 * @returns `undefined`: nobody did, two did, or not everything of that time is known.
	 */
	find(ends: string, byMs: number): Connector | undefined {
		const fromMs = byMs - WINDOW_MS;
		if (this.#wholeSinceMs > fromMs) return undefined;
		const [one, another] = this.#connections.filter((each) => each.ends === ends && each.atMs >= fromMs && each.atMs <= byMs);
		if (one?.thread === undefined || another !== undefined) return undefined;
		return { thread: one.thread, atMs: one.atMs };
	}

	#noteOne({ atMs, thread, socket, newState, ends }: SocketEvent): void {
		const connector = this.#connecting.get(socket);
		this.#connecting.delete(socket);
		if (newState === TCP_ESTABLISHED) this.#connections.push({ ends, thread: connector, atMs });
		if (newState !== TCP_SYN_SENT) return;
		this.#connecting.set(socket, thread);
		const [oldest] = this.#connecting.keys();
		if (this.#connecting.size > CONNECTING_MAX && oldest !== undefined) this.#connecting.delete(oldest);
	}
}
