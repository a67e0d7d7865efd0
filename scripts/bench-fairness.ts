/**
 * `npm run bench:fairness [-- --seconds N --rounds N --kinds a,b,…]`: what one guest at full speed does to its neighbour. The neighbour asks at a steady
 * 600 requests a second; its p99 under each kind of noise is shown as a multiple of its quiet one, measured in the same round. nginx does the same beside it.
 *
 * What is meant to be measured is the service's own queue, so each process has its place: the server has core 0 for itself, all clients share core 1.
 * There the noise runs as SCHED_IDLE: it has every moment that the neighbour's client leaves, and is put off at once when that one has an answer to read, so the
 * neighbour's clock does not count waiting for wrk. What the arrangement itself still costs is the row "to another server": the same noise, from the
 * same core, at an nginx on that core. It tends to be below 1, since a core that is kept busy does not need to be woken.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { NeighbourReport, NeighbourTask } from "../test/bench/neighbour.ts";
import { type Noise, NOISES, startNoise } from "../test/bench/noise.ts";
import { median, percentile, progress, table, thousands } from "../test/bench/report.ts";
import { type Running, spawnBy, startNginx, startOpenimds, stop } from "../test/bench/servers.ts";
import { TOOLS } from "../test/tools.ts";
import { provideTools } from "./provide-tools.ts";

/** A server, and the neighbour's and the noise's listener of it. */
interface Measured {
	readonly name: string;
	readonly server: Running;
	readonly neighbour: Place;
	readonly noisy: Place;
}

interface Place {
	readonly url: string;
	readonly token: string;
}

/** What was seen in one round. */
interface Seen {
	readonly neighbour: NeighbourReport;
	readonly noisyRate: number;
	/** How much of its core the server used, and how much of that core others took, 0 to 1. */
	readonly busy: number;
	readonly others: number;
}

const SERVERS_CORE = ["taskset", "-c", "0"];
const CLIENTS_CORE = ["taskset", "-c", "1"];
const IN_IDLE_TIME = [...CLIENTS_CORE, "chrt", "-i", "0"];
/** Before the neighbour begins, the noise has come to its full strength. */
const NOISE_LEAD_MS = 300;
/** More of the server's core than this, taken by programs that have no part in it, says that the figures are theirs, too. */
const OTHERS_MAX = 0.05;
const CLOCK_TICKS_PER_SECOND = 100;

const { values } = parseArgs({
	options: {
		// A half-open connection is closed after 5 s: less than 6 would not see that.
		seconds: { type: "string", default: "6" },
		rounds: { type: "string", default: "5" },
		kinds: { type: "string", default: Object.keys(NOISES).join(",") },
	},
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const kinds = values.kinds.split(",").flatMap((kind) => NOISES[kind] ?? unknownKind(kind));

if (provideTools(TOOLS.filter(({ name }) => ["wrk", "nginx"].includes(name))).length > 0) process.exit(1);
for (const command of [SERVERS_CORE, IN_IDLE_TIME]) {
	if (spawnSync(command[0] ?? "", [...command.slice(1), "true"]).status === 0) continue;
	console.log(`Can't run "${command.join(" ")} …": this needs two cores, and taskset and chrt (Debian package util-linux).`);
	process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "openimds-fairness-"));
const ending: (() => Promise<unknown>)[] = [];
try {
	console.log(`\n${(await report()).join("\n")}`);
} finally {
	await Promise.all(ending.map((end) => end()));
	rmSync(folder, { recursive: true });
}

function unknownKind(kind: string): never {
	console.error(`--kinds: there is no "${kind}"; there are ${Object.keys(NOISES).join(", ")}.`);
	process.exit(1);
}

async function report(): Promise<readonly string[]> {
	const measured = [await openimds(), await nginx()];
	const elsewhere = { url: kept(await startNginx(folder, "elsewhere", IN_IDLE_TIME)).url, token: "" };
	const neighbour = spawnBy(CLIENTS_CORE, [process.execPath, new URL("../test/bench/neighbour.ts", import.meta.url).pathname], {
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	ending.push(() => stop(neighbour));
	const see = async ({ server, neighbour: place, noisy }: Measured, noise: Noise, forSeconds: number): Promise<Seen> => {
		const maker = await startNoise(noise, { ...(noise.elsewhere === true ? elsewhere : noisy), folder, by: IN_IDLE_TIME });
		await new Promise((resolve) => setTimeout(resolve, NOISE_LEAD_MS));
		const [startedMs, usedMs, coreUsedMs] = [performance.now(), processorMs(server.pid), serversCoreMs()];
		neighbour.send({ ...place, seconds: forSeconds } satisfies NeighbourTask);
		const [said] = (await once(neighbour, "message")) as [NeighbourReport];
		const tookMs = performance.now() - startedMs;
		const busy = (processorMs(server.pid) - usedMs) / tookMs;
		const others = (serversCoreMs() - coreUsedMs) / tookMs - busy;
		return { neighbour: said, noisyRate: await maker.stop(), busy, others };
	};

	const quiet: Noise = { name: "quiet" };
	const results = new Map(measured.map((one) => [one, new Map([quiet, ...kinds].map((noise): [Noise, Seen[]] => [noise, []]))]));
	progress("warming up");
	for (const one of measured) for (const noise of [quiet, ...kinds]) await see(one, noise, 1);
	for (let round = 1; round <= rounds; round++) {
		for (const [one, seen] of results) {
			for (const [noise, inRounds] of seen) {
				progress(`round ${round} of ${rounds}: ${one.name}, ${noise.name}`);
				inRounds.push(await see(one, noise, seconds));
			}
		}
	}
	progress("");
	return [...results].flatMap(([{ name }, seen]) => [...shown(name, seen, seen.get(quiet) ?? []), ""]);
}

async function openimds(): Promise<Measured> {
	const file = join(folder, "two.json");
	writeFileSync(file, JSON.stringify({ instances: ["a", "b"].map(instance) }));
	const server = kept(await startOpenimds(["--ephemeral", "--config", file], SERVERS_CORE));
	const [noisy, neighbour] = await Promise.all(server.urls.map(async (url) => ({ url, token: await newToken(url) })));
	if (noisy === undefined || neighbour === undefined) throw new Error(`two listeners were wanted, not ${server.urls.join(" ")}`);
	return { name: "openimds", server, noisy, neighbour };
}

async function nginx(): Promise<Measured> {
	const server = kept(await startNginx(folder, "i-0000000000000000a", SERVERS_CORE));
	const [noisy, neighbour] = server.urls.map((url) => ({ url, token: "as-long-as-a-token".repeat(3) }));
	return { name: "nginx", server, noisy: noisy!, neighbour: neighbour! };
}

function instance(name: string): object {
	return { instanceId: `i-${name.padStart(17, "0")}`, endpointListen: ["127.0.0.1:0"] };
}

function kept(server: Running): Running {
	ending.push(() => server.stop());
	return server;
}

async function newToken(url: string): Promise<string> {
	const response = await fetch(`${url}/latest/api/token`, { method: "PUT", headers: { "X-aws-ec2-metadata-token-ttl-seconds": "21600" } });
	return response.text();
}

/** What a process has used of its processors, all its threads together. */
function processorMs(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
	// proc_pid_stat(5): fields 14 and 15, user and system; the name before them, in parentheses, may hold spaces.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return ((Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND) * 1000;
}

/** What has been used of the server's core, by whomever. */
function serversCoreMs(): number {
	// proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal.
	const [user, nice, system, , , irq, softirq, steal] =
		/^cpu0 +(.+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]?.split(" ").map(Number) ?? [];
	return ([user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / CLOCK_TICKS_PER_SECOND) * 1000;
}

function shown(server: string, seen: ReadonlyMap<Noise, readonly Seen[]>, quiet: readonly Seen[]): readonly string[] {
	const all = [...seen.values()].flat();
	const failed = all.reduce((sum, { neighbour }) => sum + neighbour.failed, 0);
	const others = Math.max(...all.map(({ others }) => others));
	return [
		...table(
			[`${server} (µs)`, "kept p50", "p99", "p99.9", "× quiet", "new p50", "p99", "× quiet", "aim", "noisy requests/s", "server busy"],
			[...seen].map(([{ name, aim }, inRounds]) => [
				name,
				...columns("kept", inRounds, quiet, [0.5, 0.99, 0.999]),
				...columns("fresh", inRounds, quiet, [0.5, 0.99]),
				aim === undefined ? "" : `≤ ${aim}`,
				thousands(median(inRounds.map(({ noisyRate }) => noisyRate))),
				`${Math.round(median(inRounds.map(({ busy }) => busy)) * 100)} %`,
			]),
		),
		...(failed === 0 ? [] : [`${failed} of the neighbour's requests failed.`]),
		...(others < OTHERS_MAX
			? []
			: [`Something else took ${Math.round(others * 100)} % of the server's core for a while: measure again when the machine is quiet.`]),
	];
}

/** Percentiles in microseconds, and the p99 as a multiple of the quiet one of the same round: medians over the rounds. */
function columns(which: "kept" | "fresh", inRounds: readonly Seen[], quiet: readonly Seen[], parts: readonly number[]): readonly string[] {
	const p99 = (seen: Seen | undefined) => percentile(seen?.neighbour[which] ?? [], 0.99);
	return [
		...parts.map((part) => thousands(median(inRounds.map(({ neighbour }) => percentile(neighbour[which], part))))),
		median(inRounds.map((seen, round) => p99(seen) / p99(quiet[round]))).toFixed(1),
	];
}
