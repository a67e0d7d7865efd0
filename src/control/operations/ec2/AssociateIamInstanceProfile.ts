import { incorrectState, noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { instanceNeeds } from "./instances/instance-access.ts";
import { instanceOf } from "./instances/instance-lookup.ts";
import { findProfile, passRoleNeeds, profileOf } from "./instances/instance-profile-lookup.ts";
import { checkAssociable, describedAssociation, newAssociation } from "./instances/profile-associations.ts";

/** Gives an instance a profile; it may have none yet (control-apis.md §2.9). Its metadata hand out the role at once. */
export const AssociateIamInstanceProfile: Ec2Operation<"AssociateIamInstanceProfile"> = {
	access: ({ InstanceId, IamInstanceProfile }, call) => [
		...instanceNeeds([InstanceId], call, { "ec2:NewInstanceProfile": findProfile(IamInstanceProfile, call)?.arn }),
		...passRoleNeeds(IamInstanceProfile, call),
	],
	async run({ InstanceId, IamInstanceProfile }, call) {
		instanceOf(InstanceId, call);
		const { arn } = profileOf(IamInstanceProfile, call);
		const iamInstanceProfile = newAssociation(arn, call.nowMs);
		const after = await call.inventory.update("instance", InstanceId, (before) => {
			checkAssociable(before);
			if (before.iamInstanceProfile !== undefined) throw incorrectState(`There is an existing association for instance ${InstanceId}`);
			return { ...before, iamInstanceProfile };
		});
		if (after === undefined) throw noSuchResource("instance", [InstanceId]);
		return { IamInstanceProfileAssociation: describedAssociation(after, "associating", call) };
	},
};
