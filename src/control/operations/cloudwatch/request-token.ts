// A NextToken that is good for the request alone that it answers.

import { createHash } from "node:crypto";
import { invalidNextToken } from "../../errors.ts";

/** What may differ from page to page. */
interface PagedRequest {
	readonly NextToken?: string | undefined;
	readonly MaxDatapoints?: number | undefined;
	readonly MaxRecords?: number | undefined;
}

/** A token that brings a place back with the next request. */
export function tokenFor(operation: string, request: PagedRequest, place: string): string {
	return `${digestOf(operation, request)}.${Buffer.from(place).toString("base64url")}`;
}

/**
 * The place that a request's token brings; `undefined` where it has none.
 *
 * @throws {ApiError} `InvalidNextToken` for a token that was given for another request, or never.
 */
export function placeOf(operation: string, request: PagedRequest): string | undefined {
	const { NextToken } = request;
	if (NextToken === undefined || NextToken === "") return undefined;
	const place = Buffer.from(NextToken.slice(NextToken.indexOf(".") + 1), "base64url").toString();
	if (tokenFor(operation, request, place) !== NextToken) throw invalidNextToken();
	return place;
}

function digestOf(operation: string, request: PagedRequest): string {
	const parameters = { ...request, NextToken: undefined, MaxDatapoints: undefined, MaxRecords: undefined };
	return createHash("sha256")
		.update(JSON.stringify([operation, parameters]))
		.digest("base64url")
		.slice(0, 22);
}
