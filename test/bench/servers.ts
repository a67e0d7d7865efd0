// The two that are compared: the service as its users start it, and nginx with one worker.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = new URL("../..", import.meta.url).pathname;

/** A server under test. */
export interface Running {
	readonly url: string;
	readonly pid: number;
	/** From the start of the process to its `ready` line. */
	readonly readyAfterMs: number;
	stop(): Promise<void>;
}

/** Starts `openimds serve` with flags on a free port, and waits until it says that it is ready. */
export async function startOpenimds(flags: readonly string[]): Promise<Running> {
	const startedAt = performance.now();
	const child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), "serve", ...flags], {
		stdio: ["ignore", "pipe", "inherit"],
		env: { ...process.env, OPENIMDS_LOG_LEVEL: "error" },
	});
	let url = "";
	for await (const line of createInterface({ input: child.stdout })) {
		url ||= /http:\/\/\S+/.exec(line)?.[0] ?? "";
		if (line.startsWith("ready")) break;
	}
	if (url === "") throw new Error("openimds serve ended before it was ready");
	return { url, pid: child.pid ?? 0, readyAfterMs: performance.now() - startedAt, stop: () => stop(child) };
}

/** Starts nginx with one worker that answers every request with `body`. */
export async function startNginx(folder: string, body: string): Promise<Running> {
	const port = await freePort();
	const file = join(folder, "nginx.conf");
	writeFileSync(
		file,
		`worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; daemon off;
events { worker_connections 4096; }
http {
	access_log off; keepalive_requests 1000000000;
	server { listen 127.0.0.1:${port} backlog=4096; location / { default_type text/plain; return 200 "${body}"; } }
}`,
	);
	const startedAt = performance.now();
	const child = spawn("nginx", ["-c", file], { stdio: "ignore" });
	await untilListening(port);
	return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, readyAfterMs: performance.now() - startedAt, stop: () => stop(child) };
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
	const [, kibibytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Number(kibibytes) * 1024;
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill("SIGTERM");
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
