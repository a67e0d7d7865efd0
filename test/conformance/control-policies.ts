// The policies that AWS documents for its metadata service (control-apis.md §3.3), and callers that they bind.

import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import type { Api, Clients } from "../api/api.ts";

/** RequireImdsV2. */
export const P1 = {
	Sid: "RequireImdsV2",
	Effect: "Deny",
	Action: "ec2:RunInstances",
	Resource: "arn:aws:ec2:*:*:instance/*",
	Condition: { StringNotEquals: { "ec2:MetadataHttpTokens": "required" } },
};

/** Nobody goes back to optional tokens. */
export const P2 = {
	Sid: "DenyIMDSv1HttpTokensModification",
	Effect: "Deny",
	Action: "ec2:ModifyInstanceMetadataOptions",
	Resource: "arn:aws:ec2:*:*:instance/*",
	Condition: { StringNotEquals: { "ec2:Attribute/HttpTokens": "required" }, Null: { "ec2:Attribute/HttpTokens": false } },
};

/** The same in the guide of 2023. */
export const P2_OF_2023 = {
	...P2,
	Condition: { StringEquals: { "ec2:Attribute": "HttpTokens" }, StringNotEquals: { "ec2:Attribute/HttpTokens": "required" } },
};

export const P3 = {
	Sid: "MaxImdsHopLimit",
	Effect: "Deny",
	Action: "ec2:RunInstances",
	Resource: "arn:aws:ec2:*:*:instance/*",
	Condition: { NumericGreaterThan: { "ec2:MetadataHttpPutResponseHopLimit": "3" } },
};

export const P4 = {
	Sid: "AllowOnlyImdsAdminsToModifySettings",
	Effect: "Deny",
	Action: "ec2:ModifyInstanceMetadataOptions",
	Resource: "*",
	Condition: { StringNotLike: { "aws:PrincipalARN": "arn:aws:iam::*:role/ec2-imds-admins" } },
};

export const P5 = {
	Sid: "RequireAllEc2RolesToUseV2",
	Effect: "Deny",
	Action: "*",
	Resource: "*",
	Condition: { NumericLessThan: { "ec2:RoleDelivery": "2.0" } },
};

export const ALLOW_EC2 = { Effect: "Allow", Action: "ec2:*", Resource: "*" };

/** A policy document, as IAM takes it. */
export function policy(...statements: readonly object[]): string {
	return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** A new user with these statements, and a key of its own. */
export async function userWith({ iam, as }: Pick<Api, "iam" | "as">, UserName: string, ...statements: readonly object[]): Promise<Clients> {
	await iam.send(new CreateUserCommand({ UserName }));
	if (statements.length > 0)
		await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "policy", PolicyDocument: policy(...statements) }));
	const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
	return as({ accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" });
}
