// What a guest may do to its neighbours.

import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnBy, stop } from "./servers.ts";

export interface Noise {
	readonly name: string;
	/** What wrk does, if anything. */
	readonly wrk?: { readonly connections: number; readonly put?: boolean; readonly closes?: boolean };
	/** How many connections are opened besides, and sat on. */
	readonly halfOpen?: number;
	/** The noise is made at another server, so that only the clients' core hears it. */
	readonly elsewhere?: boolean;
	/** What the issue asks for: the neighbour's p99, as a multiple of its quiet one. */
	readonly aim?: number;
}

export const NOISES: Readonly<Record<string, Noise>> = {
	elsewhere: { name: "64 connections to another server", wrk: { connections: 64 }, elsewhere: true },
	a: { name: "64 connections at full speed", wrk: { connections: 64 } },
	b: { name: "1024 connections at full speed", wrk: { connections: 1024 } },
	c: { name: "a connection for each request", wrk: { connections: 64, closes: true } },
	d: { name: "5000 half-open connections", halfOpen: 5000 },
	e: { name: "both: 64 at full speed, 5000 half-open", wrk: { connections: 64 }, halfOpen: 5000, aim: 3 },
	f: { name: "token PUTs at full speed", wrk: { connections: 64, put: true } },
};

export interface NoiseMaker {
	/** Ends the noise. Answers how many requests a second its maker had answered; 0 where it asks nothing. */
	stop(): Promise<number>;
}

/**
 * Starts a noise, and waits until all its connections were tried.
 *
 * @param by what runs the noise's processes, such as `taskset`.
 */
export async function startNoise(
	{ wrk, halfOpen }: Noise,
	{ url, token, folder, by }: { url: string; token: string; folder: string; by: readonly string[] },
): Promise<NoiseMaker> {
	// First, as a guest may have only so many connections: those that are sat on would leave it none to ask over.
	const asking = wrk === undefined ? undefined : startWrk(wrk, { url, token, folder, by });
	const sitting = halfOpen === undefined ? undefined : await sit(url, halfOpen, by);
	return {
		async stop() {
			const [rate] = await Promise.all([asking?.stop() ?? 0, sitting && stop(sitting)]);
			return rate;
		},
	};
}

async function sit(url: string, count: number, by: readonly string[]): Promise<ChildProcess> {
	const file = new URL("half-open.ts", import.meta.url).pathname;
	const child = spawnBy(by, [process.execPath, file, url, String(count)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	await once(child, "message");
	return child;
}

function startWrk(
	{ connections, put = false, closes = false }: NonNullable<Noise["wrk"]>,
	{ url, token, folder, by }: { url: string; token: string; folder: string; by: readonly string[] },
): NoiseMaker {
	const script = join(folder, "put.lua");
	if (put) writeFileSync(script, 'wrk.method = "PUT"\nwrk.headers["X-aws-ec2-metadata-token-ttl-seconds"] = "21600"\n');
	const headers = ["-H", `Connection: ${closes ? "close" : "keep-alive"}`, "-H", `X-aws-ec2-metadata-token: ${token}`];
	const path = `/latest/${put ? "api/token" : "meta-data/instance-id"}`;
	const command = ["wrk", "-t1", `-c${connections}`, "-d600s", ...headers, ...(put ? ["-s", script] : []), url + path];
	const child = spawnBy(by, command, { stdio: ["ignore", "pipe", "inherit"] });
	let said = "";
	child.stdout?.on("data", (bytes: Buffer) => (said += bytes.toString()));
	const ended = once(child, "close");
	return {
		async stop() {
			// It takes an interrupt for the end of its time, and tells what it measured.
			child.kill("SIGINT");
			await ended;
			const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1] ?? Number.NaN);
			if (Number.isNaN(rate)) throw new Error(`wrk failed:\n${said}`);
			return rate;
		},
	};
}
