// Pages of Lightsail's lists: pageToken and nextPageToken, and nobody asks for a size.

import { ApiError } from "../../errors.ts";
import { invalidInput } from "../../lightsail-errors.ts";
import { page } from "../../pagination.ts";

/** AWS: so many operations (API reference, GetOperations); of other things it isn't said. */
const PAGE_SIZE = 200;

/**
 * One page of things, in the order of their keys.
 *
 * @throws {ApiError} for a token that was never given out.
 */
export function tokenPage<T>(
	things: readonly T[],
	pageToken: string | undefined,
	keyOf: (thing: T) => string,
): { readonly items: readonly T[]; readonly nextPageToken: string | undefined } {
	try {
		const { items, nextToken } = page(things, { MaxResults: PAGE_SIZE, NextToken: pageToken }, keyOf, { min: 1, max: PAGE_SIZE });
		return { items, nextPageToken: nextToken };
	} catch (error) {
		if (error instanceof ApiError && error.code === "InvalidNextToken") throw invalidInput("The page token is invalid.");
		throw error;
	}
}
