/** `openimds v1-callers`: real programs that call without a token are named as what they are, or it is said why not; no secret is told. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { ToldCaller } from "../../src/daemon/control-messages.ts";
import { type Lifetime, type RunningService, startService, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { type CallingProgram, OLD_SDK, PYTHON, runProgram, startProgram } from "./calling-program.ts";
import { openimds } from "./openimds.ts";

const [A, B, STRICT, SOCKET] = ["i-0000000000000000a", "i-0000000000000000b", "i-0000000000000000c", "i-0000000000000000d"] as const;
const SECRETS = ["s3cr3t-of-an-option", "s3cr3t-of-a-word", "s3cr3t-of-an-url", "s3cr3t-of-an-agent"] as const;
const [OF_OPTION, OF_WORD, OF_URL, OF_AGENT] = SECRETS;
const CREDENTIALS = "/latest/meta-data/iam/security-credentials/";

/** Why a program that has ended can't be told, but for its name at most; nothing else is honest here. */
const GONE = [
	"the socket was gone: its program had closed it or ended",
	"the process had ended, or closed the connection, before it was found",
	"no more than its name is known: it had ended before it could be looked at",
];

/** Its connection lasts, so that there is no race about who it is. */
const KEPT_ALIVE = { AWS_NODEJS_CONNECTION_REUSE_ENABLED: "1" };

const curl = requireTool("curl");
const python = requireTool("python3");
const folder = temporaryFolder({ after });
const socketPath = join(folder, "metadata.sock");
const service = await startService(
	{ after },
	{
		dataDir: folder,
		configuration: `
roles: [{ roleName: old-role }]
instances:
  - { instanceId: ${A}, tags: { Name: web }, endpointListen: 127.0.0.1:0, iamInstanceProfile: old-role }
  - { instanceId: ${B}, endpointListen: 127.0.0.1:0 }
  - { instanceId: ${STRICT}, endpointListen: 127.0.0.1:0, metadataOptions: { httpTokens: required } }
  - { instanceId: ${SOCKET}, endpointListen: "unix:${socketPath}" }
`,
		flags: ["--log-level", "trace"],
	},
);
const urlOf = (instanceId: string) => service.urls.get(instanceId) ?? "";
const placeOf = (instanceId: string) => urlOf(instanceId).replace("http://", "");

const { uid, username: user } = userInfo();
const me = { uid, user };
const node = realpathSync(process.execPath);

async function v1Callers(...args: readonly string[]): Promise<string> {
	const { code, stdout } = await openimds(["v1-callers", ...args], { OPENIMDS_DATA_DIR: service.dataDir });
	assert.equal(code, 0);
	return stdout;
}

async function callersOf(instanceId: string): Promise<readonly ToldCaller[]> {
	return JSON.parse(await v1Callers("--json", "--instance", instanceId)) as ToldCaller[];
}

async function callerOf(instanceId: string, { pid }: Pick<CallingProgram, "pid">): Promise<ToldCaller> {
	const callers = await callersOf(instanceId);
	const caller = callers.find((each) => each.pid === pid);
	assert.ok(caller !== undefined, `${pid} is none of ${JSON.stringify(callers, undefined, 2)}`);
	return caller;
}

/** The facts that are named. */
function some<Key extends keyof ToldCaller>(caller: ToldCaller, ...keys: readonly Key[]): Pick<ToldCaller, Key> {
	return Object.fromEntries(keys.map((key) => [key, caller[key]])) as Pick<ToldCaller, Key>;
}

test("an SDK from before IMDSv2 is named, with its version, and with the one to update to", async (t) => {
	const sdk = startProgram(t, [node, OLD_SDK, urlOf(A), `--token=${OF_OPTION}`, OF_WORD], KEPT_ALIVE);
	await sdk.printed("loaded old-role");
	const caller = await callerOf(A, sdk);
	assert.deepEqual(some(caller, "executable", "commandLine", "uid", "user", "sourceAddress", "userAgent", "sdkName", "sdkVersion"), {
		executable: node,
		commandLine: `node ${OLD_SDK} ${urlOf(A)} --token=… …`,
		...me,
		sourceAddress: "127.0.0.1",
		userAgent: "aws-sdk-nodejs/2.500.0",
		sdkName: "AWS SDK for JavaScript v2",
		sdkVersion: "2.500.0",
	});
	assert.deepEqual(some(caller, "calls", "answered", "rejected", "callsByPath"), {
		calls: 2,
		answered: 2,
		rejected: 0,
		callsByPath: { credentials: 2 },
	});
	assert.equal(caller.advice, "AWS SDK for JavaScript v2 2.500.0: update aws-sdk to 2.722.0 or later");
	assert.equal(caller.instanceName, "web");
	assert.equal(caller.unknown, undefined);
	await sdk.end();
});

test("curl, which ends with its answer, is named at one of its calls; of all others it is said why not", { skip: curl.skip }, async () => {
	const executable = realpathSync(curl.path);
	// Two command lines that must not be taken for each other, and the processes of each.
	const asked = [
		{ instanceId: A, path: "/latest/meta-data/instance-id", pids: new Set<number>() },
		{ instanceId: B, path: "/latest/meta-data/hostname", pids: new Set<number>() },
	];
	const isNamed = async (instanceId: string) =>
		(await service.perform("ListV1Callers", { instanceIds: [instanceId] })).callers?.some((each) => each.executable === executable) ===
		true;
	for (const { instanceId, path, pids } of asked) {
		for (let call = 0; call < 60 && !(call >= 5 && (await isNamed(instanceId))); call++) {
			pids.add(
				(await runProgram(curl.path, ["-s", "-o", "/dev/null", "-H", `X-Api-Key: ${OF_OPTION}`, `${urlOf(instanceId)}${path}?${OF_URL}`]))
					.pid,
			);
		}
	}
	for (const { instanceId, path, pids } of asked) {
		const callers = (await callersOf(instanceId)).filter(({ sdkName }) => sdkName === "curl");
		assert.ok(
			callers.some(({ commandLine }) => commandLine !== undefined),
			JSON.stringify(callers, undefined, 2),
		);
		for (const caller of callers) {
			assert.match(
				caller.advice ?? "",
				/^curl [\d.]+: get a token first: TOKEN=\$\(curl -sX PUT http:\/\/169\.254\.169\.254\/latest\/api\/token /,
			);
			assert.equal(caller.sourceAddress, "127.0.0.1");
			assert.ok(caller.pid === undefined || pids.has(caller.pid), `${caller.pid} is none of its processes`);
			if (caller.unknown === undefined) {
				const commandLine = `curl -s -o … -H … ${urlOf(instanceId)}${path}`;
				assert.deepEqual(some(caller, "executable", "commandLine", "user", "uid"), { executable, commandLine, ...me });
			} else {
				assert.ok(GONE.includes(caller.unknown), caller.unknown);
				assert.equal(caller.executable, undefined);
				assert.ok(caller.commandLine === undefined || caller.commandLine === "curl", caller.commandLine);
			}
		}
		assert.equal(
			callers.reduce((sum, { calls = 0 }) => sum + calls, 0),
			pids.size,
			"every call is in one of the lines",
		);
	}
});

test("a Python script is named once, however often it is started, and what its calls were about", { skip: python.skip }, async (t) => {
	const script = join(temporaryFolder(t), "ask.py");
	writeFileSync(script, PYTHON);
	const asking = (path: string) => startProgram(t, [python.path, script, placeOf(B), path, OF_WORD]);
	const first = asking("/latest/user-data");
	await first.printed("answered 404");
	const last = asking("/latest/dynamic/instance-identity/document");
	await last.printed("answered 200");
	const executable = realpathSync(python.path);
	const caller = await callerOf(B, last);
	assert.deepEqual(some(caller, "executable", "commandLine", "uid", "calls", "answered", "callsByPath", "userAgent"), {
		executable,
		commandLine: `${basename(executable)} ${script} ${placeOf(B)} …`,
		uid,
		calls: 2,
		answered: 2,
		callsByPath: { "user-data": 1, identity: 1 },
		userAgent: undefined,
	});
	assert.match(caller.advice ?? "", /PUT \/latest\/api\/token/);
});

test("a program at a Unix socket is named", { skip: python.skip }, async (t) => {
	const program = startProgram(t, [python.path, "-c", PYTHON, socketPath, CREDENTIALS]);
	await program.printed("answered 404");
	const caller = await callerOf(SOCKET, program);
	assert.deepEqual(some(caller, "executable", "uid", "user", "sourceAddress", "callsByPath"), {
		executable: realpathSync(python.path),
		...me,
		sourceAddress: "",
		callsByPath: { credentials: 1 },
	});
	assert.match(caller.commandLine ?? "", /^python[\d.]* -c …$/);
});

test("where tokens are required, a program's calls are told as rejected", async (t) => {
	const sdk = startProgram(t, [node, OLD_SDK, urlOf(STRICT)], KEPT_ALIVE);
	await sdk.printed("failed 401");
	const caller = await callerOf(STRICT, sdk);
	assert.deepEqual(some(caller, "calls", "answered", "rejected", "callsByPath"), {
		calls: 1,
		answered: 0,
		rejected: 1,
		callsByPath: { credentials: 1 },
	});
});

test("what a program says of itself is kept as far as it names a product", async () => {
	const before = (await callersOf(STRICT)).length;
	for (const agent of [`app/${OF_AGENT} Boto3/1.9.0 Botocore/1.12.0`, OF_AGENT, `Bearer ${OF_AGENT}`]) {
		const { status } = await fetch(`${urlOf(STRICT)}/latest/meta-data/mac`, { headers: { "User-Agent": agent } });
		assert.equal(status, 401);
	}
	const callers = await callersOf(STRICT);
	const agents = callers.filter(({ callsByPath }) => callsByPath?.["meta-data"] !== undefined).map(({ userAgent }) => userAgent);
	assert.equal(callers.length, before + new Set(agents).size);
	assert.ok(agents.includes("Boto3/1.9.0 Botocore/1.12.0"), agents.join());
	const boto = callers.find(({ sdkName }) => sdkName === "Boto3");
	assert.match(boto?.advice ?? "", /^Boto3 1\.9\.0: update boto3 to 1\.12\.6 or later$/);
});

const hierarchy = controlGroups();

for (const { what, path, told } of [
	{
		what: "a service of systemd",
		path: "openimds-test.slice/old-backup.service",
		told: { unit: "old-backup.service", container: undefined },
	},
	{
		what: "a container",
		path: `docker/${"0123456789abcdef".repeat(4)}`,
		told: { unit: undefined, container: `docker:${"0123456789abcdef".repeat(4)}` },
	},
]) {
	test(`a program of ${what} is told with it`, { skip: python.skip || hierarchy.skip }, async (t) => {
		const group = makeGroup(t, path);
		const script = `echo $$ > ${join(group, "cgroup.procs")}; exec "$@"`;
		const program = startProgram(t, ["sh", "-euc", script, "sh", python.path, "-c", PYTHON, placeOf(A), "/latest/meta-data/mac"]);
		await program.printed("answered 200");
		const caller = await callerOf(A, program);
		assert.deepEqual(some(caller, "unit", "container"), told);
		const where = told.unit ?? told.container ?? "";
		assert.match(await v1Callers("--instance", A), new RegExp(`^${A} +python.* ${where} +1 +0 +\\d+ s ago$`, "m"));
	});
}

describe("what people get", () => {
	test("is a table, and below it once each what to change, and why programs are not known", async () => {
		const lines = (await v1Callers()).trimEnd().split("\n");
		const [titles = ""] = lines;
		assert.match(titles, /^INSTANCE +PROGRAM +USER +WHERE +CALLS +REJECTED +LAST$/);
		const end = lines.indexOf("");
		const rows = lines.slice(1, end);
		assert.equal(rows.length, ((await service.perform("ListV1Callers", {})).callers ?? []).length);
		const calls = rows.map((row) => Number(row.slice(titles.indexOf("CALLS"), titles.indexOf("REJECTED"))));
		assert.deepEqual(
			calls,
			calls.toSorted((a, b) => b - a),
			"most calls first",
		);
		assert.equal(lines[end + 1], "What to change:");
		const advice = lines.slice(end + 2).filter((line) => line.startsWith("  "));
		assert.equal(new Set(advice).size, advice.length);
		assert.ok(advice.includes("  node: AWS SDK for JavaScript v2 2.500.0: update aws-sdk to 2.722.0 or later"));
		assert.ok(!advice.some((line) => /^ {2}curl.*: curl/.test(line)), "nobody is named twice");
	});

	test("is a sentence where nobody called, and JSON that says so", async () => {
		const nobody = await openimds(["v1-callers", "--instance", "i-0fffffffffffffff0"], { OPENIMDS_DATA_DIR: service.dataDir });
		assert.deepEqual(
			{ code: nobody.code, stdout: nobody.stdout, stderr: nobody.stderr },
			{ code: 0, stdout: "", stderr: "openimds: nobody called without a token in the last 24 h.\n" },
		);
		assert.equal(await v1Callers("--json", "--instance", "i-0fffffffffffffff0"), "[]\n");
	});

	for (const { args, code, says } of [
		{ args: ["--since", "yesterday"], code: 2, says: /--since: "yesterday" is not allowed; allowed: a number with s, m, h or d behind it/ },
		{ args: ["--since", "99999d"], code: 2, says: /--since: "99999d" is not allowed/ },
		{ args: ["--instance", "web"], code: 1, says: /Invalid value 'web' for instanceIds\. Specify ids such as/ },
	]) {
		test(`refuses ${args.join(" ")}, and says what is allowed`, async () => {
			const refused = await openimds(["v1-callers", ...args], { OPENIMDS_DATA_DIR: service.dataDir });
			assert.deepEqual({ code: refused.code, stdout: refused.stdout }, { code, stdout: "" });
			assert.match(refused.stderr, says);
		});
	}
});

test("secrets of command lines, addresses and agents are nowhere: not told, not in the file, not in the log", async () => {
	const told = [await v1Callers(), await v1Callers("--json"), service.log()];
	await service.stop();
	const kept = readdirSync(service.dataDir).filter((name) => name.startsWith("metrics.sqlite"));
	assert.ok(kept.length > 0);
	const files = kept.map((name) => readFileSync(join(service.dataDir, name), "latin1"));
	assert.ok(files.join("").includes(OLD_SDK), "callers are kept there");
	for (const place of [...told, ...files]) for (const secret of SECRETS) assert.ok(!place.includes(secret), secret);
});

describe("a service that was told not to look", () => {
	test("counts nothing with --no-metrics, and every command says so", async (t) => {
		const blind = await startService(t, { flags: ["--no-metrics"] });
		assert.equal((await fetch(`${blind.url}/latest/meta-data/`)).status, 200);
		const environment = { OPENIMDS_DATA_DIR: blind.dataDir };
		for (const args of [["v1-callers"], ["transition", "status"], ["transition", "plan"], ["transition", "enforce"]]) {
			const { code, stdout, stderr } = await openimds(args, environment);
			assert.deepEqual(
				{ code, stdout, stderr },
				{ code: 1, stdout: "", stderr: "openimds: This service counts no requests: it was started with --no-metrics.\n" },
			);
		}
		assert.match((await openimds(["status"], environment)).stdout, /^requests +not counted \(--no-metrics\)$/m);
		assert.deepEqual(
			readdirSync(blind.dataDir).filter((name) => name.startsWith("metrics")),
			[],
		);
		const counting = await startService(t);
		await counting.perform("ListV1Callers", {});
		assert.equal(await threadsOf(blind), (await threadsOf(counting)) - 2, "neither the history's thread nor the one that looks up");
	});

	test("tells what callers say of themselves with --no-attribution, and why no more", async (t) => {
		const incurious = await startService(t, { flags: ["--no-attribution"] });
		await fetch(`${incurious.url}/latest/meta-data/`, { headers: { "User-Agent": "Boto3/1.9.0" } });
		const { callers: [caller = {}, ...others] = [] } = await incurious.perform("ListV1Callers", {});
		assert.deepEqual(others, []);
		assert.deepEqual(some(caller, "sdkName", "sdkVersion", "calls", "answered", "executable", "pid"), {
			sdkName: "Boto3",
			sdkVersion: "1.9.0",
			calls: 1,
			answered: 1,
			executable: undefined,
			pid: undefined,
		});
		assert.match(caller.unknown ?? "", /^programs are not looked up here/);
	});
});

const noRoot = process.getuid?.() === 0 ? false : "only root becomes another user";

test("a service of a user without rights tells whose program it is, and why no more", { skip: noRoot }, async (t) => {
	const confined = await startService(t, { flags: ["--user", "nobody"] });
	const sdk = startProgram(t, [node, OLD_SDK, confined.url], KEPT_ALIVE);
	await sdk.printed("loaded openimds-demo-role");
	const { callers: [caller = {}, ...others] = [] } = await confined.perform("ListV1Callers", {});
	assert.deepEqual(others, []);
	assert.deepEqual(some(caller, "user", "uid", "executable", "commandLine", "pid", "sdkVersion", "calls"), {
		...me,
		executable: undefined,
		commandLine: undefined,
		pid: undefined,
		sdkVersion: "2.500.0",
		calls: 2,
	});
	assert.match(
		caller.unknown ?? "",
		/^the process belongs to user root \(uid 0\), whose processes openimds may not look into: .*CAP_SYS_PTRACE/,
	);
	await sdk.end();
});

async function threadsOf(running: RunningService): Promise<number> {
	const { pid } = await running.status();
	return readdirSync(`/proc/${pid}/task`).length;
}

/** Where control groups are made here that a process's /proc/PID/cgroup tells of. */
function controlGroups(): { path: string; skip: string | false } {
	const mounts = readFileSync("/proc/self/mountinfo", "utf8")
		.split("\n")
		.map((line) => line.split(" "));
	const mounted = (isSo: (words: readonly string[]) => boolean) => mounts.find(isSo)?.[4];
	const path = mounted((words) => words.at(-1)?.includes("name=systemd") === true) ?? mounted((words) => words.includes("cgroup2"));
	if (path === undefined) return { path: "", skip: "no control groups are mounted here" };
	const trial = join(path, `openimds-test-${process.pid}`);
	try {
		mkdirSync(trial);
		rmdirSync(trial);
		return { path, skip: false };
	} catch (error) {
		return { path, skip: `this user makes no control groups here (${(error as NodeJS.ErrnoException).code})` };
	}
}

/** Makes a control group, and what is missing above it; gone with those that were made, and with their processes, when the test is over. */
function makeGroup(t: Lifetime, path: string): string {
	const made: string[] = [];
	let group = hierarchy.path;
	for (const name of path.split("/")) {
		group = join(group, name);
		if (existsSync(group)) continue;
		mkdirSync(group);
		made.unshift(group);
	}
	const processes = () =>
		readFileSync(join(group, "cgroup.procs"), "utf8")
			.split("\n")
			.filter((line) => line !== "");
	t.after(async () => {
		for (const pid of processes()) process.kill(Number(pid), "SIGKILL");
		while (processes().length > 0) await wait(10);
		for (const each of made) rmdirSync(each);
	});
	return group;
}
