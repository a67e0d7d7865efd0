import type { Policy } from "./policy.ts";
import { type Coverage, coverageOf, type Principal } from "./principal.ts";
import type { Statement } from "./statement.ts";
import { type Asked, matchingStatements } from "./statement-match.ts";

/** What the policies of a resource (a role's trust policy is one) say to somebody. */
export interface ResourceAnswer {
	readonly denials: readonly Statement[];
	/** By whom they allow it; undefined: they don't. `account`: it is left to that account's own policies. */
	readonly allowedAs: Coverage | undefined;
}

/** A statement that means the whole account denies it to everybody in it, but does not by itself allow it to any of them. */
export function askResource(policies: readonly Policy[], asked: Asked, principal: Principal): ResourceAnswer {
	const coverages = (effect: Statement["effect"]) =>
		policies
			.flatMap((policy) => matchingStatements(policy, effect, asked))
			.map((statement) => ({ statement, coverage: statement.principals && coverageOf(statement.principals, principal) }))
			.filter(({ coverage }) => coverage !== undefined);
	const allowed = coverages("Allow").map(({ coverage }) => coverage);
	return {
		denials: coverages("Deny").map(({ statement }) => statement),
		allowedAs: allowed.find((coverage) => coverage === "principal") ?? allowed[0],
	};
}
