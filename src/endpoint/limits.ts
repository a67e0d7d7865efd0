/** Bounds that keep one caller, or all of them, from using up the service (security.md S8). */
export interface Limits {
	/** Open connections, of all callers and of each. */
	readonly maxConnections: number;
	readonly maxConnectionsPerCaller: number;
	/** Of each caller. Missing: as fast as it can. */
	readonly requestRate?: RequestRate;
	/** From a connection's opening, or a request's first byte, to the request's end. */
	readonly requestDeadlineMs: number;
	/** Of a kept-alive connection without a request. */
	readonly idleDeadlineMs: number;
	/** For a client to take the response, and to read a refusal while its request is thrown away. */
	readonly responseDeadlineMs: number;
}

/** A token bucket that holds one second's worth. */
export interface RequestRate {
	readonly perSecond: number;
	readonly requestCost: number;
	readonly connectionCost: number;
}

/** So many requests a second. */
export function requestsPerSecond(perSecond: number): RequestRate {
	return { perSecond, requestCost: 1, connectionCost: 0 };
}

/**
 * AWS: an interface may send 1024 packets a second to the link-local services (metadata-endpoint.md §1.12). A request is
 * two packets of the guest's, the other of which acknowledges the response; a connection three: SYN, ACK, FIN.
 *
 * Gap: EC2 drops what is too much; here a request gets 503, a connection is closed. DNS and NTP, which EC2 counts too, are not seen here.
 */
export const EC2_PACKET_RATE: RequestRate = { perSecond: 1024, requestCost: 2, connectionCost: 3 };

export const DEFAULT_LIMITS: Limits = {
	maxConnections: 10_000,
	maxConnectionsPerCaller: 2_000,
	requestDeadlineMs: 5_000,
	idleDeadlineMs: 60_000,
	responseDeadlineMs: 5_000,
};
