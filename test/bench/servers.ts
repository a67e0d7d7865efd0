// The two that are compared: the service as its users start it, and nginx with one worker.

import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = new URL("../..", import.meta.url).pathname;

const API_OFF = ["--api-listen", "off"];

/** A server under test. */
export interface Running {
	/** Of its listeners; `url` is the first one's. */
	readonly urls: readonly string[];
	readonly url: string;
	readonly pid: number;
	/** From the start of the process to its `ready` line. */
	readonly readyAfterMs: number;
	stop(): Promise<void>;
}

/**
 * Starts `openimds serve` with flags on a free port, without the APIs unless flags ask for them, and waits until it says that it is ready.
 *
 * @param by a command that runs another one in its own place, such as `taskset`.
 */
export async function startOpenimds(flags: readonly string[], by: readonly string[] = []): Promise<Running> {
	const startedAt = performance.now();
	const child = spawnBy(
		by,
		[process.execPath, join(ROOT, "src/cli/main.ts"), "serve", ...API_OFF.filter(() => !flags.includes("--api-listen")), ...flags],
		{
			stdio: ["ignore", "pipe", "inherit"],
			env: { ...process.env, OPENIMDS_LOG_LEVEL: "error" },
		},
	);
	const urls: string[] = [];
	for await (const line of createInterface({ input: child.stdout! })) {
		urls.push(...(/http:\/\/\S+/.exec(line) ?? []));
		if (line.startsWith("ready")) break;
	}
	const [url] = urls;
	if (url === undefined) throw new Error("openimds serve ended before it was ready");
	return { urls, url, pid: child.pid ?? 0, readyAfterMs: performance.now() - startedAt, stop: () => stop(child) };
}

/**
 * Starts nginx with one worker and two listeners, that answers every request with `body`.
 *
 * @param by a command that runs another one in its own place, such as `taskset`.
 */
export async function startNginx(folder: string, body: string, by: readonly string[] = []): Promise<Running> {
	const ports = [await freePort(), await freePort()] as const;
	const file = join(folder, `nginx-${ports[0]}.conf`);
	const listens = ports.map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join(" ");
	writeFileSync(
		file,
		`worker_processes 1; master_process off; pid ${file}.pid; error_log ${file}.log; daemon off;
events { worker_connections 16384; }
http {
	access_log off; keepalive_requests 1000000000;
	server { ${listens} location / { default_type text/plain; return 200 "${body}"; } }
}`,
	);
	const startedAt = performance.now();
	const child = spawnBy(by, ["nginx", "-c", file], { stdio: "ignore" });
	await untilListening(ports[0]);
	const [url, other] = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`];
	return { urls: [url, other], url, pid: child.pid ?? 0, readyAfterMs: performance.now() - startedAt, stop: () => stop(child) };
}

/** Starts a command, through another one that runs it in its own place; none: by itself. */
export function spawnBy(by: readonly string[], command: readonly string[], options: SpawnOptions): ChildProcess {
	const [program = "", ...args] = [...by, ...command];
	return spawn(program, args, options);
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
	const [, kibibytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Number(kibibytes) * 1024;
}

/** Ends a process, and waits until it has ended. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill(signal);
	await once(child, "exit");
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	await once(server, "close");
	return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilListening(port: number): Promise<void> {
	for (let attempt = 0; attempt < 200; attempt++) {
		const answered = await fetch(`http://127.0.0.1:${port}/`).then(
			() => true,
			() => false,
		);
		if (answered) return;
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
	throw new Error("nginx did not come up");
}
