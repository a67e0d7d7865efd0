import assert from "node:assert/strict";
import { test } from "node:test";
import {
	identityCredentialsInfoDocument,
	instanceProfileInfoDocument,
	missingInstanceProfileDocument,
	roleCredentialsDocument,
	unauthorizedRoleDocument,
} from "./credential-documents.ts";

const at = "2022-03-27T03:15:53Z";
const profile = { arn: "arn:aws:iam::123456789012:instance-profile/my-profile", id: "AIPAEXAMPLEEXAMPLE123" };
const url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc";

test("role credentials", () => {
	const credentials = {
		accessKeyId: "ASIAEXAMPLEEXAMPLE12",
		secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		sessionToken: "IQoJb3JpZ2luX2Vj+/==",
		lastUpdated: at,
		expiration: "2022-03-27T09:41:58Z",
	};
	assert.equal(
		roleCredentialsDocument(credentials),
		`{
  "Code" : "Success",
  "LastUpdated" : "2022-03-27T03:15:53Z",
  "Type" : "AWS-HMAC",
  "AccessKeyId" : "ASIAEXAMPLEEXAMPLE12",
  "SecretAccessKey" : "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "Token" : "IQoJb3JpZ2luX2Vj+/==",
  "Expiration" : "2022-03-27T09:41:58Z"
}`,
	);
});

test("a role that EC2 may not assume", () => {
	assert.equal(
		unauthorizedRoleDocument("my-role", at),
		`{
  "Code" : "AssumeRoleUnauthorizedAccess",
  "Message" : "EC2 cannot assume the role my-role.  Please see documentation at ${url}.",
  "LastUpdated" : "2022-03-27T03:15:53Z"
}`,
	);
});

test("an instance profile", () => {
	assert.equal(
		instanceProfileInfoDocument({ ...profile, hasRole: true }, at),
		`{
  "Code" : "Success",
  "LastUpdated" : "2022-03-27T03:15:53Z",
  "InstanceProfileArn" : "arn:aws:iam::123456789012:instance-profile/my-profile",
  "InstanceProfileId" : "AIPAEXAMPLEEXAMPLE123"
}`,
	);
});

test("an instance profile without a role", () => {
	assert.equal(
		instanceProfileInfoDocument({ ...profile, hasRole: false }, at),
		`{
  "Code" : "Success",
  "Message" : "Instance Profile does not contain a role.  Please see documentation at ${url}.",
  "LastUpdated" : "2022-03-27T03:15:53Z",
  "InstanceProfileArn" : "arn:aws:iam::123456789012:instance-profile/my-profile",
  "InstanceProfileId" : "AIPAEXAMPLEEXAMPLE123"
}`,
	);
});

test("an instance profile that was deleted", () => {
	assert.equal(
		missingInstanceProfileDocument(profile.id, at),
		`{
  "Code" : "InstanceProfileNotFound",
  "Message" : "Instance Profile with Id AIPAEXAMPLEEXAMPLE123 cannot be found.  Please see documentation at ${url}.",
  "LastUpdated" : "2022-03-27T03:15:53Z"
}`,
	);
});

test("the info of the instance identity role", () => {
	assert.equal(
		identityCredentialsInfoDocument("123456789012", at),
		`{
  "Code" : "Success",
  "LastUpdated" : "2022-03-27T03:15:53Z",
  "AccountId" : "123456789012"
}`,
	);
});
