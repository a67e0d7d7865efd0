import { malformed } from "./document-request.ts";
import { utf8Text } from "./request-body.ts";
import { shortened, WireError } from "./wire-error.ts";

/** AWS: the deepest inputs, queries of metrics with their dimensions, have seven levels. */
const MAX_DEPTH = 64;

/**
 * Reads JSON, strictly: what could be read in two ways is refused. Whether it is an object is for others to say.
 *
 * @throws {WireError} SerializationException
 */
export function parseJson(bytes: Uint8Array): unknown {
	const text = utf8Text(bytes);
	if (text === undefined) throw malformed("The body is not UTF-8.");
	try {
		// Before it is parsed: what is refused for its depth should take no memory.
		checkNesting(text);
		return JSON.parse(text) as unknown;
	} catch (error) {
		if (error instanceof WireError) throw error;
		// The parser's message quotes the body, which may hold secrets.
		throw malformed("The body is not JSON.");
	}
}

/**
 * Refuses depth, and names that come twice, which `JSON.parse` takes (the last of them counts). Whether the text is JSON at all is for that to
 * say.
 */
function checkNesting(text: string): void {
	/** The names in each of the objects that are open; none in lists. */
	const open: (Set<string> | undefined)[] = [];
	for (let at = 0; at < text.length; at += 1) {
		const character = text[at];
		if (character === "{" || character === "[") {
			open.push(character === "{" ? new Set() : undefined);
			if (open.length > MAX_DEPTH) throw malformed(`The body has objects and lists of more than ${MAX_DEPTH} levels.`);
		} else if (character === "}" || character === "]") {
			open.pop();
		} else if (character === '"') {
			const start = at;
			at = endOfString(text, at);
			const names = open.at(-1);
			if (names !== undefined && isName(text, at + 1)) addName(names, text.slice(start, at + 1));
		}
	}
}

function addName(names: Set<string>, quoted: string): void {
	const name = quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
	if (names.has(name)) throw malformed(`The member '${shortened(name)}' is given more than once.`);
	names.add(name);
}

/** @returns where the string that starts at a place has its closing quote, or the text its end. */
function endOfString(text: string, start: number): number {
	let at = start + 1;
	while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
	return at;
}

/** Whether a colon is next. */
function isName(text: string, after: number): boolean {
	COLON_NEXT.lastIndex = after;
	return COLON_NEXT.test(text);
}

const COLON_NEXT = /[\t\n\r ]*:/y;
