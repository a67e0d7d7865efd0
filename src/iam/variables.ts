import { type Glob, globOf, literalGlob } from "./glob.ts";

/** Values of condition keys, whose names are in lower case. */
export type Context = ReadonlyMap<string, readonly string[]>;

interface Piece {
	readonly text: string;
	/** From a variable: a `*` in it is a character. */
	readonly literal: boolean;
}

/** `${aws:username}`, `${aws:PrincipalTag/team, 'nobody'}`, or one of `${*}`, `${?}` and `${$}`. */
const VARIABLE = /\$\{(?:([*?$])|([^$*?{}',]+)(?:,\s*'([^']*)')?)\s*\}/g;

/**
 * The text with its policy variables replaced.
 *
 * AWS: a variable whose key is absent, or has several values, has no value, and what contains it equals nothing: undefined (IAM guide,
 * "Policy variables with no value"). `Resource` with it matches nothing, `StringNotEquals` everything.
 *
 * @param variables undefined in a policy of version 2008-10-17, where `${…}` stands for itself
 */
export function replacedText(text: string, variables: Context | undefined): string | undefined {
	return pieces(text, variables)
		?.map((piece) => piece.text)
		.join("");
}

/** The same for a pattern, in which `*` and `?` are wildcards unless they came with a variable. */
export function replacedGlob(pattern: string, variables: Context | undefined): Glob | undefined {
	return pieces(pattern, variables)?.flatMap(({ text, literal }) => (literal ? literalGlob(text) : globOf(text)));
}

function pieces(text: string, variables: Context | undefined): readonly Piece[] | undefined {
	if (variables === undefined) return [{ text, literal: false }];
	const found: Piece[] = [];
	let end = 0;
	for (const { 0: variable, 1: character, 2: key = "", 3: otherwise, index } of text.matchAll(VARIABLE)) {
		const value = character ?? valueOf(key, variables) ?? otherwise;
		if (value === undefined) return undefined;
		found.push({ text: text.slice(end, index), literal: false }, { text: value, literal: true });
		end = index + variable.length;
	}
	found.push({ text: text.slice(end), literal: false });
	return found;
}

function valueOf(key: string, variables: Context): string | undefined {
	const values = variables.get(key.trim().toLowerCase()) ?? [];
	return values.length === 1 ? values[0] : undefined;
}
