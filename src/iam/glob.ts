/** `*`: any characters, or none. */
const ANY = Symbol("*");
/** `?`: one character. */
const ONE = Symbol("?");

/** A pattern, taken apart: what is a string here is one character that stands for itself. */
export type Glob = readonly (string | typeof ANY | typeof ONE)[];

/** The pattern in which `*` and `?` are wildcards. */
export function globOf(pattern: string): Glob {
	return [...pattern].map((character) => (character === "*" ? ANY : character === "?" ? ONE : character));
}

/** The pattern in which every character stands for itself. */
export function literalGlob(text: string): Glob {
	return [...text];
}

/**
 * Whether the whole text fits the pattern.
 *
 * Goes back to the last `*` only: any earlier one could take over no text that the last could not take itself. So the steps are at most the
 * product of the two lengths, whatever the pattern; a regular expression of the same pattern may take exponentially many.
 */
export function globMatches(glob: Glob, text: string): boolean {
	const characters = [...text];
	let at = 0;
	let read = 0;
	let lastAny = -1;
	let resume = 0;
	while (read < characters.length) {
		const part = glob[at];
		if (part === ANY) {
			lastAny = at++;
			resume = read;
		} else if (part === ONE || part === characters[read]) {
			at++;
			read++;
		} else if (lastAny >= 0) {
			at = lastAny + 1;
			read = ++resume;
		} else {
			return false;
		}
	}
	while (glob[at] === ANY) at++;
	return at === glob.length;
}
