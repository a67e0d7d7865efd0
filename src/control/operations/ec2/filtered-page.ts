// What the Describe operations that show simple things have in common: describe, filter, page.

import type { Tag } from "../../../model/tag.ts";
import { type Filter, type FilterTable, matcher } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import { page, type PageBounds, type PageRequest } from "../../pagination.ts";

/** Where the APIs show tags, of what has any. */
interface Described {
	readonly Tags?: readonly ec2.Tag[] | undefined;
	readonly TagSet?: readonly ec2.Tag[] | undefined;
}

/**
 * One page of the described things that match, in the order of their ids.
 *
 * @throws {ApiError} for filters that the table does not have, and for pages that are none.
 */
export function filteredPage<T extends object>(
	things: readonly T[],
	{ Filters, ...request }: PageRequest & { readonly Filters?: readonly Filter[] | undefined },
	table: FilterTable<T>,
	idOf: (thing: T) => string | undefined,
	bounds?: PageBounds,
): { items: readonly T[]; nextToken: string | undefined } {
	return page(things.filter(matcher(Filters, table, tagsOf)), request, (thing) => idOf(thing) ?? "", bounds);
}

function tagsOf(thing: object): readonly Tag[] {
	const { Tags, TagSet }: Described = thing;
	return (Tags ?? TagSet ?? []).map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
}
