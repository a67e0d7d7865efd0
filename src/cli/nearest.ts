/** Of the names, those that may have been meant by a word. */
export function nearest(word: string, names: readonly string[]): readonly string[] {
	if (word.length > LONGEST) return [];
	const close = names.map((name) => ({ name, distance: distance(word, name) })).filter((each) => each.distance <= allowance(each.name));
	const least = Math.min(...close.map((each) => each.distance));
	return close.filter((each) => each.distance === least).map(({ name }) => name);
}

/** `"a", "b" or "c"`, shortened. */
export function listed(names: readonly string[], conjunction = "or"): string {
	const shown = names.slice(0, 5).map((name) => `"${name}"`);
	if (names.length > shown.length) return `${shown.join(", ")}, …`;
	return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} ${conjunction} ${shown.at(-1)}`;
}

const LONGEST = 128;

function allowance(name: string): number {
	return Math.max(1, Math.floor(name.length / 3));
}

/** How many letters must be put in, taken out, replaced or swapped with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
	const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
	const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		rows.push(row);
		for (let j = 1; j <= b.length; j++) {
			const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
			row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1), swapped));
		}
	}
	return at(a.length, b.length);
}
