// A real Prometheus scrapes the service while it is asked, well and badly. Each number of the dashboard must then follow from what was asked.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startApi } from "../api/api.ts";
import { requireTool } from "../tools.ts";
import { expectations } from "./prometheus-panels.ts";
import { API_CALLS, askApis, askEndpoint, CONFIGURATION, FLAGS } from "./prometheus-requests.ts";
import { eventually, filledIn, metricsIn, readDashboard, RULES, startPrometheus } from "./prometheus-scene.ts";

const prometheus = requireTool("prometheus");
const promtool = requireTool("promtool");

test("Prometheus has the numbers of what was asked, and the dashboard and the alerts show them", { skip: prometheus.skip }, async (t) => {
	const api = await startApi(t, { configuration: CONFIGURATION, flags: FLAGS.split(" ") });
	const status = await api.service.status();
	const target = status.metricsAddress ?? "";
	const text = await (await fetch(`http://${target}/metrics`)).text();
	const lint = spawnSync(promtool.path, ["check", "metrics"], { input: text, encoding: "utf8" });
	assert.deepEqual([lint.status, lint.stdout, lint.stderr], [0, "", ""]);

	const prom = await startPrometheus(t, prometheus.path, target);
	await eventually(
		() => prom.query("count(openimds_requests_total) and sum(openimds_requests_total) == 0"),
		(samples) => samples.length === 1,
		"a scrape before the first request",
	);
	const asked = await askEndpoint(t, api);
	await askApis(api);
	const total = [...asked.requests.values()].reduce((sum, count) => sum + count, 0);
	const sums = ["sum({__name__=~'openimds_(api_)?requests_total'})", "sum(openimds_connections)"].join(" * 1000 + ");
	await eventually(
		() => prom.query(sums),
		([sample]) => sample?.value === (total + API_CALLS) * 1000 + asked.open,
		`${total} + ${API_CALLS} requests and ${asked.open} open connections have been scraped`,
	);
	// At the moment of a scrape increase() and rate() need not guess what has been since: they are exact.
	const [scraped = assert.fail()] = await eventually(
		() => prom.query("max(timestamp(openimds_requests_total))"),
		({ length }) => length === 1,
		"a scrape",
	);

	await t.test("each question of the dashboard is answered with what follows", async () => {
		const expected = expectations(asked, { target, status, atSeconds: scraped.value });
		const shown = new Set<string>();
		for (const { title, targets = [] } of readDashboard().panels) {
			for (const { expr, legendFormat } of targets) {
				const name = legendFormat === undefined ? title : `${title}: ${legendFormat}`;
				shown.add(name);
				const check = expected[name] ?? assert.fail(`the test does not know what "${name}" shall show`);
				const samples = await prom.query(filledIn(expr, { job: "openimds", host: target }), scraped.value);
				const labels = [...(legendFormat ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
				for (const sample of samples)
					for (const label of labels) assert.ok(label in sample.labels, `${name}: no ${label} in ${JSON.stringify(sample)}`);
				await check(samples, prom);
			}
		}
		assert.deepEqual(
			Object.keys(expected).filter((name) => !shown.has(name)),
			[],
			"no such panel",
		);
	});

	await t.test("the dashboard and the alerts name no metric that is not there", () => {
		const families = [...text.matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(([, name = "", type]) =>
			type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name],
		);
		const known = new Set([...families, "up"]);
		const { panels, templating } = readDashboard();
		const texts = [
			...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
			...templating.list.map(({ definition }) => definition ?? ""),
		];
		const rules = readFileSync(RULES, "utf8").match(/expr: (?:>-\n(?: {10}.*\n)+|.*)/g) ?? [];
		assert.equal(rules.length, 8);
		for (const named of [...texts, ...rules].flatMap(metricsIn)) assert.ok(known.has(named), named);
	});

	await t.test("those who call without a token, and those who are turned away, raise their alerts", async () => {
		const wanted = [
			"IMDSv1CallsRejected: firing",
			"IMDSv1StillCalled: firing",
			"OpenIMDSThrottles throttled: pending",
			"OpenIMDSThrottles too-many-connections: pending",
			"OpenIMDSUnknownCallers: pending",
		];
		const alerts = async () => {
			const told = await prom.alerts();
			const expanded = told.flatMap(({ annotations }) => Object.values(annotations));
			for (const text of expanded) assert.doesNotMatch(text, /\{\{|<no value>|error/);
			const names = told.map(({ labels: { alertname, reason = "" }, state }) => `${`${alertname} ${reason}`.trim()}: ${state}`);
			return names.filter((name) => !name.startsWith("OpenIMDSSlow")).toSorted(); // A busy machine may be slow, rightly so.
		};
		await eventually(alerts, (now) => now.join() === wanted.join(), wanted.join());
		await api.service.stop();
		await eventually(alerts, (now) => now.includes("OpenIMDSDown: pending"), "the service is down");
	});
});
