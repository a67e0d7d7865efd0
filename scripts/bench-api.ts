/**
 * `npm run bench:api [-- --seconds N --write]`: how many signed calls the control APIs answer a second, and what ten thousand instances take:
 * time and memory of DescribeInstances with a filter. There is no peer in the run; `--write` puts it into docs/performance.md.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { ServiceClient } from "../src/daemon/service-client.ts";
import { instanceIdOf, manyInstances } from "../test/bench/many-instances.ts";
import { median, progress, table, thousands } from "../test/bench/report.ts";
import { residentBytes, type Running, startOpenimds } from "../test/bench/servers.ts";
import { TOOLS } from "../test/tools.ts";
import { provideTools } from "./provide-tools.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" }, write: { type: "boolean", default: false } } });
const seconds = Number(values.seconds);
const folder = mkdtempSync(join(tmpdir(), "openimds-bench-api-"));
const MANY = 10_000;
const CONNECTIONS = 16;

/** A call that can be sent again and again: AWS's signatures hold for a quarter of an hour. */
interface SignedCall {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	/** It is meant to be. */
	readonly refused?: boolean;
}

if (provideTools(TOOLS.filter(({ name }) => name === "wrk")).length > 0) process.exit(1);
try {
	const report = [...(await rates()), "", ...(await many())].join("\n");
	console.log(`\n${report}`);
	if (values.write) writeReport(report);
} finally {
	rmSync(folder, { recursive: true });
}

async function rates(): Promise<readonly string[]> {
	const dataDir = join(folder, "one");
	const service = await startOpenimds(["--data-dir", dataDir, "--endpoint-listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"]);
	const [instance] = await new ServiceClient(dataDir).get("/instances");
	const calls = [
		["DescribeInstances, one instance", "Action=DescribeInstances&Version=2016-11-15"],
		[
			"ModifyInstanceMetadataOptions, written to disk",
			`Action=ModifyInstanceMetadataOptions&Version=2016-11-15&InstanceId=${instance?.instanceId}&HttpTokens=required&HttpEndpoint=enabled`,
		],
		["the same, denied by its signature", "Action=DescribeInstances&Version=2016-11-15"],
	] as const;
	const rows: (readonly string[])[] = [];
	for (const [name, body] of calls) {
		progress(name);
		const call = await signed(dataDir, body);
		const sent = name.includes("denied") ? withWrongSignature(call) : call;
		measure(sent, 1);
		rows.push([name, thousands(measure(sent, seconds))]);
	}
	await service.stop();
	return table([`${CONNECTIONS} connections, kept alive`, "calls/s"], rows);
}

async function many(): Promise<readonly string[]> {
	const dataDir = join(folder, "many");
	const file = join(folder, "many.json");
	writeFileSync(file, JSON.stringify(manyInstances(MANY)));
	const flags = ["--data-dir", dataDir, "--endpoint-listen", `127.0.0.1:0=${instanceIdOf(0)}`, "--api-listen", "127.0.0.1:0"];
	progress(`${MANY} instances: importing`);
	await (await startOpenimds([...flags, "--config", file])).stop();
	const service = await startOpenimds(flags);
	const filter = (value: string) =>
		`Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=metadata-options.http-tokens&Filter.1.Value.1=${value}`;
	const rows: (readonly string[])[] = [["memory (resident), before the first call", memory(service)]];
	const timed = async (name: string, body: string, times: number) => {
		progress(name);
		const call = await signed(dataDir, body);
		const took: number[] = [];
		let bytes = 0;
		for (let n = 0; n < times; n++) {
			const startedAt = performance.now();
			const response = await fetch(call.url, { method: "POST", headers: call.headers, body: call.body });
			const text = await response.text();
			if (response.status !== 200) throw new Error(text);
			took.push(performance.now() - startedAt);
			bytes = text.length;
		}
		rows.push([name, `${median(took).toFixed(0)} ms, ${(bytes / 1024).toFixed(0)} KiB`]);
	};
	await timed("the first call, which loads all records; http-tokens=required, none of them", filter("required"), 1);
	rows.push(["memory after it", memory(service)]);
	await timed("http-tokens=required, none of them", filter("required"), 15);
	await timed("http-tokens=optional, the first 1000", `${filter("optional")}&MaxResults=1000`, 15);
	await timed("http-tokens=optional, all in one answer", filter("optional"), 5);
	rows.push(["memory after all", memory(service)]);
	await service.stop();
	return table([`${thousands(MANY)} instances: DescribeInstances`, ""], rows);
}

async function signed(dataDir: string, body: string): Promise<SignedCall> {
	const client = new ServiceClient(dataDir);
	const { apiAddress = "", region } = await client.get("/status");
	const signer = new SignatureV4({ service: "ec2", region, credentials: await client.get("/root-key"), sha256: Sha256 });
	const [hostname = "", port = ""] = apiAddress.split(":");
	const headers = { host: apiAddress, "content-type": "application/x-www-form-urlencoded" };
	const request = await signer.sign({ method: "POST", protocol: "http:", hostname, port: Number(port), path: "/", headers, body });
	return { url: `http://${apiAddress}/`, headers: request.headers, body };
}

function withWrongSignature(call: SignedCall): SignedCall {
	const authorization = (call.headers["authorization"] ?? "").replace(/.{4}$/, "0000");
	return { ...call, headers: { ...call.headers, authorization }, refused: true };
}

/** Calls a second that are answered. */
function measure({ url, headers, body, refused = false }: SignedCall, forSeconds: number): number {
	const script = join(folder, "call.lua");
	// wrk sends a Host of its own.
	const { host: _, ...others } = headers;
	const lines = Object.entries({ ...others, connection: "keep-alive" }).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
	writeFileSync(script, [`wrk.method = "POST"`, `wrk.body = "${body}"`, ...lines].join("\n"));
	const args = ["-t1", `-c${CONNECTIONS}`, `-d${forSeconds}s`, "-s", script, url];
	const { stdout, status, stderr } = spawnSync("wrk", args, { encoding: "utf8" });
	const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
	if (status !== 0 || Number.isNaN(rate) || stdout.includes("Non-2xx") !== refused) throw new Error(`wrk failed:\n${stdout}${stderr}`);
	return rate;
}

function memory({ pid }: Running): string {
	return `${(residentBytes(pid) / 1024 / 1024).toFixed(0)} MiB`;
}

function writeReport(report: string): void {
	const page = new URL("../docs/performance.md", import.meta.url);
	const text = readFileSync(page, "utf8");
	const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Linux, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
	const made = `Made by \`npm run bench:api -- --seconds ${seconds} --write\` on ${machine}.\n\n${report}`;
	const marked = /(<!-- bench-api:begin -->)[\s\S]*(<!-- bench-api:end -->)/;
	if (!marked.test(text)) throw new Error(`${page.pathname} has no place for the report`);
	writeFileSync(
		page,
		text.replace(marked, (_, begin: string, end: string) => `${begin}\n${made}\n${end}`),
	);
}
