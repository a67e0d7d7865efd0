import { noSuchAssociation } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { findProfile, passRoleNeeds, profileOf } from "./instances/instance-profile-lookup.ts";
import {
	associatedInstance,
	associationIdOf,
	associationNeeds,
	checkAssociable,
	describedAssociation,
	newAssociation,
} from "./instances/profile-associations.ts";

/** Gives an instance another profile in the place of the one it has (control-apis.md §2.9). The association is a new one. */
export const ReplaceIamInstanceProfileAssociation: Ec2Operation<"ReplaceIamInstanceProfileAssociation"> = {
	access: ({ AssociationId, IamInstanceProfile }, call) => [
		...associationNeeds(AssociationId, call, { "ec2:NewInstanceProfile": findProfile(IamInstanceProfile, call)?.arn }),
		...passRoleNeeds(IamInstanceProfile, call),
	],
	async run({ AssociationId, IamInstanceProfile }, call) {
		const { instanceId } = associatedInstance(AssociationId, call);
		const iamInstanceProfile = newAssociation(profileOf(IamInstanceProfile, call).arn, call.nowMs);
		const after = await call.inventory.update("instance", instanceId, (before) => {
			if (associationIdOf(before) !== AssociationId) throw noSuchAssociation(AssociationId);
			checkAssociable(before);
			return { ...before, iamInstanceProfile };
		});
		if (after === undefined) throw noSuchAssociation(AssociationId);
		return { IamInstanceProfileAssociation: describedAssociation(after, "associating", call) };
	},
};
