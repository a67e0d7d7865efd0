const SHOWN_CHARACTERS = 80;
const SHOWN_LEVELS = 3;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value for an error message: as JSON, and not all of it when it is long or deep. */
export function shown(value: unknown): string {
	const json = JSON.stringify(pruned(value, SHOWN_LEVELS)) ?? "undefined";
	return json.length <= SHOWN_CHARACTERS ? json : `${json.slice(0, SHOWN_CHARACTERS)}…`;
}

/** The texts of a value that is one text or a list of texts; undefined: it is neither. */
export function textsOf(value: unknown): readonly string[] | undefined {
	if (typeof value === "string") return [value];
	return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

// JSON.stringify overflows the stack at some thousand levels, and JSON.parse does not: a policy could have them.
function pruned(value: unknown, levels: number): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (levels === 0) return "…";
	if (Array.isArray(value)) return value.map((item) => pruned(item, levels - 1));
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pruned(item, levels - 1)]));
}
