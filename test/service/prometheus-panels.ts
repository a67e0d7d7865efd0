// What each panel of the dashboard must show of what was asked.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ServiceStatus } from "../../src/daemon/control-messages.ts";
import { type Asked, CONNECTIONS_OF_ONE, CROWDED, HASTY, OPTIONAL, REQUIRED } from "./prometheus-requests.ts";
import type { Prometheus, Sample } from "./prometheus-scene.ts";

/** Fails if an answer is not what a panel shall show. */
type Expectation = (samples: readonly Sample[], prom: Prometheus) => void | Promise<void>;

/** What each panel shows of the hour before a scrape. */
export function expectations(
	{ requests, hasty, connections, open }: Asked,
	{ target, status, atSeconds }: { readonly target: string; readonly status: ServiceStatus; readonly atSeconds: number },
): Readonly<Record<string, Expectation>> {
	const withStatus = (status: number) =>
		[...requests].reduce((sum, [series, count]) => (series.endsWith(` ${status}`) ? sum + count : sum), 0);
	const perSecond = (counts: Readonly<Record<string, number>>) =>
		Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count / 3600]));
	const ranSeconds = atSeconds - Date.parse(status.startedAt) / 1000;
	const residentBytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${status.pid}/status`, "utf8"))?.[1]) * 1024;
	const v1 = 5 + 2 + 2 + CONNECTIONS_OF_ONE + hasty.answered;
	const v2 = 4 + 2 + 1;
	return {
		"Answered without a token: v1": shows({ "": v1 }),
		"Rejected for want of a token: rejected": shows({ "": 3 }),
		"Reads with a token: v2": shows({ "": v2 / (v1 + v2) }),
		"Instances by tokens: {{tokens}}": shows({ optional: 3, required: 1, off: 1 }),
		"Reads with and without a token: {{version}}": shows(perSecond({ v1, v2 })),
		"Reads with and without a token: v1 rejected": shows(perSecond({ "": 3 })),
		"Who calls without a token": shows({ [OPTIONAL]: 5 + 2 + 2, [CROWDED]: CONNECTIONS_OF_ONE, [HASTY]: hasty.answered }),
		"Who is rejected": shows({ [REQUIRED]: 3 }),
		"Requests by status: {{status}}": shows(
			perSecond(Object.fromEntries([200, 400, 401, 403, 404, 405, 503].map((status) => [status, withStatus(status)]))),
		),
		"Refusals by reason: {{reason}}": shows(
			perSecond({
				"no-token": 3,
				"bad-token": 2,
				forbidden: 2,
				"bad-request": 2,
				"not-allowed": 1,
				throttled: hasty.throttled,
				"unknown-caller": 2,
				"too-many-connections": 1,
				"too-slow": 1,
				"ipv6-disabled": 0,
				"bad-proxy-header": 1,
			}),
		),
		"Latency: p50": isQuantile(0.5, atSeconds),
		"Latency: p99": isQuantile(0.99, atSeconds),
		"Session tokens: issued": shows(perSecond({ "": 3 })),
		"Connections: open": shows({ "": open }),
		"Connections: opened a second": shows(perSecond({ "": connections })),
		"Listeners: {{instance}}": shows({ [target]: status.listeners.length }),
		"Role credentials: sets a second": shows(perSecond({ "": 2 })),
		"Since the last role credentials: {{instance}}": isBetween(0, ranSeconds),
		"Store lag: {{instance}}": shows({ [target]: 0 }),
		"Control APIs: {{service}} {{code}}": shows({
			"ok ec2": 2,
			"InvalidAMIID.NotFound ec2": 1,
			"ok iam": 1,
			"SignatureDoesNotMatch sts": 1,
		}),
		"Memory: {{instance}}": isBetween(residentBytes / 2, residentBytes * 2),
		"Processor: {{instance}}": isBetween(0, 4),
		"Running for: {{instance}}": isBetween(ranSeconds - 0.001, ranSeconds + 0.001),
	};
}

/** By the values of their labels, in the order of the labels' names. */
function shows(expected: Readonly<Record<string, number>>): Expectation {
	return (samples) => {
		const shown = Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels).join(" "), value]));
		const keys = [...new Set([...Object.keys(expected), ...Object.keys(shown)])];
		const differ = keys.filter((key) => !(Math.abs((shown[key] ?? NaN) - (expected[key] ?? NaN)) < 1e-9));
		assert.deepEqual(differ, [], `shown: ${JSON.stringify(shown)}, expected: ${JSON.stringify(expected)}`);
	};
}

/** One series. */
function isBetween(lowest: number, highest: number): Expectation {
	return ([sample, ...others]) => {
		assert.deepEqual(others, []);
		assert.ok(sample !== undefined && sample.value >= lowest && sample.value <= highest, `${sample?.value}, not ${lowest} to ${highest}`);
	};
}

/** In the bucket that the quantile's request fell into. */
function isQuantile(quantile: number, atSeconds: number): Expectation {
	return async (samples, prom) => {
		const buckets = (await prom.query("openimds_request_duration_seconds_bucket", atSeconds))
			.map(({ labels, value }) => ({ upTo: Number(labels["le"]?.replace("+Inf", "Infinity")), count: value }))
			.toSorted((a, b) => a.upTo - b.upTo);
		const total = buckets.at(-1)?.count ?? 0;
		assert.ok(total > 0, "nobody's time was taken");
		// Of those within one millisecond, the first alone has its time taken.
		assert.equal((await prom.query(`sum(openimds_requests_total) >= ${total}`, atSeconds)).length, 1);
		const bucket = buckets.findIndex(({ count }) => count >= quantile * total);
		// Of what took longer than the last bound, the bound is all that is known.
		const [lowest, highest] = [buckets[bucket - 1]?.upTo ?? 0, Math.min(buckets[bucket]?.upTo ?? 0, 1)];
		await isBetween(lowest, highest)(samples, prom);
	};
}
