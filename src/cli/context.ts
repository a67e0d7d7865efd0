import type { CommandContext, StricliProcess } from "@stricli/core";

/** What a command knows of its surroundings: the process that it runs in. */
export interface Context extends CommandContext {
	readonly process: NodeJS.Process & StricliProcess;
}

/** Prints lines for people. */
export function print({ process }: Context, ...lines: readonly string[]): void {
	for (const line of lines) process.stdout.write(`${line}\n`);
}

/** Prints for programs. */
export function printJson(context: Context, value: unknown): void {
	print(context, JSON.stringify(value, undefined, 2));
}

/** Says something beside the output. */
export function note({ process }: Context, sentence: string): void {
	process.stderr.write(`openimds: ${sentence}\n`);
}

/** Text that can't steer a terminal: what instances call themselves is printed, not obeyed. */
export function printable(text: string): string {
	const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
	return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, escaped);
}
