import { shortened } from "../../wire/wire-error.ts";
import { ExpressionError } from "./expression-error.ts";

export interface Token {
	readonly kind: "number" | "text" | "name" | "sign";
	/** Of a text: without its quotes. */
	readonly text: string;
	/** Where it begins; 1 is the first character. */
	readonly at: number;
}

const TOKEN =
	/\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|"([^"]*)"|'([^']*)'|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y;

/** Reads an expression's words. @throws {ExpressionError} at the first character that begins none. */
export function tokensOf(text: string): readonly Token[] {
	const tokens: Token[] = [];
	const pattern = new RegExp(TOKEN);
	const end = text.trimEnd().length;
	while (pattern.lastIndex < end) {
		const from = pattern.lastIndex;
		const match = pattern.exec(text);
		if (match === null) throw unreadable(text, from);
		const [whole, number, name, double, single, sign = ""] = match;
		const kind = number !== undefined ? "number" : name !== undefined ? "name" : sign === "" ? "text" : "sign";
		tokens.push({ kind, text: number ?? name ?? double ?? single ?? sign, at: from + whole.length - whole.trimStart().length + 1 });
	}
	return tokens;
}

function unreadable(text: string, from: number): ExpressionError {
	const rest = text.slice(from).trimStart();
	const at = text.length - rest.length + 1;
	if (/^["']/.test(rest)) return new ExpressionError(`the text that begins at character ${at} has no closing quote`);
	return new ExpressionError(`'${shortened(rest)}' at character ${at} is not part of an expression`);
}
