/** `openimds exec` without --isolated: variables, streams, exit codes. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { CONFIGURATION, FLEET } from "./fleet.ts";
import { startService, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { execLine, type Outcome, SELF, start } from "./as-user.ts";

const user = SELF;
const curl = requireTool("curl");
const service = await startService({ after: after as TestContext["after"] }, { configuration: CONFIGURATION });

const exec = (t: TestContext, args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> => {
	const { child, outcome } = start(t, execLine(...args), { user, environment });
	child.stdin.end();
	return outcome;
};
const ASK = 'curl -s "${AWS_EC2_METADATA_SERVICE_ENDPOINT}latest/meta-data/$0"';

test("without a service, a program is on an instance that lives as long as it does", { skip: curl.skip }, async (t) => {
	const { code, stdout, stderr } = await exec(t, ["--", "sh", "-c", `${ASK}; echo " $AWS_REGION $AWS_DEFAULT_REGION"`, "placement/region"]);
	assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "us-east-1 us-east-1 us-east-1\n", stderr: "" });
});

test("the rest of the environment is the caller's", async (t) => {
	const { stdout } = await exec(t, ["--", "env"], { NODE_OPTIONS: "", AWS_REGION: "eu-west-1", LIKE: "a=b c" });
	const names = stdout
		.trimEnd()
		.split("\n")
		.map((line) => line.split("=")[0] ?? "");
	const told = ["AWS_DEFAULT_REGION", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_REGION"];
	assert.deepEqual(names.toSorted(), [...told, "HOME", "LIKE", "NODE_OPTIONS", "PATH"].toSorted());
	assert.match(stdout, /^AWS_REGION=us-east-1\nLIKE=a=b c$|^LIKE=a=b c$/m);
});

test("a role and the need for tokens can be chosen", { skip: curl.skip }, async (t) => {
	const role = await exec(t, ["--role", "my-role", "--", "sh", "-c", ASK, "iam/security-credentials/"]);
	assert.equal(role.stdout, "my-role");
	const refused = await exec(t, ["--http-tokens", "required", "--", "sh", "-c", `${ASK} -o /dev/null -w '%{http_code}'`, "instance-id"]);
	assert.equal(refused.stdout, "401");
	const strange = await exec(t, ["--role", "a b", "--", "true"]);
	assert.equal(strange.code, 2);
	assert.match(strange.stderr, /^openimds: --role: "a b" is not allowed; allowed: 1 to 64 letters, /);
});

test("a configuration file is served, and --instance says which of it", { skip: curl.skip }, async (t) => {
	const file = join(temporaryFolder(t), "openimds.yaml");
	writeFileSync(file, "instances: [{ instanceId: i-0000000a }, { instanceId: i-0000000b }]");
	const { stdout } = await exec(t, ["--config", file, "--instance", "i-0000000b", "--", "sh", "-c", ASK, "instance-id"]);
	assert.equal(stdout, "i-0000000b");
	const unclear = await exec(t, ["--config", file, "--", "true"]);
	assert.deepEqual(
		[unclear.code, unclear.stderr],
		[125, 'openimds: 2 instances could be meant. Say which with --instance: "i-0000000a" or "i-0000000b".\n'],
	);
	const none = await exec(t, ["--config", file, "--instance", "i-0000000c", "--", "true"]);
	assert.match(none.stderr, /^openimds: There is no instance i-0000000c\. Did you mean/);
	const both = await exec(t, ["--config", file, "--role", "x", "--", "true"]);
	assert.deepEqual(
		[both.code, both.stderr],
		[125, `openimds: --role is for the instance that there is without a configuration file; write it into ${file}.\n`],
	);
});

test("a running service is used, and --instance says which of it", { skip: curl.skip }, async (t) => {
	const environment = { OPENIMDS_DATA_DIR: service.dataDir };
	assert.equal((await exec(t, ["--", "sh", "-c", ASK, "instance-id"], environment)).stdout, FLEET.plain);
	assert.equal((await exec(t, ["-i", FLEET.binary, "--", "sh", "-c", ASK, "instance-id"], environment)).stdout, FLEET.binary);
	const own = await exec(t, ["--ephemeral", "--", "sh", "-c", ASK, "instance-id"], environment);
	assert.match(own.stdout, /^i-[0-9a-f]{17}$/);
	const nowhere = await exec(t, ["--instance", FLEET.plain, "--", "true"], { OPENIMDS_DATA_DIR: temporaryFolder(t) });
	assert.equal(nowhere.code, 125);
	assert.match(nowhere.stderr, /^openimds: No service runs on the data folder /);
	const single = await exec(t, ["--ephemeral", "--instance", FLEET.plain, "--", "true"]);
	assert.match(
		single.stderr,
		/^openimds: --instance names one of a running service, or of --config FILE: there is but one instance without\.\n$/,
	);
});

test("what comes behind -- is the program's, flags like ours too", async (t) => {
	assert.equal(
		(await exec(t, ["--", "echo", "--isolated", "-h", "--help", "--", "--version"])).stdout,
		"--isolated -h --help -- --version\n",
	);
});

test("the exit code is the program's, or tells why there is none", async (t) => {
	assert.equal((await exec(t, ["--", "sh", "-c", "exit 7"])).code, 7);
	const missing = await exec(t, ["--", "no-such-program"]);
	assert.deepEqual([missing.code, missing.stderr], [127, "openimds: There is no program no-such-program.\n"]);
	const text = await exec(t, ["--", "/etc/passwd"]);
	assert.deepEqual(
		[text.code, text.stderr],
		[126, "openimds: /etc/passwd can't be run: it is not executable, or this user may not execute it.\n"],
	);
	assert.equal((await exec(t, [])).code, 2);
	const killed = await exec(t, ["--", "sh", "-c", "kill -KILL $$"]);
	assert.deepEqual([killed.code, killed.signal], [null, "SIGKILL"]);
});

test("standard streams are the program's", async (t) => {
	const { child, outcome } = start(t, execLine("--", "sh", "-c", "cat; echo err >&2"), { user });
	const text = "0123456789abcdef".repeat(65_536);
	child.stdin.end(text);
	const { stdout, stderr } = await outcome;
	assert.equal(stdout, text);
	assert.equal(stderr, "err\n");
});
