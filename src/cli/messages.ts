// The command line library's messages in our words.

import {
	type AliasNotFoundError,
	type ApplicationText,
	type ArgumentParseError,
	ArgumentScannerError,
	type EnumValidationError,
	type FlagNotFoundError,
	formatMessageForArgumentScannerError,
	text_en,
	type UnexpectedFlagError,
	type UnexpectedPositionalError,
	type UnsatisfiedFlagError,
	type UnsatisfiedPositionalError,
} from "@stricli/core";
import { describe, didYouMean, sentence } from "./failure.ts";
import { listed, nearest } from "./nearest.ts";

export const TEXT: ApplicationText = {
	...text_en,
	noCommandRegisteredForInput: ({ input, corrections }) =>
		sentence(
			`There is no command "${input}".${meant(
				input,
				corrections.map((name) => name.replaceAll("`", "")),
			)}`,
		),
	exceptionWhileParsingArguments: (error) =>
		error instanceof ArgumentScannerError ? sentence(formatMessageForArgumentScannerError(error, ARGUMENT_ERRORS)) : describe(error),
	exceptionWhileLoadingCommandFunction: describe,
	exceptionWhileLoadingCommandContext: describe,
	exceptionWhileRunningCommand: describe,
	exceptionWhileRunningIntegrationFlag: ({ exception }) => describe(exception),
	exceptionWhileRunningIntegrationHook: ({ exception }) => describe(exception),
	commandErrorResult: describe,
};

const ARGUMENT_ERRORS = {
	FlagNotFoundError: ({ input, corrections }: FlagNotFoundError) =>
		`There is no flag --${input}.${meant(`--${input}`, corrections.map(flagName))}`,
	AliasNotFoundError: ({ input }: AliasNotFoundError) => `There is no flag -${input}.`,
	ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }: ArgumentParseError) =>
		`${/^[A-Z]/.test(name) ? name : `--${name}`}: ${JSON.stringify(input)} is not allowed; allowed: ${exception instanceof Error ? exception.message : String(exception)}.`,
	EnumValidationError: ({ externalFlagName, input, values }: EnumValidationError) =>
		`--${externalFlagName}: ${JSON.stringify(input)} is not allowed; allowed: ${values.join(", ")}.`,
	UnsatisfiedFlagError: ({ externalFlagName }: UnsatisfiedFlagError) => `--${externalFlagName} needs a value.`,
	UnexpectedFlagError: ({ externalFlagName, previousInput, input }: UnexpectedFlagError) =>
		`--${externalFlagName} can be given once, not as ${listed([previousInput, input], "and")}.`,
	UnexpectedPositionalError: ({ input }: UnexpectedPositionalError) =>
		/^-.*=$/.test(input) ? `${input} needs a value.` : `"${input}" is one argument too many.`,
	UnsatisfiedPositionalError: ({ placeholder }: UnsatisfiedPositionalError) => `${placeholder} is missing.`,
};

/** The library is generous with what may have been meant. */
function meant(input: string, corrections: readonly string[]): string {
	return didYouMean(nearest(input, corrections));
}

/** The name of a flag as it is typed. */
export function flagName(name: string): string {
	return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
