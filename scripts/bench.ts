/**
 * `npm run bench [-- --seconds N --rounds N --write --only PART]`: how fast the endpoint is, as a ratio to nginx `return 200` with one worker, both measured in
 * one run in interleaved rounds; how much memory it takes; and how long a start takes against `node -e 0`. `--write` puts it into docs/performance.md.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { instanceIdOf, manyInstances } from "../test/bench/many-instances.ts";
import { median, progress, table, thousands } from "../test/bench/report.ts";
import { COUNTED, measure, SCENARIOS, type Scenario } from "../test/bench/scenarios.ts";
import { residentBytes, startNginx, startOpenimds } from "../test/bench/servers.ts";
import { TOOLS } from "../test/tools.ts";
import { provideTools } from "./provide-tools.ts";

const { values } = parseArgs({
	options: {
		seconds: { type: "string", default: "3" },
		rounds: { type: "string", default: "7" },
		write: { type: "boolean", default: false },
		only: { type: "string" },
	},
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), "openimds-bench-"));
const ANY_PORT = ["--endpoint-listen", "127.0.0.1:0"];
const PARTS: Readonly<Record<string, () => Promise<readonly string[]>>> = { rates, counting, memory, starts };

if (provideTools(TOOLS.filter(({ name }) => ["wrk", "nginx", "curl"].includes(name))).length > 0) process.exit(1);
try {
	const { only } = values;
	const parts = only === undefined ? Object.values(PARTS) : [PARTS[only] ?? fail(`--only: ${Object.keys(PARTS).join(", ")}`)];
	for (const part of parts) {
		const report = (await part()).join("\n");
		console.log(`\n${report}`);
		if (values.write) writeReport(part.name, report);
	}
} finally {
	rmSync(folder, { recursive: true });
}

async function rates(): Promise<readonly string[]> {
	const ours = await startOpenimds(["--ephemeral", ...ANY_PORT]);
	const instanceId = await (await fetch(`${ours.url}/latest/meta-data/instance-id`)).text();
	const nginx = await startNginx(folder, instanceId);
	const token = await newToken(ours.url);
	const results = new Map<Scenario, { ours: number[]; nginx: number[] }>(SCENARIOS.map((scenario) => [scenario, { ours: [], nginx: [] }]));
	progress("warming up");
	for (const scenario of SCENARIOS) for (const { url } of [ours, nginx]) measure(url, scenario, { seconds: 1, token, folder });
	for (let round = 1; round <= rounds; round++) {
		for (const [scenario, result] of results) {
			progress(`round ${round} of ${rounds}: ${scenario.name}`);
			// Which goes first changes from round to round, so that neither always meets the machine in the state the other left.
			const order = round % 2 === 0 ? (["ours", "nginx"] as const) : (["nginx", "ours"] as const);
			for (const which of order) result[which].push(measure((which === "ours" ? ours : nginx).url, scenario, { seconds, token, folder }));
		}
	}
	await Promise.all([ours.stop(), nginx.stop()]);
	return table(
		["what", "requests/s", "nginx", "ratio (median of rounds)", "aim"],
		[...results].map(([{ name, aim }, result]) => {
			const ratio = median(result.ours.map((rate, round) => rate / (result.nginx[round] ?? Number.NaN)));
			return [name, thousands(median(result.ours)), thousands(median(result.nginx)), ratio.toFixed(2), aim === undefined ? "" : `≥ ${aim}`];
		}),
	);
}

/**
 * What counting costs, and what it costs to look up who calls without a token, against a service that does neither. Differences this small are
 * found by many short rounds: what else the machine does changes from second to second, and is about the same for the three of a round.
 */
async function counting(): Promise<readonly string[]> {
	const flags = { neither: ["--no-metrics"], counts: ["--no-attribution"], "looks up": [] } as const;
	const kinds = Object.keys(flags) as (keyof typeof flags)[];
	const start = async (kind: keyof typeof flags) => {
		const service = await startOpenimds(["--ephemeral", ...ANY_PORT, ...flags[kind]]);
		return { ...service, kind, token: await newToken(service.url), rates: new Map<Scenario, number[]>(COUNTED.map((each) => [each, []])) };
	};
	const services = await Promise.all(kinds.map(start));
	const shortRounds = 2 * rounds * seconds;
	for (let round = 0; round <= shortRounds; round++) {
		for (const scenario of COUNTED) {
			progress(`counting, round ${round} of ${shortRounds}: ${scenario.name}`);
			for (const { url, token, rates } of services) {
				const rate = measure(url, scenario, { seconds: 1, token, folder });
				if (round > 0) rates.get(scenario)!.push(rate); // The first round warms up.
			}
			services.push(services.shift()!);
		}
	}
	await Promise.all(services.map((service) => service.stop()));
	const rowOf = (scenario: Scenario) => {
		const ratesOf = (kind: keyof typeof flags) => services.find((service) => service.kind === kind)!.rates.get(scenario)!;
		const neither = ratesOf("neither");
		const ratio = (kind: keyof typeof flags) => median(ratesOf(kind).map((rate, round) => rate / neither[round]!)).toFixed(3);
		const { name, aim } = scenario;
		return [name, thousands(median(neither)), ratio("counts"), aim === undefined ? "" : `≥ ${aim}`, ratio("looks up")];
	};
	return table(
		["counting", "without, requests/s", "counted, ratio (median of rounds)", "aim", "and callers looked up"],
		COUNTED.map(rowOf),
	);
}

async function memory(): Promise<readonly string[]> {
	const rows: (readonly string[])[] = [];
	const one = await startOpenimds(["--ephemeral", ...ANY_PORT]);
	const atRest = residentBytes(one.pid);
	rows.push(["one instance, at rest", megabytes(atRest), ""]);
	const put = SCENARIOS.find((scenario) => scenario.put === true)!;
	let before = 0;
	for (const [name, tokens] of [
		["after 500 000 tokens", 500_000],
		["after 1 000 000 more", 1_000_000],
		["and after 1 000 000 more", 1_000_000],
	] as const) {
		const after = await afterTokens(one, put, tokens);
		rows.push([name, megabytes(after), before === 0 ? "" : `${((after - before) / tokens).toFixed(1)} bytes a token`]);
		before = after;
	}
	await one.stop();

	const many = join(folder, "many");
	const file = join(folder, "many.json");
	writeFileSync(file, JSON.stringify(manyInstances(10_000)));
	const listen = ["--endpoint-listen", `127.0.0.1:0=${instanceIdOf(0)}`];
	progress("10 000 instances: importing");
	await (await startOpenimds(["--data-dir", many, "--config", file, ...listen])).stop();
	progress("10 000 instances: starting");
	const full = await startOpenimds(["--data-dir", many, ...listen]);
	const withMany = residentBytes(full.pid);
	rows.push(["10 000 instances, none asked", megabytes(withMany), `${((withMany - atRest) / 10_000 / 1024).toFixed(1)} KiB an instance`]);
	rows.push(["its start to ready", `${full.readyAfterMs.toFixed(0)} ms`, ""]);
	await full.stop();
	return table(["memory (resident)", "", ""], rows);
}

async function starts(): Promise<readonly string[]> {
	const kept = join(folder, "kept");
	await (await startOpenimds(["--data-dir", kept, ...ANY_PORT])).stop();
	const times = { node: [] as number[], first: [] as number[], later: [] as number[] };
	for (let round = 0; round < 11; round++) {
		progress(`start ${round + 1} of 11`);
		const startedAt = performance.now();
		spawnSync(process.execPath, ["-e", "0"]);
		times.node.push(performance.now() - startedAt);
		const first = await startOpenimds(["--data-dir", join(folder, `first-${round}`), ...ANY_PORT]);
		times.first.push(first.readyAfterMs);
		await first.stop();
		const later = await startOpenimds(["--data-dir", kept, ...ANY_PORT]);
		times.later.push(later.readyAfterMs);
		await later.stop();
	}
	const node = median(times.node);
	const row = (name: string, each: readonly number[]) => [name, `${median(each).toFixed(0)} ms`, `${(median(each) / node).toFixed(1)}×`];
	return table(
		["start to ready", "median of 11", "of node -e 0"],
		[row("node -e 0", times.node), row("first start: keys are made", times.first), row("later starts", times.later)],
	);
}

/** Memory once at least so many tokens were issued. */
async function afterTokens(server: { url: string; pid: number }, put: Scenario, tokens: number): Promise<number> {
	for (let issued = 0; issued < tokens;) {
		progress(`${issued} of ${tokens} tokens`);
		issued += measure(server.url, put, { seconds: 3, token: "", folder }) * 3;
	}
	return residentBytes(server.pid);
}

async function newToken(url: string): Promise<string> {
	const response = await fetch(`${url}/latest/api/token`, { method: "PUT", headers: { "X-aws-ec2-metadata-token-ttl-seconds": "21600" } });
	return response.text();
}

function writeReport(part: string, report: string): void {
	const page = new URL("../docs/performance.md", import.meta.url);
	const text = readFileSync(page, "utf8");
	const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Linux, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
	const made = `Made by \`npm run bench -- --only ${part} --seconds ${seconds} --rounds ${rounds} --write\` on ${machine}.\n\n${report}`;
	const marked = new RegExp(`(<!-- bench-${part}:begin -->)[^]*(<!-- bench-${part}:end -->)`);
	if (!marked.test(text)) throw new Error(`${page.pathname} has no place for ${part}`);
	writeFileSync(
		page,
		text.replace(marked, (_, begin: string, end: string) => `${begin}\n${made}\n${end}`),
	);
}

function fail(message: string): never {
	throw new Error(message);
}

function megabytes(bytes: number): string {
	return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}
