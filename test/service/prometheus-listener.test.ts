// Who may read /metrics, and where.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { describe, test } from "node:test";
import { listenForMetrics } from "../../src/daemon/metrics-server.ts";
import { StartError } from "../../src/daemon/start-error.ts";
import { LatencyHistogram } from "../../src/observe/latency-histogram.ts";
import { Exposition } from "../../src/observe/prometheus.ts";
import { type Lifetime, startService } from "../running-service.ts";
import { bodyOf, exchange, header, request, statusOf } from "../wire/client.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** A listener of its own, in this process, and what it said that failed. */
async function listen(t: Lifetime, { lag = () => 0, place = LOOPBACK }: { lag?: () => number; place?: typeof LOOPBACK } = {}) {
	const failures: unknown[] = [];
	const metric = { name: "lag", help: "Lag.", type: "gauge", samples: () => [{ labels: {}, value: lag() }] } as const;
	const server = await listenForMetrics(place, new Exposition([metric], new LatencyHistogram()), (error) => failures.push(error));
	t.after(() => server.close());
	return { server, port: Number(server.address.split(":").at(-1)), failures };
}

const get = (port: number, line: string, host: string, headers: readonly string[] = []) =>
	exchange(port, [`${line} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...headers, "", ""].join("\r\n"));

test("GET /metrics, in Prometheus' text format, is all there is", async (t) => {
	const { port } = await listen(t);
	const answer = await get(port, "GET /metrics", `127.0.0.1:${port}`);
	assert.equal(statusOf(answer), 200);
	assert.equal(header(answer, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
	assert.match(answer, /^lag 0$/m);
	const head = await get(port, "HEAD /metrics", `127.0.0.1:${port}`);
	assert.deepEqual([statusOf(head), bodyOf(head)], [200, ""]);
	for (const line of ["GET /", "GET /metrics/", "GET /latest/meta-data/", "POST /metrics", "PUT /latest/api/token", "GET /healthz"]) {
		assert.equal(statusOf(await get(port, line, "127.0.0.1")), 404, line);
	}
});

describe("a web page is refused", () => {
	const cases: Readonly<Record<string, readonly [host: string, headers: readonly string[], status: number]>> = {
		"across origins": ["127.0.0.1", ["Origin: https://evil.example"], 403],
		"of no origin": ["127.0.0.1", ["Origin: null"], 403],
		"that its browser marks": ["127.0.0.1", ["Sec-Fetch-Site: cross-site"], 403],
		"that its browser takes for the same site": ["localhost", ["Sec-Fetch-Site: same-origin"], 403],
		"of a name that leads here": ["evil.example:9199", [], 403],
		"of a name that looks like an address": ["127.0.0.1.evil.example", [], 403],
		"but not somebody who typed the address": ["127.0.0.1", ["Sec-Fetch-Site: none"], 200],
		"but not localhost": ["LocalHost:9199", [], 200],
		"but not an IPv6 address": ["[::1]:9199", [], 200],
	};
	for (const [name, [host, headers, status]] of Object.entries(cases)) {
		test(name, async (t) => {
			const { port } = await listen(t);
			assert.equal(statusOf(await get(port, "GET /metrics", host, headers)), status);
		});
	}
});

test("what keeps it from answering is told to the log, and the scrape fails", async (t) => {
	let isBroken = true;
	const lag = () => {
		if (isBroken) throw new Error("broken");
		return 1;
	};
	const { port, failures } = await listen(t, { lag });
	assert.equal(statusOf(await get(port, "GET /metrics", "127.0.0.1")), 500);
	assert.match(String(failures), /broken/);
	isBroken = false;
	assert.equal(statusOf(await get(port, "GET /metrics", "127.0.0.1")), 200);
});

test("an address that is taken is told in a sentence", async (t) => {
	const other = createServer().listen(LOOPBACK);
	await once(other, "listening");
	t.after(() => void other.close());
	const { port } = other.address() as { port: number };
	await assert.rejects(
		listen(t, { place: { host: "127.0.0.1", port } }),
		(error) => error instanceof StartError && error.message.includes(`127.0.0.1:${port}: something else listens there`),
	);
});

test("in the service it has a listener of its own: neither instances nor the APIs tell it", async (t) => {
	const service = await startService(t, { flags: ["--metrics-listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"] });
	const { metricsAddress = "", apiAddress = "" } = await service.status();
	const instancePort = Number(new URL(service.url).port);
	assert.equal(statusOf(await exchange(instancePort, request("GET /metrics"))), 404);
	const api = await fetch(`http://${apiAddress}/metrics`);
	assert.ok(api.status >= 400 && !(await api.text()).includes("openimds_"));
	const told = await fetch(`http://${metricsAddress}/metrics`);
	assert.equal(told.status, 200);
	assert.match(await told.text(), /^openimds_requests_total\{version="v1",status="404"\} 1$/m);
	assert.equal((await fetch(`http://${metricsAddress}/latest/meta-data/`)).status, 404);
});

test("without --metrics-listen there is none", async (t) => {
	const service = await startService(t);
	assert.equal((await service.status()).metricsAddress, undefined);
});
