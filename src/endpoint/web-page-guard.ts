// Web pages must not reach a listener on loopback (security.md S7): not by a name of their own that resolves to
// 127.0.0.1 (DNS rebinding), and not by a request across origins, which their browser marks.

import type { Request } from "./request.ts";

const LOCALHOST = Buffer.from("localhost", "latin1");

/** Whether a request may be a web page's. A `Host` that is missing, an IP address or `localhost` is nobody's own name. */
export function mayBeWebPage(bytes: Buffer, request: Request): boolean {
	return request.fromWebPage || (request.hostEnd > request.hostStart && !isLocal(bytes, request.hostStart, request.hostEnd));
}

function isLocal(bytes: Buffer, start: number, end: number): boolean {
	// An IPv6 literal: names can't hold a bracket.
	if (bytes[start] === 0x5b) return true;
	let colon = start;
	let numeric = true;
	while (colon < end && bytes[colon] !== 0x3a) {
		const byte = bytes[colon++]!;
		numeric &&= byte === 0x2e || (byte >= 0x30 && byte <= 0x39);
	}
	// Browsers take a host of digits and dots for an IPv4 address (WHATWG URL, "ends in a number"): no DNS is asked.
	if (numeric) return true;
	if (colon - start !== LOCALHOST.length) return false;
	for (let i = 0; i < LOCALHOST.length; i++) if ((bytes[start + i]! | 0x20) !== LOCALHOST[i]) return false;
	return true;
}
