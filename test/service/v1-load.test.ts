// Calls without a token by the thousand, each over a connection of its own: every one is answered and counted, and what is kept stays small.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startApi } from "../api/api.ts";
import { sumOf } from "../api/metric-sum.ts";
import { type RunningService, startService, temporaryFolder } from "../running-service.ts";
import { bodyOf, exchange, request, statusOf } from "../wire/client.ts";

const ID = "i-00000000000000001";
const CONFIGURATION = `instances: [{ instanceId: ${ID}, endpointListen: 127.0.0.1:0 }]\n`;

const CONNECTIONS = 10_000;
const AT_A_TIME = 64;

/** Programs of one instance that are told apart, and all others in one. */
const ROWS_MAX = 501;
const GROWTH_MAX_BYTES = 128 * 1024 * 1024;

/** What is lost when the service is killed: a second until the counts are handed over, another until they are on disk; and one to spare. */
const LOST_MAX_MS = 3_000;

function portOf(service: RunningService): number {
	return Number(new URL(service.url).port);
}

function ask(port: number, agent: string): Promise<string> {
	return exchange(port, request("GET /latest/meta-data/instance-id", ["Connection: close", `User-Agent: ${agent}`]));
}

async function memoryOf(service: RunningService): Promise<number> {
	const { pid } = await service.status();
	return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** A product's name that nobody else has: each is a caller of its own, as far as can be told. */
function agentOf(number: number): string {
	return `x${[...String(number)].map((digit) => "abcdefghij"[Number(digit)]).join("")}/1.0`;
}

async function callsOf(service: RunningService): Promise<{ rows: number; calls: number; answered: number; rejected: number }> {
	const { callers = [] } = await service.perform("ListV1Callers", {});
	const sum = (of: "calls" | "answered" | "rejected") => callers.reduce((total, caller) => total + (caller[of] ?? 0), 0);
	return { rows: callers.length, calls: sum("calls"), answered: sum("answered"), rejected: sum("rejected") };
}

test(`${CONNECTIONS} short connections are each answered and counted once, whatever they call themselves; rows and memory stay bounded`, async (t) => {
	const { service, cloudwatch } = await startApi(t, { configuration: CONFIGURATION });
	const port = portOf(service);
	for (let warm = 0; warm < 500; warm++) await ask(port, "warm/1.0");
	await callsOf(service);
	const before = await memoryOf(service);

	let begun = 0;
	const client = async () => {
		while (begun < CONNECTIONS) {
			const answer = await ask(port, agentOf(begun++));
			assert.deepEqual({ status: statusOf(answer), body: bodyOf(answer) }, { status: 200, body: ID });
		}
	};
	await Promise.all(Array.from({ length: AT_A_TIME }, client));

	const all = begun + 500;
	const { rows, ...counts } = await callsOf(service);
	assert.deepEqual(counts, { calls: all, answered: all, rejected: 0 });
	assert.equal(rows, ROWS_MAX, "as many as there may be, and no more");
	assert.equal(await sumOf(cloudwatch, ID, "MetadataNoToken"), all);
	assert.equal((await service.requests()).withoutToken, all);
	const growth = (await memoryOf(service)) - before;
	assert.ok(growth < GROWTH_MAX_BYTES, `it grew by ${growth} bytes`);
});

test("a service that is killed under load has lost the last moments of its counts at most, and counts on", async (t) => {
	const dataDir = temporaryFolder(t);
	const killed = await startService(t, { configuration: CONFIGURATION, dataDir });
	const port = portOf(killed);
	const answeredMs: number[] = [];
	const beganMs = performance.now();
	const over = new AbortController();
	const client = async () => {
		while (!over.signal.aborted) {
			const answer = await ask(port, "old/1.0").catch(() => "");
			if (answer !== "") answeredMs.push(performance.now());
		}
	};
	const clients = Array.from({ length: 4 }, client);
	// So long that there is something that must not be lost.
	while (performance.now() < beganMs + 2 * LOST_MAX_MS) await ask(port, "old/1.0").then(() => answeredMs.push(performance.now()));
	const killedMs = performance.now();
	await killed.stop("SIGKILL");
	over.abort();
	await Promise.all(clients);

	const { service, cloudwatch } = await startApi(t, { configuration: CONFIGURATION, dataDir });
	const { calls, answered } = await callsOf(service);
	const kept = answeredMs.filter((eachMs) => eachMs < killedMs - LOST_MAX_MS).length;
	assert.ok(kept > 100, `${kept} calls are too few to tell anything`);
	assert.ok(calls >= kept, `${calls} of ${kept} calls are there`);
	assert.ok(calls <= answeredMs.length + clients.length, "none is there that was not made");
	const counted = await sumOf(cloudwatch, ID, "MetadataNoToken");
	assert.ok(counted >= kept && counted <= answeredMs.length + clients.length, `${counted} of ${kept}`);
	assert.equal(statusOf(await ask(portOf(service), "old/1.0")), 200);
	assert.equal((await callsOf(service)).answered, answered + 1);
	assert.equal(await sumOf(cloudwatch, ID, "MetadataNoToken"), counted + 1);
});
