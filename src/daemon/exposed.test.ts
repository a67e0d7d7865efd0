import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LatencyHistogram } from "../observe/latency-histogram.ts";
import { Exposition } from "../observe/prometheus.ts";
import { RequestCounts, Tally } from "../observe/request-counts.ts";
import { seriesOf } from "../observe/request-series.ts";
import { ApiCounts } from "./api-counts.ts";
import { exposed, type Sources } from "./exposed.ts";

const ANSWERED = seriesOf("v1", 200);

function exposition(sources: Partial<Sources> = {}): Exposition {
	const nobody = { accepted: 0, overLimit: 0, timedOut: 0, unknownCaller: 0, ipv6Disabled: 0, badProxyHeader: 0 };
	const metrics = exposed({
		endpoint: { open: 0, counts: nobody },
		counts: new RequestCounts(),
		replica: { tenants: () => [] },
		listeners: { status: () => [] },
		issuer: { issued: 0, lastIssuedMs: 0 },
		api: new ApiCounts(),
		storeLag: () => Promise.resolve(0),
		startedAtMs: 0,
		...sources,
	});
	return new Exposition(metrics, new LatencyHistogram());
}

/** Series of a metric, by their labels. */
async function scrape(from: Exposition, metric: string): Promise<ReadonlyMap<string, number>> {
	const { text } = await from.text();
	const lines = text.split("\n").filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`));
	return new Map(lines.map((line) => [/\{(.*)\}/.exec(line)?.[1] ?? "", Number(line.split(" ").at(-1))]));
}

test("of 1500 instances that call, the first thousand have series of their own, and no counter ever falls", async () => {
	const counts = new RequestCounts();
	const tallies = Array.from({ length: 1500 }, (_, index) => new Tally(`i-${String(index).padStart(17, "0")}`));
	const metrics = exposition({ counts });
	const call = (index: number, times: number) => {
		for (let time = 0; time < times; time++) counts.add(tallies[index]!, ANSWERED, 0);
	};
	for (let index = 0; index < 1000; index++) call(index, 1);
	const name = "openimds_instance_v1_requests_total";
	const first = await scrape(metrics, name);
	assert.equal(first.size, 1000);
	assert.ok(!first.has('instance_id="other"'));

	for (let index = 1000; index < 1500; index++) call(index, 2);
	const second = await scrape(metrics, name);
	assert.equal(second.size, 1001);
	assert.equal(second.get('instance_id="other"'), 1000);

	// The last comes to have most.
	call(1499, 5000);
	call(0, 1);
	const third = await scrape(metrics, name);
	assert.equal(third.size, 1001);
	assert.equal(third.get('instance_id="other"'), 6000);
	assert.equal(third.get(`instance_id="${tallies[0]!.instanceId}"`), 2);
	for (const [later, earlier] of [
		[second, first],
		[third, second],
	] as const) {
		for (const [series, value] of earlier) assert.ok((later.get(series) ?? 0) >= value, series);
	}
	const total = [...third.values()].reduce((sum, value) => sum + value, 0);
	assert.equal(total, counts.total(ANSWERED));
});

test("what is asked for in vain counts as asked for, but not what is rejected", async () => {
	const counts = new RequestCounts();
	const tally = new Tally("i-1");
	for (const status of [200, 404, 404, 401, 403] as const) counts.add(tally, seriesOf("v1", status), 0);
	counts.add(tally, seriesOf("v2", 200), 0);
	const metrics = exposition({ counts });
	assert.deepEqual([...(await scrape(metrics, "openimds_instance_v1_requests_total")).values()], [3]);
	assert.deepEqual([...(await scrape(metrics, "openimds_instance_v1_rejected_total")).values()], [1]);
});

test("series of versions, statuses and reasons are there before the first request, at zero", async () => {
	const metrics = exposition();
	for (const name of ["openimds_requests_total", "openimds_refusals_total"]) {
		const series = await scrape(metrics, name);
		assert.ok(series.size > 10);
		assert.deepEqual([...new Set(series.values())], [0], name);
	}
});

test("an instance that can't be asked is neither optional nor required", async () => {
	const instance = (state: object) => ({ reachable: true, httpEndpoint: "enabled", httpTokens: "optional", ...state }) as const;
	const tenants = () => [
		instance({}),
		instance({ httpTokens: "required" }),
		instance({ httpEndpoint: "disabled" }),
		instance({ reachable: false }),
		instance({ httpTokens: "required", reachable: false }),
	];
	const series = await scrape(exposition({ replica: { tenants } }), "openimds_instances");
	assert.deepEqual(Object.fromEntries(series), { 'tokens="optional"': 1, 'tokens="required"': 1, 'tokens="off"': 3 });
});

test("requests to the APIs are counted by service, operation and code", async () => {
	const api = new ApiCounts();
	const facts = { requestId: "", principalArn: undefined, code: undefined, status: 200, durationMs: 1, sourceIp: "127.0.0.1" };
	const request = { ...facts, service: "ec2", operation: "RunInstances" };
	api.note(request);
	api.note(request);
	api.note({ ...request, status: 400, code: "InvalidAMIID.NotFound" });
	api.note({ ...request, operation: undefined, status: 403, code: "AuthFailure" });
	assert.deepEqual(Object.fromEntries(await scrape(exposition({ api }), "openimds_api_requests_total")), {
		'service="ec2",operation="RunInstances",code=""': 2,
		'service="ec2",operation="RunInstances",code="InvalidAMIID.NotFound"': 1,
		'service="ec2",operation="",code="AuthFailure"': 1,
	});
});

test("docs/observability.md tells of every metric, and of no other", async () => {
	const { text } = await exposition().text();
	const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => String(name));
	const [, section = ""] = /^## Metrics\n([^]*?)\n\n[^|\n]/m.exec(readFileSync("docs/observability.md", "utf8")) ?? [];
	const told = [...section.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = ""]) => cell.match(/(?<=`)\w+(?=`)/g) ?? []);
	assert.deepEqual(told.toSorted(), names.toSorted());
});

test("a source that fails once does not spoil the next scrape", async () => {
	let asked = 0;
	const storeLag = () => (asked++ === 0 ? Promise.reject(new Error("the store is closed")) : Promise.resolve(7));
	const metrics = exposition({ storeLag });
	await assert.rejects(metrics.text(), /the store is closed/);
	assert.deepEqual([...(await scrape(metrics, "openimds_store_lag_revisions")).values()], [7]);
});
