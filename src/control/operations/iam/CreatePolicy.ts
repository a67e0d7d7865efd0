import type { ManagedPolicy } from "../../../model/iam.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { policyAlreadyExists } from "../../iam-errors.ts";
import { policyArn } from "../../access/policy-lookup.ts";
import { describedPolicy } from "./entities/descriptions.ts";
import { createNamed, creationNeeds } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkDescription, checkedPath, checkName } from "./entities/names.ts";
import { newIamId } from "./entities/new-iam-id.ts";
import { checkManagedPolicy } from "./entities/own-policies.ts";
import { checkTags, modelTags } from "../../iam-tags.ts";

export const CreatePolicy: IamOperation<"CreatePolicy"> = {
	access: ({ PolicyName, Path, Tags }, call) =>
		creationNeeds("policy", { name: PolicyName, Path, Tags }, call, { tagAction: "iam:TagPolicy" }),
	async run({ PolicyName, PolicyDocument, Path, Description, Tags = [] }, call) {
		checkName("policyName", PolicyName);
		checkDescription(Description);
		checkTags(Tags);
		checkManagedPolicy(PolicyDocument);
		const createDate = timestamp(call.nowMs);
		const policy: ManagedPolicy = {
			policyName: PolicyName,
			policyId: newIamId("ANPA"),
			path: checkedPath(Path),
			versions: [{ versionId: "v1", policyDocument: PolicyDocument, createDate }],
			defaultVersionId: "v1",
			createDate,
			updateDate: createDate,
			...(Description !== undefined && { description: Description }),
			...(Tags.length > 0 && { tags: modelTags(Tags) }),
		};
		await createNamed("policy", policy, call, { taken: policyAlreadyExists(PolicyName) });
		const found = { arn: policyArn(policy, call.account), policy, keeper: "account" } as const;
		return { Policy: describedPolicy(found, call.records) };
	},
};
