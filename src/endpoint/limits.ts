/** Bounds that keep one caller, or all of them, from using up the service (security.md S8). */
export interface Limits {
	/** Open connections, of all callers and of each. */
	readonly maxConnections: number;
	readonly maxConnectionsPerCaller: number;
	/** From a connection's opening, or a request's first byte, to the request's end. */
	readonly requestDeadlineMs: number;
	/** Of a kept-alive connection without a request. */
	readonly idleDeadlineMs: number;
	/** For a client to take the response, and to read a refusal while its request is thrown away. */
	readonly responseDeadlineMs: number;
}

export const DEFAULT_LIMITS: Limits = {
	maxConnections: 10_000,
	maxConnectionsPerCaller: 2_000,
	requestDeadlineMs: 5_000,
	idleDeadlineMs: 60_000,
	responseDeadlineMs: 5_000,
};
