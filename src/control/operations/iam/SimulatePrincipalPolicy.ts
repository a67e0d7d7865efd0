import { constraintViolated } from "../../errors.ts";
import { invalidInput } from "../../iam-errors.ts";
import { serviceControlPolicies } from "../../access/principal-policies.ts";
import { entityArn, entityNeed } from "./entities/entities.ts";
import { holderOf, type HolderName } from "./entities/holders.ts";
import type { IamOperation } from "./iam-operation.ts";
import { markedPage } from "./entities/pages.ts";
import { simulated } from "../../access/policy-simulation.ts";
import { boundaryOf, identityPolicies, inputPolicies } from "../../access/simulated-policies.ts";

type Input = Parameters<IamOperation<"SimulatePrincipalPolicy">["run"]>[0];

/** AWS: of actions and resources; ours bounds how much one request can ask for. */
const QUESTIONS_MAX = 10_000;

/**
 * What a role or a user would be allowed: one result for each action on each resource.
 *
 * AWS: condition keys have the values that the request gives them, and no others.
 *
 * Gap: no resource policies, no exclusions; where a statement stands in its policy is not told.
 */
export const SimulatePrincipalPolicy: IamOperation<"SimulatePrincipalPolicy"> = {
	access({ PolicySourceArn }, call) {
		const holder = holderNamed(PolicySourceArn);
		return [
			holder === undefined ? { resource: PolicySourceArn } : { ...entityNeed(holder.kind, holder.name, call), resource: PolicySourceArn },
		];
	},
	run(input, call) {
		const named = holderNamed(input.PolicySourceArn);
		if (named === undefined)
			throw invalidInput(`Invalid Entity Arn: ${input.PolicySourceArn} is neither that of a user nor that of a role.`);
		const holder = holderOf(named, call.records);
		if (entityArn(named.kind, holder.path, named.name, call) !== input.PolicySourceArn) {
			throw invalidInput(`Invalid Entity Arn: ${input.PolicySourceArn} does not exist.`);
		}
		checkInput(input);
		const { ContextEntries = [], ActionNames, ResourceArns = [] } = input;
		const policies = {
			identity: [...identityPolicies(named, holder, call), ...inputPolicies("PolicyInputList", input.PolicyInputList ?? [], "identity")],
			boundary: boundaryOf(holder, input.PermissionsBoundaryPolicyInputList, call),
			serviceControl: serviceControlPolicies(call.account),
			inOrganization: call.account.organization !== undefined,
		};
		const context = new Map(ContextEntries.map(({ ContextKeyName = "", ContextKeyValues = [] }) => [ContextKeyName, ContextKeyValues]));
		const questions = ActionNames.flatMap((action) =>
			(ResourceArns.length === 0 ? ["*"] : ResourceArns).map((resource) => ({ action, resource, context })),
		).map((request, index) => ({ request, key: String(index).padStart(6, "0") }));
		const { items, ...page } = markedPage(questions, input, ({ key }) => key);
		return { EvaluationResults: items.map(({ request }) => simulated(request, policies)), ...page };
	},
};

function checkInput({ ActionNames, ResourceArns = [], ResourcePolicy, PolicyExclusionList = [] }: Input): void {
	const unfit = ActionNames.find((action) => !/^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(action));
	if (unfit !== undefined)
		throw invalidInput(`Invalid action name: '${unfit}'. It must be a service and an action, such as ec2:RunInstances.`);
	const asked = ActionNames.length * Math.max(1, ResourceArns.length);
	if (asked > QUESTIONS_MAX)
		throw constraintViolated("actionNames", asked, `ask ${QUESTIONS_MAX} questions at most: actions times resources`);
	if (ResourcePolicy !== undefined) throw invalidInput("ResourcePolicy is not simulated by OpenIMDS. Leave it out.");
	if (PolicyExclusionList.length > 0) throw invalidInput("PolicyExclusionList is not simulated by OpenIMDS. Leave it out.");
}

function holderNamed(arn: string): HolderName | undefined {
	const [, kind, name = ""] = /^arn:[a-z-]+:iam::\d{12}:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
	return kind === "role" || kind === "user" ? { kind, name } : undefined;
}
