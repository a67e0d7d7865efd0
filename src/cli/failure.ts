// What people are told when something goes wrong: a sentence and the next step, never a stack trace.

import { styleText } from "node:util";
import { SettingError } from "../config/config.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import { StartError } from "../daemon/start-error.ts";
import { listed } from "./nearest.ts";

/** How a command ends (the codes of grep, git and most others). */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** A command that can't do what it was asked to: a sentence that names the next step. */
export class Failure extends Error {
	override readonly name = "Failure";
}

/** A command line that can't be meant. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

export function exitCodeOf(error: unknown): number {
	return error instanceof UsageError || error instanceof SettingError ? EXIT.usage : EXIT.failed;
}

/** What is printed about an error. */
export function describe(error: unknown): string {
	// One problem a line, each beginning with its place, so that editors and CI find them.
	if (error instanceof ConfigurationError) return error.message;
	if (isExplained(error)) return sentence(error.message);
	const [name, ...stack] = (error instanceof Error ? (error.stack ?? String(error)) : String(error)).split("\n");
	if (process.env["OPENIMDS_DEBUG"]) return sentence([name, ...stack].join("\n"));
	return sentence(`unexpected ${name}. This is a mistake in OpenIMDS; OPENIMDS_DEBUG=1 tells where, serve --log-level debug tells more.`);
}

/** A sentence as errors are printed. */
export function sentence(text: string): string {
	return `${styleText(["bold", "red"], "openimds:", { stream: process.stderr })} ${text}`;
}

/** The end of a sentence about a word that nothing goes by. */
export function didYouMean(names: readonly string[]): string {
	return names.length === 0 ? "" : ` Did you mean ${listed(names)}?`;
}

function isExplained(error: unknown): error is Error {
	return error instanceof Failure || error instanceof UsageError || error instanceof SettingError || error instanceof StartError;
}
