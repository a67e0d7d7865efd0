// Pages of the Describe and List operations.

import { invalidNextToken, invalidParameterValue } from "./errors.ts";

/** What a request says of pages. */
export interface PageRequest {
	readonly MaxResults?: number | undefined;
	readonly NextToken?: string | undefined;
}

/** The bounds that AWS has for an operation's MaxResults. */
export interface PageBounds {
	readonly min: number;
	readonly max: number;
}

/**
 * One page of things, in a lasting order.
 *
 * @param keyOf what the order goes by, no two the same: a page begins behind the last thing of the one before, even when that is gone by now.
 * @throws {ApiError} for a MaxResults out of bounds, or a NextToken that was never given out.
 */
export function page<T>(
	things: readonly T[],
	{ MaxResults, NextToken }: PageRequest,
	keyOf: (thing: T) => string,
	{ min, max }: PageBounds = { min: 5, max: 1000 },
): { items: readonly T[]; nextToken: string | undefined } {
	if (MaxResults !== undefined && (MaxResults < min || MaxResults > max)) {
		throw invalidParameterValue(
			`Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between ${min} and ${max}.`,
		);
	}
	const after = NextToken === undefined || NextToken === "" ? undefined : decode(NextToken);
	const keyed = things.map((thing) => ({ key: keyOf(thing), thing })).filter(({ key }) => after === undefined || key > after);
	const rest = keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
	const items = MaxResults === undefined ? rest : rest.slice(0, MaxResults);
	const last = items.at(-1);
	return {
		items: items.map(({ thing }) => thing),
		nextToken: last === undefined || items.length === rest.length ? undefined : encode(last.key),
	};
}

const MARK = "openimds:";

function encode(key: string): string {
	return Buffer.from(MARK + key).toString("base64url");
}

function decode(token: string): string {
	const text = Buffer.from(token, "base64url").toString();
	if (!text.startsWith(MARK) || encode(text.slice(MARK.length)) !== token) throw invalidNextToken();
	return text.slice(MARK.length);
}
