// The dashboard without a Grafana: what it needs to load, and that each of its questions is one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { filledIn, metricsIn, readDashboard } from "./prometheus-scene.ts";

const promtool = requireTool("promtool");
const { panels, templating, __inputs, __requires, id } = readDashboard();
const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

test("each panel has an id of its own, and a place where no other is", () => {
	assert.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
	const taken = new Map<string, string>();
	for (const { title, gridPos } of panels) {
		assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24, `${title} is wider than the grid`);
		for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
			for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
				assert.equal(taken.get(`${x} ${y}`), undefined, `${title} lies over another at ${x}, ${y}`);
				taken.set(`${x} ${y}`, title);
			}
		}
	}
});

test("it is nobody's yet, and asks at its import for a Prometheus, which every question goes to", () => {
	assert.equal(id, null);
	const [input, ...others] = __inputs;
	assert.deepEqual([input?.name, input?.type, input?.pluginId, others], ["DS_PROMETHEUS", "datasource", "prometheus", []]);
	const [datasource, ...variables] = templating.list;
	assert.deepEqual([datasource?.name, datasource?.type, datasource?.current.value], ["datasource", "datasource", "${DS_PROMETHEUS}"]);
	const asked = [...variables, ...panels.filter(({ type }) => type !== "row"), ...targets];
	for (const { datasource } of asked) assert.deepEqual(datasource, { type: "prometheus", uid: "${datasource}" });
});

test("it requires the panels that it uses, and uses no variable that is not there", () => {
	const used = new Set(panels.map(({ type }) => type).filter((type) => type !== "row"));
	const required = __requires.filter(({ type }) => type === "panel").map(({ id }) => id);
	assert.deepEqual(required.toSorted(), [...used].toSorted());
	const known = new Set([...templating.list.map(({ name }) => name), "__range", "__rate_interval"]);
	for (const { title, expr } of targets) {
		for (const [, name = ""] of expr.matchAll(/\$\{?(\w+)/g)) assert.ok(known.has(name), `${title}: $${name}`);
	}
});

test("each question is about the jobs and hosts that are chosen", () => {
	for (const { title, expr } of targets) {
		const selectors = expr.match(/\{[^}]*\}/g) ?? [];
		assert.equal(selectors.length, metricsIn(expr).length, title);
		for (const selector of selectors) assert.match(selector, /^\{job=~"\$job", instance=~"\$host"/, title);
	}
});

test("Prometheus can read each question", { skip: promtool.skip }, (t) => {
	const file = join(temporaryFolder(t), "rules.yaml");
	const rules = targets.map(({ expr }, index) => ({ record: `panel:${index}`, expr: filledIn(expr, { job: "openimds", host: ".*" }) }));
	writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
	const { status, stdout, stderr } = spawnSync(promtool.path, ["check", "rules", file], { encoding: "utf8" });
	assert.equal(status, 0, stderr);
	assert.match(stdout, new RegExp(`${targets.length} rules found`));
});
