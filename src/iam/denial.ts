import type { AccessRequest } from "./access-request.ts";
import type { Denial, PolicyLayer } from "./evaluate.ts";
import type { Statement } from "./statement.ts";

/** Who was refused, as the decoded message names it. */
export interface RefusedPrincipal {
	/** `AIDA…` of a user, `AROA…:session` of a role's session. */
	readonly id: string;
	/** A user's; sessions have none. */
	readonly name?: string | undefined;
	readonly arn: string;
}

const LAYER_NAMES: Readonly<Record<PolicyLayer, { readonly one: string; readonly none: string }>> = {
	"service-control": { one: "a service control policy", none: "no service control policy" },
	boundary: { one: "a permissions boundary", none: "no permissions boundary" },
	session: { one: "a session policy", none: "no session policy" },
	identity: { one: "an identity-based policy", none: "no identity-based policy" },
	resource: { one: "a resource-based policy", none: "no resource-based policy" },
};

/**
 * The end of AWS's sentence "User: … is not authorized to perform: … on resource: …" (control-apis.md §3.6).
 *
 * @param action with its service: `ec2:RunInstances`
 */
export function denialReason({ explicitDeny, layer, policyArn }: Denial, action: string): string {
	const { one, none } = LAYER_NAMES[layer];
	if (!explicitDeny) return `because ${none} allows the ${action} action`;
	return `with an explicit deny in ${one}${policyArn === undefined ? "" : `: ${policyArn}`}`;
}

/** A refusal, and what was refused to whom. */
export interface Refusal {
	readonly decision: Denial;
	readonly request: AccessRequest;
	readonly principal: RefusedPrincipal;
}

/**
 * The text that `sts:DecodeAuthorizationMessage` gives back: compact JSON.
 *
 * AWS: its structure and the order of its keys, as observed (control-apis.md §3.6). The conditions of a statement are told without their
 * operators.
 */
export function authorizationMessage({ decision, request, principal }: Refusal): string {
	const conditions = [...request.context].filter(([, values]) => values.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
	return JSON.stringify({
		allowed: false,
		explicitDeny: decision.explicitDeny,
		matchedStatements: items(decision.matched.map((statement) => matchedStatement(statement, principal))),
		failures: items([]),
		context: {
			principal: { id: principal.id, name: principal.name, arn: principal.arn },
			action: request.action.slice(request.action.indexOf(":") + 1),
			resource: request.resource,
			conditions: items(conditions.map(([key, values]) => ({ key, values: valuesOf(values) }))),
		},
	});
}

function matchedStatement({ sid, effect, actions, resources, conditions }: Statement, { id }: RefusedPrincipal): object {
	return {
		statementId: sid,
		effect: effect.toUpperCase(),
		principals: valuesOf([id]),
		principalGroups: items([]),
		actions: valuesOf(actions.patterns),
		resources: valuesOf(resources?.patterns ?? []),
		conditions: items(conditions.map(({ key, values }) => ({ key, values: valuesOf(values) }))),
	};
}

function valuesOf(values: readonly string[]): object {
	return items(values.map((value) => ({ value })));
}

function items(list: readonly object[]): object {
	return { items: list };
}
