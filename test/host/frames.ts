// Frames as no guest's kernel would send them.

import { execFileSync } from "node:child_process";
import { writeSync } from "node:fs";
import { requireLibc } from "../../src/linux/libc.ts";
import { ipToBigInt } from "../../src/model/network.ts";
import { type Place, within } from "../network/lab.ts";

/** MAC addresses. */
export interface Ends {
	readonly from: string;
	readonly to: string;
}

/** An empty UDP datagram to port 9 over IPv4, with so many empty 802.1Q tags. */
export function datagram(ends: Ends, source: string, destination: string, tags = 0): Buffer {
	const packet = Buffer.concat([hex("4500001c0001000040110000"), octets(source), octets(destination), hex("0009000900080000")]);
	packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10);
	return frame(ends, `${"81000000".repeat(tags)}0800`, packet);
}

/** An unsolicited neighbour advertisement (RFC 4861, 4.4) that says an address is at `ends.from`. */
export function advertisement(ends: Ends, source: string, destination: string, target: string): Buffer {
	const message = Buffer.concat([hex("8800000020000000"), octets(target), hex("0201"), hex(ends.from)]);
	const [from, to] = [octets(source), octets(destination)];
	message.writeUInt16BE(checksum(Buffer.concat([from, to, hex("000000200000003a"), message])), 2);
	return frame(ends, "86dd", Buffer.concat([hex("6000000000203aff"), from, to, message]));
}

/** Sends a frame as it is out of a place's eth0. */
export function sendFrame(place: Place, bytes: Buffer): void {
	const libc = requireLibc();
	const link = within(place, () => execFileSync("ip", ["-j", "link", "show", "eth0"], { encoding: "utf8" }));
	const fd = within(place, () => libc.socket(AF_PACKET, SOCK_RAW, 0));
	// sockaddr_ll (packet(7)): family, protocol, index; the rest is of no importance for sending.
	const address = Buffer.alloc(20);
	Buffer.from(Uint16Array.of(AF_PACKET).buffer).copy(address);
	Buffer.from(Int32Array.of(Number(/"ifindex":(\d+)/.exec(link)?.[1])).buffer).copy(address, 4);
	if (fd < 0 || libc.bind(fd, address, address.length) !== 0) throw libc.failure("a packet socket");
	writeSync(fd, bytes);
	libc.close(fd);
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SHORTEST_FRAME = 60;

function frame({ from, to }: Ends, type: string, packet: Buffer): Buffer {
	const bytes = Buffer.concat([hex(to), hex(from), hex(type), packet]);
	return Buffer.concat([bytes, Buffer.alloc(Math.max(0, SHORTEST_FRAME - bytes.length))]);
}

function octets(address: string): Buffer {
	return hex(
		ipToBigInt(address)
			.toString(16)
			.padStart(address.includes(":") ? 32 : 8, "0"),
	);
}

function hex(text: string): Buffer {
	return Buffer.from(text.replaceAll(":", ""), "hex");
}

/** RFC 1071; of an even number of bytes. */
function checksum(bytes: Buffer): number {
	let sum = 0;
	for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}
