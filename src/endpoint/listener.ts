import type { Server } from "node:net";
import type { Caller } from "./respond.ts";

/** A place where requests come in. Who asks there is known by the place alone: no header says so. */
export interface Listener {
	readonly host: string;
	/** As bound, when 0 was asked for. */
	readonly port: number;
	/** Who is asking, now; `undefined`: nobody known. */
	readonly caller: () => Caller | undefined;
	/** The address it is bound to, as the system prints it; or all there are. */
	readonly address: string;
	readonly onAnyAddress: boolean;
	readonly server: Server;
	/** Open connections. */
	connections: number;
}

/** Whether only this machine can reach an address, as the system prints it. */
export function isLoopback(address: string): boolean {
	return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
