import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";
import { startService } from "../running-service.ts";
import { CONFIGURATION, FLEET, USER_DATA } from "./fleet.ts";
import { openimds } from "./openimds.ts";

const service = await startService({ after: after as TestContext["after"] }, { configuration: CONFIGURATION });
const get = (...args: string[]) => openimds(["get", "--data-dir", service.dataDir, ...args]);

test("a value is printed as it is, wherever people look for it", async () => {
	for (const path of [
		"instance-id",
		"meta-data/instance-id",
		"latest/meta-data/instance-id",
		"/2021-03-23/meta-data/instance-id",
		"instance-id/",
	]) {
		assert.deepEqual(await get(path, "--instance", FLEET.plain), {
			code: 0,
			stdout: FLEET.plain,
			stderr: "",
			bytes: Buffer.from(FLEET.plain),
		});
	}
	assert.equal((await get("tags/instance/owner:team")).stdout, "a b");
	assert.equal((await get("dynamic/instance-identity/document")).stdout.split("\n").length, 17);
});

test("without a path, meta-data is listed", async () => {
	assert.match((await get()).stdout, /^ami-id\nami-launch-index\n[^]*\ntags\/$/);
});

test("user data is written byte for byte", async () => {
	assert.deepEqual((await get("user-data", "-i", FLEET.binary)).bytes, USER_DATA);
	assert.equal((await get("user-data", "-i", FLEET.plain)).stdout, "#!/bin/sh\necho hello\n");
});

test("an instance is asked with a token, or without one", async () => {
	const asked = async (...args: string[]) => {
		const before = await service.requests();
		const { code } = await get("instance-id", "--instance", FLEET.plain, ...args);
		const { withToken, withoutToken } = await service.requests();
		return { code, withToken: withToken - before.withToken, withoutToken: withoutToken - before.withoutToken };
	};
	assert.deepEqual(await asked("--ttl", "1"), { code: 0, withToken: 1, withoutToken: 0 });
	assert.deepEqual(await asked("--v1"), { code: 0, withToken: 0, withoutToken: 1 });
});

test("the tree has every value with its path, aligned, and several lines below their path", async () => {
	const { stdout } = await get("-r", "meta-data/", "-i", FLEET.plain);
	assert.match(stdout, /^ami-id {15}ami-\w+$/m);
	assert.match(stdout, /^ami-launch-index {5}0$/m);
	assert.match(stdout, /^iam\/info\n {4}\{\n {6}"Code" : "Success",$/m);
	assert.match(stdout, /^public-keys\/0\/openssh-key {2}ssh-ed25519 \S+ \S+$/m);
	assert.match(stdout, /^tags\/instance\/Name {8}web\ntags\/instance\/owner:team {2}a b$/m);
	assert.match((await get("-r", "/latest", "-i", FLEET.binary)).stdout, /^user-data {2}\(8 bytes that are not text\)$/m);
});

test("a part of the tree can be asked for with and without a slash, and a value is no tree", async () => {
	assert.equal((await get("-r", "placement")).stdout, (await get("-r", "placement/")).stdout);
	assert.match((await get("-r", "public-keys/0")).stdout, /^openssh-key {2}ssh-ed25519 /);
	assert.equal((await get("-r", "instance-id")).stdout, FLEET.plain);
});

test("programs are told with JSON", async () => {
	const json = async (...args: string[]) => JSON.parse((await get("--json", ...args)).stdout) as unknown;
	assert.deepEqual(await json("placement/region"), { path: "/latest/meta-data/placement/region", value: "eu-central-1" });
	assert.deepEqual(await json("user-data", "-i", FLEET.binary), { path: "/latest/user-data", base64: USER_DATA.toString("base64") });
	assert.deepEqual(await json("-r", "tags"), { instance: { Name: "web", "owner:team": "a b" } });
	const all = (await json("-r", "/latest", "-i", FLEET.binary)) as Record<string, Record<string, unknown>>;
	assert.deepEqual(all["user-data"], { base64: USER_DATA.toString("base64") });
	assert.equal(all["meta-data"]?.["instance-id"], FLEET.binary);
});

test("whom to ask is told by flags, the environment, the running service", async () => {
	const endpoint = service.urls.get(FLEET.tokens) ?? "";
	assert.equal((await openimds(["get", "instance-id", "--endpoint", `${endpoint}/`])).stdout, FLEET.tokens);
	const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, OPENIMDS_DATA_DIR: service.dataDir };
	assert.equal((await openimds(["get", "instance-id"], environment)).stdout, FLEET.tokens);
	assert.equal((await openimds(["get", "instance-id", "--instance", FLEET.binary], environment)).stdout, FLEET.binary);
	assert.equal((await openimds(["get", "instance-id"], { OPENIMDS_DATA_DIR: service.dataDir })).stdout, FLEET.plain);
});

test("what is not there is said, with what may have been meant", async () => {
	const refused = async (...args: string[]) => {
		const { code, stdout, stderr } = await get(...args);
		assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
		return stderr;
	};
	const lists = '"openimds get /latest/meta-data/" lists what there is.\n';
	const there = (path: string) => `openimds: There is no /latest/meta-data/${path} on this instance.`;
	assert.equal(await refused("instanceid"), `${there("instanceid")} Did you mean "instance-id"? ${lists}`);
	assert.equal(await refused("userdata"), `${there("userdata")} Did you mean "user-data"? ${lists}`);
	assert.equal(await refused("region"), `${there("region")} Did you mean "placement/region"? ${lists}`);
	assert.equal(await refused("-r", "nowhere/at/all"), `${there("nowhere/at/all")} ${lists}`);
	assert.match(await refused("placement/zone"), /"openimds get \/latest\/meta-data\/placement\/" lists what there is\.\n$/);
	assert.equal(await refused("user-data", "-i", FLEET.tokens), "openimds: The instance has no user data.\n");
	assert.equal(
		await refused("instance-id", "-i", "i-1111111111111111b"),
		`openimds: There is no instance i-1111111111111111b. Did you mean "${FLEET.plain}"? "openimds instances" lists them.\n`,
	);
});

test("an endpoint that refuses is explained", async () => {
	assert.match((await get("instance-id", "-i", FLEET.closed)).stderr, /refuses \(403\): .* disabled\. Set httpEndpoint: enabled/);
	assert.match((await get("instance-id", "-i", FLEET.closed, "--v1")).stderr, /disabled/);
	assert.match((await get("instance-id", "-i", FLEET.tokens, "--v1")).stderr, /wants a session token .* Leave out --v1\.\n$/);
	assert.match((await get("instance-id", "-i", FLEET.stopped)).stderr, /the connection was cut off/);
	assert.match((await get("instance-id", "--endpoint", "http://127.0.0.1:9")).stderr, /nothing listens there\. "openimds serve" starts/);
});

test("flags that can't be meant are refused", async () => {
	for (const [args, sentence] of [
		[["--ttl", "21601"], '--ttl: "21601" is not allowed; allowed: whole seconds, 1 to 21600.'],
		[["--endpoint", "127.0.0.1:1338"], '--endpoint: "127.0.0.1:1338" is not allowed; allowed: a URL such as http://127.0.0.1:1338.'],
		[["--endpoint", "http://127.0.0.1:1", "-i", FLEET.plain], "--endpoint and --instance both say whom to ask; leave out one of them."],
		[["a", "b"], '"b" is one argument too many.'],
	] as const) {
		const { code, stderr } = await get(...args);
		assert.equal(code, 2);
		assert.ok(stderr.startsWith(`openimds: ${sentence}\n`), stderr);
	}
});
