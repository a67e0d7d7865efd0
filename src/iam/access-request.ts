import type { Principal } from "./principal.ts";
import type { Context } from "./variables.ts";

/** What somebody wants to do to one resource; a call may need several of these to be allowed. */
export interface AccessRequest {
	/** `ec2:RunInstances`; its case does not matter. */
	readonly action: string;
	/** An ARN, or `*` for an action that knows no resources. */
	readonly resource: string;
	/** The values of condition keys, in any spelling of case; a list with no value is an absent key. */
	readonly context: ReadonlyMap<string, readonly string[]>;
	/** Needed where policies with principals are asked. */
	readonly principal?: Principal;
}

/** AWS: names of condition keys are the same in any case (IAM guide, "Condition"). */
export function foldedKeys(context: AccessRequest["context"]): Context {
	return new Map([...context].map(([key, values]) => [key.toLowerCase(), values]));
}
