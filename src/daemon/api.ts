// The control APIs as a part of the service: what they read and write, and how it reaches the metadata endpoint.

import { once } from "node:events";
import { createServer } from "node:net";
import type { Config, LaunchEndpoint } from "../config/config.ts";
import { printPlace } from "../config/listen.ts";
import { type ApiServer, listenForApi } from "../control/api-server.ts";
import { Credentials } from "../control/access/credentials.ts";
import { ApiError } from "../control/errors.ts";
import { Inventory } from "../control/inventory.ts";
import { Lifecycle } from "../control/lifecycle.ts";
import type { InstanceEndpoint } from "../control/operation.ts";
import { sealedMessages } from "../control/access/sealed-messages.ts";
import type { CredentialIssuer } from "../identity/role-credentials.ts";
import { clashingClaims, entranceClaims } from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";
import type { RecordKind, RecordTypes } from "../model/records.ts";
import type { Store } from "../store/port.ts";
import type { Log } from "./log.ts";
import { StartError } from "./start-error.ts";

/** What the APIs are made of. */
export interface ApiOptions {
	readonly config: Pick<Config, "apiListen" | "apiStrict" | "launchEndpoint" | "transitionDelayMs">;
	readonly store: Store;
	readonly issuer: CredentialIssuer;
	/** 32 bytes. */
	readonly secret: Uint8Array;
	readonly log: Log;
	/** The account's id now. */
	readonly accountId: () => string;
	/** Resolves once the metadata endpoint knows of all that was written. */
	readonly published: () => Promise<void>;
	/** Instances of which something was under way when the service last ended. */
	readonly underWay: Iterable<Instance>;
}

/** The APIs while the service runs. */
export interface Api {
	/** `HOST:PORT`; missing: they are off. */
	readonly address?: string;
	readonly rootKey: Credentials["rootKey"];
	close(drainMs: number): Promise<void>;
}

/** @throws {StartError} where the address is taken. */
export async function openApi(options: ApiOptions): Promise<Api> {
	const { config, store, issuer, secret, log, accountId, published } = options;
	const lifecycle = new Lifecycle(config.transitionDelayMs, (error) => log.error(error, "a change under way could not be completed yet"));
	const inventory: Inventory = new Inventory(store, <K extends RecordKind>(kind: K, record: RecordTypes[K]) => {
		if (kind === "instance") lifecycle.follow(record as Instance, inventory);
	});
	for (const instance of options.underWay) lifecycle.follow(instance, inventory);
	const credentials = new Credentials(secret, issuer, accountId);
	let server: ApiServer | undefined;
	let closed = false;
	if (config.apiListen !== undefined) {
		try {
			server = await listenForApi(config.apiListen, {
				inventory,
				credentials,
				messages: sealedMessages(secret),
				strict: config.apiStrict,
				endpointFor: (instance, others) => endpointFor(config.launchEndpoint, instance, others),
				nowMs: Date.now,
				published,
				failed(error, requestId) {
					// Who still asked when the drain was over has gone, too.
					if (!closed) log.error({ requestId, err: error }, "a request to the APIs failed");
				},
			});
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			const reason = code === "EADDRINUSE" ? "something else listens there" : String(code ?? error);
			throw new StartError(
				`The control APIs can't listen on ${printPlace(config.apiListen)}: ${reason}. Give them another address with --api-listen HOST:PORT, ` +
					"or do without them: --api-listen off.",
				{ cause: error },
			);
		}
	}
	return {
		...(server && { address: printPlace(server) }),
		rootKey: credentials.rootKey,
		async close(drainMs) {
			await server?.close(drainMs);
			closed = true;
			lifecycle.stop();
			inventory.stop();
		},
	};
}

/** Where an instance is to be asked: the first port that nobody has, or its own addresses. */
async function endpointFor(asked: LaunchEndpoint, instance: Instance, others: Iterable<Instance>): Promise<InstanceEndpoint> {
	if ("boundAt" in asked) return bindingFor(asked.boundAt, instance, [...others]);
	const taken = new Set([...others].flatMap(({ endpointListen }) => endpointListen));
	for (let port = asked.firstPort; port <= asked.lastPort; port++) {
		const address = printPlace({ host: asked.host, port });
		if (!taken.has(address) && (await isFree(asked.host, port))) return { endpointListen: [address], endpointBindings: [] };
	}
	throw new ApiError(
		"InsufficientInstanceCapacity",
		`No port is free for the instance's metadata endpoint between ${asked.firstPort} and ${asked.lastPort} of ${asked.host} (--launch-endpoint).`,
		500,
	);
}

function bindingFor(boundAt: { readonly interface?: string }, instance: Instance, others: readonly Instance[]): InstanceEndpoint {
	const sourceAddresses = instance.networkInterfaces.flatMap(({ privateIpAddresses, ipv6Addresses }) => [
		...privateIpAddresses.map(({ privateIpAddress }) => privateIpAddress),
		...ipv6Addresses,
	]);
	const endpointBindings = [{ ...boundAt, sourceAddresses }];
	const claims = [...others, { ...instance, endpointBindings }].flatMap((each) =>
		entranceClaims(each).map((claim) => ({ instanceId: each.instanceId, claim })),
	);
	if (clashingClaims(claims).some(({ at }) => claims[at]?.instanceId === instance.instanceId)) {
		throw new ApiError("InvalidIPAddress.InUse", `Another instance is told by ${sourceAddresses.join(", ")} already (--launch-endpoint).`);
	}
	return { endpointListen: [], endpointBindings };
}

async function isFree(host: string, port: number): Promise<boolean> {
	const server = createServer();
	try {
		server.listen({ host, port, exclusive: true });
		await once(server, "listening");
		return true;
	} catch {
		return false; // Whatever the reason, nothing of ours would listen there.
	} finally {
		server.close();
	}
}
