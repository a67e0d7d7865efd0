/** Writes CBOR (RFC 8949): heads as short as they can be, and lengths always told. */
export class CborWriter {
	#bytes = Buffer.allocUnsafeSlow(1024);
	#size = 0;

	/** What was written so far. */
	get written(): Uint8Array {
		return this.#bytes.subarray(0, this.#size);
	}

	/** Begins a map; as many texts and values follow. */
	map(size: number): void {
		this.#head(5, size);
	}

	/** Begins an array; as many values follow. */
	array(size: number): void {
		this.#head(4, size);
	}

	/** Half a surrogate pair becomes U+FFFD. */
	text(text: string): void {
		const length = Buffer.byteLength(text);
		this.#head(3, length);
		const at = this.#room(length);
		this.#bytes.write(text, at, "utf8");
	}

	bytes(bytes: Uint8Array): void {
		this.#head(2, bytes.length);
		const at = this.#room(bytes.length);
		this.#bytes.set(bytes, at);
	}

	boolean(value: boolean): void {
		const at = this.#room(1);
		this.#bytes[at] = value ? 0xf5 : 0xf4;
	}

	/** @param number of 53 bits at most. */
	integer(number: number): void {
		if (number >= 0) this.#head(0, number);
		else this.#head(1, -1 - number);
	}

	/** In 64 bits, whatever it is: not every client reads a number with a fraction from fewer, or from an integer. */
	double(number: number): void {
		const at = this.#room(9);
		this.#bytes[at] = 0xfb;
		this.#bytes.writeDoubleBE(number, at + 1);
	}

	/** Seconds since 1970, with a fraction where there is one. */
	timestamp(time: Date): void {
		const seconds = time.getTime() / 1000;
		this.#head(6, 1);
		if (Number.isInteger(seconds)) this.integer(seconds);
		else this.double(seconds);
	}

	#head(major: number, argument: number): void {
		const [info, size] = lengthOfArgument(argument);
		const at = this.#room(1 + size);
		this.#bytes[at] = (major << 5) | (info ?? argument);
		if (size === 8) this.#bytes.writeBigUInt64BE(BigInt(argument), at + 1);
		else if (size > 0) this.#bytes.writeUIntBE(argument, at + 1, size);
	}

	/** Where so many bytes may be written: into the buffer that there is then, which may be another one than before. */
	#room(size: number): number {
		const at = this.#size;
		this.#size += size;
		if (this.#size > this.#bytes.length) {
			const larger = Buffer.allocUnsafeSlow(Math.max(this.#size, 2 * this.#bytes.length));
			this.#bytes.copy(larger, 0, 0, at);
			this.#bytes = larger;
		}
		return at;
	}
}

/** What a head says of the argument behind it (nothing: it is in the head), and how many bytes that has. */
function lengthOfArgument(argument: number): readonly [info: number | undefined, size: number] {
	if (argument < 24) return [undefined, 0];
	if (argument < 2 ** 8) return [24, 1];
	if (argument < 2 ** 16) return [25, 2];
	if (argument < 2 ** 32) return [26, 4];
	return [27, 8];
}
