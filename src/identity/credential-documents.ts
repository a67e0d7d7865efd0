// The documents below iam/ and identity-credentials/ (metadata-endpoint.md §4). Errors are documents too: the status stays 200.

import type { Timestamp } from "../model/timestamp.ts";
import { jsonText } from "./json.ts";

/** A credential set as an instance receives it, whoever issued it. */
export interface RoleCredentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string;
	readonly lastUpdated: Timestamp;
	readonly expiration: Timestamp;
}

/** `iam/security-credentials/{role}` and `identity-credentials/ec2/security-credentials/ec2-instance`. */
export function roleCredentialsDocument(credentials: RoleCredentials): string {
	return jsonText({
		Code: "Success",
		LastUpdated: credentials.lastUpdated,
		Type: "AWS-HMAC",
		AccessKeyId: credentials.accessKeyId,
		SecretAccessKey: credentials.secretAccessKey,
		Token: credentials.sessionToken,
		Expiration: credentials.expiration,
	});
}

/** `iam/security-credentials/{role}` when the role's trust policy does not name EC2. */
export function unauthorizedRoleDocument(roleName: string, lastUpdated: Timestamp): string {
	return errorDocument("AssumeRoleUnauthorizedAccess", `EC2 cannot assume the role ${roleName}.`, lastUpdated);
}

/** `iam/info`. */
export function instanceProfileInfoDocument(profile: InstanceProfileInfo, lastUpdated: Timestamp): string {
	return jsonText({
		Code: "Success",
		// AWS: the guide quotes only the beginning of this message; its place and its end are inferred from the errors.
		Message: profile.hasRole ? undefined : seeDocumentation("Instance Profile does not contain a role."),
		LastUpdated: lastUpdated,
		InstanceProfileArn: profile.arn,
		InstanceProfileId: profile.id,
	});
}

export interface InstanceProfileInfo {
	readonly arn: string;
	readonly id: string;
	readonly hasRole: boolean;
}

/** `iam/info` of an instance whose profile was deleted. */
export function missingInstanceProfileDocument(profileId: string, lastUpdated: Timestamp): string {
	return errorDocument("InstanceProfileNotFound", `Instance Profile with Id ${profileId} cannot be found.`, lastUpdated);
}

/** `identity-credentials/ec2/info`. */
export function identityCredentialsInfoDocument(accountId: string, lastUpdated: Timestamp): string {
	return jsonText({ Code: "Success", LastUpdated: lastUpdated, AccountId: accountId });
}

function errorDocument(code: string, message: string, lastUpdated: Timestamp): string {
	return jsonText({ Code: code, Message: seeDocumentation(message), LastUpdated: lastUpdated });
}

/** AWS: two spaces, as in the responses people have posted (2016 to 2024); web pages that quote them show one. */
function seeDocumentation(message: string): string {
	return `${message}  Please see documentation at ${TROUBLESHOOTING_URL}.`;
}

const TROUBLESHOOTING_URL =
	"https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc";
