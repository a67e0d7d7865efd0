import { ExitCode, proposeCompletions, run } from "@stricli/core";
import { application } from "./application.ts";
import { type Context, print } from "./context.ts";
import { EXIT } from "./failure.ts";

/** Does what a process was started for. */
export async function runCommandLine(process: Context["process"]): Promise<void> {
	const words = process.argv.slice(2);
	if (words[0] === "__complete") return complete({ process }, words.slice(2));
	let command = [application.config.name];
	await run(application, commandIn(words), {
		process,
		forCommand({ prefix }): Context {
			command = [...prefix];
			return { process };
		},
	});
	const mistyped = process.exitCode === ExitCode.UnknownCommand || process.exitCode === ExitCode.InvalidArgument;
	if (mistyped) process.stderr.write(`"${command.join(" ")} --help" tells what it takes.\n`);
	process.exitCode = mistyped ? EXIT.usage : Number(process.exitCode) < 0 ? EXIT.failed : Number(process.exitCode);
}

/** What is left out is put in: the command by default, and that of `instances`; `help X` is `X --help`. */
function commandIn(words: readonly string[]): readonly string[] {
	const [first = "", second = "-"] = words;
	if (first === "help") return [...words.slice(1), "--help"];
	if (first === "" || (first.startsWith("-") && !["--help", "-h", "--version"].includes(first))) return ["serve", ...words];
	const isList = first === "instances" && second.startsWith("-") && !["--help", "-h"].includes(second);
	return isList ? ["instances", "list", ...words.slice(1)] : words;
}

/** What the shell can offer for the last word. */
async function complete(context: Context, words: readonly string[]): Promise<void> {
	const last = words.at(-1) ?? "";
	const proposed = await proposeCompletions(application, last.startsWith("-") ? commandIn(words) : words, context);
	for (const { kind, completion, brief } of proposed) {
		if (kind === "argument:value") print(context, completion);
		else if (!completion.startsWith("-") || last.startsWith("-")) print(context, `${completion}\t${brief}`);
	}
}
