import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MAIN, temporaryFolder } from "../running-service.ts";
import { openimds } from "./openimds.ts";

const COMMANDS = [
	"serve",
	"get",
	"env",
	"exec",
	"instances",
	"audit",
	"v1-callers",
	"transition",
	"certificates",
	"status",
	"config",
	"host",
	"completion",
	"version",
];

const HOST = ["plan", "apply", "check", "clean"];
const TRANSITION = ["status", "plan", "enforce", "rollback"];

test("the help names every command", async () => {
	const { code, stdout } = await openimds(["--help"]);
	assert.equal(code, 0);
	const [, list = ""] = /^Commands:\n((?: {2}.*\n)+)/m.exec(stdout) ?? [];
	assert.deepEqual(
		[...list.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name),
		COMMANDS,
	);
	assert.equal((await openimds(["help"])).stdout, stdout);
});

test("every command has a help with examples, in lines that fit a terminal", async () => {
	const all = [
		[],
		...COMMANDS.map((name) => [name]),
		["instances", "list"],
		["instances", "show"],
		["config", "check"],
		...HOST.map((name) => ["host", name]),
		...TRANSITION.map((name) => ["transition", name]),
	];
	for (const words of all) {
		const { code, stdout, stderr } = await openimds([...words, "--help"]);
		assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
		assert.ok(stdout.startsWith(`Usage:\n  ${["openimds", ...words].join(" ")}`), stdout);
		if (!["version", "config", "host"].includes(words.join(" "))) assert.match(stdout, /^Examples?:\n {2}/m);
		for (const line of stdout.split("\n")) assert.ok(line.length <= 80, `${words.join(" ")}: ${line}`);
	}
	assert.equal((await openimds(["help", "instances", "show"])).stdout, (await openimds(["instances", "show", "-h"])).stdout);
});

test("the version is the package's", async () => {
	const { version } = JSON.parse(execFileSync("cat", [new URL("../../package.json", import.meta.url).pathname]).toString()) as {
		version: string;
	};
	assert.equal((await openimds(["version"])).stdout, `openimds ${version}\n`);
	assert.equal((await openimds(["--version"])).stdout, `openimds ${version}\n`);
	assert.deepEqual(JSON.parse((await openimds(["version", "--json"])).stdout), { version, node: process.versions.node });
});

test("a slip is answered with what may have been meant", async () => {
	for (const [words, sentence] of [
		[["gte"], 'There is no command "gte". Did you mean "get"?\n"openimds --help" tells what it takes.'],
		[["instances", "shwo"], 'There is no command "shwo". Did you mean "show"?\n"openimds --help" tells what it takes.'],
		[["get", "--recusive"], 'There is no flag --recusive. Did you mean "--recursive"?\n"openimds get --help" tells what it takes.'],
		[["get", "--foo"], 'There is no flag --foo.\n"openimds get --help" tells what it takes.'],
		[["get", "-x"], 'There is no flag -x.\n"openimds get --help" tells what it takes.'],
		[["config", "check"], 'FILE is missing.\n"openimds config check --help" tells what it takes.'],
		[["completion", "csh"], 'SHELL: "csh" is not allowed; allowed: bash, zsh, fish.\n"openimds completion --help" tells what it takes.'],
		[["help", "gte"], 'There is no command "gte". Did you mean "get"?\n"openimds --help" tells what it takes.'],
	] as const) {
		const { code, stdout, stderr } = await openimds(words);
		assert.deepEqual({ code, stdout, stderr }, { code: 2, stdout: "", stderr: `openimds: ${sentence}\n` });
	}
});

test("a configuration file is checked", async (t) => {
	const folder = temporaryFolder(t);
	const file = join(folder, "openimds.yaml");
	const check = (...flags: string[]) => openimds(["config", "check", file, ...flags]);

	writeFileSync(file, "roles: [{ roleName: r }]\nsecurityGroups: [{ groupId: sg-1, groupName: g }]\ninstances:\n  - {}\n  - {}\n");
	assert.equal((await check()).stdout, `${file}: ok (2 instances, 1 role, 1 security group)\n`);
	assert.deepEqual(JSON.parse((await check("--json")).stdout), { file, ok: true, declares: { instances: 2, roles: 1, securityGroups: 1 } });

	writeFileSync(file, "instances:\n  - instanceTyp: t3.micro\n  - metadataOptions:\n      httpTokens: maybe\n");
	const { code, stdout, stderr } = await check();
	assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
	assert.match(
		stderr,
		/^\S+:2:5: instances\[0\]\.instanceTyp: is not a field here .*\n\S+:4:19: instances\[1\]\.metadataOptions\.httpTokens: .*\n$/,
	);
	const found = JSON.parse((await check("--json")).stdout) as { ok: boolean; problems: { line: number }[] };
	assert.deepEqual({ ok: found.ok, lines: found.problems.map(({ line }) => line) }, { ok: false, lines: [2, 4] });

	writeFileSync(file, "instances:\n  - iamInstanceProfile: nobody\n");
	assert.match((await check()).stderr, /:2:25: instances\[0\]\.iamInstanceProfile: .*nobody/);
	assert.equal((await check("--json")).code, 1);
});

test("completion scripts are ones that their shells read", async () => {
	for (const shell of ["bash", "zsh", "fish"]) {
		const { code, stdout } = await openimds(["completion", shell]);
		assert.equal(code, 0);
		assert.match(stdout, /openimds __complete -- /);
		if (shell === "bash") execFileSync("bash", ["-n"], { input: stdout });
	}
});

test("the shell is offered commands, flags and values", async () => {
	const offered = async (...words: string[]) =>
		(await openimds(["__complete", "--", ...words])).stdout
			.trimEnd()
			.split("\n")
			.map((line) => line.split("\t")[0]);
	assert.deepEqual(await offered(""), COMMANDS);
	assert.deepEqual(await offered("instances", ""), ["list", "show"]);
	assert.deepEqual(await offered("--eph"), ["--ephemeral"]);
	assert.deepEqual(await offered("instances", "--j"), ["--json"]);
	assert.deepEqual(await offered("completion", ""), ["bash", "zsh", "fish"]);
	assert.deepEqual(await offered("certificates", "--for", ""), ["rsa2048", "pkcs7", "signature"]);
});

test("a reader that has seen enough is no mistake", () => {
	const head = `"$0" "$1" --help | head -n 1; "$0" "$1" serve --help | true; echo done`;
	assert.equal(
		execFileSync("sh", ["-c", head, process.execPath, MAIN], { stdio: ["ignore", "pipe", "inherit"] }).toString(),
		"Usage:\ndone\n",
	);
});

test("colours are a terminal's, unless NO_COLOR is set", async () => {
	const bold = "\u001b[1m";
	assert.ok(!(await openimds(["--help"])).stdout.includes(bold));
	assert.ok((await openimds(["--help"], { FORCE_COLOR: "1" })).stdout.includes(bold));
	assert.ok(!(await openimds(["--help"], { NO_COLOR: "1" })).stdout.includes(bold));
});

test("a Node that is too old is told so", () => {
	const pretend = `Object.defineProperty(process.versions, "node", { value: "20.19.0" }); await import(${JSON.stringify(MAIN)})`;
	assert.throws(
		() => execFileSync(process.execPath, ["--input-type=module", "-e", pretend], { stdio: "pipe" }),
		({ status, stderr }: { status: number; stderr: Buffer }) =>
			status === 1 && stderr.toString() === "openimds: it needs Node.js 22.18 or newer, and this is 20.19.0: install a newer one.\n",
	);
});
