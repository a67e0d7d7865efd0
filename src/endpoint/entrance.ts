// Who is asking: known by where a connection came in and, where several share that place, by the address it comes from.

import type { BlockList, Server } from "node:net";
import type { Caller } from "./respond.ts";

/** A place where requests come in, as whoever opens it describes it. */
export interface Entrance {
	/**
	 * Who is asking, now; `undefined`: nobody known. Asked anew for each request.
	 *
	 * @param source the address that the connection comes from; "" where `bySource` is not set.
	 */
	readonly callerOf: (source: string) => Caller | undefined;
	/** The address that a connection comes from tells who is asking. */
	readonly bySource?: boolean;
	/** Only this machine's own programs, web browsers among them, can reach it. Default: by its address. */
	readonly onThisMachine?: boolean;
	/** Path of the network namespace that its socket is in, where that is not the process's own. */
	readonly networkNamespace?: string;
	/** Peers that must say, in a PROXY protocol header, whom they speak for. With `bySource` only. */
	readonly proxies?: BlockList;
}

/** An entrance that is open. */
export interface Listener {
	readonly entrance: Entrance;
	/** The address it is bound to, as the system prints it; the path of a Unix socket. */
	readonly address: string;
	/** 0: a Unix socket. */
	readonly port: number;
	readonly onAnyAddress: boolean;
	readonly server: Server;
}

/** Whether only this machine can reach an address, as the system prints it. */
export function isLoopback(address: string): boolean {
	return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
