/** Signals of `openimds exec`: the program gets each of them, and once. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { execLine, ORDINARY, start } from "./as-user.ts";
import { requireTool } from "../tools.ts";

const MODES = [["--ephemeral"], ["--isolated"]] as const;
const PASSED = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/** Says which signals it gets, until there is nothing more to read. */
const LISTENER = [
	process.execPath,
	"-e",
	`for (const signal of ${JSON.stringify(PASSED)}) process.on(signal, () => console.log("got", signal));
	process.stdin.on("end", () => process.exit(9)).resume();
	console.log("up");`,
];
const noScript = requireTool("script").skip;

for (const flags of MODES) {
	const mode = flags.join(" ");

	test(`${mode}: signals that come to us alone are passed on`, { skip: ORDINARY.skip }, async (t) => {
		const { child, outcome, printed } = start(t, execLine(...flags, "--", ...LISTENER), { user: ORDINARY });
		await printed("up");
		for (const signal of PASSED) {
			child.kill(signal);
			await printed(`got ${signal}\n`);
		}
		child.stdin.end();
		const { code, stdout } = await outcome;
		assert.deepEqual([code, stdout], [9, ["up", ...PASSED.map((signal) => `got ${signal}`), ""].join("\n")]);
	});

	test(`${mode}: signals that come to the whole process group are not passed on`, { skip: ORDINARY.skip }, async (t) => {
		const { child, outcome, printed } = start(t, execLine(...flags, "--", ...LISTENER), { user: ORDINARY, detached: true });
		await printed("up");
		process.kill(-(child.pid ?? 0), "SIGINT");
		await printed("got SIGINT");
		// Only once that has been seen to be everybody's is the next one dealt with.
		child.kill("SIGTERM");
		await printed("got SIGTERM");
		child.stdin.end();
		const { code, stdout } = await outcome;
		assert.deepEqual([code, stdout], [9, "up\ngot SIGINT\ngot SIGTERM\n"]);
	});

	test(`${mode}: we end as the program ends by a signal`, { skip: ORDINARY.skip }, async (t) => {
		const { child, outcome, printed } = start(t, execLine(...flags, "--", "sh", "-c", "echo up; exec sleep 1000"), { user: ORDINARY });
		await printed("up");
		child.kill("SIGTERM");
		assert.equal((await outcome).signal, "SIGTERM");
	});

	test(`${mode}: Ctrl-C ends both, and is the program's alone if it wants it`, { skip: ORDINARY.skip || noScript }, async (t) => {
		const onTerminal = (...program: readonly string[]) =>
			start(
				t,
				[
					"script",
					"-qefc",
					`exec ${execLine(...flags, "--", ...program)
						.map(quoted)
						.join(" ")}`,
					"/dev/null",
				],
				{ user: ORDINARY },
			);
		const ended = onTerminal("sh", "-c", "echo up; exec sleep 1000");
		await ended.printed("up");
		ended.child.stdin.write("\u0003");
		assert.equal((await ended.outcome).code, 130);

		const listening = onTerminal(...LISTENER);
		await listening.printed("up");
		listening.child.stdin.write("\u0003");
		await listening.printed("got SIGINT");
		listening.child.stdin.write("\u0003");
		await listening.printed("got SIGINT\r\n^Cgot SIGINT");
		listening.child.stdin.write("\u0004");
		const { code, stdout } = await listening.outcome;
		assert.equal(code, 9);
		assert.equal(stdout.match(/got SIGINT/g)?.length, 2);
	});
}

test("where we are killed, the program goes on, and nothing else of ours does", { skip: ORDINARY.skip }, async (t) => {
	const home = ORDINARY.home(t);
	const script = 'mkfifo "$HOME/go"; echo up; read -r line <"$HOME/go"; echo "$line"';
	const { child, printed } = start(t, execLine("--isolated", "--", "sh", "-c", script), { user: ORDINARY, environment: { HOME: home } });
	await printed("up");
	const started = childrenOf(child.pid ?? 0);
	assert.ok(started.length >= 2, "the program, the witness and, where it is installed, pasta");
	child.kill("SIGKILL");
	const others = started.filter((pid) => !readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sh\0-c\0mkfifo"));
	while (others.some(isRunning)) await setTimeout(10);
	writeFileSync(join(home, "go"), "still there\n");
	await printed("still there");
});

function childrenOf(pid: number): readonly number[] {
	return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}

/** What nobody has buried yet has ended, too. */
function isRunning(pid: number): boolean {
	return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

function quoted(word: string): string {
	return `'${word.replaceAll("'", `'\\''`)}'`;
}
