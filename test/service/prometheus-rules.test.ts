// When the alerts fire, and when they stop: promtool plays hours in which things happen.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { RULES } from "./prometheus-scene.ts";

const promtool = requireTool("promtool");

/** Series in promtool's notation, a sample a minute: `0x2` is 0 0 0, `1+2x3` is 1 3 5 7, `_` is none. */
type Series = Readonly<Record<string, string>>;

interface Story {
	readonly alert: string;
	readonly series: Series;
	/** By the minute: whether it fires then. */
	readonly fires: Readonly<Record<number, boolean>>;
	/** Labels that the alert has beside those of the scrape. */
	readonly labels?: Readonly<Record<string, string>>;
}

const requests = (version: string, status: number) => `openimds_requests_total{version="${version}", status="${status}"}`;
const refusals = (reason: string) => `openimds_refusals_total{reason="${reason}"}`;
const api = (code: string) => `openimds_api_requests_total{service="ec2", operation="RunInstances"${code && `, code="${code}"`}}`;

const STORIES: Readonly<Record<string, Story>> = {
	"a service that answers no scrape for two minutes is down": {
		alert: "OpenIMDSDown",
		series: { up: "1x5 0x10 1x5" },
		fires: { 5: false, 7: false, 8: true, 16: true, 17: false },
	},
	"one request without a token is told for an hour": {
		alert: "IMDSv1StillCalled",
		series: { [requests("v1", 200)]: "0x5 1x100" },
		fires: { 5: false, 6: true, 60: true, 70: false },
	},
	"one that found nothing, too": {
		alert: "IMDSv1StillCalled",
		series: { [requests("v1", 200)]: "0x100", [requests("v1", 404)]: "0x5 1x100" },
		fires: { 5: false, 6: true, 70: false },
	},
	"requests with a token are nothing to be told": {
		alert: "IMDSv1StillCalled",
		series: { [requests("v1", 200)]: "0x60", [requests("v2", 200)]: "0+100x60", [requests("token", 200)]: "0+1x60" },
		fires: { 10: false, 60: false },
	},
	"requests that a restarted service counts from nothing are told": {
		alert: "IMDSv1StillCalled",
		series: { [requests("v1", 200)]: "50x60 0x5 2x60" },
		fires: { 60: false, 66: false, 67: true },
	},
	"a rejected request is told for five minutes": {
		alert: "IMDSv1CallsRejected",
		series: { [requests("v1", 401)]: "0x5 1x100", [requests("v2", 401)]: "0+5x100" },
		fires: { 5: false, 6: true, 10: true, 12: false },
	},
	"a bad token is no rejected request": {
		alert: "IMDSv1CallsRejected",
		series: { [requests("v1", 401)]: "0x20", [requests("v2", 401)]: "0+5x20" },
		fires: { 10: false },
	},
	"a caller that is throttled for five minutes is told, by the reason": {
		alert: "OpenIMDSThrottles",
		series: { [refusals("throttled")]: "0x5 10+10x20", [refusals("no-token")]: "0+1x25" },
		fires: { 6: false, 10: false, 11: true, 25: true },
		labels: { reason: "throttled" },
	},
	"a single burst is not": {
		alert: "OpenIMDSThrottles",
		series: { [refusals("too-many-connections")]: "0x5 10x20" },
		fires: { 6: false, 9: false, 11: false, 20: false },
		labels: { reason: "too-many-connections" },
	},
	"a stranger who keeps asking is told": {
		alert: "OpenIMDSUnknownCallers",
		series: { [refusals("unknown-caller")]: "0x5 1+1x30" },
		fires: { 10: false, 16: true },
	},
	"a change that is not seen for a minute is told, until it is": {
		alert: "OpenIMDSStoreLag",
		series: { openimds_store_lag_revisions: "0 3 0 0 2 2 2 0 0" },
		fires: { 1: false, 2: false, 4: false, 5: true, 6: true, 7: false },
	},
	"the first request to the APIs that fails is told": {
		alert: "OpenIMDSApiFails",
		series: { [api("InternalError")]: "_x5 1x20", [api("")]: "0+1x25" },
		fires: { 4: false, 5: true, 9: true, 12: false },
		labels: { code: "InternalError" },
	},
	"a later one, too": {
		alert: "OpenIMDSApiFails",
		series: { [api("Unavailable")]: "7x20 8x20" },
		fires: { 20: false, 21: true, 25: true, 27: false },
		labels: { code: "Unavailable" },
	},
	"a request that was refused rightly is not": {
		alert: "OpenIMDSApiFails",
		series: { [api("UnauthorizedOperation")]: "0+1x20" },
		fires: { 10: false },
		labels: { code: "UnauthorizedOperation" },
	},
	"slow answers are told after ten minutes": {
		alert: "OpenIMDSSlow",
		series: {
			'openimds_request_duration_seconds_bucket{le="0.025"}': "0+90x40",
			'openimds_request_duration_seconds_bucket{le="0.05"}': "0+100x40",
			'openimds_request_duration_seconds_bucket{le="+Inf"}': "0+100x40",
		},
		fires: { 5: false, 10: false, 12: true },
	},
	"quick ones are not": {
		alert: "OpenIMDSSlow",
		series: {
			'openimds_request_duration_seconds_bucket{le="0.025"}': "0+100x40",
			'openimds_request_duration_seconds_bucket{le="+Inf"}': "0+100x40",
		},
		fires: { 12: false, 30: false },
	},
};

/** Labels that a scrape adds. */
const SCRAPED = { job: "openimds", instance: "host:9199" };

/** Without their annotations, which promtool would have us repeat; prometheus.test.ts looks at them. */
const { groups } = parse(readFileSync(RULES, "utf8")) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap(({ rules }) => rules.map((rule) => ({ ...rule, annotations: {} })));

interface Rule {
	readonly alert: string;
	readonly labels: Readonly<Record<string, string>>;
}

for (const [name, { alert, series, fires, labels = {} }] of Object.entries(STORIES)) {
	test(`${alert}: ${name}`, { skip: promtool.skip }, (t) => {
		const folder = temporaryFolder(t);
		writeFileSync(join(folder, "rules.yaml"), JSON.stringify({ groups: [{ name: "openimds", rules }] }));
		const told = { ...SCRAPED, ...labels, ...rules.find((rule) => rule.alert === alert)?.labels };
		const story = {
			interval: "1m",
			input_series: Object.entries(series).map(([name, values]) => ({ series: scraped(name), values })),
			alert_rule_test: Object.entries(fires).map(([minute, isFiring]) => ({
				alertname: alert,
				eval_time: `${minute}m`,
				exp_alerts: isFiring ? [{ exp_labels: told }] : [],
			})),
		};
		writeFileSync(join(folder, "story.yaml"), JSON.stringify({ rule_files: ["rules.yaml"], evaluation_interval: "1m", tests: [story] }));
		const { status, stdout, stderr } = spawnSync(promtool.path, ["test", "rules", join(folder, "story.yaml")], { encoding: "utf8" });
		assert.equal(status, 0, `${stdout}${stderr}`);
	});
}

test("each alert has its story, in which it fires", () => {
	const fired = Object.values(STORIES).flatMap(({ alert, fires }) => (Object.values(fires).includes(true) ? [alert] : []));
	assert.deepEqual([...new Set(fired)].toSorted(), rules.map(({ alert }) => alert).toSorted());
});

test("docs/observability.md says of each alert what to do, and of no other", () => {
	const told = [...readFileSync("docs/observability.md", "utf8").matchAll(/^\| `(\w+)` \| .+ \| .+ \|$/gm)].map(([, name]) => String(name));
	const names = rules.map(({ alert }) => alert);
	assert.deepEqual(
		told.filter((name) => !name.startsWith("openimds_")),
		names,
	);
});

/** A series as the scrape of a service brings it. */
function scraped(series: string): string {
	const [name = "", own = ""] = series.split(/[{}]/);
	const labels = Object.entries(SCRAPED).map(([label, value]) => `${label}="${value}"`);
	return `${name}{${[...labels, ...(own === "" ? [] : [own])].join(", ")}}`;
}
