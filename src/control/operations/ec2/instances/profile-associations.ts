// An instance's hold of an instance profile (control-apis.md §2.9): a part of the instance, with an id of its own.

import { derivedId } from "../../../../model/ids.ts";
import type { Instance, ProfileAssociation } from "../../../../model/instance.ts";
import { epochMs, timestamp } from "../../../../model/timestamp.ts";
import { incorrectInstanceState, noSuchAssociation } from "../../../errors.ts";
import { newId } from "../../../new-id.ts";
import type { IamInstanceProfileAssociation, IamInstanceProfileAssociationState } from "../../../models/ec2.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { instanceNeeds } from "./instance-access.ts";
import { describedProfile } from "./instance-description.ts";
import { allInstances } from "./instance-lookup.ts";

/** The id of an association. */
export function associationIdOf({ instanceId, iamInstanceProfile }: Instance): string | undefined {
	return iamInstanceProfile && (iamInstanceProfile.associationId ?? derivedId("iip-assoc", instanceId, iamInstanceProfile.arn));
}

/** The instance that an association is of, if it is there. */
function findAssociation(associationId: string, call: Pick<Call, "records">): Instance | undefined {
	return allInstances(call).find((instance) => associationIdOf(instance) === associationId);
}

/** The same, or a refusal. */
export function associatedInstance(associationId: string, call: Pick<Call, "records">): Instance {
	const instance = findAssociation(associationId, call);
	if (instance === undefined) throw noSuchAssociation(associationId);
	return instance;
}

/** What changing an association must be allowed: on its instance. */
export function associationNeeds(associationId: string, call: Call, requested?: AccessNeed["context"]): readonly AccessNeed[] {
	const instance = findAssociation(associationId, call);
	return instance === undefined ? [{ resource: "*" }] : instanceNeeds([instance.instanceId], call, requested);
}

/** A new association, from now on. */
export function newAssociation(arn: string, nowMs: number): ProfileAssociation {
	return { arn, associatedAt: timestamp(nowMs), associationId: newId("iip-assoc") };
}

/** @throws {ApiError} for instances that can't get a profile any more. */
export function checkAssociable({ state, instanceId }: Instance): void {
	if (state !== "terminated" && state !== "shutting-down") return;
	throw incorrectInstanceState(`The instance '${instanceId}' is not in the 'running' or 'stopped' states.`);
}

/** An association as the APIs show it. */
export function describedAssociation(
	instance: Instance,
	state: IamInstanceProfileAssociationState,
	call: Call,
): IamInstanceProfileAssociation {
	const { iamInstanceProfile, instanceId } = instance;
	return {
		AssociationId: associationIdOf(instance),
		InstanceId: instanceId,
		IamInstanceProfile: describedProfile(instance, call),
		State: state,
		Timestamp: iamInstanceProfile && new Date(epochMs(iamInstanceProfile.associatedAt)),
	};
}
