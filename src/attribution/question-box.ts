// How questions get to the thread that answers them: memory that both share, with a place for each. To put one there and to wake
// the thread takes a quarter of the time of a message, on both sides; the program that is looked for ends meanwhile.

/** How many questions there are at a time. */
export const PLACES = 256;
const PLACE_BYTES = 512;
/** Two bytes before a question tell its length. */
const LENGTH_BYTES = 2;
const NUMBERS = PLACES + 2;

export class QuestionBox {
	/** Shared with the other thread's box. */
	readonly memory: SharedArrayBuffer;
	/** How many questions there were; behind it for each place, which of them it holds, 0: none; and in the end, whether that was all. */
	readonly #numbers: Int32Array<SharedArrayBuffer>;
	readonly #bytes: Buffer;

	constructor(memory = new SharedArrayBuffer(NUMBERS * 4 + PLACES * PLACE_BYTES)) {
		this.memory = memory;
		this.#numbers = new Int32Array(memory, 0, NUMBERS);
		this.#bytes = Buffer.from(memory, NUMBERS * 4);
	}

	/**
	 * Puts a question into a place that is free.
	 *
	 * @returns `false`: it is too long, at some 500 characters.
	 */
	put(place: number, question: string): boolean {
		const start = place * PLACE_BYTES;
		const length = this.#bytes.write(question, start + LENGTH_BYTES, PLACE_BYTES - LENGTH_BYTES);
		if (length > PLACE_BYTES - LENGTH_BYTES - 4) return false;
		this.#bytes.writeUInt16LE(length, start);
		// Numbers start over after two billions: the order is not what it depends on that each is answered.
		const number = (Atomics.load(this.#numbers, 0) % 0x7fff_fff0) + 1;
		Atomics.store(this.#numbers, 1 + place, number);
		Atomics.store(this.#numbers, 0, number);
		Atomics.notify(this.#numbers, 0);
		return true;
	}

	/** There will be no more questions, and nobody waits for what is left. */
	end(): void {
		Atomics.store(this.#numbers, 1 + PLACES, 1);
		Atomics.add(this.#numbers, 0, 1);
		Atomics.notify(this.#numbers, 0);
	}

	/**
	 * Takes a question out, and waits until there is one. The last one comes first: whoever it is about is the likeliest to be there still.
	 *
	 * @returns `undefined`: that was all ({@link end}).
	 */
	take(): { readonly place: number; readonly question: string } | undefined {
		for (;;) {
			const count = Atomics.load(this.#numbers, 0);
			if (Atomics.load(this.#numbers, 1 + PLACES) === 1) return undefined;
			let [place, last] = [-1, 0];
			for (let each = 0; each < PLACES; each++) {
				const number = Atomics.load(this.#numbers, 1 + each);
				if (number > last) [place, last] = [each, number];
			}
			if (place >= 0) {
				Atomics.store(this.#numbers, 1 + place, 0);
				const start = place * PLACE_BYTES + LENGTH_BYTES;
				return { place, question: this.#bytes.toString("utf8", start, start + this.#bytes.readUInt16LE(start - LENGTH_BYTES)) };
			}
			Atomics.wait(this.#numbers, 0, count);
		}
	}
}
