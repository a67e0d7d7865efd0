import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { ServiceStatus } from "../src/daemon/control-messages.ts";
import { ServiceClient } from "../src/daemon/service-client.ts";

/** The program as its users run it. */
export const MAIN = new URL("../src/cli/main.ts", import.meta.url).pathname;

/** What a service lives as long as: a test, a suite, a file. */
export interface Lifetime {
	after(end: () => void | Promise<void>): void;
}

/** A service that runs in a process of its own. */
export interface RunningService {
	/** `http://HOST:PORT` of each listener, by the instance it is for. */
	readonly urls: ReadonlyMap<string, string>;
	/** The first of them. */
	readonly url: string;
	readonly dataDir: string;
	readonly configFile: string;
	/** Ends the process and waits until it is gone. */
	stop(signal?: NodeJS.Signals): Promise<void>;
	/** Sends a signal to the process. */
	signal(signal: NodeJS.Signals): void;
	/** The next line of its log that matches; the log so far does not count. */
	nextLog(pattern: RegExp): Promise<string>;
	/** Its log so far. */
	log(): string;
	/** What its control socket tells. */
	status(): Promise<ServiceStatus>;
	/** What was asked of it so far. */
	requests(): Promise<NonNullable<ServiceStatus["requests"]>>;
	/** An operation of its own service, asked for over the control socket. */
	perform: ServiceClient["perform"];
}

/** Starts `openimds serve` on free ports, waits for its `ready`, and stops it when the test is over. */
export async function startService(
	t: Lifetime,
	{ configuration, flags = [], dataDir }: { configuration?: string; flags?: readonly string[]; dataDir?: string } = {},
): Promise<RunningService> {
	const folder = dataDir ?? temporaryFolder(t);
	const configFile = join(folder, "openimds.yaml");
	if (configuration !== undefined) writeFileSync(configFile, configuration);
	const args = [
		"serve",
		"--data-dir",
		folder,
		...(flags.includes("--api-listen") ? [] : ["--api-listen", "off"]),
		...(configuration === undefined ? ["--endpoint-listen", "127.0.0.1:0"] : ["--config", configFile]),
		...flags,
	];
	// Before anything is awaited: test/network/ starts it in another network namespace by that.
	const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
	let errors = "";
	const log = createInterface({ input: child.stderr });
	log.on("line", (line) => (errors += `${line}\n`));
	const gone = once(child, "exit");
	const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
		child.kill(signal);
		await gone;
	};
	t.after(() => stop("SIGKILL"));

	const urls = new Map<string, string>();
	let ready = false;
	for await (const line of createInterface({ input: child.stdout })) {
		const [, url, instanceId] = /(http:\/\/\S+)\s+as (i-\S+)/.exec(line) ?? [];
		if (url !== undefined && instanceId !== undefined) urls.set(instanceId, url);
		ready ||= line.startsWith("ready");
		if (ready) break;
	}
	if (!ready) throw new Error(`openimds serve ended before it was ready:\n${errors}`);
	child.stdout.resume();
	const client = new ServiceClient(folder);
	return {
		urls,
		url: [...urls.values()][0] ?? "",
		dataDir: folder,
		configFile,
		stop,
		signal: (signal) => child.kill(signal),
		nextLog: (pattern) => nextLine(log, pattern),
		log: () => errors,
		status: () => client.get("/status"),
		async requests() {
			const { requests } = await client.get("/status");
			if (requests === undefined) throw new Error("it does not count requests");
			return requests;
		},
		perform: (operation, input) => client.perform(operation, input),
	};
}

async function nextLine(log: Interface, pattern: RegExp): Promise<string> {
	for await (const [line] of on(log, "line", { close: ["close"] }) as AsyncIterable<[string]>) if (pattern.test(line)) return line;
	throw new Error(`the log ended without ${pattern}`);
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: Lifetime): string {
	const folder = mkdtempSync(join(tmpdir(), "openimds-test-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** A session token. */
export async function tokenFrom(url: string, ttlSeconds = 60): Promise<string> {
	const response = await fetch(`${url}/latest/api/token`, {
		method: "PUT",
		headers: { "X-aws-ec2-metadata-token-ttl-seconds": String(ttlSeconds) },
	});
	if (response.status !== 200) throw new Error(`PUT of a token: ${response.status}`);
	return response.text();
}
