import { conditionHolds } from "./condition.ts";
import { type Glob, globMatches, globOf } from "./glob.ts";
import type { Policy } from "./policy.ts";
import type { Patterns, Statement } from "./statement.ts";
import { type Context, replacedGlob } from "./variables.ts";

const ARN_PARTS = 6;

/** What a statement is compared with. */
export interface Asked {
	readonly action: string;
	readonly resource: string;
	/** With its keys in lower case. */
	readonly context: Context;
}

/** The statements of a policy with that effect whose action, resource and conditions match (control-apis.md §3.4); principals are not looked at. */
export function matchingStatements({ version, statements }: Policy, effect: Statement["effect"], asked: Asked): readonly Statement[] {
	const variables = version === "2008-10-17" ? undefined : asked.context;
	return statements.filter(
		(statement) =>
			statement.effect === effect &&
			covers(statement.actions, (pattern) => globMatches(globOf(pattern.toLowerCase()), asked.action.toLowerCase())) &&
			(statement.resources === undefined ||
				covers(statement.resources, (pattern) => matchesResource(pattern, asked.resource, variables))) &&
			statement.conditions.every((condition) => conditionHolds(condition, asked.context, variables)),
	);
}

function covers({ negated, patterns }: Patterns, matches: (pattern: string) => boolean): boolean {
	return patterns.some(matches) !== negated;
}

function matchesResource(pattern: string, resource: string, variables: Context | undefined): boolean {
	const glob = replacedGlob(pattern, variables);
	return glob !== undefined && globMatches(completed(glob), resource);
}

/** AWS: an ARN of fewer than six parts gets `*` for each that is missing (IAM guide, "Resource"). */
function completed(glob: Glob): Glob {
	const parts = glob.filter((part) => part === ":").length + 1;
	return parts === 1 ? glob : [...glob, ...globOf(":*".repeat(Math.max(0, ARN_PARTS - parts)))];
}
