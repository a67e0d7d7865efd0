import { iamArn, type Role } from "../../../model/iam.ts";
import { constraintViolated, validationError } from "../../errors.ts";
import { accessDenied, malformedPolicyDocument, packedPolicyTooLarge } from "../../iam-errors.ts";
import type { AssumedRole, Call } from "../../operation.ts";
import { checkedPolicy } from "../../access/policy-documents.ts";
import { checkTags, modelTags } from "../../iam-tags.ts";
import { refusalToTake, type RoleNeed } from "../../access/role-taking.ts";
import { requestTagContext } from "../../request-tags.ts";
import { checkDuration } from "./session-duration.ts";
import type { StsOperation } from "./sts-operation.ts";

type Input = Parameters<StsOperation<"AssumeRole">["run"]>[0];

/** AWS: of a session's own policy and the ARNs of its managed ones together (STS API reference, AssumeRole). */
const SESSION_POLICY_MAX_CHARACTERS = 2_048;
const SESSION_POLICY_ARNS_MAX = 10;

/** Gap: AWS packs better, in a form and a space that it does not tell. Ours makes a token that still fits into a header. */
const PACKED_MAX_BYTES = 8_192;

/**
 * Takes a role: the role's trust policy decides, and the caller's own policies where it leaves that to the account.
 *
 * AWS: who may is settled here and not before: a role that does not exist is refused in the same words as one that trusts nobody.
 *
 * Gap: the source identity and the tags that are transitive aren't kept in the session.
 */
export const AssumeRole: StsOperation<"AssumeRole"> = {
	access: () => [],
	run(input, call) {
		const { RoleArn, RoleSessionName, SourceIdentity, DurationSeconds, Tags = [] } = input;
		checkInput(input);
		// AWS: the account itself takes no role.
		if (call.principal.type === "Account") throw accessDenied("Roles may not be assumed by root accounts.");
		const role = [...call.records.role.values()].find((each) => roleArn(each, call) === RoleArn);
		for (const need of needs(input)) {
			const refusal = refusalToTake(role, need, call);
			if (refusal !== undefined) throw accessDenied(refusal);
		}
		if (role === undefined) throw new Error("somebody was let into a role that is not there");
		const durationSeconds = checkDuration(DurationSeconds, role, call.principal);

		const { roleId, roleName } = role;
		const limits = { policies: sessionPolicies(input), tags: modelTags(Tags) };
		const PackedPolicySize = packedPercent(limits);
		const session = { roleArn: RoleArn, roleId, sessionName: RoleSessionName, durationSeconds, ...limits };
		const credentials = call.credentials.assumeRole(session, call.nowMs);
		const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = credentials;
		return {
			Credentials: {
				AccessKeyId: accessKeyId,
				SecretAccessKey: secretAccessKey,
				SessionToken: sessionToken,
				Expiration: new Date(Math.floor(expiresAtMs / 1000) * 1000),
			},
			AssumedRoleUser: {
				AssumedRoleId: `${roleId}:${RoleSessionName}`,
				Arn: `arn:${call.partition}:sts::${call.account.accountId}:assumed-role/${roleName}/${RoleSessionName}`,
			},
			SourceIdentity,
			PackedPolicySize,
		};
	},
};

/** How much of the space that there is a session's policies and tags take. @throws {ApiError} for more than all. */
function packedPercent(limits: Pick<AssumedRole, "policies" | "tags">): number | undefined {
	if (limits.policies.length + limits.tags.length === 0) return undefined;
	const percent = Math.ceil((Buffer.byteLength(JSON.stringify(limits)) / PACKED_MAX_BYTES) * 100);
	if (percent > 100) throw packedPolicyTooLarge(percent);
	return percent;
}

/** AWS: session tags and a source identity are actions of their own. The condition keys are those of STS (Service Authorization Reference). */
function needs({ RoleArn, RoleSessionName, ExternalId, SourceIdentity, Tags = [], TransitiveTagKeys }: Input): readonly RoleNeed[] {
	const context = {
		"sts:RoleSessionName": RoleSessionName,
		"sts:ExternalId": ExternalId,
		"sts:SourceIdentity": SourceIdentity,
		"sts:TransitiveTagKeys": TransitiveTagKeys,
		...requestTagContext(modelTags(Tags)),
	};
	const actions = ["sts:AssumeRole"];
	if (Tags.length > 0) actions.push("sts:TagSession");
	if (SourceIdentity !== undefined) actions.push("sts:SetSourceIdentity");
	return actions.map((action) => ({ action, resource: RoleArn, context }));
}

function roleArn({ path, roleName }: Role, { partition, account }: Call): string {
	return iamArn(partition, account.accountId, "role", path, roleName);
}

function checkInput({ RoleArn, RoleSessionName, SourceIdentity, ExternalId, SerialNumber, TokenCode, ...input }: Input): void {
	if (!/^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(RoleArn)) throw validationError(`${RoleArn} is invalid`);
	checkName("roleSessionName", RoleSessionName, 64);
	if (SourceIdentity !== undefined) checkName("sourceIdentity", SourceIdentity, 64);
	if (ExternalId !== undefined) checkName("externalId", ExternalId, 1_224, /^[\w+=,.@:/-]*$/);
	// AWS: answers so for a device that is not there, and here none is.
	if (SerialNumber !== undefined || TokenCode !== undefined) {
		throw accessDenied(
			"MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user.",
		);
	}
	checkTags(input.Tags ?? []);
	checkSessionPolicies(input);
}

function checkSessionPolicies({ Policy, PolicyArns = [] }: Pick<Input, "Policy" | "PolicyArns">): void {
	if (Policy !== undefined) checkedPolicy(Policy, "session");
	const arns = PolicyArns.map(({ arn = "" }) => arn);
	const unfit = arns.find((arn) => !/^arn:[a-z-]+:iam::(\d{12}|aws):policy\/.+$/.test(arn));
	if (unfit !== undefined) throw malformedPolicyDocument(`PolicyArns: '${unfit}' is not the ARN of a managed policy`);
	if (arns.length > SESSION_POLICY_ARNS_MAX) {
		throw constraintViolated("policyArns", arns.length, `have length less than or equal to ${SESSION_POLICY_ARNS_MAX}`);
	}
	const text = [Policy ?? "", ...arns].join("");
	if (text.length > SESSION_POLICY_MAX_CHARACTERS) {
		throw constraintViolated("policy", text, `have length less than or equal to ${SESSION_POLICY_MAX_CHARACTERS}`);
	}
}

/** The text of the session's own policy, and the ARNs of managed ones, whose text counts as it is when it is used. */
function sessionPolicies({ Policy, PolicyArns = [] }: Input): readonly string[] {
	return [...(Policy === undefined ? [] : [Policy]), ...PolicyArns.flatMap(({ arn }) => arn ?? [])];
}

function checkName(member: string, value: string, max: number, pattern = /^[\w+=,.@-]*$/): void {
	if (value.length < 2) throw constraintViolated(member, value, "have length greater than or equal to 2");
	if (value.length > max) throw constraintViolated(member, value, `have length less than or equal to ${max}`);
	if (!pattern.test(value)) throw constraintViolated(member, value, `satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`);
}
