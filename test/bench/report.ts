// How measurements are put together and shown.

/** A table in Markdown, its columns aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
	const all = [head, ...rows];
	const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
	const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
	return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)];
}

export function median(numbers: readonly number[]): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1
		? (sorted[middle] ?? Number.NaN)
		: ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The smallest of the numbers that `part` of them (0 to 1) do not exceed; NaN of none. */
export function percentile(numbers: readonly number[], part: number): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** A whole number, its digits in threes. */
export function thousands(number: number): string {
	return Number.isNaN(number) ? "–" : Math.round(number).toLocaleString("en-US").replaceAll(",", " ");
}

/** Says what is being done; on a terminal in one line that changes. */
export function progress(what: string): void {
	process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${what}` : `${what}\n`);
}
