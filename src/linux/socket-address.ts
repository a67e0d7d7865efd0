// Addresses of sockets as the kernel has them: `sockaddr_in` (ip(7)), `sockaddr_in6` (ipv6(7)), `sockaddr_un` (unix(7)).
// The family is in this machine's byte order, all else in the network's.

import { isIPv6, SocketAddress } from "node:net";
import { ipToBigInt } from "../model/network.ts";

/** Where a socket is: an address and a port, or a path; one that begins with a zero byte is in no folder ("abstract"). */
export type SocketPlace = { readonly host: string; readonly port: number } | { readonly path: string };

export const AF_UNIX = 1;
const AF_INET = 2;
export const AF_INET6 = 10;

/** Enough for each of them. */
export const SOCKET_ADDRESS_MAX_BYTES = 110;

export function familyOf(place: SocketPlace): number {
	if ("path" in place) return AF_UNIX;
	return isIPv6(place.host) ? AF_INET6 : AF_INET;
}

export function encodeSocketAddress(place: SocketPlace): Buffer {
	const family = Buffer.from(Uint16Array.of(familyOf(place)).buffer);
	// A path ends with a zero byte, an abstract one with its last character.
	if ("path" in place) return Buffer.concat([family, Buffer.from(place.path.startsWith("\0") ? place.path : `${place.path}\0`)]);
	const ipv6 = isIPv6(place.host);
	const rest = Buffer.alloc(ipv6 ? 26 : 14);
	rest.writeUInt16BE(place.port);
	rest.write(
		ipToBigInt(place.host)
			.toString(16)
			.padStart(ipv6 ? 32 : 8, "0"),
		ipv6 ? 6 : 2,
		"hex",
	);
	return Buffer.concat([family, rest]);
}

/** The place of an address; `undefined` for one of another family. */
export function decodeSocketAddress(bytes: Buffer): SocketPlace | undefined {
	const [family] = new Uint16Array(Uint8Array.from(bytes.subarray(0, 2)).buffer);
	if (family === AF_UNIX) return { path: bytes.subarray(2).toString().replace(/\0$/, "") };
	const port = bytes.length >= 4 ? bytes.readUInt16BE(2) : 0;
	if (family === AF_INET) return { host: bytes.subarray(4, 8).join("."), port };
	if (family !== AF_INET6) return undefined;
	const address = bytes
		.subarray(8, 24)
		.toString("hex")
		.replaceAll(/(.{4})(?!$)/g, "$1:");
	return { host: new SocketAddress({ address, family: "ipv6" }).address, port };
}
