/** How far somebody who follows the store has come, and who waits for it. */
export class ReachedRevision {
	#revision = 0n;
	#waiting: { readonly revision: bigint; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];

	/** How far that is. */
	get revision(): bigint {
		return this.#revision;
	}

	/** Everything up to a revision is there. */
	reach(revision: bigint): void {
		this.#revision = revision;
		const due = this.#waiting.filter((waiter) => waiter.revision <= revision);
		this.#waiting = this.#waiting.filter((waiter) => waiter.revision > revision);
		for (const { resolve } of due) resolve();
	}

	/** Resolves once everything up to a revision is there; rejects if it will not be. */
	async caughtUp(revision: bigint): Promise<void> {
		if (this.#revision >= revision) return;
		await new Promise<void>((resolve, reject) => this.#waiting.push({ revision, resolve, reject }));
	}

	/** Nothing more will come: whoever waits is told. */
	fail(error: unknown): void {
		for (const { reject } of this.#waiting) reject(error);
		this.#waiting = [];
	}
}
