// Pages of IAM's lists: Marker and MaxItems.

import { ApiError, constraintViolated, validationError } from "../../../errors.ts";
import { page } from "../../../pagination.ts";

/** What a request says of pages. */
export interface MarkedPage {
	readonly Marker?: string | undefined;
	readonly MaxItems?: number | undefined;
}

/** AWS: so many things unless it is said, and so many at most (IAM API reference, MaxItems). */
const ITEMS_DEFAULT = 100;
const ITEMS_MAX = 1_000;

/**
 * One page of things, in the order of their keys.
 *
 * @throws {ApiError} for a MaxItems out of bounds, or a Marker that was never given out.
 */
export function markedPage<T>(
	things: Iterable<T>,
	{ Marker, MaxItems = ITEMS_DEFAULT }: MarkedPage,
	keyOf: (thing: T) => string,
): { readonly items: readonly T[]; readonly IsTruncated: boolean; readonly Marker: string | undefined } {
	if (MaxItems < 1) throw constraintViolated("maxItems", MaxItems, "have value greater than or equal to 1");
	if (MaxItems > ITEMS_MAX) throw constraintViolated("maxItems", MaxItems, `have value less than or equal to ${ITEMS_MAX}`);
	const sorted = [...things].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
	try {
		const { items, nextToken } = page(sorted, { MaxResults: MaxItems, NextToken: Marker }, keyOf, { min: 1, max: ITEMS_MAX });
		return { items, IsTruncated: nextToken !== undefined, Marker: nextToken };
	} catch (error) {
		if (error instanceof ApiError && error.code === "InvalidNextToken") throw validationError(`Invalid Marker: ${Marker}`);
		throw error;
	}
}
