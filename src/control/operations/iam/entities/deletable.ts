import type { PolicyHolder } from "../../../../model/iam.ts";
import { deleteConflict } from "../../../iam-errors.ts";

/** AWS: a role or a user is not deleted as long as it has policies. */
export function checkWithoutPolicies({ inlinePolicies = [], attachedPolicyArns = [] }: PolicyHolder): void {
	if (attachedPolicyArns.length > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
	if (inlinePolicies.length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
}
