// Whose the other end of a connection is, when that is a socket of this machine too: sock_diag(7) asks the kernel for one socket
// by its addresses, in the same microseconds however many there are; /proc/net/tcp takes milliseconds to be written.

import { type Libc, loadLibc } from "./libc.ts";
import { inNamespace } from "./listening-socket.ts";
import { AF_INET6, encodeSocketAddress } from "./socket-address.ts";

/** A TCP connection as its server sees it, addresses as Node prints them. */
export interface ConnectionEnds {
	readonly clientAddress: string;
	readonly clientPort: number;
	readonly serverAddress: string;
	readonly serverPort: number;
}

/** A client's socket. */
export interface SocketOwner {
	/** What `/proc/PID/fd` calls it: `socket:[INODE]`. */
	readonly inode: number;
	/** The user that it belongs to. */
	readonly uid: number;
}

/** Finds clients' sockets. */
export interface SocketOwners {
	/**
	 * The client's socket, in the namespace that this was opened in.
	 *
	 * @returns `undefined`: there is none, or no process has it any more.
	 */
	ownerOf(ends: ConnectionEnds): SocketOwner | undefined;
	/**
	 * The same in another namespace, by its path.
	 *
	 * @throws {SystemCallError} `EPERM` without CAP_SYS_ADMIN, `ENOENT` or `EINVAL` where that is no namespace (any more).
	 */
	ownerIn(networkNamespace: string, ends: ConnectionEnds): SocketOwner | undefined;
	close(): void;
}

/** Who was at the other end of a Unix socket when it connected. */
export interface Peer {
	/** As this process's PID namespace has it; 0: it can't be seen from here. */
	readonly pid: number;
	readonly uid: number;
	readonly gid: number;
}

const AF_INET = 2;
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const MSG_DONTWAIT = 0x40;
const IPPROTO_TCP = 6;
const TCP_LISTEN = 10;
const ALL_STATES = 0xffffffff;
const NO_COOKIE = 0xffffffff;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** linux/netlink.h: struct nlmsghdr. linux/inet_diag.h: struct inet_diag_req_v2 and inet_diag_msg, without what may follow it. */
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
const REPLY_BYTES = HEADER_BYTES + 72;
const REPLY_MAX_BYTES = 4096;

const IPV4_MAPPED = Buffer.from("00000000000000000000ffff", "hex");

/** Opens the way to ask, in the network namespace that this thread is in; or says why there is none. */
export function openSocketOwners(): SocketOwners | { readonly reason: string } {
	const loaded = loadLibc();
	if ("reason" in loaded) return loaded;
	const { libc } = loaded;
	let own: number;
	try {
		own = openDiag(libc);
	} catch (error) {
		return { reason: `sockets can't be looked up here (${(error as Error).message})` };
	}
	const ask = asker(libc);
	return {
		ownerOf: (ends) => ask(own, ends),
		ownerIn: (networkNamespace, ends) => {
			const there = inNamespace(libc, networkNamespace, () => openDiag(libc));
			try {
				return ask(there, ends);
			} finally {
				libc.close(there);
			}
		},
		close: () => void libc.close(own),
	};
}

/** Who connected a Unix socket, by the descriptor of the accepted one; `undefined` for another kind of socket, or where nobody can say. */
export function peerOf(fd: number): Peer | undefined {
	const loaded = loadLibc();
	if ("reason" in loaded) return undefined;
	const credentials = new Int32Array(3);
	const bytes = Buffer.from(credentials.buffer);
	if (loaded.libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, [bytes.length]) !== 0) return undefined;
	const [pid = 0, uid = 0, gid = 0] = credentials;
	// Sockets that are not Unix's are said to be nobody's: uid -1.
	return uid === -1 ? undefined : { pid, uid: uid >>> 0, gid: gid >>> 0 };
}

/** The address in an IPv6 address that stands for an IPv4 one; any other stays as it is, without its zone. */
export function plainAddress(address: string): string {
	if (!address.includes(":")) return address;
	return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

/** The 4 or 16 bytes of an address without a zone. */
export function encodeAddress(host: string): Buffer {
	// The common case, in a hurry: the client may be gone within 100 µs.
	if (!host.includes(":")) return Buffer.from(host.split(".").map(Number));
	return encodeSocketAddress({ host, port: 0 }).subarray(8, 24);
}

/** An IPv4 address as IPv6 has it, in 16 bytes; one of IPv6 stays as it is. */
export function mapToIpv6(address: Buffer): Buffer {
	return address.length === 16 ? address : Buffer.concat([IPV4_MAPPED, address]);
}

/** A socket stays in the namespace that it was made in. */
function openDiag(libc: Libc): number {
	const fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0) throw libc.failure("socket");
	return fd;
}

function asker(libc: Libc): (fd: number, ends: ConnectionEnds) => SocketOwner | undefined {
	const request = newRequest();
	const requestWords = new Uint32Array(request.buffer);
	const reply = Buffer.alloc(REPLY_MAX_BYTES);
	const words = new Uint32Array(reply.buffer);
	return (fd, ends) => {
		const sequence = ++requestWords[2]!;
		writeEnds(libc, request, ends);
		if (libc.send(fd, request, REQUEST_BYTES, 0) !== REQUEST_BYTES) return undefined;
		// The kernel has answered within the send: there is nothing to wait for.
		const length = libc.recv(fd, reply, REPLY_MAX_BYTES, MSG_DONTWAIT);
		if (length < REPLY_BYTES || (words[1]! & 0xffff) !== SOCK_DIAG_BY_FAMILY || words[2] !== sequence) return undefined;
		// Where nobody has the connection, the kernel finds who listens at its address.
		const state = reply[HEADER_BYTES + 1];
		if (state === TCP_LISTEN || reply.readUInt16BE(HEADER_BYTES + 6) !== ends.serverPort) return undefined;
		const uid = words[(HEADER_BYTES + 64) / 4]!;
		const inode = words[(HEADER_BYTES + 68) / 4]!;
		return inode === 0 ? undefined : { inode, uid };
	};
}

/** What is the same in each request. Its numbers are in this machine's byte order, addresses and ports in the network's. */
function newRequest(): Buffer {
	const request = Buffer.alloc(REQUEST_BYTES);
	const words = new Uint32Array(request.buffer);
	const halves = new Uint16Array(request.buffer);
	words[0] = REQUEST_BYTES;
	halves[2] = SOCK_DIAG_BY_FAMILY;
	halves[3] = NLM_F_REQUEST;
	request[HEADER_BYTES + 1] = IPPROTO_TCP;
	words[5] = ALL_STATES;
	words[16] = words[17] = NO_COOKIE;
	return request;
}

// Gap: a client that bound its socket to an interface (SO_BINDTODEVICE) is not found, unless that is the zone of its address.
function writeEnds(libc: Libc, request: Buffer, ends: ConnectionEnds): void {
	const clientAddress = plainAddress(ends.clientAddress);
	const zone = ends.clientAddress.indexOf("%");
	request[HEADER_BYTES] = clientAddress.includes(":") ? AF_INET6 : AF_INET;
	request.writeUInt16BE(ends.clientPort, 24);
	request.writeUInt16BE(ends.serverPort, 26);
	request.fill(0, 28, 60);
	encodeAddress(clientAddress).copy(request, 28);
	encodeAddress(plainAddress(ends.serverAddress)).copy(request, 44);
	request.writeUInt32LE(0, 60);
	if (zone >= 0) new Uint32Array(request.buffer)[15] = libc.if_nametoindex(ends.clientAddress.slice(zone + 1));
}
