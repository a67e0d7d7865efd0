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

/** Without a command, the service is started; `help X` is `X --help`. */
function commandIn(words: readonly string[]): readonly string[] {
	const [first] = words;
	if (first === "help") return [...words.slice(1), "--help"];
	const ofAll = first === "--help" || first === "-h" || first === "--version";
	return first === undefined || (first.startsWith("-") && !ofAll) ? ["serve", ...words] : words;
}

/** What the shell can offer for the last word. */
async function complete(context: Context, words: readonly string[]): Promise<void> {
	const isFlag = words.length === 1 && words[0]?.startsWith("-");
	const proposed = await proposeCompletions(application, isFlag ? ["serve", ...words] : words, context);
	print(context, ...proposed.map(({ completion, brief }) => `${completion}\t${brief}`));
}
