// Policy documents and callers for tests of IAM and STS.

import {
	AttachUserPolicyCommand,
	CreateAccessKeyCommand,
	CreateUserCommand,
	type IAMClient,
	PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Api, Clients, Credentials } from "./api.ts";

export const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";

/** A policy of one statement. */
export function policy(Effect: "Allow" | "Deny", Action: string | readonly string[], rest: object = { Resource: "*" }): string {
	return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect, Action, ...rest }] });
}

/** A policy of several. */
export function policies(...documents: readonly string[]): string {
	const statements = documents.flatMap((document) => (JSON.parse(document) as { Statement: object[] }).Statement);
	return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Who may assume a role. */
export function trust(Principal: unknown, rest: object = {}): string {
	return policy("Allow", "sts:AssumeRole", { Principal, ...rest });
}

export const EC2_TRUST = trust({ Service: "ec2.amazonaws.com" });

/** A new user and its clients. */
export async function newUser(
	api: Api,
	UserName: string,
	{ document, managed }: { document?: string; managed?: string } = {},
): Promise<Clients & { readonly arn: string; readonly userId: string }> {
	const { User } = await api.iam.send(new CreateUserCommand({ UserName }));
	if (document !== undefined) await api.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument: document }));
	if (managed !== undefined) await api.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: managed }));
	return { ...api.as(await newKey(api.iam, UserName)), arn: User?.Arn ?? "", userId: User?.UserId ?? "" };
}

export async function newKey(iam: IAMClient, UserName: string): Promise<Credentials> {
	const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
	return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}
