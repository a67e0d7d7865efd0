import { timestamp } from "../../../model/timestamp.ts";
import type { Role } from "../../../model/iam.ts";
import { constraintViolated } from "../../errors.ts";
import { alreadyExists } from "../../iam-errors.ts";
import { checkBoundary } from "./entities/attached-policies.ts";
import { describedRole } from "./entities/descriptions.ts";
import { createNamed, creationNeeds } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkDescription, checkedPath, checkName } from "./entities/names.ts";
import { newIamId } from "./entities/new-iam-id.ts";
import { checkedTrustPolicy } from "./entities/trust-policies.ts";
import { checkTags, modelTags } from "../../iam-tags.ts";

/** AWS: seconds that a session of a role may last at most (IAM API reference, MaxSessionDuration). */
const SESSION_SECONDS = { min: 3_600, max: 43_200 };

export const CreateRole: IamOperation<"CreateRole"> = {
	access: ({ RoleName, Path, Tags, PermissionsBoundary }, call) =>
		creationNeeds("role", { name: RoleName, Path, Tags }, call, {
			tagAction: "iam:TagRole",
			context: { "iam:PermissionsBoundary": PermissionsBoundary },
		}),
	async run(input, call) {
		const { RoleName, Description, MaxSessionDuration, PermissionsBoundary, Tags = [] } = input;
		checkName("roleName", RoleName);
		checkDescription(Description);
		checkTags(Tags);
		if (MaxSessionDuration !== undefined) checkSessionDuration(MaxSessionDuration);
		const role: Role = {
			roleName: RoleName,
			roleId: newIamId("AROA"),
			path: checkedPath(input.Path),
			assumeRolePolicyDocument: checkedTrustPolicy(input.AssumeRolePolicyDocument),
			createDate: timestamp(call.nowMs),
			...(Description !== undefined && { description: Description }),
			...(MaxSessionDuration !== undefined && { maxSessionDurationSeconds: MaxSessionDuration }),
			...(PermissionsBoundary !== undefined && { permissionsBoundary: PermissionsBoundary }),
			...(Tags.length > 0 && { tags: modelTags(Tags) }),
		};
		await createNamed("role", role, call, {
			taken: alreadyExists(`Role with name ${RoleName}`),
			check: (records) => {
				if (PermissionsBoundary !== undefined) checkBoundary(PermissionsBoundary, records, call.account);
			},
		});
		return { Role: describedRole(role, call) };
	},
};

function checkSessionDuration(seconds: number): void {
	const { min, max } = SESSION_SECONDS;
	if (seconds < min) throw constraintViolated("maxSessionDuration", seconds, `have value greater than or equal to ${min}`);
	if (seconds > max) throw constraintViolated("maxSessionDuration", seconds, `have value less than or equal to ${max}`);
}
