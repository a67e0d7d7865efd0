// What is asked of the two servers, by wrk, with 64 connections from one thread.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Scenario {
	readonly name: string;
	readonly path: string;
	readonly put?: boolean;
	readonly withToken?: boolean;
	/** A connection for each request. */
	readonly closes?: boolean;
	/** What the issue asks for, as a part of nginx's rate. */
	readonly aim?: number;
}

export const SCENARIOS: readonly Scenario[] = [
	{ name: "GET, v1", path: "/latest/meta-data/instance-id" },
	{ name: "GET with a token", path: "/latest/meta-data/instance-id", withToken: true, aim: 0.85 },
	{ name: "PUT of a token", path: "/latest/api/token", put: true, aim: 0.35 },
	{ name: "GET of a listing", path: "/latest/meta-data/", withToken: true },
	{ name: "404", path: "/latest/meta-data/nothing-here", withToken: true },
	{ name: "GET, a connection each", path: "/latest/meta-data/instance-id", withToken: true, closes: true, aim: 0.6 },
];

/** What is asked of a service that counts and of one that doesn't; the aim is the one's part of the other's rate. */
export const COUNTED: readonly Scenario[] = [
	{ name: "GET with a token", path: "/latest/meta-data/instance-id", withToken: true, aim: 0.97 },
	{ name: "GET, v1", path: "/latest/meta-data/instance-id", aim: 0.97 },
	{ name: "GET with a token, a connection each", path: "/latest/meta-data/instance-id", withToken: true, closes: true },
	{ name: "GET, v1, a connection each", path: "/latest/meta-data/instance-id", closes: true },
];

const CONNECTIONS = 64;

/** Requests a second that a server answers. */
export function measure(
	url: string,
	scenario: Scenario,
	{ seconds, token, folder }: { seconds: number; token: string; folder: string },
): number {
	const { path, put = false, withToken = false, closes = false } = scenario;
	const script = join(folder, "put.lua");
	if (put) writeFileSync(script, 'wrk.method = "PUT"\nwrk.headers["X-aws-ec2-metadata-token-ttl-seconds"] = "21600"\n');
	const args = [
		"-t1",
		`-c${CONNECTIONS}`,
		`-d${seconds}s`,
		"-H",
		`Connection: ${closes ? "close" : "keep-alive"}`,
		...(withToken ? ["-H", `X-aws-ec2-metadata-token: ${token}`] : []),
		...(put ? ["-s", script] : []),
		url + path,
	];
	const { stdout, status, stderr } = spawnSync("wrk", args, { encoding: "utf8" });
	const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
	if (status !== 0 || Number.isNaN(rate)) throw new Error(`wrk failed:\n${stdout}${stderr}`);
	return rate;
}
