// Sockets that listen already when the process starts: systemd's (sd_listen_fds(3)), or this program's own from before it
// replaced itself. Whoever connects meanwhile waits in their queue, and is not refused.

import { type Libc, loadLibc, requireLibc } from "./libc.ts";
import { SO_BINDTODEVICE } from "./listening-socket.ts";
import { decodeSocketAddress, SOCKET_ADDRESS_MAX_BYTES, type SocketPlace } from "./socket-address.ts";

export interface InheritedSocket {
	readonly fd: number;
	/** What the process before called it; missing: systemd's. */
	readonly name?: string;
	readonly place: SocketPlace;
	/** The interface that it is bound to. */
	readonly interface?: string;
}

type Environment = Record<string, string | undefined>;

/** How the process before says which descriptor is what: a JSON object of descriptors by name. */
const OWN_VARIABLE = "OPENIMDS_INHERITED_SOCKETS";
const SYSTEMD_VARIABLES = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] as const;
const SYSTEMD_FIRST_FD = 3;

const F_DUPFD = 0;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const IFNAMSIZ = 16;

/** The sockets that this process was given. Its environment no longer says so afterwards, and no child of it gets them. */
export function takeInheritedSockets(environment: Environment, pid: number): readonly InheritedSocket[] {
	const own = readOwn(environment[OWN_VARIABLE]);
	const count = environment["LISTEN_PID"] === String(pid) ? Number(environment["LISTEN_FDS"] ?? 0) : 0;
	for (const variable of [OWN_VARIABLE, ...SYSTEMD_VARIABLES]) delete environment[variable];
	const given = [
		...own.map(([name, fd]) => ({ fd, name })),
		...Array.from({ length: Number.isSafeInteger(count) ? count : 0 }, (_, n) => ({ fd: SYSTEMD_FIRST_FD + n })),
	];
	const loaded = given.length === 0 ? undefined : loadLibc();
	if (loaded === undefined || "reason" in loaded) return [];
	return given.flatMap((one) => {
		const found = look(loaded.libc, one.fd);
		return found === undefined ? [] : [{ ...one, ...found }];
	});
}

function readOwn(text = "{}"): readonly (readonly [name: string, fd: number])[] {
	try {
		return Object.entries(JSON.parse(text) as Record<string, unknown>).filter((entry): entry is [string, number] =>
			Number.isSafeInteger(entry[1]),
		);
	} catch {
		return []; // Nothing that we wrote.
	}
}

/** Closes a socket that nobody wants. */
export function closeInherited({ fd }: InheritedSocket): void {
	requireLibc().close(fd);
}

/**
 * Has the program that replaces this one inherit sockets, which go on listening whatever is done with the descriptors given.
 *
 * @param sockets descriptors by what they shall be called.
 * @returns the variables to add to its environment.
 */
export function bequeath(sockets: ReadonlyMap<string, number>): Environment {
	const libc = requireLibc();
	const kept = [...sockets].map(([name, fd]) => {
		const copy = libc.fcntl(fd, F_DUPFD, SYSTEMD_FIRST_FD);
		if (copy < 0) throw libc.failure("fcntl");
		return [name, copy] as const;
	});
	return { [OWN_VARIABLE]: JSON.stringify(Object.fromEntries(kept)) };
}

/** What a descriptor is; `undefined` for what is no listening socket. */
function look(libc: Libc, fd: number): Omit<InheritedSocket, "fd"> | undefined {
	const listens = new Int32Array(1);
	if (libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, Buffer.from(listens.buffer), [4]) !== 0 || listens[0] !== 1) return undefined;
	libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
	const address = Buffer.alloc(SOCKET_ADDRESS_MAX_BYTES);
	const length: [number] = [address.length];
	if (libc.getsockname(fd, address, length) !== 0) return undefined;
	const place = decodeSocketAddress(address.subarray(0, length[0]));
	const device = Buffer.alloc(IFNAMSIZ);
	const deviceLength: [number] = [device.length];
	libc.getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, deviceLength);
	const name = device.toString("latin1", 0, device.indexOf(0));
	return place && { place, ...(name === "" ? {} : { interface: name }) };
}
