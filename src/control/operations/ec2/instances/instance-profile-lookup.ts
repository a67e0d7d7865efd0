import { iamArn, type InstanceProfile } from "../../../../model/iam.ts";
import { invalidParameterCombination, invalidParameterValue } from "../../../errors.ts";
import type { IamInstanceProfileSpecification } from "../../../models/ec2.ts";
import type { AccessNeed, Call } from "../../../operation.ts";

type World = Pick<Call, "records" | "account" | "partition">;

/** An instance profile, and its ARN. */
export interface NamedProfile {
	readonly profile: InstanceProfile;
	readonly arn: string;
}

/** The profile that a request names by name or by ARN, if it is there. */
export function findProfile(
	{ Name, Arn }: IamInstanceProfileSpecification,
	{ records, account, partition }: World,
): NamedProfile | undefined {
	for (const profile of records["instance-profile"].values()) {
		const arn = iamArn(partition, account.accountId, "instance-profile", profile.path, profile.instanceProfileName);
		if (profile.instanceProfileName === Name || arn === Arn) return { profile, arn };
	}
	return undefined;
}

/**
 * The same, or a refusal.
 *
 * AWS: its words have "Invalid IAM Instance Profile" in them, which Terraform looks for before it tries again (control-apis.md §2.9).
 */
export function profileOf(specification: IamInstanceProfileSpecification, world: World): NamedProfile {
	const { Name, Arn } = specification;
	if ((Name === undefined) === (Arn === undefined)) {
		throw invalidParameterCombination(
			"The parameter 'iamInstanceProfile' needs either a name or an ARN, and not both. Invalid IAM Instance Profile",
		);
	}
	const found = findProfile(specification, world);
	if (found !== undefined) return found;
	const [field, noun] = Arn === undefined ? ["name", "name"] : ["arn", "ARN"];
	throw invalidParameterValue(
		`Value (${Name ?? Arn}) for parameter iamInstanceProfile.${field} is invalid. Invalid IAM Instance Profile ${noun}`,
	);
}

/** The need to hand a profile's role to EC2; none where there is no such profile, or no role in it. */
export function passRoleNeeds(specification: IamInstanceProfileSpecification | undefined, world: World): readonly AccessNeed[] {
	const roleName = specification && findProfile(specification, world)?.profile.roleName;
	const role = roleName === undefined ? undefined : world.records.role.get(roleName);
	if (role === undefined) return [];
	const resource = iamArn(world.partition, world.account.accountId, "role", role.path, role.roleName);
	return [{ action: "iam:PassRole", resource, context: { "iam:PassedToService": "ec2.amazonaws.com" } }];
}
