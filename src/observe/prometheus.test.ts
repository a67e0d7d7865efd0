import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyHistogram } from "./latency-histogram.ts";
import { Exposition, single } from "./prometheus.ts";

test("a histogram's buckets hold what is below, its sum is in seconds", async () => {
	const latency = new LatencyHistogram();
	for (const ms of [0.02, 0.02, 0.3, 0.5, 30, 5000]) latency.note(ms);
	const { text } = await new Exposition([], latency).text();
	const value = (series: string) => {
		const line = text.split("\n").find((line) => line.startsWith(`openimds_request_duration_seconds_${series} `));
		return Number(line?.split(" ")[1]);
	};
	const bounds = ["0.000025", "0.00025", "0.0005", "0.001", "0.025", "0.05", "1", "+Inf"];
	assert.deepEqual(
		bounds.map((le) => value(`bucket{le="${le}"}`)),
		[2, 2, 4, 4, 4, 5, 5, 6],
	);
	assert.equal(value("count"), 6);
	assert.ok(Math.abs(value("sum") - 5.03084) < 1e-9);
});

test("numbers are looked up at each scrape", async () => {
	let value = 1;
	const exposition = new Exposition([single("gauge", "depth", "How deep.", () => value++)], new LatencyHistogram());
	assert.match((await exposition.text()).text, /^# HELP depth How deep\.\n# TYPE depth gauge\ndepth 1$/m);
	assert.match((await exposition.text()).text, /^depth 2$/m);
});

test("a label's value can't end its line, or be another label", async () => {
	const samples = () => [{ labels: { name: 'a"b\\c\nd' }, value: 1 }];
	const { text } = await new Exposition([{ type: "gauge", name: "m", help: "Help.", samples }], new LatencyHistogram()).text();
	assert.match(text, /^m\{name="a\\"b\\\\c\\nd"\} 1$/m);
});
