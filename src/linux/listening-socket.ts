// Listening sockets as Node can't open them: bound to an interface, or in another network namespace.

import { type Libc, requireLibc } from "./libc.ts";
import { AF_INET6, AF_UNIX, encodeSocketAddress, familyOf, type SocketPlace } from "./socket-address.ts";

export interface ListenOptions {
	/** Only what arrives at this interface reaches it, and its answers leave there. */
	readonly interface?: string;
	/** Absolute path of the network namespace that it is in. */
	readonly networkNamespace?: string;
}

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
export const SO_BINDTODEVICE = 25;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const CLONE_NEWNET = 0x40000000;
const O_RDONLY_CLOEXEC = 0o2000000;
const BACKLOG = 4096;

/**
 * Opens a listening socket.
 *
 * @returns its file descriptor.
 * @throws {SystemCallError} `ENODEV` for no such interface, `EADDRINUSE`, `EACCES` …; `ENOENT` and `EPERM` for the namespace.
 */
export function openListeningSocket(place: SocketPlace, options: ListenOptions = {}): number {
	const libc = requireLibc();
	const { networkNamespace } = options;
	return networkNamespace === undefined
		? open(libc, place, options)
		: inNamespace(libc, networkNamespace, () => open(libc, place, options));
}

/**
 * Runs synchronous work with this thread in another network namespace, by its path.
 *
 * @throws {SystemCallError} `EPERM` without CAP_SYS_ADMIN, `ENOENT` or `EINVAL` where that is no namespace (any more); what the work throws.
 */
export function inNamespace<T>(libc: Libc, path: string, work: () => T): T {
	const there = libc.open(path, O_RDONLY_CLOEXEC, 0);
	if (there < 0) throw libc.failure("open");
	const here = libc.open("/proc/thread-self/ns/net", O_RDONLY_CLOEXEC, 0);
	try {
		if (here < 0) throw libc.failure("open");
		if (libc.setns(there, CLONE_NEWNET) !== 0) throw libc.failure("setns");
		try {
			return work();
		} finally {
			// Nothing may go on in the wrong network.
			if (libc.setns(here, CLONE_NEWNET) !== 0) process.abort();
		}
	} finally {
		libc.close(there);
		if (here >= 0) libc.close(here);
	}
}

function open(libc: Libc, place: SocketPlace, { interface: name }: ListenOptions): number {
	const family = familyOf(place);
	const fd = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) throw libc.failure("socket");
	try {
		if (family !== AF_UNIX) setOption(libc, fd, SOL_SOCKET, SO_REUSEADDR, number(1));
		if (family === AF_INET6) setOption(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, number(1));
		// Before bind: the kernel lets one address be bound once for each interface.
		if (name !== undefined) setOption(libc, fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`));
		const address = encodeSocketAddress(place);
		if (libc.bind(fd, address, address.length) !== 0) throw libc.failure("bind");
		if (libc.listen(fd, BACKLOG) !== 0) throw libc.failure("listen");
		return fd;
	} catch (error) {
		libc.close(fd);
		throw error;
	}
}

function setOption(libc: Libc, fd: number, level: number, name: number, value: Buffer): void {
	if (libc.setsockopt(fd, level, name, value, value.length) !== 0) throw libc.failure("setsockopt");
}

/** A C `int`. */
function number(value: number): Buffer {
	return Buffer.from(Int32Array.of(value).buffer);
}
