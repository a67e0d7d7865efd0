// Who makes calls without a token is asked beside the path of a request: once a connection, behind its first such answer.

import { isTokenless } from "../observe/request-series.ts";
import type { Connection } from "./connection.ts";
import { pathClassOf } from "../observe/path-class.ts";
import type { Request } from "./request.ts";

/** Looks at calls without a token. */
export interface Witness {
	/** A connection's first call without a token was answered, or the first of another program by its own account. */
	meet(caller: TokenlessCaller): TokenlessCalls;
}

/** What a connection tells of whoever calls. */
export interface TokenlessCaller {
	readonly instanceId: string;
	/** As whoever opened the listener tells it, where addresses tell who is asking; or "". */
	readonly source: string;
	/** It came by a proxy, whose socket tells nothing. */
	readonly behindProxy: boolean;
	/** The `User-Agent` header; "" without one. */
	readonly userAgent: string;
	/** Both ends of the connection; `undefined`: it is gone already, or no TCP connection. */
	readonly ends: ConnectionEnds | undefined;
	/** Its file descriptor here. */
	readonly fd: number;
	/** When it was accepted, by `performance.now()`. */
	readonly acceptedAtMs: number;
}

/** Addresses as the system prints them. */
export interface ConnectionEnds {
	readonly clientAddress: string;
	readonly clientPort: number;
	readonly serverAddress: string;
	readonly serverPort: number;
	/** Path of the network namespace that our end is in, where that is not the process's own. */
	readonly networkNamespace?: string;
}

/** Calls without a token of one caller over one connection. */
export interface TokenlessCalls {
	readonly userAgent: string;
	/** Notes one. */
	note(pathClass: number, series: number, nowMs: number): void;
}

/** Tells a witness of an answer, if it was to a call without a token. */
export function tellOf(witness: Witness, connection: Connection, request: Request, bytes: Buffer, series: number, nowMs: number): void {
	if (!isTokenless(series)) return;
	request.userAgent ??= bytes.toString("latin1", request.agentStart, request.agentEnd);
	let calls = connection.tokenlessCalls;
	if (calls === undefined || calls.userAgent !== request.userAgent) {
		calls = connection.tokenlessCalls = witness.meet(connection.tokenlessCaller(request.userAgent));
	}
	calls.note((request.pathClass ??= pathClassOf(request.path)), series, nowMs);
}
