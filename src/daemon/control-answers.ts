import { readFileSync } from "node:fs";
import { type Endpoint } from "../endpoint/endpoint.ts";
import { IDENTITY_SIGNATURES } from "../identity/algorithms.ts";
import type { IdentityKeys } from "../identity/identity-keys.ts";
import { type Instance, metadataOptionsState } from "../model/instance.ts";
import type { RequestCounts } from "../observe/request-counts.ts";
import type { Replica } from "../replica/replica.ts";
import type { Certificates, InstanceDetail, InstanceSummary, RootKey, ServiceStatus } from "./control-messages.ts";
import type { ControlAnswer } from "./control-socket.ts";
import type { Listeners, ListenerStatus } from "./listeners.ts";
import type { Observation } from "./observation.ts";

/** What the control socket tells of. */
export interface Service {
	readonly replica: Replica;
	readonly endpoint: Endpoint;
	/** Missing: nothing is counted. */
	readonly observation: Observation | undefined;
	readonly listeners: Listeners;
	readonly identityKeys: IdentityKeys;
	readonly dataDir: string;
	readonly startedAtMs: number;
	/** Where the control APIs are asked; missing: they are off. */
	readonly apiAddress?: string;
	/** Where Prometheus may ask; missing: nowhere. */
	readonly metricsAddress?: string;
	/** The account's own key. Whoever reaches the control socket owns the data folder, and could read it there. */
	readonly rootKey: RootKey;
	/** Why hops can't be limited here; missing: they are. */
	readonly hopLimitReason?: string;
}

/** Open listeners by the instance they are for. */
type Addresses = ReadonlyMap<string, readonly ListenerStatus[]>;

/** A shared listener is for all that are bound to its place; one without a place, for all that are bound to none. */
function listenersByInstance({ listeners, replica }: Service): Addresses {
	const shared = listeners.status().filter(({ instanceId }) => instanceId === undefined);
	const own = listeners
		.status()
		.flatMap((listener) => (listener.instanceId === undefined ? [] : [{ ...listener, instanceId: listener.instanceId }]));
	const bound = [...replica.tenants()].flatMap(({ instanceId, claims }) =>
		shared.filter(({ place }) => claims.some((claim) => claim.place === place)).map((listener) => ({ ...listener, instanceId })),
	);
	return Map.groupBy([...own, ...bound], ({ instanceId }) => instanceId);
}

/** The answer at a path of the control socket; `undefined` for none. */
export function answerControl(path: string, service: Service): ControlAnswer | undefined {
	if (path === "/healthz") return { status: 200, body: { status: "ok" } };
	if (path === "/readyz") return readiness(service);
	const body = answer(path, service);
	return body && { status: 200, body };
}

/** Whether it serves what it shall; reached on this socket only, never where instances ask. */
function readiness({ endpoint, listeners }: Service): ControlAnswer {
	const problems = endpoint.draining ? ["it is stopping"] : listeners.problems;
	return problems.length === 0 ? { status: 200, body: { status: "ready" } } : { status: 503, body: { status: "not ready", problems } };
}

function answer(path: string, service: Service): object | undefined {
	if (path === "/status") return status(service);
	const addresses = listenersByInstance(service);
	if (path === "/instances") return [...service.replica.instances()].map((instance) => summary(instance, addresses));
	if (path === "/certificates") return certificates(service);
	if (path === "/root-key") return service.rootKey;
	const [, instanceId] = /^\/instances\/([^/]+)$/.exec(path) ?? [];
	const instance = instanceId === undefined ? undefined : service.replica.instance(instanceId);
	return instance && detail(instance, addresses);
}

function status({
	replica,
	endpoint,
	observation,
	listeners,
	dataDir,
	startedAtMs,
	apiAddress,
	metricsAddress,
	hopLimitReason,
}: Service): ServiceStatus {
	return {
		version: version(),
		pid: process.pid,
		dataDir,
		startedAt: new Date(startedAtMs).toISOString(),
		region: replica.account.region,
		...(apiAddress !== undefined && { apiAddress }),
		...(metricsAddress !== undefined && { metricsAddress }),
		instances: replica.size,
		listeners: listeners.status(),
		missingPlaces: listeners.missing,
		hopLimit: hopLimitReason === undefined ? { enforced: true } : { enforced: false, reason: hopLimitReason },
		connections: { open: endpoint.open, ...endpoint.counts },
		...(observation && { attribution: observation.attribution, requests: requestsOf(observation.observer.counts) }),
	};
}

function requestsOf(counts: RequestCounts): NonNullable<ServiceStatus["requests"]> {
	const { refused, ...read } = counts.summary();
	return { ...read, throttled: refused[503] };
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
		metadataOptionsState: metadataOptionsState(instance),
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
	return (addresses.get(instanceId) ?? []).map(({ address, place }) => (place === undefined ? address : `${address} at ${place}`));
}

function version(): string {
	const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
	return version;
}
