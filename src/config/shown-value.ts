/** So much of a text is shown. */
const SHOWN_CHARACTERS = 60;

/** Characters that move the cursor, turn the writing round or can't be seen, beside those that JSON escapes. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A value for a message: scalars as JSON, shortened, safe for a terminal; the others by their kind. */
export function shown(value: unknown): string {
	if (typeof value === "string") {
		const characters = Array.from(value.slice(0, 2 * SHOWN_CHARACTERS));
		const start = characters.slice(0, SHOWN_CHARACTERS).join("");
		const json = JSON.stringify(start.length < value.length ? `${start}…` : value);
		return json.replaceAll(UNSEEN, escaped);
	}
	if (value === null || value === undefined) return "nothing";
	if (typeof value === "number" || typeof value === "boolean") return String(value);
	return Array.isArray(value) ? `a list of ${value.length}` : "a map";
}

/** A sentence with words of somebody else: on one line, and safe for a terminal. */
export function printable(sentence: string): string {
	return sentence.replaceAll(UNSEEN, escaped).replaceAll(/[\p{Cc}\ud800-\udfff]/gu, escaped);
}

/** `instances[0].tags["k8s.io/name"]`: a path as JavaScript would write it. */
export function shownPath(path: readonly (string | number)[]): string {
	return path
		.map((part, index) => {
			if (typeof part === "number") return `[${part}]`;
			if (!/^[A-Za-z_][0-9A-Za-z_]*$/.test(part) || part.length > SHOWN_CHARACTERS) return `[${shown(part)}]`;
			return index === 0 ? part : `.${part}`;
		})
		.join("");
}

function escaped(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
