// Who connects, by the kernel's own word: the tracepoint sock:inet_sock_set_state tells of each TCP connection that is made on this
// machine, in all network namespaces, and of the thread that makes it. A lookup reads what the kernel has kept of it. So a program is
// known that has closed its socket since, as curl has 0.1 ms after its answer, when nothing else leads from a connection to it.
//
// It takes root (CAP_SYS_ADMIN of the machine itself, not of a container) and Linux 5.2; elsewhere connections are looked up without.
// What it changes of the machine while it runs: src/linux/trace-instance.ts. `--no-attribution` does without both.

import { type Libc, requireLibc } from "../linux/libc.ts";
import { decodeSocketAddress, encodeSocketAddress, SOCKET_ADDRESS_MAX_BYTES } from "../linux/socket-address.ts";
import { type ConnectionEnds, encodeAddress, mapToIpv6, plainAddress } from "../linux/socket-owner.ts";
import { type EventField, monotonicMs, openTraceInstance, threadId, type TraceInstance } from "../linux/trace-instance.ts";
import { ConnectLog, type Connector, type SocketEvent } from "./connect-log.ts";

const EVENT = "sock/inet_sock_set_state";
/** TCP (6), on the way into and out of TCP_SYN_SENT (2): of a connection two events, of one that fails as well. */
const FILTER = "protocol == 6 && (newstate == 2 || oldstate == 2)";

/** How often a connection of its own is made, until the kernel tells of it: who starts in a flood of others' may miss one. */
const TRIES_MAX = 20;

const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;

/** Begins to listen to the kernel; or says why it can't be here. */
export function openConnectEvents(): ConnectEvents | { readonly reason: string } {
	let instance: TraceInstance | undefined;
	try {
		instance = openTraceInstance({ event: EVENT, filter: FILTER });
		let connector: number | undefined;
		for (let tries = 0; connector === undefined && tries < TRIES_MAX; tries++) {
			// From the beginning each time: where events came faster than they were read, nothing is known for a second.
			const events = new ConnectEvents(instance);
			connector = events.beginWith(connectToSelf(requireLibc()));
			if (connector === threadId()) return events;
		}
		instance.close();
		return { reason: `the kernel's tracing tells of ${connector === undefined ? "no connections" : "other processes than are seen here"}` };
	} catch (error) {
		instance?.close();
		return { reason: `the kernel's tracing can't be used here (${error instanceof Error ? error.message : String(error)})` };
	}
}

/** Connections and who made them. */
export class ConnectEvents {
	readonly #instance: TraceInstance;
	readonly #decode: (event: Buffer, atMs: number) => SocketEvent;
	readonly #log = new ConnectLog();

	/** @throws {Error} where this kernel's events have not what is needed. */
	constructor(instance: TraceInstance) {
		this.#instance = instance;
		this.#decode = decoder((name) => instance.field(name));
	}

	/**
	 * The thread that made a connection, by its ends.
	 *
	 * @param byMs when it was there for sure, by the monotonic clock, and not long before ({@link ConnectLog.find}).
	 * @returns `undefined`: nobody can say.
	 */
	connectorOf(ends: ConnectionEnds, byMs: number): Connector | undefined {
		this.#read();
		return this.#log.find(keyOf(ends), byMs);
	}

	/** What a thread was called that has ended since; `undefined`: that is forgotten. */
	nameOf(thread: number): string | undefined {
		return this.#instance.nameOf(thread);
	}

	/**
	 * The thread that made a connection, with which knowledge begins. Where numbers of processes are a PID namespace's own, or this kernel
	 * has its events in another form, this thread's own connection is another's or nobody's.
	 */
	beginWith(ends: ConnectionEnds): number | undefined {
		const connector = this.connectorOf(ends, monotonicMs());
		this.#log.note([], monotonicMs(), monotonicMs());
		return connector?.thread;
	}

	close(): void {
		this.#instance.close();
	}

	#read(): void {
		const events: SocketEvent[] = [];
		const untilMs = monotonicMs();
		const wholeSinceMs = this.#instance.read((event, atMs) => events.push(this.#decode(event, atMs)));
		this.#log.note(events, untilMs, wholeSinceMs);
	}
}

function decoder(field: (name: string) => EventField): (event: Buffer, atMs: number) => SocketEvent {
	const [thread, socket, newState] = [field("common_pid").offset, field("skaddr"), field("newstate").offset];
	const [clientPort, serverPort] = [field("sport").offset, field("dport").offset];
	// IPv4 addresses are in these, too, as IPv6 has them.
	const [client, server] = [field("saddr_v6"), field("daddr_v6")];
	const bytes = (event: Buffer, { offset, sizeBytes }: EventField) => event.toString("latin1", offset, offset + sizeBytes);
	return (event, atMs) => ({
		atMs,
		thread: event.readInt32LE(thread),
		socket: bytes(event, socket),
		newState: event.readInt32LE(newState),
		ends: `${event.readUInt16LE(clientPort)} ${event.readUInt16LE(serverPort)} ${bytes(event, client)}${bytes(event, server)}`,
	});
}

function keyOf({ clientAddress, clientPort, serverAddress, serverPort }: ConnectionEnds): string {
	const bytes = (address: string) => mapToIpv6(encodeAddress(plainAddress(address))).toString("latin1");
	return `${clientPort} ${serverPort} ${bytes(clientAddress)}${bytes(serverAddress)}`;
}

/** Makes a connection to this very thread, and ends it. */
function connectToSelf(libc: Libc): ConnectionEnds {
	const sockets = [libc.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0), libc.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0)] as const;
	const [server, client] = sockets;
	try {
		const any = encodeSocketAddress({ host: "127.0.0.1", port: 0 });
		if (libc.bind(server, any, any.length) !== 0) throw libc.failure("bind");
		if (libc.listen(server, 1) !== 0) throw libc.failure("listen");
		const { address, port: serverPort } = placeOf(libc, server);
		if (libc.connect(client, address, address.length) !== 0) throw libc.failure("connect");
		return { clientAddress: "127.0.0.1", clientPort: placeOf(libc, client).port, serverAddress: "127.0.0.1", serverPort };
	} finally {
		for (const socket of sockets) libc.close(socket);
	}
}

function placeOf(libc: Libc, socket: number): { readonly address: Buffer; readonly port: number } {
	const address = Buffer.alloc(SOCKET_ADDRESS_MAX_BYTES);
	const length: [number] = [address.length];
	if (libc.getsockname(socket, address, length) !== 0) throw libc.failure("getsockname");
	const place = decodeSocketAddress(address.subarray(0, length[0]));
	return { address: address.subarray(0, length[0]), port: place !== undefined && "port" in place ? place.port : 0 };
}
