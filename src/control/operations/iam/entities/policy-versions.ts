import type { ManagedPolicy, PolicyVersion } from "../../../../model/iam.ts";
import type { IamOperations } from "../../../models/iam.ts";
import { dateOf } from "./descriptions.ts";
import { encodedDocument } from "../../../access/policy-documents.ts";

type DescribedVersion = NonNullable<IamOperations["GetPolicyVersion"]["output"]["PolicyVersion"]>;

/** A version as lists tell of it. AWS: without its document. */
export function listedVersion({ versionId, createDate }: PolicyVersion, { defaultVersionId }: ManagedPolicy): DescribedVersion {
	return { VersionId: versionId, IsDefaultVersion: versionId === defaultVersionId, CreateDate: dateOf(createDate) };
}

export function describedVersion(version: PolicyVersion, policy: ManagedPolicy): DescribedVersion {
	return { Document: encodedDocument(version.policyDocument), ...listedVersion(version, policy) };
}

/** The number in `v1`, `v2`, … */
export function versionNumber({ versionId }: PolicyVersion): number {
	return Number(versionId.slice(1));
}
