/** What is wrong in a configuration file, and where. */
export interface Problem {
	readonly file: string;
	/** Both from 1; missing where the file as a whole is meant. */
	readonly line?: number;
	readonly column?: number;
	/** `instances[0].metadataOptions.httpTokens`; empty for the file as a whole. */
	readonly field: string;
	/** The value as JSON, shortened; missing where there is none, or where it may be a secret. */
	readonly value?: string;
	/** What is wrong and what is allowed. */
	readonly message: string;
}

/** So many problems are printed; the others are told by their number. */
const PRINTED = 50;

/** A configuration file that can't be used. The message prints one problem a line. */
export class ConfigurationError extends Error {
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[]) {
		const lines = problems.slice(0, PRINTED).map(printProblem);
		super([...lines, ...(problems.length > PRINTED ? [`… and ${problems.length - PRINTED} more`] : [])].join("\n"));
		this.name = "ConfigurationError";
		this.problems = problems;
	}
}

/** `openimds.yaml:12:17: instances[0].metadataOptions.httpTokens: "maybe" is not allowed; allowed: optional, required` */
function printProblem({ file, line, column, field, message }: Problem): string {
	const place = line === undefined ? file : `${file}:${line}:${column}`;
	return `${place}: ${field === "" ? "" : `${field}: `}${message}`;
}
