// A network namespace by what `/proc/PID/net` says: its addresses, and its sockets where nobody may be asked for one alone.

import { type ConnectionEnds, encodeAddress, mapToIpv6, plainAddress, type SocketOwner } from "../linux/socket-owner.ts";
import { readSome } from "./read-some.ts";

/** 150 bytes are a socket, so 50 000 of them. */
const TABLE_MAX_BYTES = 8 * 1024 * 1024;
const LISTEN = "0A";

/**
 * The client's socket in the network namespace of a process, as `/proc/PID/net/tcp` and `tcp6` have it.
 *
 * @throws the system's error where the process has ended or may not be looked into.
 */
export function ownerInTable(net: string, ends: ConnectionEnds): SocketOwner | undefined {
	const client = { address: encodeAddress(plainAddress(ends.clientAddress)), port: ends.clientPort };
	const server = { address: encodeAddress(plainAddress(ends.serverAddress)), port: ends.serverPort };
	const ipv4 = client.address.length === 4 ? findRow(readSome(`${net}/tcp`, TABLE_MAX_BYTES), row(client), row(server)) : undefined;
	// An IPv6 socket may be connected to an IPv4 address.
	return ipv4 ?? findRow(readSome(`${net}/tcp6`, TABLE_MAX_BYTES), row(mapped(client)), row(mapped(server)));
}

/** Whether an address is one of the namespace's own; `net` as for {@link ownerInTable}, which throws alike. */
export function hasAddress(net: string, address: string): boolean {
	const plain = plainAddress(address);
	if (plain.includes(":")) return readSome(`${net}/if_inet6`, TABLE_MAX_BYTES).includes(encodeAddress(plain).toString("hex"));
	if (plain.startsWith("127.")) return true;
	const table = readSome(`${net}/fib_trie`, TABLE_MAX_BYTES).toString("latin1");
	// A leaf of the tree of routes, and what is known of it below.
	return new RegExp(`\\|-- ${plain.replaceAll(".", "\\.")}\\n(?: +/\\d+ [^\\n]*\\n)*? +/32 host LOCAL`).test(table);
}

interface Place {
	readonly port: number;
	readonly address: Buffer;
}

function mapped({ address, port }: Place): Place {
	return { port, address: mapToIpv6(address) };
}

/** An address as the kernel prints it here: four bytes at a time, as numbers of this machine. */
function row({ address, port }: Place): string {
	const words = new Uint32Array(Uint8Array.from(address).buffer);
	const hex = (number: number, digits: number) => number.toString(16).toUpperCase().padStart(digits, "0");
	return `${Array.from(words, (word) => hex(word, 8)).join("")}:${hex(port, 4)}`;
}

/** Columns: number, local, remote, state, queues, timer, retransmissions, user, timeout, inode. */
function findRow(table: Buffer, local: string, remote: string): SocketOwner | undefined {
	const start = table.indexOf(` ${local} ${remote} `);
	if (start < 0) return undefined;
	const end = table.indexOf("\n", start);
	const [, , state, , , , uid, , inode] = table.toString("latin1", start + 1, end < 0 ? undefined : end).split(/ +/);
	if (state === LISTEN || Number(inode) === 0 || !Number.isSafeInteger(Number(inode))) return undefined;
	return { inode: Number(inode), uid: Number(uid) };
}
