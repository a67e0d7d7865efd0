/** The way to IMDSv2 by its commands, with real programs: one that breaks is found out, taken back and named. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { ToldTransition } from "../../src/daemon/control-messages.ts";
import { type Api, startApi } from "../api/api.ts";
import { describeOne } from "../api/instances.ts";
import { sumOf } from "../api/metric-sum.ts";
import { type Lifetime, MAIN, type RunningService, startService, temporaryFolder } from "../running-service.ts";
import { OLD_SDK, startProgram } from "./calling-program.ts";
import { openimds, type Outcome } from "./openimds.ts";

const [A, B, C] = ["i-00000000000000001", "i-00000000000000002", "i-00000000000000003"] as const;
const FLAGS = ["--transition-delay-ms", "20"];
/** Its connection lasts, so that there is no race about who it is. */
const KEPT_ALIVE = { AWS_NODEJS_CONNECTION_REUSE_ENABLED: "1" };

/** A is called `web`. */
function configured(...ids: readonly string[]): string {
	const instances = ids.map(
		(id) =>
			`  - { instanceId: ${id}, ${id === A ? "tags: { Name: web }, " : ""}endpointListen: 127.0.0.1:0, iamInstanceProfile: old-role }`,
	);
	return `roles: [{ roleName: old-role }]\ninstances:\n${instances.join("\n")}\n`;
}

function command({ dataDir }: RunningService, ...args: readonly string[]): Promise<Outcome> {
	return openimds(["transition", ...args], { OPENIMDS_DATA_DIR: dataDir });
}

async function statusWithoutToken(service: RunningService, instanceId: string): Promise<number> {
	const { status } = await fetch(`${service.urls.get(instanceId)}/latest/meta-data/instance-id`);
	return status;
}

/** Looks again and again until something is so; that it never is, is a failure and no hanging test. */
async function eventually(isSo: () => Promise<boolean>, what: string): Promise<void> {
	for (const endMs = performance.now() + PATIENCE_MS; !(await isSo()); await wait(20)) {
		assert.ok(performance.now() < endMs, `it never came to this: ${what}`);
	}
}

const PATIENCE_MS = 60_000;

/** Options take a moment until they are applied. */
async function untilAnswered(service: RunningService, ...instanceIds: readonly string[]): Promise<void> {
	const areAnswered = async () =>
		(await Promise.all(instanceIds.map((id) => statusWithoutToken(service, id)))).every((status) => status === 200);
	await eventually(areAnswered, `${instanceIds.join(", ")} may be called without a token`);
}

async function transitionOf(service: RunningService): Promise<ToldTransition | undefined> {
	return (await service.perform("DescribeTransition", { periodSeconds: 0 })).transition;
}

/** Waits until a transition is so far. */
async function until(service: RunningService, isSo: (transition: ToldTransition) => boolean): Promise<ToldTransition> {
	let transition: ToldTransition | undefined;
	await eventually(async () => (transition = await transitionOf(service)) !== undefined && isSo(transition), String(isSo));
	return transition ?? {};
}

function stepsOf({ steps = [] }: ToldTransition = {}): Readonly<Record<string, string | undefined>> {
	return Object.fromEntries(steps.map(({ instanceId = "", state }) => [instanceId, state] as const));
}

async function tokensOf({ ec2 }: Api, instanceId: string): Promise<string | undefined> {
	return (await describeOne(ec2, instanceId)).MetadataOptions?.HttpTokens;
}

describe("before a transition", () => {
	test("who is called without a token is left out, likewise who was not watched for the period; nothing is begun", async (t) => {
		const service = await startService(t, {
			configuration: `${configured(A, B)}  - { instanceId: ${C}, endpointListen: 127.0.0.1:0, metadataOptions: { httpTokens: required } }\n`,
			flags: FLAGS,
		});
		assert.equal(await statusWithoutToken(service, A), 200);
		assert.equal((await fetch(`${service.urls.get(A)}/latest/meta-data/spot/instance-action`)).status, 404);
		assert.equal(await statusWithoutToken(service, C), 401);

		const { stdout } = await command(service, "status");
		assert.match(stdout, /^INSTANCE +NAME +TOKENS +V1 CALLS +LAST +BY +READY$/m);
		assert.match(stdout, new RegExp(`^${A} +web +optional +2 +\\d+ s ago +node +no$`, "m"));
		assert.match(stdout, new RegExp(`^${B} +- +optional +0 +never +- +not known$`, "m"));
		assert.match(stdout, new RegExp(`^${C} +- +required +0 +never +node +done$`, "m"));
		assert.match(
			stdout,
			/^3 instances: 1 done, 1 not ready, 1 not known\. 2 calls without a token in the last 24 h\.\nNo transition was begun yet\.\n$/m,
		);

		const told = JSON.parse((await command(service, "status", "--json")).stdout) as { instances: Record<string, unknown>[] };
		assert.deepEqual(
			told.instances.map(({ instanceId, verdict, v1Calls, rejectedCalls }) => [instanceId, verdict, v1Calls, rejectedCalls]),
			[
				[A, "unsafe", 2, 0],
				[B, "unknown", 0, 0],
				[C, "required", 0, 1],
			],
		);

		const leftOut = `Left out:\n  ${A} (web): 2 calls without a token in the period.\n  ${B}: It was not watched for the whole period. (Watched for: `;
		const plan = await command(service, "plan");
		assert.ok(plan.stdout.startsWith(`No instance is ready, so nothing would be done.\n${leftOut}`), plan.stdout);
		const enforce = await command(service, "enforce");
		assert.equal(enforce.code, 0);
		assert.ok(enforce.stdout.startsWith(leftOut), enforce.stdout);
		assert.match(enforce.stdout, /\nNo instance is ready, so nothing was begun\.\n$/);
		assert.equal(await statusWithoutToken(service, B), 200);
		assert.equal((await service.perform("DescribeTransition", {})).transition, undefined);

		const looked = await command(service, "plan", "--period", "0s", "--batch", "1");
		assert.equal(looked.stdout, `IMDSv2 would be required of 2 instances, in 2 batches:\n  1: ${A}\n  2: ${B}\n`);
		assert.equal(await statusWithoutToken(service, A), 200, "a plan changes nothing");
		assert.match((await command(service, "rollback")).stderr, /^openimds: There was no transition, so there is nothing to roll back\.\n$/);
	});

	test("one that is not ready does not take away what can be rolled back", async (t) => {
		const service = await startService(t, { configuration: configured(A), flags: FLAGS });
		await service.perform("StartTransition", { periodSeconds: 0, watchSeconds: 0 });
		const { transitionId } = await until(service, ({ state }) => state === "done");
		assert.equal((await command(service, "enforce")).stdout, "No instance is ready, so nothing was begun.\n");
		assert.equal((await transitionOf(service))?.transitionId, transitionId);
		assert.equal((await command(service, "rollback")).code, 0);
		await untilAnswered(service, A);
	});
});

test("a program that breaks is noticed, its instance goes back by itself, the report names it, and no further batch is begun", async (t) => {
	const api = await startApi(t, { configuration: configured(A, B, C), flags: FLAGS });
	const { service, cloudwatch } = api;
	const program = startProgram(t, [process.execPath, OLD_SDK, service.urls.get(A) ?? "", "--every=50", "--token=s3cr3t"], KEPT_ALIVE);
	await program.printed("loaded old-role");

	const { code, stdout, stderr } = await command(service, "enforce", "--period", "0s", "--batch", "2", "--watch", "3s");
	assert.equal(code, 1);
	await program.printed("failed 401");
	await program.printed("loaded old-role");
	await program.end();

	const [first, ...report] = stdout.trimEnd().split("\n");
	assert.match(first ?? "", /^Transition of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: stopped\.$/);
	const user = process.getuid?.() === 0 ? "root" : ".+";
	assert.deepEqual(report.slice(0, 3), [
		"  3 instances: 1 enforced, 1 not begun, 1 rolled back.",
		`  Rolled back in batch 1: ${A}.`,
		`  ${A} (web) rolled back: Calls without a token were rejected.`,
	]);
	assert.match(
		report.slice(3).join("\n"),
		new RegExp(`^    hit: node ${OLD_SDK} ${service.urls.get(A)} --every=… --token=… \\(${user}\\)$`),
	);
	assert.match(stderr, /^openimds: batch 1 of 2, \d of 3 instances done$/m);
	assert.doesNotMatch(stdout + stderr + service.log(), /s3cr3t/);

	assert.deepEqual(await Promise.all([A, B, C].map((id) => tokensOf(api, id))), ["optional", "required", "optional"]);
	assert.deepEqual(await Promise.all([A, B, C].map((id) => statusWithoutToken(service, id))), [200, 401, 200]);

	const told = (await transitionOf(service)) ?? {};
	assert.deepEqual(stepsOf(told), { [A]: "rolled-back", [B]: "enforced", [C]: "waiting" });
	const [hit] = told.steps?.[0]?.hit ?? [];
	assert.deepEqual([hit?.pid, hit?.sdkName, hit?.sdkVersion], [program.pid, "AWS SDK for JavaScript v2", "2.500.0"]);
	assert.match(hit?.advice ?? "", /update aws-sdk to 2\.722\.0 or later/);

	// One more answered call of each of A and C, and one rejected of B, were this test's own.
	const { callers = [] } = await service.perform("ListV1Callers", {});
	const noted = (id: string, of: "answered" | "rejected") =>
		callers.filter(({ instanceId }) => instanceId === id).reduce((sum, caller) => sum + (caller[of] ?? 0), 0);
	for (const id of [A, B, C]) {
		assert.equal(await sumOf(cloudwatch, id, "MetadataNoToken"), noted(id, "answered"), id);
		assert.equal(await sumOf(cloudwatch, id, "MetadataNoTokenRejected"), noted(id, "rejected"), id);
	}
	assert.ok(noted(A, "rejected") >= 1);
	assert.deepEqual([noted(B, "answered"), noted(B, "rejected"), noted(C, "answered"), noted(C, "rejected")], [0, 1, 1, 0]);

	const back = await command(service, "rollback");
	assert.equal(back.code, 0);
	assert.match(
		back.stdout,
		/^Transition of .*: rolled back\.\n {2}3 instances: 2 rolled back, 1 skipped\.\n {2}Rolled back on request\.\n/,
	);
	assert.equal(await tokensOf(api, B), "optional");
	await untilAnswered(service, B);
});

describe("a transition under way", () => {
	test("goes on after the service was killed, and still takes back what breaks", async (t) => {
		const dataDir = temporaryFolder(t);
		const settings = { configuration: configured(A, B), flags: FLAGS, dataDir };
		const killed = await startService(t, settings);
		const begun = await command(killed, "enforce", "--period", "0s", "--batch", "1", "--watch", "2s", "--detach");
		assert.equal(begun.code, 0);
		assert.match(begun.stdout, /: running, batch 1 of 2, each watched for 2 s\.\n {2}2 instances: /);
		await until(killed, (transition) => stepsOf(transition)[A] === "watching");
		await killed.stop("SIGKILL");

		const service = await startService(t, settings);
		const program = startProgram(t, [process.execPath, OLD_SDK, service.urls.get(B) ?? "", "--every=50"], KEPT_ALIVE);
		await program.printed("loaded old-role");
		const ended = await until(service, ({ state }) => state !== "running");
		assert.equal(ended.state, "stopped");
		assert.deepEqual(stepsOf(ended), { [A]: "enforced", [B]: "rolled-back" });
		await program.printed("failed 401");
		await program.printed("loaded old-role");
		assert.equal(ended.steps?.[1]?.hit?.[0]?.pid, program.pid);
		assert.equal(await statusWithoutToken(service, A), 401);
	});

	test("refuses a second one, outlives the command that began it, and is undone in the middle", async (t) => {
		const service = await startService(t, { configuration: configured(A, B), flags: FLAGS });
		const following = follow(t, service, "--period", "0s", "--batch", "1", "--watch", "24h");
		await once(following.stderr!, "data");
		await until(service, (transition) => stepsOf(transition)[A] === "watching");
		const second = await command(service, "enforce", "--period", "0s");
		assert.deepEqual(
			{ code: second.code, stderr: second.stderr },
			{ code: 1, stderr: "openimds: A transition is running. Wait for its end, or roll it back first.\n" },
		);
		following.kill("SIGINT");
		await once(following, "exit");
		assert.equal((await transitionOf(service))?.state, "running");
		assert.match(
			(await command(service, "status")).stdout,
			/: running, batch 1 of 2, each watched for 24 h\.\n {2}2 instances: 1 watched, 1 waiting\.\n$/,
		);
		const { stdout } = await command(service, "rollback");
		assert.match(stdout, /: rolled back\.\n {2}2 instances: 1 rolled back, 1 skipped\.\n {2}Rolled back on request\.\n$/);
		await untilAnswered(service, A, B);
	});

	test("lets one instance go back alone, watches the rest of its batch to the end, and begins no further one", async (t) => {
		const service = await startService(t, { configuration: configured(A, B, C), flags: FLAGS });
		const following = follow(t, service, "--period", "0s", "--batch", "2", "--watch", "4s");
		await until(service, (transition) => stepsOf(transition)[A] === "watching");
		assert.equal((await command(service, "rollback", "--instance", A)).code, 0);
		await untilAnswered(service, A);
		const [code] = (await once(following, "exit")) as [number];
		assert.equal(code, 1);
		assert.deepEqual(stepsOf(await transitionOf(service)), { [A]: "rolled-back", [B]: "enforced", [C]: "waiting" });
	});
});

function follow(t: Lifetime, { dataDir }: RunningService, ...args: readonly string[]): ChildProcess {
	const child = spawn(process.execPath, [MAIN, "transition", "enforce", ...args], {
		env: { PATH: process.env["PATH"], OPENIMDS_DATA_DIR: dataDir, OPENIMDS_API_LISTEN: "off" },
		stdio: ["ignore", "ignore", "pipe"],
	});
	t.after(() => void child.kill("SIGKILL"));
	return child;
}

describe("what can't be meant is refused by name, with what is allowed", async () => {
	const service = await startService({ after }, { configuration: configured(A), flags: FLAGS });
	const duration = /a number with s, m, h or d behind it, such as 90s or 24h/;
	for (const { args, code, says } of [
		{ args: ["status", "--period", "5"], code: 2, says: duration },
		{ args: ["plan", "--period=-5m"], code: 2, says: duration },
		{ args: ["enforce", "--watch", "soon"], code: 2, says: duration },
		{ args: ["enforce", "--batch", "0"], code: 2, says: /--batch.*a whole number from 1 to 999999/ },
		{ args: ["enforce", "--batch", "1.5"], code: 2, says: /--batch.*a whole number from 1 to 999999/ },
		{ args: ["enforce", "--wacht", "5m"], code: 2, says: /--wacht.*--watch/ },
		{
			args: ["enforce", "--watch", "25h"],
			code: 1,
			says: /Invalid value '90000' for watchSeconds\. Specify a value from 0 to 86400 \(a day\)\./,
		},
		{ args: ["status", "--period", "16d"], code: 1, says: /Invalid value '1382400' for periodSeconds\. .* to 1296000 \(15 days\)\./ },
		{
			args: ["plan", "--instance", "web"],
			code: 1,
			says: /Invalid value 'web' for instanceIds\. Specify ids such as i-1234567890abcdef0\./,
		},
		{ args: ["enforce", "--instance", B], code: 1, says: new RegExp(`The instance ID '${B}' does not exist`) },
		{ args: ["rollback"], code: 1, says: /There was no transition, so there is nothing to roll back\./ },
		{ args: ["enfroce"], code: 2, says: /enforce/ },
	]) {
		test(args.join(" "), async () => {
			const refused = await command(service, ...args);
			assert.deepEqual({ code: refused.code, stdout: refused.stdout }, { code, stdout: "" });
			assert.match(
				refused.stderr,
				code === 1 ? /^openimds: [^\n]*\n$/ : /^openimds: [^\n]*\n"openimds [^\n]*--help" tells what it takes\.\n$/,
			);
			assert.match(refused.stderr, says);
		});
	}

	test("and begins nothing", async () => {
		assert.equal((await service.perform("DescribeTransition", {})).transition, undefined);
	});
});
