// Programs of the host that we run: without a shell, and told to people as they would type them.

import { spawn } from "node:child_process";

/** A program with its arguments, and what it reads from standard input. */
export interface Command {
	readonly argv: readonly [program: string, ...args: string[]];
	readonly input?: string;
}

/** What became of a command. */
export interface Outcome {
	readonly stdout: string;
	/** What it said is wrong; `undefined`: it did what it should. */
	readonly failure: string | undefined;
	/** The program that there would have to be. */
	readonly notInstalled: string | undefined;
}

/** Runs a command to its end. */
export function run({ argv: [program, ...args], input = "" }: Command): Promise<Outcome> {
	// The folders of administration are not in everybody's PATH.
	const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: "C" };
	return new Promise((resolve) => {
		const child = spawn(program, args, { env });
		const [out, err]: [Buffer[], Buffer[]] = [[], []];
		child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
		child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
		child.stdin.on("error", () => {}); // it ended without reading everything; its exit code tells why
		child.on("error", ({ message, code }: NodeJS.ErrnoException) => {
			resolve({ stdout: "", failure: message, notInstalled: code === "ENOENT" ? program : undefined });
		});
		child.on("close", (code, signal) => {
			const said = Buffer.concat(err).toString().trim().split("\n")[0];
			const [, notInstalled] = /^nsenter: failed to execute (\S+): No such file/.exec(said ?? "") ?? [];
			const failure = code === 0 ? undefined : said || `${program} ended with ${code ?? signal}`;
			resolve({ stdout: Buffer.concat(out).toString(), failure, notInstalled });
		});
		child.stdin.end(input);
	});
}

/** A command as it is typed in a shell. */
export function printCommand({ argv, input }: Command): string {
	const typed = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
	return input === undefined ? typed : `${typed} <<'END'\n${input.trimEnd()}\nEND`;
}
