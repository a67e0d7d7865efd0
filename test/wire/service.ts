/** A metadata endpoint on real sockets of this machine, each instance with a listener of its own. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { Endpoint, type EndpointOptions } from "../../src/endpoint/endpoint.ts";
import { LatencyHistogram } from "../../src/observe/latency-histogram.ts";
import { RequestCounts } from "../../src/observe/request-counts.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/endpoint/limits.ts";
import type { Witness } from "../../src/endpoint/witness.ts";
import type { InstanceSpec } from "../../src/model/launch.ts";
import { TokenAuthority } from "../../src/token/token-authority.ts";
import type { Client } from "./client.ts";
import { startWorld, type World } from "./world.ts";

export interface ServiceOptions extends Pick<EndpointOptions, "webPageGuard"> {
	readonly witness?: Witness;
	readonly instances: readonly InstanceSpec[];
	readonly limits?: Partial<Limits>;
	/** The clock stands still until a test moves it. Missing: the machine's. */
	readonly clock?: { nowMs: number };
}

export interface Service extends World {
	readonly endpoint: Endpoint;
	readonly requests: RequestCounts;
	readonly latency: LatencyHistogram;
	/** Where an instance asks. */
	portOf(instanceId: string): number;
	/** Opens one more listener for an instance; answers its port. */
	listen(host: string, instanceId: string): Promise<number>;
}

/** Starts a service that ends with the test, suite or file it was started in. */
export async function startService({ instances, limits, clock, webPageGuard = true, witness }: ServiceOptions): Promise<Service> {
	const nowMs = clock === undefined ? Date.now : () => clock.nowMs;
	const world = await startWorld(instances, nowMs());
	const requests = new RequestCounts();
	const latency = new LatencyHistogram();
	const endpoint = new Endpoint({
		observer: { counts: requests, latency, ...(witness && { witness }) },
		authority: new TokenAuthority(Buffer.alloc(32, 1)),
		limits: { ...DEFAULT_LIMITS, ...limits },
		webPageGuard,
		nowMs,
	});
	const listen = async (host: string, instanceId: string) =>
		(await endpoint.listen({ host, port: 0 }, { callerOf: () => world.replica.tenant(instanceId) })).port;
	const ports = new Map<string, number>();
	for (const { instanceId } of instances) ports.set(instanceId, await listen("127.0.0.1", instanceId));
	after(async () => {
		await endpoint.drain(0);
		await world.close();
	});
	return {
		...world,
		endpoint,
		requests,
		latency,
		listen,
		portOf(instanceId) {
			const port = ports.get(instanceId);
			assert.ok(port !== undefined, `no listener of ${instanceId}`);
			return port;
		},
	};
}

/** Has a client ask and ask and read nothing, until the service no longer answers. How many answers are under way; one more request waits. */
export async function stall(service: Service, client: Client, ask: string): Promise<number> {
	client.socket.pause();
	const answered = () => service.requests.summary().withoutToken;
	for (let sent = 0; ; sent++) {
		assert.ok(sent < 5000, "the service answers for ever");
		const before = answered();
		client.write(ask);
		for (let turn = 0; turn < 100 && answered() === before; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
		if (answered() === before) return sent;
	}
}

/** Gives the event loop a few turns: what was written to a socket of this machine is then read on its other side. */
export async function turns(): Promise<void> {
	for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Resolves once something is so, looked at after each turn of the event loop. For what no event tells. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
	const deadlineMs = performance.now() + 10_000;
	while (!isSo()) {
		assert.ok(performance.now() < deadlineMs, `waited 10 s, and still not: ${what}`);
		await new Promise<void>((resolve) => setImmediate(resolve));
	}
}
