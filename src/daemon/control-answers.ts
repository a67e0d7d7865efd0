import { readFileSync } from "node:fs";
import { type Endpoint } from "../endpoint/endpoint.ts";
import { IDENTITY_SIGNATURES } from "../identity/algorithms.ts";
import type { IdentityKeys } from "../identity/identity-keys.ts";
import type { Instance } from "../model/instance.ts";
import { metadataOptionsState } from "../model/metadata-options.ts";
import { timestamp } from "../model/timestamp.ts";
import type { Replica } from "../replica/replica.ts";
import type { Certificates, InstanceDetail, InstanceSummary, ServiceStatus } from "./control-messages.ts";
import type { Listeners, ListenerStatus } from "./listeners.ts";

/** What the control socket tells of. */
export interface Service {
	readonly replica: Replica;
	readonly endpoint: Endpoint;
	readonly listeners: Listeners;
	readonly identityKeys: IdentityKeys;
	readonly dataDir: string;
	readonly startedAtMs: number;
}

/** Open listeners by the instance they are for. */
type Addresses = ReadonlyMap<string, readonly ListenerStatus[]>;

/** The answer at a path of the control socket; `undefined` for none. */
export function answerControl(path: string, service: Service): object | undefined {
	if (path === "/status") return status(service);
	const addresses = Map.groupBy(service.listeners.status(), ({ instanceId }) => instanceId);
	if (path === "/instances") return [...service.replica.instances()].map((instance) => summary(instance, addresses));
	if (path === "/certificates") return certificates(service);
	const [, instanceId] = /^\/instances\/([^/]+)$/.exec(path) ?? [];
	const instance = instanceId === undefined ? undefined : service.replica.instance(instanceId);
	return instance && detail(instance, addresses);
}

function status({ replica, endpoint, listeners, dataDir, startedAtMs }: Service): ServiceStatus {
	const { tokens, withToken, withoutToken, rejectedWithoutToken } = endpoint.responder.counts;
	return {
		version: version(),
		pid: process.pid,
		dataDir,
		startedAt: timestamp(startedAtMs),
		region: replica.region,
		instances: replica.size,
		listeners: listeners.status(),
		connections: { open: endpoint.open, ...endpoint.counts },
		requests: { tokens, withToken, withoutToken, rejectedWithoutToken },
	};
}

function summary(instance: Instance, addresses: Addresses): InstanceSummary {
	const { httpEndpoint, httpTokens, httpPutResponseHopLimit } = instance.appliedMetadataOptions;
	return {
		instanceId: instance.instanceId,
		name: instance.tags.find(({ key }) => key === "Name")?.value,
		state: instance.state,
		instanceType: instance.instanceType,
		privateIpAddress: instance.networkInterfaces[0]?.privateIpAddresses[0]?.privateIpAddress,
		httpEndpoint,
		httpTokens,
		httpPutResponseHopLimit,
		listeners: listenersOf(instance, addresses),
	};
}

function detail(instance: Instance, addresses: Addresses): InstanceDetail {
	const { userData = "", ...rest } = instance;
	return {
		instance: { ...rest, userDataBytes: Buffer.byteLength(userData, "base64") },
		metadataOptionsState: metadataOptionsState(instance.metadataOptions, instance.appliedMetadataOptions),
		listeners: listenersOf(instance, addresses),
	};
}

function certificates({ identityKeys }: Service): Certificates {
	return Object.fromEntries(
		IDENTITY_SIGNATURES.flatMap((name) => {
			const key = identityKeys[name];
			return key === undefined ? [] : [[name, key.certificate.toString()]];
		}),
	);
}

function listenersOf({ instanceId }: Instance, addresses: Addresses): readonly string[] {
	return (addresses.get(instanceId) ?? []).map(({ address }) => address);
}

function version(): string {
	const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
	return version;
}
