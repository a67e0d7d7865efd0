/** The commands about a running service, but for get. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { startService, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { CONFIGURATION, FLEET } from "./fleet.ts";
import { openimds } from "./openimds.ts";

const service = await startService({ after: after as TestContext["after"] }, { configuration: CONFIGURATION });
const openssl = requireTool("openssl");

const run = async (args: readonly string[], environment: Record<string, string> = {}) => {
	const { code, stdout, stderr } = await openimds(args, { OPENIMDS_DATA_DIR: service.dataDir, ...environment });
	return { code, stdout, stderr };
};
const json = async (...args: string[]) => JSON.parse((await run([...args, "--json"])).stdout) as unknown;
const address = (id: string) => service.urls.get(id)?.replace("http://", "") ?? "";

test("instances are listed in a table", async () => {
	const { stdout } = await run(["instances"]);
	const [titles, ...rows] = stdout.trimEnd().split("\n");
	assert.match(titles ?? "", /^INSTANCE +NAME +STATE +TYPE +ADDRESS +TOKENS +HOPS +ENDPOINT$/);
	assert.equal(rows.length, 5);
	const row = (id: string) => rows.find((each) => each.startsWith(id))?.split(/ {2,}/);
	const [, name, ...rest] = row(FLEET.tokens) ?? [];
	assert.equal(name, "a-worker-with-a-rather-long-name");
	assert.deepEqual(rest.toSpliced(2, 1), ["running", "t3.micro", "required", "2", address(FLEET.tokens)]);
	assert.equal(row(FLEET.closed)?.at(-1), `${address(FLEET.closed)} (disabled)`);
	assert.equal(row(FLEET.stopped)?.[2], "stopped");
	assert.deepEqual(await run(["instances", "list"]), await run(["instances"]));
});

test("an instance is shown with all its facts, but not with what its user data says", async () => {
	const { stdout } = await run(["instances", "show", FLEET.plain]);
	assert.match(stdout, new RegExp(`^instanceId: ${FLEET.plain}\nstate: running\n`));
	assert.match(stdout, /^metadataOptions:\n {2}httpEndpoint: enabled\n {2}httpTokens: optional\n/m);
	assert.match(stdout, /^tags:\n {2}- key: Name\n {4}value: web\n {2}- key: owner:team\n {4}value: a b\n/m);
	assert.match(stdout, /^userDataBytes: 21$/m);
	assert.doesNotMatch(stdout, /hello/);
	const detail = (await json("instances", "show", FLEET.plain)) as { instance: { instanceId: string }; listeners: string[] };
	assert.equal(detail.instance.instanceId, FLEET.plain);
	assert.deepEqual(detail.listeners, [address(FLEET.plain)]);
	assert.deepEqual(await run(["instances", "show"]), {
		code: 2,
		stdout: "",
		stderr: 'openimds: ID is missing: there are 5 instances. "openimds instances" lists them.\n',
	});
	assert.match(
		(await run(["instances", "show", "i-0"])).stderr,
		/^openimds: There is no instance i-0\. "openimds instances" lists them\.\n$/,
	);
});

test("a shell is put on an instance", async () => {
	const { stdout, stderr } = await run(["env", "--instance", FLEET.tokens]);
	const variables = execFileSync("sh", [
		"-c",
		`eval "$1"; echo "$AWS_EC2_METADATA_SERVICE_ENDPOINT $AWS_REGION $AWS_DEFAULT_REGION"`,
		"sh",
		stdout,
	]);
	assert.equal(variables.toString(), `${service.urls.get(FLEET.tokens)}/ eu-central-1 eu-central-1\n`);
	const unquoted = execFileSync("sh", ["-c", `eval $1; echo "$AWS_DEFAULT_REGION"`, "sh", stdout]);
	assert.equal(unquoted.toString(), "eu-central-1\n");
	assert.match(stdout, /\n# Credentials are the instance's role's, unless .*\n$/);
	assert.equal(stderr, "");
	assert.deepEqual(await json("env"), {
		AWS_EC2_METADATA_SERVICE_ENDPOINT: `${service.urls.get(FLEET.plain)}/`,
		AWS_REGION: "eu-central-1",
		AWS_DEFAULT_REGION: "eu-central-1",
	});
});

test("what would win over the instance's role is said, in the shell's comments and to whoever evaluates them", async (t) => {
	const home = temporaryFolder(t);
	const credentials = join(home, "credentials");
	writeFileSync(credentials, "[default]\n");
	const { stdout, stderr } = await run(["env"], {
		AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_SHARED_CREDENTIALS_FILE: credentials,
	});
	for (const obstacle of [
		/AWS_ACCESS_KEY_ID is set, .* unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN$/m,
		/AWS_EC2_METADATA_DISABLED keeps clients from asking/,
		/credentials wins over the instance's role where it has a default profile/,
	]) {
		assert.match(stdout, obstacle);
		assert.match(stderr, obstacle);
	}
	assert.doesNotMatch(stdout + stderr, /AKIAEXAMPLE/);
});

test("certificates are told apart, and openssl reads each of them", { skip: openssl.skip }, async () => {
	const { stdout } = await run(["certificates"]);
	const names = [...stdout.matchAll(/^# verifies dynamic\/instance-identity\/(\w+)$/gm)].map(([, name]) => name);
	assert.deepEqual(names, ["rsa2048", "pkcs7", "signature"]);
	const all = (await json("certificates")) as Record<string, string>;
	for (const name of names) {
		const one = await run(["certificates", "--for", name ?? ""]);
		const { fingerprint256 } = new X509Certificate(one.stdout);
		assert.equal(new X509Certificate(all[name ?? ""] ?? "").fingerprint256, fingerprint256);
		const printed = execFileSync(openssl.path, ["x509", "-noout", "-fingerprint", "-sha256"], { input: one.stdout }).toString();
		assert.ok(printed.includes(fingerprint256));
	}
	const first = execFileSync(openssl.path, ["x509", "-noout", "-fingerprint", "-sha256"], { input: stdout }).toString();
	assert.ok(first.includes(new X509Certificate(all["rsa2048"] ?? "").fingerprint256), "comment lines are no hindrance");
	assert.match((await run(["certificates", "--for", "rsa"])).stderr, /--for: "rsa" is not allowed; allowed: rsa2048, pkcs7, signature\.\n/);
});

test("the recipes of the certificates' help verify", { skip: openssl.skip }, async (t) => {
	const bin = new URL("../../bin", import.meta.url).pathname;
	const { stdout } = await run(["certificates", "--help"]);
	const recipes = [...stdout.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block).filter((block) => block.includes("openssl"));
	assert.equal(recipes.length, 2);
	for (const recipe of recipes) {
		const output = execFileSync("sh", ["-euc", `${recipe.trimEnd()} 2>&1`], {
			cwd: temporaryFolder(t),
			env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: "/nonexistent", OPENIMDS_DATA_DIR: service.dataDir },
		}).toString();
		assert.match(output, /Verification successful|Verified OK/);
	}
});

test("the status tells what runs", async () => {
	const { stdout } = await run(["status"]);
	assert.match(stdout, /^process +\d+, for \d+ (s|min)/m);
	assert.match(stdout, /^instances +5$/m);
	assert.ok(stdout.includes(`listeners     ${service.urls.get(FLEET.plain)} as ${FLEET.plain}\n              http://`), stdout);
	assert.equal(((await json("status")) as { region: string }).region, "eu-central-1");
});

test("the shell is offered instances and paths of the running service", async () => {
	const offered = async (...words: string[]) => (await run(["__complete", "--", ...words])).stdout.trimEnd().split("\n");
	assert.deepEqual(await offered("instances", "show", "i-1"), [FLEET.plain]);
	assert.deepEqual(await offered("env", "--instance", ""), Object.values(FLEET));
	assert.deepEqual(await offered("get", "placement/av"), ["placement/availability-zone", "placement/availability-zone-id"]);
	assert.deepEqual(await offered("get", "dy"), ["dynamic/"]);
	assert.deepEqual(await offered("get", "-r", "public-keys/"), ["public-keys/0/"]);
});

test("without a service there is a sentence, and nothing to offer", async (t) => {
	const environment = { OPENIMDS_DATA_DIR: temporaryFolder(t) };
	for (const command of [["instances"], ["instances", "show"], ["env"], ["certificates"], ["status"], ["get", "instance-id"]]) {
		const { code, stdout, stderr } = await run(command, environment);
		assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
		assert.match(stderr, /^openimds: No service runs on the data folder .*\n$/);
	}
	assert.deepEqual(await run(["__complete", "--", "get", "inst"], environment), { code: 0, stdout: "", stderr: "" });
});

test("a mistake of ours is told in one line, and where it is only to those who ask", async (t) => {
	const dataDir = temporaryFolder(t);
	const confused = createServer((_, response) => response.end("{}")).listen(join(dataDir, "control.sock"));
	await once(confused, "listening");
	t.after(() => confused.close());
	const { code, stdout, stderr } = await run(["instances"], { OPENIMDS_DATA_DIR: dataDir });
	assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
	assert.match(stderr, /^openimds: unexpected TypeError: .* This is a mistake in OpenIMDS; OPENIMDS_DEBUG=1 tells where, .*\n$/);
	const told = await run(["instances"], { OPENIMDS_DATA_DIR: dataDir, OPENIMDS_DEBUG: "1" });
	assert.match(told.stderr, /^openimds: TypeError: .*\n {4}at /);
});
