// What is said over the control socket, between a running service and the commands about it.

import type { TransitionDescription, TransitionInstance, TransitionStep, V1Caller } from "../control/models/openimds.ts";
import type { Instance } from "../model/instance.ts";
import type { ListenerStatus } from "./listeners.ts";

/** Answers to GET, by path. */
export interface ControlAnswers {
	"/status": ServiceStatus;
	"/instances": readonly InstanceSummary[];
	"/certificates": Certificates;
	"/root-key": RootKey;
}

export interface ServiceStatus {
	readonly version: string;
	readonly pid: number;
	readonly dataDir: string;
	readonly startedAt: string;
	readonly region: string;
	/** `HOST:PORT` of the control APIs; missing: they are off. */
	readonly apiAddress?: string;
	/** `HOST:PORT` where Prometheus may ask for /metrics; missing: nowhere. */
	readonly metricsAddress?: string;
	readonly instances: number;
	readonly listeners: readonly ListenerStatus[];
	/** Interfaces and namespaces where something shall listen, that are not there. */
	readonly missingPlaces: readonly string[];
	readonly hopLimit: { readonly enforced: true } | { readonly enforced: false; readonly reason: string };
	readonly connections: {
		readonly open: number;
		readonly accepted: number;
		readonly overLimit: number;
		readonly timedOut: number;
		readonly unknownCaller: number;
		readonly ipv6Disabled: number;
		readonly badProxyHeader: number;
	};
	/** How programs that call without a token are looked up, in words; missing: nothing is counted. */
	readonly attribution?: string;
	/** Missing: they are not counted (--no-metrics). */
	readonly requests?: {
		readonly tokens: number;
		readonly withToken: number;
		readonly withoutToken: number;
		readonly rejectedWithoutToken: number;
		readonly throttled: number;
	};
}

/** What may do everything through the control APIs. */
export interface RootKey {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
}

/** An instance in a list. */
export interface InstanceSummary {
	readonly instanceId: string;
	readonly name: string | undefined;
	readonly state: string;
	readonly instanceType: string;
	readonly privateIpAddress: string | undefined;
	readonly httpEndpoint: string;
	readonly httpTokens: string;
	readonly httpPutResponseHopLimit: number;
	/** Where it is asked; empty: nowhere. */
	readonly listeners: readonly string[];
}

/** One instance. User data may hold secrets: its size is told, not what it says. */
export interface InstanceDetail {
	readonly instance: Omit<Instance, "userData"> & { readonly userDataBytes: number };
	readonly metadataOptionsState: "pending" | "applied";
	readonly listeners: readonly string[];
}

/** PEM, by what they verify; one is missing where this machine's cryptography refuses its algorithm. */
export type Certificates = Readonly<Partial<Record<"signature" | "pkcs7" | "rsa2048", string>>>;

/** A refusal: a sentence for the user. */
export interface ControlRefusal {
	readonly error: string;
}

/** What an operation takes or gives, as JSON has it: times are seconds since the epoch. */
export type Wired<T> = T extends Date ? number : T extends object ? { readonly [K in keyof T]: Wired<T[K]> } : T;

/** What operations tell of callers, of instances on their way to IMDSv2, and of that way. */
export type ToldCaller = Wired<V1Caller>;
export type ToldInstance = Wired<TransitionInstance>;
export type ToldTransition = Wired<TransitionDescription>;
export type ToldStep = Wired<TransitionStep>;
