import type { Instance } from "../../../model/instance.ts";
import { noSuchAssociation } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { associatedInstance, associationIdOf, associationNeeds, describedAssociation } from "./instances/profile-associations.ts";

/** Takes an instance's profile away, and with it what its role's credentials allow (control-apis.md §2.9, §3.5). */
export const DisassociateIamInstanceProfile: Ec2Operation<"DisassociateIamInstanceProfile"> = {
	access: ({ AssociationId }, call) => associationNeeds(AssociationId, call),
	async run({ AssociationId }, call) {
		const { instanceId } = associatedInstance(AssociationId, call);
		let ended: Instance | undefined;
		await call.inventory.update("instance", instanceId, (before) => {
			if (associationIdOf(before) !== AssociationId) throw noSuchAssociation(AssociationId);
			ended = before;
			const { iamInstanceProfile: _, ...rest } = before;
			return rest;
		});
		if (ended === undefined) throw noSuchAssociation(AssociationId);
		return { IamInstanceProfileAssociation: describedAssociation(ended, "disassociating", call) };
	},
};
