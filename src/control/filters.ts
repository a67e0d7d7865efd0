// Filters of the Describe operations (control-apis.md §2.2): all filters must match, one value of each is enough.

import { globMatches, globOf, literalGlob } from "../iam/glob.ts";
import { invalidFilter, invalidParameterValue, missingParameter } from "./errors.ts";

export interface Filter {
	readonly Name?: string | undefined;
	readonly Values?: readonly string[] | undefined;
}

/** What a thing has for a filter to match: by the filter's name. */
export type FilterTable<T> = Readonly<
	Record<string, (thing: T) => string | number | boolean | undefined | readonly (string | undefined)[]>
>;

/** AWS: so many values a request. */
const VALUES_MAX = 200;

/** What tells tags: every table with tags has these three beside its own, one of them by prefix. */
type Tagged = { readonly tags?: readonly { readonly key: string; readonly value: string }[] };

/**
 * A test for things.
 *
 * @param tagsOf the tags that `tag:KEY` and `tag-key` look at; left out: the thing's own.
 * @throws {ApiError} for a filter that is not in the table.
 */
export function matcher<T extends object>(
	filters: readonly Filter[] | undefined,
	table: FilterTable<T>,
	tagsOf: (thing: T) => Tagged["tags"] = (thing) => (thing as Tagged).tags,
): (thing: T) => boolean {
	const tests = (filters ?? []).map(({ Name: name, Values: values = [] }, index) => {
		if (name === undefined) throw missingParameter(`Filter.${index + 1}.Name`);
		const read = readerOf(name, table, tagsOf);
		if (read === undefined) throw invalidFilter(name);
		const patterns = values.map(patternOf);
		return (thing: T) => {
			const found = [read(thing) ?? []].flat();
			return found.some((value) => value !== undefined && patterns.some((pattern) => pattern(String(value))));
		};
	});
	if ((filters ?? []).reduce((sum, { Values = [] }) => sum + Values.length, 0) > VALUES_MAX) {
		throw invalidParameterValue(`The maximum number of filter values is ${VALUES_MAX}`);
	}
	return (thing) => tests.every((matches) => matches(thing));
}

function readerOf<T extends object>(
	name: string,
	table: FilterTable<T>,
	tagsOf: (thing: T) => Tagged["tags"],
): FilterTable<T>[string] | undefined {
	if (Object.hasOwn(table, name)) return table[name];
	if (name === "tag-key") return (thing) => (tagsOf(thing) ?? []).map(({ key }) => key);
	if (name === "tag-value") return (thing) => (tagsOf(thing) ?? []).map(({ value }) => value);
	if (!name.startsWith("tag:")) return undefined;
	const wanted = name.slice("tag:".length);
	return (thing) => (tagsOf(thing) ?? []).filter(({ key }) => key === wanted).map(({ value }) => value);
}

/**
 * AWS: `*` stands for any characters, `?` for one, and a backslash before either for itself; capitals count.
 *
 * No regular expression: one with some stars takes minutes for a value that nearly fits, and nobody is served meanwhile.
 */
function patternOf(text: string): (value: string) => boolean {
	if (!/[*?\\]/.test(text)) return (value) => value === text;
	const glob = (text.match(/\\.|./gsu) ?? []).flatMap((part) =>
		part.startsWith("\\") && part.length > 1 ? literalGlob(part.slice(1)) : globOf(part),
	);
	return (value) => globMatches(glob, value);
}
