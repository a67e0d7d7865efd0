// Strings as SSH's protocol has them: four bytes of length, and the bytes (RFC 4251, section 5).

/** A string. */
export function sshString(content: string | Buffer): Buffer {
	const bytes = Buffer.from(content);
	return Buffer.concat([sshNumber(bytes.length), bytes]);
}

/** A number of 32 bits. */
export function sshNumber(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
}

/**
 * All strings of a sequence of them.
 *
 * @throws {RangeError} where it ends in the midst of one.
 */
export function readSshStrings(bytes: Buffer): readonly Buffer[] {
	const strings: Buffer[] = [];
	for (let at = 0; at < bytes.length;) {
		const start = at + 4;
		const end = start + bytes.readUInt32BE(at);
		if (end > bytes.length) throw new RangeError(`a string at byte ${at} is longer than what is left`);
		strings.push(bytes.subarray(start, end));
		at = end;
	}
	return strings;
}
