/** An object or a list that is not closed yet. */
interface Open {
	readonly place: string;
	/** Undefined: a list. */
	readonly keys: Set<string> | undefined;
	/** The key or index of what is read now. */
	at: string | number;
	keyComes: boolean;
}

/**
 * The places where an object names a key twice, such as `Statement[0].Effect`; `JSON.parse` would keep the last and say nothing.
 *
 * @param json what `JSON.parse` accepts
 */
export function duplicateKeys(json: string): string[] {
	const found: string[] = [];
	const open: Open[] = [];
	for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
		const inner = open.at(-1);
		if (token === "{" || token === "[") {
			open.push({
				place: inner === undefined ? "" : placeIn(inner),
				keys: token === "{" ? new Set() : undefined,
				at: 0,
				keyComes: token === "{",
			});
		} else if (token === "}" || token === "]") {
			open.pop();
		} else if (inner === undefined) {
			continue;
		} else if (token === ",") {
			inner.keyComes = inner.keys !== undefined;
			if (typeof inner.at === "number") inner.at++;
		} else if (inner.keyComes) {
			inner.keyComes = false;
			inner.at = JSON.parse(token) as string;
			if (inner.keys?.has(inner.at)) found.push(placeIn(inner));
			inner.keys?.add(inner.at);
		}
	}
	return found;
}

function placeIn({ place, at }: Open): string {
	if (typeof at === "number") return `${place}[${at}]`;
	return place === "" ? at : `${place}.${at}`;
}
