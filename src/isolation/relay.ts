// Connections of a namespace, passed on to a service in another process.

import { connect, isIPv6, type NetConnectOpts, type Server, type Socket } from "node:net";
import { type LimitHops, openHopLimit } from "../linux/hop-limit.ts";
import type { MetadataOptions } from "../model/metadata-options.ts";

/** For whom a relay stands in. */
export interface RelayTarget {
	/** Where the instance is asked. */
	readonly address: NetConnectOpts;
	/** Its options now, asked for each connection; `undefined`: there is no such instance any more. */
	options(): Promise<MetadataOptions | undefined>;
}

/**
 * Passes on all that comes in at servers, both ways, until either side ends or breaks.
 *
 * @returns why hops can't be limited here; `undefined` where they can.
 */
export function relay(servers: readonly Server[], target: RelayTarget): string | undefined {
	const hopLimit = openHopLimit();
	for (const server of servers) listen(server, (client) => void accept(client, target, hopLimit));
	return "reason" in hopLimit ? hopLimit.reason : undefined;
}

/** Takes the connections of a server that another process has opened. */
export function listen(server: Server, accept: (client: Socket) => void): void {
	// Quirk: an option of createServer, but another process's server comes without it. A client may end its side first.
	Object.assign(server, { allowHalfOpen: true });
	server.on("connection", (client: Socket) => {
		// What has broken is closed by itself; without a listener it would end the process.
		client.on("error", () => {});
		accept(client);
	});
}

/** Connects a connection to what it was meant for. */
export function passOn(client: Socket, address: NetConnectOpts): void {
	const service = connect({ ...address, allowHalfOpen: true });
	client.on("error", () => service.resetAndDestroy()).pipe(service);
	service.on("error", () => client.resetAndDestroy()).pipe(client);
}

async function accept(client: Socket, target: RelayTarget, hopLimit: ReturnType<typeof openHopLimit>): Promise<void> {
	const options = await target.options().catch(() => undefined); // The service is gone, and nobody answers here either.
	if (options === undefined || (isIPv6(client.localAddress ?? "") && options.httpProtocolIpv6 === "disabled")) {
		client.destroy();
		return;
	}
	passOn(client, target.address);
	if ("limitHops" in hopLimit) limitAtPut(client, options.httpPutResponseHopLimit, hopLimit.limitHops);
}

// Gap: which request is a PUT is not read here: the first bytes that look like one limit the hops of the connection from then on.
function limitAtPut(client: Socket, hops: number, limitHops: LimitHops): void {
	const limit = (chunk: Buffer) => {
		if (!chunk.includes("PUT ")) return;
		limitHops((client as unknown as { readonly _handle: { readonly fd: number } })._handle.fd, hops);
		client.off("data", limit);
	};
	client.on("data", limit);
}
