// Counts requests of instances by the minute: plain integers on the endpoint's path, put together beside it.

import { isTokenless, REQUEST_VERSIONS, SERIES_COUNT, seriesOf, type Status, STATUSES } from "./request-series.ts";

const MINUTE_MS = 60_000;

/** What the requests of one instance have come to since they were last put together. */
export class Tally {
	readonly instanceId: string;
	/** By series. */
	readonly counts: number[] = Array.from({ length: SERIES_COUNT }, () => 0);
	/** Known to its {@link RequestCounts} as one that has counts. */
	isTouched = false;

	constructor(instanceId: string) {
		this.instanceId = instanceId;
	}
}

/** What was counted in a while, in a form that costs little to hand to another thread. */
export interface CountedRequests {
	/** Ids of instances that were counted for the first time; an instance's handle is how many had been before it. */
	readonly ids: readonly string[];
	/** Four numbers each: an instance's handle, a minute of the epoch, a series, and how many requests. */
	readonly counts: Uint32Array<ArrayBuffer>;
}

/** Requests since the start, in the words of people. */
export interface RequestSummary {
	/** Tokens given. */
	readonly tokens: number;
	/** Reads with a good token, and without one, whether something was found or not. */
	readonly withToken: number;
	readonly withoutToken: number;
	readonly rejectedWithoutToken: number;
	/** Everything else, by status. */
	readonly refused: Readonly<Record<Exclude<Status, 200>, number>>;
}

/** All counts of the endpoint. */
export class RequestCounts {
	readonly #totals: number[] = Array.from({ length: SERIES_COUNT }, () => 0);
	readonly #handles = new Map<string, number>();
	/** Of series of calls without a token, by instance: few have any. */
	readonly #totalsOf = new Map<number, Map<string, number>>();
	#newIds: string[] = [];
	#touched: Tally[] = [];
	#counted: number[] = [];
	/** The minute that is being counted. */
	#startMs = 0;
	#endMs = 0;

	/** Counts a request. */
	add(tally: Tally, series: number, nowMs: number): void {
		// A clock that is set back begins another minute, too: one that was counted before goes on being counted.
		if (nowMs >= this.#endMs || nowMs < this.#startMs) this.#turnTo(nowMs);
		tally.counts[series]!++;
		if (tally.isTouched) return;
		tally.isTouched = true;
		this.#touched.push(tally);
	}

	/** Whether anything was counted since the last time. */
	get hasNews(): boolean {
		return this.#touched.length > 0 || this.#counted.length > 0;
	}

	/** What was counted since the last time. */
	drain(): CountedRequests {
		this.#collect();
		const drained = { ids: this.#newIds, counts: Uint32Array.from(this.#counted) };
		this.#newIds = [];
		this.#counted = [];
		return drained;
	}

	/** How many requests of a series there have been since the start. */
	total(series: number): number {
		return this.#touched.reduce((sum, { counts }) => sum + counts[series]!, this.#totals[series]!);
	}

	/** Of a series of requests without a token: how many there have been, by instance. */
	totalsOf(series: number): ReadonlyMap<string, number> {
		this.#collect();
		return this.#totalsOf.get(series) ?? new Map();
	}

	summary(): RequestSummary {
		const of = (status: Status) => REQUEST_VERSIONS.reduce((sum, version) => sum + this.total(seriesOf(version, status)), 0);
		return {
			tokens: this.total(seriesOf("token", 200)),
			withToken: this.total(seriesOf("v2", 200)) + this.total(seriesOf("v2", 404)),
			withoutToken: this.total(seriesOf("v1", 200)) + this.total(seriesOf("v1", 404)),
			rejectedWithoutToken: this.total(seriesOf("v1", 401)),
			refused: Object.fromEntries(
				STATUSES.filter((status) => status !== 200).map((status) => [status, of(status)]),
			) as RequestSummary["refused"],
		};
	}

	#turnTo(nowMs: number): void {
		this.#collect();
		this.#startMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
		this.#endMs = this.#startMs + MINUTE_MS;
	}

	#collect(): void {
		const minute = this.#startMs / MINUTE_MS;
		for (const tally of this.#touched) {
			tally.isTouched = false;
			const { counts } = tally;
			const handle = this.#handleOf(tally.instanceId);
			for (let series = 0; series < SERIES_COUNT; series++) {
				const count = counts[series]!;
				if (count === 0) continue;
				counts[series] = 0;
				this.#totals[series]! += count;
				this.#counted.push(handle, minute, series, count);
				if (isTokenless(series)) this.#addTo(series, tally.instanceId, count);
			}
		}
		this.#touched = [];
	}

	#addTo(series: number, instanceId: string, count: number): void {
		let totals = this.#totalsOf.get(series);
		if (totals === undefined) this.#totalsOf.set(series, (totals = new Map<string, number>()));
		totals.set(instanceId, (totals.get(instanceId) ?? 0) + count);
	}

	#handleOf(instanceId: string): number {
		const known = this.#handles.get(instanceId);
		if (known !== undefined) return known;
		const handle = this.#handles.size;
		this.#handles.set(instanceId, handle);
		this.#newIds.push(instanceId);
		return handle;
	}
}
