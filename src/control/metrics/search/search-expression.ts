// What SEARCH looks for (CloudWatch guide, "CloudWatch search expression syntax"), as a test for metrics.

import { shortened } from "../../wire/wire-error.ts";
import { ExpressionError } from "../metric-math/expression-error.ts";
import { dimensionOf, type MetricIdentity } from "../metric-catalogue.ts";
import { hasTokens, tokensOf } from "./name-tokens.ts";

export type MetricTest = (metric: MetricIdentity) => boolean;

/** AWS: characters of a search ("Search expression limits"). */
const LENGTH_MAX = 1_024;
const DEPTH_MAX = 32;

const WORD = /\s*(?:"((?:\\.|[^"\\])*)"|([^\s"'(){}=,]+)|([(){}=,]))/y;

interface Word {
	readonly text: string;
	readonly kind: "exact" | "word" | "sign";
}

/**
 * Reads a search.
 *
 * Gap: no search by account.
 *
 * @param text `{Namespace,DimensionName…} SearchTerm`; either may be left out.
 * @throws {ExpressionError} for what is no search.
 */
export function parseSearch(text: string): MetricTest {
	if (text.length > LENGTH_MAX) throw new ExpressionError(`SEARCH has ${text.length} characters; allowed: at most ${LENGTH_MAX}`);
	return new SearchParser(wordsOf(text)).whole();
}

class SearchParser {
	readonly #words: readonly Word[];
	#next = 0;
	#depth = 0;

	constructor(words: readonly Word[]) {
		this.#words = words;
	}

	whole(): MetricTest {
		if (this.#words.length === 0)
			throw new ExpressionError("SEARCH looks for nothing: it takes a schema in braces, a search term, or both");
		const schema = this.#schema();
		if (schema !== undefined) this.#take(",");
		const terms = schema === undefined || this.#next < this.#words.length ? this.#or(undefined) : undefined;
		if (this.#next < this.#words.length) throw this.#unexpected("AND, OR, NOT or another term");
		if (schema === undefined) return terms!;
		return terms === undefined ? schema : (metric) => schema(metric) && terms(metric);
	}

	#schema(): MetricTest | undefined {
		if (!this.#take("{")) return undefined;
		const [namespace, ...dimensions] = this.#names();
		return ({ Namespace, Dimensions }) =>
			Namespace === namespace &&
			// AWS: a schema's dimensions are all that a metric has; a namespace alone is any metric of it.
			(dimensions.length === 0 || (dimensions.length === Dimensions.length && Dimensions.every(({ Name }) => dimensions.includes(Name))));
	}

	#names(): readonly string[] {
		const names: string[] = [];
		do names.push(this.#text("a name"));
		while (this.#take(","));
		if (!this.#take("}")) throw this.#unexpected("}");
		return names;
	}

	/** @param property whose values are looked at; left out: those of all. */
	#or(property: string | undefined): MetricTest {
		const tests = [this.#and(property)];
		while (this.#takeWord("OR")) tests.push(this.#and(property));
		return tests.length === 1 ? tests[0]! : (metric) => tests.some((test) => test(metric));
	}

	#and(property: string | undefined): MetricTest {
		const tests = [this.#not(property)];
		while (this.#takeWord("AND") || this.#atTerm()) tests.push(this.#not(property));
		return tests.length === 1 ? tests[0]! : (metric) => tests.every((test) => test(metric));
	}

	#not(property: string | undefined): MetricTest {
		if (!this.#takeWord("NOT")) return this.#term(property);
		const test = this.#deeper(() => this.#not(property));
		return (metric) => !test(metric);
	}

	#term(property: string | undefined): MetricTest {
		if (this.#take("(")) {
			const test = this.#deeper(() => this.#or(property));
			if (!this.#take(")")) throw this.#unexpected(")");
			return test;
		}
		const exact = this.#words[this.#next]?.kind === "exact";
		const text = this.#text("a term");
		if (this.#take("=")) {
			if (text === ":aws.AccountId") throw new ExpressionError("SEARCH by :aws.AccountId is not here: there is one account");
			return this.#deeper(() => this.#term(text));
		}
		return termTest(text, exact, property);
	}

	#text(wanted: string): string {
		const word = this.#words[this.#next];
		if (word === undefined || word.kind === "sign" || isOperator(word)) throw this.#unexpected(wanted);
		this.#next++;
		return word.text;
	}

	#atTerm(): boolean {
		const { kind, text } = this.#words[this.#next] ?? {};
		return kind === "exact" || (kind === "word" && text !== "OR") || (kind === "sign" && text === "(");
	}

	#take(sign: string): boolean {
		return this.#takeOf("sign", sign);
	}

	#takeWord(word: string): boolean {
		return this.#takeOf("word", word);
	}

	#takeOf(kind: Word["kind"], text: string): boolean {
		const word = this.#words[this.#next];
		if (word?.kind !== kind || word.text !== text) return false;
		this.#next++;
		return true;
	}

	#deeper<T>(read: () => T): T {
		if (++this.#depth > DEPTH_MAX) throw new ExpressionError(`SEARCH is nested more than ${DEPTH_MAX} deep`);
		const result = read();
		this.#depth--;
		return result;
	}

	#unexpected(wanted: string): ExpressionError {
		const word = this.#words[this.#next];
		const found = word === undefined ? "it ends" : `'${shortened(word.text)}' stands`;
		return new ExpressionError(`SEARCH can't be read: ${found} where ${wanted} should`);
	}
}

function termTest(text: string, exact: boolean, property: string | undefined): MetricTest {
	const term = tokensOf(text);
	if (!exact && term.length === 0)
		throw new ExpressionError(`SEARCH for '${shortened(text)}' finds nothing: it has neither letters nor digits`);
	const matches = exact ? (name: string) => name === text : (name: string) => hasTokens(name, term);
	return (metric) => namesOf(metric, property).some(matches);
}

/** What a property says of a metric; without one, all that it is known by. */
function namesOf(metric: MetricIdentity, property: string | undefined): readonly string[] {
	const { Namespace, MetricName, Dimensions } = metric;
	if (property === undefined) return [Namespace, MetricName, ...Dimensions.flatMap(({ Name, Value }) => [Name, Value])];
	if (property === "Namespace") return [Namespace];
	if (property === "MetricName") return [MetricName];
	const value = dimensionOf(metric, property);
	return value === undefined ? [] : [value];
}

/** AWS: in capitals alone. */
function isOperator({ kind, text }: Word): boolean {
	return kind === "word" && ["AND", "OR", "NOT"].includes(text);
}

function wordsOf(text: string): readonly Word[] {
	const words: Word[] = [];
	const pattern = new RegExp(WORD);
	const end = text.trimEnd().length;
	while (pattern.lastIndex < end) {
		const from = pattern.lastIndex;
		const match = pattern.exec(text);
		if (match === null) throw new ExpressionError(`SEARCH can't be read from '${shortened(text.slice(from).trimStart())}' on`);
		const [, exact, word, sign = ""] = match;
		if (exact !== undefined) words.push({ kind: "exact", text: exact.replace(/\\(.)/gs, "$1") });
		else words.push(word === undefined ? { kind: "sign", text: sign } : { kind: "word", text: word });
	}
	return words;
}
