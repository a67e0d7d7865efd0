// What really went over a wire: the TCP segments at a device, with their hop limits.

import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import type { Readable } from "node:stream";
import { ENDPOINT, type Family, type Lifetime, openSocket, type Place, within } from "./lab.ts";

export interface Segment {
	readonly from: Endpoint;
	readonly to: Endpoint;
	/** TTL, or IPv6's hop limit, as it was at the device. */
	readonly hops: number;
	/** As tcpdump prints them: `S`, `F`, `R`, `P`, and `.` for ACK. */
	readonly flags: string;
	readonly seq: number;
	readonly payload: Buffer;
}

interface Endpoint {
	readonly address: Buffer;
	readonly port: number;
}

export interface Capture {
	/** What was seen so far, once that fulfils a condition. */
	until(fulfilled: (segments: readonly Segment[]) => boolean): Promise<readonly Segment[]>;
	/** All that was sent up to now; a guest at the device makes the mark that shows it. */
	complete(guest: Place, family: Family): Promise<readonly Segment[]>;
}

/** A port where nobody listens: a connection to it marks how far a capture has got. */
const MARK_PORT = 9;

/** Records from now on. */
export async function capture(t: Lifetime, place: Place, device: string): Promise<Capture> {
	const args = ["-i", device, "--immediate-mode", "-U", "-w", "-", "tcp"];
	const tcpdump = within(place, () => spawn("tcpdump", args, { stdio: ["ignore", "pipe", "pipe"] }));
	const gone = once(tcpdump, "exit");
	t.after(async () => {
		tcpdump.kill("SIGKILL");
		await gone;
	});
	let rest: Buffer = Buffer.alloc(0);
	let atFileHeader = true;
	const segments: Segment[] = [];
	const news = new EventEmitter();
	tcpdump.stdout.on("data", (chunk: Buffer) => {
		rest = Buffer.concat([rest, chunk]);
		if (atFileHeader && rest.length >= FILE_HEADER_BYTES) {
			rest = rest.subarray(FILE_HEADER_BYTES);
			atFileHeader = false;
		}
		if (atFileHeader) return;
		for (let frame = firstFrame(rest); frame !== undefined; frame = firstFrame(rest)) {
			rest = rest.subarray(FRAME_HEADER_BYTES + frame.length);
			segments.push(parseFrame(frame));
		}
		news.emit("segments");
	});
	const until: Capture["until"] = async (fulfilled) => {
		while (!fulfilled(segments)) await once(news, "segments");
		return segments;
	};
	await listening(tcpdump.stderr);
	return {
		until,
		complete: async (guest, family) => {
			const marks = (all: readonly Segment[]) => all.filter(({ to }) => to.port === MARK_PORT).length;
			const before = marks(segments);
			const mark = openSocket(guest, family).on("error", () => undefined);
			mark.connect({ host: ENDPOINT[family].host, port: MARK_PORT });
			await until((all) => marks(all) > before);
			mark.destroy();
			return segments.filter(({ from, to }) => from.port !== MARK_PORT && to.port !== MARK_PORT);
		},
	};
}

async function listening(stderr: Readable): Promise<void> {
	let said = "";
	for await (const chunk of stderr.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
		said += chunk.toString();
		if (said.includes("listening on")) {
			stderr.resume();
			return;
		}
	}
	throw new Error(said);
}

// pcap-savefile(5), as tcpdump writes it: this machine's byte order.
const FILE_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;

function firstFrame(bytes: Buffer): Buffer | undefined {
	if (bytes.length < FRAME_HEADER_BYTES) return undefined;
	const end = FRAME_HEADER_BYTES + bytes.readUInt32LE(8);
	return bytes.length < end ? undefined : bytes.subarray(FRAME_HEADER_BYTES, end);
}

/** An Ethernet frame that holds TCP. */
function parseFrame(frame: Buffer): Segment {
	const packet = frame.subarray(14);
	const ipv4 = packet.readUInt8(0) >> 4 === 4;
	const ipHeaderBytes = ipv4 ? (packet.readUInt8(0) & 15) * 4 : 40;
	// Frames shorter than Ethernet's least are padded: the packet's own length counts.
	const packetBytes = ipv4 ? packet.readUInt16BE(2) : 40 + packet.readUInt16BE(4);
	const tcp = packet.subarray(ipHeaderBytes, packetBytes);
	const bits = tcp.readUInt8(13);
	return {
		from: { address: ipv4 ? packet.subarray(12, 16) : packet.subarray(8, 24), port: tcp.readUInt16BE(0) },
		to: { address: ipv4 ? packet.subarray(16, 20) : packet.subarray(24, 40), port: tcp.readUInt16BE(2) },
		hops: packet.readUInt8(ipv4 ? 8 : 7),
		flags: [..."FSRP."].filter((_, bit) => (bits & (1 << bit)) !== 0).join(""),
		seq: tcp.readUInt32BE(4),
		payload: tcp.subarray((tcp.readUInt8(12) >> 4) * 4),
	};
}
