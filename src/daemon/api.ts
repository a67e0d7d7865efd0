// The control APIs as a part of the service: what they read and write, and how it reaches the metadata endpoint.

import { once } from "node:events";
import { createServer } from "node:net";
import type { Config, LaunchEndpoint } from "../config/config.ts";
import { printPlace } from "../config/listen.ts";
import { Alarms } from "../control/alarms/alarms.ts";
import { type ApiServer, listenForApi } from "../control/api-server.ts";
import { Credentials } from "../control/access/credentials.ts";
import { ApiError, unsupportedOperation } from "../control/errors.ts";
import { Inventory } from "../control/inventory.ts";
import { Lifecycle } from "../control/lifecycle.ts";
import type { InstanceEndpoint } from "../control/operation.ts";
import type { AnsweredRequest, Surroundings } from "../control/pipeline.ts";
import { TransitionRunner } from "../control/transition/transition-runner.ts";
import { sealedMessages } from "../control/access/sealed-messages.ts";
import type { CredentialIssuer } from "../identity/role-credentials.ts";
import { clashingClaims, entranceClaims } from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";
import { type RecordKind, recordKey, type RecordTypes } from "../model/records.ts";
import type { CallReader } from "../observe/call-reader.ts";
import type { MetricReader } from "../observe/metric-reader.ts";
import type { Store } from "../store/port.ts";
import type { ControlAnswer } from "./control-socket.ts";
import type { Log } from "./log.ts";
import { hasAny } from "./records.ts";
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
	/** Told of every request that was answered. */
	readonly answered: (request: AnsweredRequest) => void;
	/** What was counted of requests, and who called without a token; missing: nothing is counted. */
	readonly metrics?: MetricReader;
	readonly calls?: CallReader;
}

/** The APIs while the service runs. */
export interface Api {
	/** `HOST:PORT`; missing: they are off. */
	readonly address?: string;
	readonly rootKey: Credentials["rootKey"];
	/** Performs an operation of OpenIMDS's own service for whoever owns the data folder. */
	performTrusted(operation: string, input: Uint8Array): Promise<ControlAnswer>;
	close(drainMs: number): Promise<void>;
}

/** @throws {StartError} where the address is taken. */
export async function openApi(options: ApiOptions): Promise<Api> {
	const { config, store, issuer, secret, log, accountId, published } = options;
	const lifecycle = new Lifecycle(config.transitionDelayMs, (error) => log.error(error, "a change under way could not be completed yet"));
	const inventory: Inventory = new Inventory(store, <K extends RecordKind>(kind: K, record: RecordTypes[K]) => {
		if (kind === "instance") lifecycle.follow(record as Instance, inventory);
		if (kind === "alarm") alarms?.start();
	});
	for (const instance of options.underWay) lifecycle.follow(instance, inventory);
	const credentials = new Credentials(secret, issuer, accountId);
	const { metrics = NOT_COUNTED, calls = NOT_COUNTED } = options;
	const alarms = options.metrics && alarmsOf(inventory, options.metrics, log);
	// Who has no alarm doesn't load all records for their sake.
	if (await hasAny(store, "alarm")) alarms?.start();
	const runner = new TransitionRunner({
		inventory,
		calls,
		nowMs: Date.now,
		note: (sentence) => log.info(`transition: ${sentence}`),
		failed: (error) => log.error(error, "the transition could not be carried on yet"),
	});
	if (options.calls !== undefined && (await store.get(recordKey("transition", "current"))) !== undefined) runner.start();
	let server: ApiServer | undefined;
	let closed = false;
	const surroundings: Surroundings = {
		inventory,
		credentials,
		messages: sealedMessages(secret),
		strict: config.apiStrict,
		endpointFor: (instance, others) => endpointFor(config.launchEndpoint, instance, others),
		metrics,
		calls,
		carryOn: () => runner.start(),
		nowMs: Date.now,
		published,
		answered(request) {
			options.answered(request);
			logAnswer(log, request);
		},
		failed(error, requestId) {
			// Who still asked when the drain was over has gone, too.
			if (!closed) log.error({ requestId, err: error }, "a request to the APIs failed");
		},
	};
	if (config.apiListen !== undefined) {
		try {
			server = await listenForApi(config.apiListen, surroundings);
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
		async performTrusted(operation, input) {
			const { answerTrusted } = await import("../control/pipeline.ts");
			const headers = [
				["Content-Type", "application/x-amz-json-1.0"],
				["X-Amz-Target", `${OWN_TARGET}.${operation}`],
			] as const;
			const request = { method: "POST", target: "/", headers, body: input, sourceIp: "127.0.0.1" };
			const { status, body } = await answerTrusted(request, surroundings);
			return { status, body: JSON.parse(Buffer.from(body).toString()) as object };
		},
		async close(drainMs) {
			await server?.close(drainMs);
			closed = true;
			await runner.stop();
			alarms?.stop();
			lifecycle.stop();
			inventory.stop();
		},
	};
}

function alarmsOf(inventory: Inventory, metrics: MetricReader, log: Log): Alarms {
	return new Alarms(inventory, metrics, {
		nowMs: Date.now,
		changed: ({ alarmName, state, stateReason }, before) => log.info({ alarmName, from: before.state, to: state }, stateReason),
		failed: (error) => log.error(error, "alarms could not be evaluated; they are again with the next minute"),
	});
}

/** What changed something, or was refused, is worth a line; what was only read, one for whoever looks closely. */
function logAnswer(log: Log, { code, status, ...request }: AnsweredRequest): void {
	const durationMs = Math.round(request.durationMs * 1000) / 1000;
	const told = { ...request, durationMs, status, ...(code !== undefined && { code }) };
	if (status < 400 && /^(Describe|Get|List|Plan|Simulate)/.test(request.operation ?? "")) log.debug(told, "answered");
	else log.info(told, "answered");
}

/** As requests for an operation of OpenIMDS's own service name it. */
const OWN_TARGET = "OpenIMDS_20261122";

/** Readers of a service that counts nothing. */
const NOT_COUNTED: MetricReader & CallReader = {
	read: refuse,
	list: refuse,
	calls: refuse,
	lastCalls: refuse,
	observed: refuse,
};

function refuse(): Promise<never> {
	return Promise.reject(unsupportedOperation("This service counts no requests: it was started with --no-metrics."));
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
