// Periods as rows of numbers: handed from thread to thread without a copy, for thousands of metrics at a time.
import type { PeriodStatistics } from "../metric-reader.ts";

/** startMs, sampleCount, sum, minimum, maximum; the percentiles follow. */
export const FIXED_COLUMNS = 5;

export function periodsOf(rows: Float64Array, percentileCount: number): PeriodStatistics[] {
	const width = FIXED_COLUMNS + percentileCount;
	const periods: PeriodStatistics[] = [];
	for (let at = 0; at < rows.length; at += width) {
		periods.push({
			startMs: rows[at]!,
			sampleCount: rows[at + 1]!,
			sum: rows[at + 2]!,
			minimum: rows[at + 3]!,
			maximum: rows[at + 4]!,
			percentiles: [...rows.subarray(at + FIXED_COLUMNS, at + width)],
		});
	}
	return periods;
}
