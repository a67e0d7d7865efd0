// The PROXY protocol, version 2: a trusted proxy's first bytes, which tell whom it speaks for.
// https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, §2.2.

import { SocketAddress } from "node:net";

/** What a header says. */
export interface ProxyHeader {
	/** The address that the proxied connection comes from; `undefined`: it is the proxy's own, a health check. */
	readonly source: string | undefined;
	/** Bytes of the header; the request follows. */
	readonly length: number;
}

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const FIXED_BYTES = 16;

/** Room for addresses and a few dozen type-length-value fields; more is no header. */
const PROXY_HEADER_MAX_BYTES = 1024;

const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/**
 * Reads the header at the start of a connection. Fields behind the addresses are passed over, as §2.2.7 has it.
 *
 * @returns `incomplete` where more bytes are needed; `undefined` for what is no such header, or not of a TCP connection.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | "incomplete" | undefined {
	const known = Math.min(bytes.length, SIGNATURE.length);
	if (bytes.compare(SIGNATURE, 0, known, 0, known) !== 0) return undefined;
	if (bytes.length < FIXED_BYTES) return "incomplete";
	const command = bytes[12];
	const length = FIXED_BYTES + bytes.readUInt16BE(14);
	if ((command !== COMMAND_LOCAL && command !== COMMAND_PROXY) || length > PROXY_HEADER_MAX_BYTES) return undefined;
	if (bytes.length < length) return "incomplete";
	if (command === COMMAND_LOCAL) return { source: undefined, length };
	const family = bytes[13];
	if (family === TCP_OVER_IPV4 && length >= FIXED_BYTES + 12) return { source: bytes.subarray(16, 20).join("."), length };
	if (family === TCP_OVER_IPV6 && length >= FIXED_BYTES + 36) return { source: ipv6(bytes.subarray(16, 32)), length };
	return undefined;
}

function ipv6(octets: Buffer): string {
	const address = octets.toString("hex").replaceAll(/(.{4})(?!$)/g, "$1:");
	return new SocketAddress({ address, family: "ipv6" }).address;
}
