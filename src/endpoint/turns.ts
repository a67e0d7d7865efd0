// Whose request is answered next. The event loop hands over all that has come since its last turn at once: a caller with a thousand
// connections would have them all answered before its neighbour's one. So a caller gets so many answers a turn, and what is beyond
// waits in a queue of its own, answered in turn with the other callers' (security.md S8).

/** Something that waits for its turn. */
export interface Waiter {
	catchUp(): void;
}

/** One caller's share of the turns. */
export class TurnShare {
	/** Answered since the queue was last empty at the beginning of a turn. */
	spent = 0;
	/** Known to {@link Turns} as one that waits. */
	isListed = false;
	readonly #queue: Waiter[] = [];
	/** The first in the queue that still waits. */
	#first = 0;

	get isWaiting(): boolean {
		return this.#first < this.#queue.length;
	}

	add(waiter: Waiter): void {
		this.#queue.push(waiter);
	}

	/** Answers as many as wait, up to a number. */
	answer(most: number): void {
		const end = Math.min(this.#queue.length, this.#first + most);
		this.spent = end - this.#first;
		while (this.#first < end) this.#queue[this.#first++]?.catchUp();
		if (this.#first < FORGET_AT && this.isWaiting) return;
		this.#queue.splice(0, this.#first);
		this.#first = 0;
	}
}

/** How many answered waiters a queue keeps before it forgets them: moving the rest up each time would cost more than they do. */
const FORGET_AT = 1024;

/** Requests of one caller that are answered in one turn while others ask, too: about 200 µs. */
export const ANSWERS_PER_TURN = 16;

/** And while nobody else does: under a millisecond. With 16, putting off would cost a busy caller a tenth of its speed for nobody's sake. */
export const ANSWERS_PER_TURN_ALONE = 64;

/** Requests after which a caller that nobody has come between counts as alone: some 50 ms at full speed. */
const ALONE_AFTER = 4096;

/** The turns of the event loop, shared among callers. */
export class Turns {
	#waiting: TurnShare[] = [];
	#isDue = false;
	/** Who asked last, and how many requests more it takes to be alone. */
	#last: TurnShare | undefined;
	#untilAlone = 0;

	/** Whether a caller's request may be answered now. What came before it must go first. */
	take(share: TurnShare): boolean {
		if (share === this.#last) {
			if (this.#untilAlone > 0) this.#untilAlone--;
		} else {
			this.#untilAlone = this.#last === undefined ? 0 : ALONE_AFTER;
			this.#last = share;
		}
		if (share.isWaiting || share.spent >= this.#budget) return false;
		// Quirk: never set back while nothing waits, so now and then a slow caller's request waits for the next turn, too: a microsecond.
		// To set it back each turn would cost everybody a callback a turn.
		share.spent++;
		return true;
	}

	get #budget(): number {
		return this.#untilAlone > 0 ? ANSWERS_PER_TURN : ANSWERS_PER_TURN_ALONE;
	}

	/** Has a caller's request answered in a later turn. */
	putOff(share: TurnShare, waiter: Waiter): void {
		share.add(waiter);
		this.#list(share);
	}

	#list(share: TurnShare): void {
		if (!share.isListed) {
			share.isListed = true;
			this.#waiting.push(share);
		}
		if (this.#isDue) return;
		this.#isDue = true;
		setImmediate(this.#nextTurn);
	}

	readonly #nextTurn = (): void => {
		this.#isDue = false;
		const shares = this.#waiting;
		this.#waiting = [];
		// However many callers are busy, a turn takes no longer, until each of them gets one answer.
		const each = Math.max(1, Math.floor(this.#budget / shares.length));
		for (const share of shares) {
			share.isListed = false;
			share.answer(each);
			if (share.isWaiting) this.#list(share);
			else share.spent = 0;
		}
	};
}
