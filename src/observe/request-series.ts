// What is counted of requests: how each came, and the status it was answered with. A series is one of these, as a small number.

/** How a request came: a GET or HEAD without a token, one with, a PUT for a token, or anything else. */
export const REQUEST_VERSIONS = ["v1", "v2", "token", "other"] as const;
export type RequestVersion = (typeof REQUEST_VERSIONS)[number];

/** All statuses that the metadata endpoint answers with. */
export const STATUSES = [200, 400, 401, 403, 404, 405, 503] as const;
export type Status = (typeof STATUSES)[number];

/** How many series there are; each is a number below. */
export const SERIES_COUNT = REQUEST_VERSIONS.length * STATUSES.length;

/** The number of a series. */
export function seriesOf(version: RequestVersion, status: Status): number {
	return REQUEST_VERSIONS.indexOf(version) * STATUSES.length + STATUSES.indexOf(status);
}

/** Whether a series is of requests that would have needed a token. */
export function isTokenless(series: number): boolean {
	return series < STATUSES.length; // v1 is the first version
}
