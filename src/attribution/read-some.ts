import { closeSync, openSync, readSync } from "node:fs";

/**
 * The beginning of a file: those of /proc have no size, and some are as long as somebody likes.
 *
 * @returns at most `maxBytes` bytes; they live until the next call.
 * @throws the system's error.
 */
export function readSome(path: string, maxBytes: number): Buffer {
	if (buffer.length < maxBytes) buffer = Buffer.allocUnsafeSlow(maxBytes);
	const fd = openSync(path, "r");
	try {
		let length = 0;
		for (let read = -1; read !== 0 && length < maxBytes; length += read) read = readSync(fd, buffer, length, maxBytes - length, null);
		return buffer.subarray(0, length);
	} finally {
		closeSync(fd);
	}
}

let buffer = Buffer.allocUnsafeSlow(16_384);
