// Listening sockets as Node can't open them: bound to an interface, or in another network namespace.

import { isIPv6 } from "node:net";
import { ipToBigInt } from "../model/network.ts";
import { type Libc, requireLibc } from "./libc.ts";

/** Where a socket listens. */
export interface SocketPlace {
	/** A canonical IP address. */
	readonly host: string;
	readonly port: number;
	/** Only what arrives at this interface reaches it, and its answers leave there. */
	readonly interface?: string;
	/** Absolute path of the network namespace that it is in. */
	readonly networkNamespace?: string;
}

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;
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
export function openListeningSocket(place: SocketPlace): number {
	const libc = requireLibc();
	return place.networkNamespace === undefined ? open(libc, place) : inNamespace(libc, place.networkNamespace, () => open(libc, place));
}

function open(libc: Libc, { host, port, interface: name }: SocketPlace): number {
	const fd = libc.socket(isIPv6(host) ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) throw libc.failure("socket");
	try {
		setOption(libc, fd, SOL_SOCKET, SO_REUSEADDR, number(1));
		if (isIPv6(host)) setOption(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, number(1));
		// Before bind: the kernel lets one address be bound once for each interface.
		if (name !== undefined) setOption(libc, fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`));
		const address = socketAddress(host, port);
		if (libc.bind(fd, address, address.length) !== 0) throw libc.failure("bind");
		if (libc.listen(fd, BACKLOG) !== 0) throw libc.failure("listen");
		return fd;
	} catch (error) {
		libc.close(fd);
		throw error;
	}
}

/** Runs synchronous work with this thread in another network namespace. */
function inNamespace<T>(libc: Libc, path: string, work: () => T): T {
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

function setOption(libc: Libc, fd: number, level: number, name: number, value: Buffer): void {
	if (libc.setsockopt(fd, level, name, value, value.length) !== 0) throw libc.failure("setsockopt");
}

/** A C `int`. */
function number(value: number): Buffer {
	return Buffer.from(Int32Array.of(value).buffer);
}

/** A `sockaddr_in` or `sockaddr_in6` (ip(7), ipv6(7)): the family in this machine's byte order, all else in the network's. */
function socketAddress(host: string, port: number): Buffer {
	const ipv6 = isIPv6(host);
	const bytes = Buffer.alloc(ipv6 ? 28 : 16);
	Buffer.from(Uint16Array.of(ipv6 ? AF_INET6 : AF_INET).buffer).copy(bytes);
	bytes.writeUInt16BE(port, 2);
	bytes.write(
		ipToBigInt(host)
			.toString(16)
			.padStart(ipv6 ? 32 : 8, "0"),
		ipv6 ? 8 : 4,
		"hex",
	);
	return bytes;
}
