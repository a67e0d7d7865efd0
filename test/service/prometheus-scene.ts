// A real Prometheus, as operators run it: with the files of deploy/, but for where it scrapes and how often.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import { type Lifetime, temporaryFolder } from "../running-service.ts";

export const RULES = new URL("../../deploy/prometheus/openimds-rules.yaml", import.meta.url).pathname;
const SCRAPE = new URL("../../deploy/prometheus/prometheus.yaml", import.meta.url);
const DASHBOARD = new URL("../../deploy/grafana/openimds-dashboard.json", import.meta.url);

/** One of an answer's series. */
export interface Sample {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

export interface Prometheus {
	/**
	 * An instant vector.
	 *
	 * @param atSeconds since the epoch; missing: now.
	 */
	query(expression: string, atSeconds?: number): Promise<readonly Sample[]>;
	/** Those that are pending or firing. */
	alerts(): Promise<readonly Alert[]>;
}

interface Alert {
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
	readonly state: "pending" | "firing";
}

interface ScrapeFile {
	readonly scrape_configs: readonly [{ readonly static_configs: readonly object[] }];
	readonly rule_files: readonly string[];
}

/** Starts Prometheus on a free port; it scrapes `target`, four times a second, until the test is over. */
export async function startPrometheus(t: Lifetime, path: string, target: string): Promise<Prometheus> {
	const folder = temporaryFolder(t);
	const example = parse(readFileSync(SCRAPE, "utf8")) as ScrapeFile;
	const [job] = example.scrape_configs;
	const file = {
		...example,
		global: { evaluation_interval: "250ms" },
		scrape_configs: [{ ...job, scrape_interval: "250ms", scrape_timeout: "250ms", static_configs: [{ targets: [target] }] }],
	};
	writeFileSync(join(folder, "prometheus.yaml"), JSON.stringify(file)); // JSON is YAML
	for (const name of example.rule_files) copyFileSync(new URL(name, SCRAPE), join(folder, name));
	const args = [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`, "--web.listen-address=127.0.0.1:0"];
	const child = spawn(path, args, { stdio: ["ignore", "ignore", "pipe"] });
	const gone = once(child, "exit");
	t.after(async () => {
		child.kill("SIGKILL");
		await gone;
	});
	let log = "";
	let address: string | undefined;
	for await (const line of createInterface({ input: child.stderr })) {
		log += `${line}\n`;
		address ??= /msg="Listening on" address=(\S+)/.exec(line)?.[1];
		if (line.includes("Server is ready to receive web requests")) break;
	}
	child.stderr.resume();
	assert.ok(address !== undefined, `Prometheus does not say where it listens:\n${log}`);
	const get = async (path: string): Promise<unknown> => {
		const answer = (await (await fetch(`http://${address}/api/v1/${path}`)).json()) as { data?: unknown; error?: string };
		assert.equal(answer.error, undefined, path);
		return answer.data;
	};
	return {
		async query(expression, atSeconds) {
			const parameters = new URLSearchParams({ query: expression, ...(atSeconds !== undefined && { time: atSeconds.toFixed(3) }) });
			const { result } = (await get(`query?${parameters}`)) as { result: { metric: Record<string, string>; value: [number, string] }[] };
			return result.map(({ metric: { __name__, ...labels }, value: [, value] }) => ({ labels, value: Number(value) }));
		},
		async alerts() {
			const { alerts } = (await get("alerts")) as { alerts: readonly Alert[] };
			return alerts;
		},
	};
}

/** Asks until the answer is as it shall be, and gives it; after half a minute the last one is a failure. */
export async function eventually<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean, what: string): Promise<T> {
	const deadlineMs = performance.now() + 30_000;
	for (;;) {
		const answer = await ask();
		if (isSo(answer)) return answer;
		assert.ok(performance.now() < deadlineMs, `waited 30 s, and still not: ${what}; but ${JSON.stringify(answer)}`);
		await delay(20);
	}
}

interface DataSource {
	readonly type: string;
	readonly uid: string;
}

interface Target {
	readonly refId: string;
	readonly datasource: DataSource;
	readonly expr: string;
	readonly legendFormat?: string;
}

/** A panel of the dashboard, or the head of a row of them. */
export interface Panel {
	readonly id: number;
	readonly type: string;
	readonly title: string;
	readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
	readonly datasource?: DataSource;
	readonly targets?: readonly Target[];
}

/** As far as it is looked at. */
export interface Dashboard {
	readonly __inputs: readonly { readonly name: string; readonly type: string; readonly pluginId: string }[];
	readonly __requires: readonly { readonly type: string; readonly id: string }[];
	readonly id: null;
	readonly panels: readonly Panel[];
	readonly templating: {
		readonly list: readonly {
			readonly name: string;
			readonly type: string;
			readonly datasource?: DataSource;
			readonly current: { readonly value: unknown };
			readonly definition?: string;
		}[];
	};
}

export function readDashboard(): Dashboard {
	return JSON.parse(readFileSync(DASHBOARD, "utf8")) as Dashboard;
}

/** An expression of the dashboard as Grafana asks for it, over the hour before. */
export function filledIn(expr: string, { job, host }: { readonly job: string; readonly host: string }): string {
	return expr.replaceAll("$__rate_interval", "3600s").replaceAll("$__range", "3600s").replaceAll("$job", job).replaceAll("$host", host);
}

/** The metrics that an expression names. */
export function metricsIn(expression: string): readonly string[] {
	return expression.match(/\b(?:openimds|process)_\w+|\bup\b/g) ?? [];
}
