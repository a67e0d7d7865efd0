// The running service that a command is about, and where its instances are asked.

import type { NetConnectOpts } from "node:net";
import type { ListenerStatus } from "../daemon/listeners.ts";
import { ServiceClient } from "../daemon/service-client.ts";
import type { Context } from "./context.ts";
import { didYouMean, Failure } from "./failure.ts";
import { dataDirOf } from "./flags.ts";
import { nearest } from "./nearest.ts";

/** The service that uses the data folder named by a flag, the environment or nobody. */
export function runningService(context: Context, dataDir: string | undefined): ServiceClient {
	return new ServiceClient(dataDirOf(context, dataDir));
}

/**
 * A listener of an instance, or the first of all.
 *
 * @throws {Failure} when there is none.
 */
export async function listenerOf(
	service: ServiceClient,
	instanceId: string | undefined,
	isUsable: (listener: ListenerStatus) => boolean = isReachable,
): Promise<ListenerStatus> {
	const listeners = (await service.get("/status")).listeners.filter(isUsable);
	const found = instanceId === undefined ? listeners[0] : listeners.find((each) => each.instanceId === instanceId);
	if (found !== undefined) return found;
	if (instanceId === undefined) {
		throw new Failure(`The service has no listener yet. Give an instance an endpointListen, or start with --endpoint-listen HOST:PORT.`);
	}
	const ids = (await service.get("/instances")).map((each) => each.instanceId);
	if (!ids.includes(instanceId)) throw noInstance(instanceId, ids);
	throw new Failure(
		`The instance ${instanceId} is asked nowhere. Give it an endpointListen, or start with --endpoint-listen HOST:PORT=${instanceId}.`,
	);
}

/** Whether a client on this machine that takes a URL gets there: not to a Unix socket, nor to what another interface or namespace leads to. */
function isReachable({ address, place, instanceId }: ListenerStatus): boolean {
	return !address.startsWith("unix:") && (place === undefined || place === "interface lo") && instanceId !== undefined;
}

/** Whether a program of this machine gets there by {@link connectionTo}. */
export function isConnectable(listener: ListenerStatus): boolean {
	return listener.address.startsWith("unix:") ? listener.instanceId !== undefined : isReachable(listener);
}

/** A listener as node:net takes it. */
export function connectionTo(address: string): NetConnectOpts {
	if (address.startsWith("unix:")) return { path: address.slice("unix:".length) };
	const { hostname, port } = new URL(urlOf(address));
	return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
}

export function noInstance(instanceId: string, ids: readonly string[]): Failure {
	return new Failure(`There is no instance ${instanceId}.${didYouMean(nearest(instanceId, ids))} "openimds instances" lists them.`);
}

/** The URL of a listener as a program on this machine reaches it. */
export function urlOf(address: string): string {
	return `http://${address.replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace(/^\[::\]:/, "[::1]:")}`;
}
