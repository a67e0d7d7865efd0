// Cases C37, C38, C48 and C49 of control-apis.md §7: who may do what, and how a refusal is told.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { DescribeInstancesCommand, EC2Client, ModifyInstanceMetadataDefaultsCommand } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, GetUserCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, DecodeAuthorizationMessageCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Clients, rejectsWith, startApi } from "../api/api.ts";
import { describeOne } from "../api/instances.ts";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { ALLOW_EC2, P1, P2, P2_OF_2023, P3, P4, P5, policy, userWith } from "./control-policies.ts";
import { CONFIGURATION, credentialsOfV1, credentialsOfV2, launched, modify, running, statuses, V2_IMAGE } from "./control-scene.ts";

const api = await startApi({ after }, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] });
const { ec2 } = api;
const ACCOUNT = "123456789012";
const aws = requireTool("aws");

const EXPLICIT = "with an explicit deny in an identity-based policy";

test("C37, rows 1 to 4: P1 denies launches whose tokens would be optional, whoever decided them", async () => {
	const user = await userWith(api, "p1", ALLOW_EC2, P1);
	const message = await denied(launched(user.ec2), EXPLICIT);
	assert.ok(
		message.startsWith(
			`You are not authorized to perform this operation. User: arn:aws:iam::${ACCOUNT}:user/p1 is not authorized to perform: ` +
				`ec2:RunInstances on resource: arn:aws:ec2:${api.region}:${ACCOUNT}:instance/* ${EXPLICIT}. Encoded authorization failure message: `,
		),
		message,
	);
	await denied(launched(user.ec2, { MetadataOptions: { HttpTokens: "optional" } }), EXPLICIT);
	await launched(user.ec2, { MetadataOptions: { HttpTokens: "required" } });
	await launched(user.ec2, { ImageId: V2_IMAGE });
	await denied(launched(user.ec2, { ImageId: V2_IMAGE, MetadataOptions: { HttpTokens: "optional" } }), EXPLICIT);
	await ec2.send(new ModifyInstanceMetadataDefaultsCommand({ HttpTokens: "required" }));
	await launched(user.ec2);
	await ec2.send(new ModifyInstanceMetadataDefaultsCommand({ HttpTokens: "no-preference" }));
	await denied(launched(user.ec2), EXPLICIT);
});

for (const [name, statement] of [
	["p2", P2],
	["p2-of-2023", P2_OF_2023],
] as const) {
	test(`C37, rows 5 to 7: ${name} denies the way back to optional tokens, and nothing else`, async () => {
		const user = await userWith(api, name, ALLOW_EC2, statement);
		const { instanceId } = await launched(ec2, { MetadataOptions: { HttpTokens: "required" } });
		await denied(modify(user.ec2, instanceId, { HttpTokens: "optional" }), EXPLICIT);
		await denied(modify(user.ec2, instanceId, { HttpTokens: "optional", HttpEndpoint: "enabled" }), EXPLICIT);
		assert.equal((await describeOne(ec2, instanceId)).MetadataOptions?.HttpTokens, "required");
		assert.equal((await modify(user.ec2, instanceId, { HttpPutResponseHopLimit: 3 }))?.HttpPutResponseHopLimit, 3);
		assert.equal((await modify(user.ec2, instanceId, { HttpEndpoint: "disabled" }))?.HttpEndpoint, "disabled");
		assert.equal((await modify(user.ec2, instanceId, { HttpTokens: "required" }))?.HttpTokens, "required");
	});
}

test("C37, row 8: without its Null line P2 denies what names no tokens, too", async () => {
	const user = await userWith(api, "p2-without-null", ALLOW_EC2, { ...P2, Condition: { StringNotEquals: P2.Condition.StringNotEquals } });
	const { instanceId } = await launched(ec2);
	await denied(modify(user.ec2, instanceId, { HttpPutResponseHopLimit: 3 }), EXPLICIT);
});

test("C37, row 9: P3 denies hop limits above 3, and a launch that names none has 1", async () => {
	const user = await userWith(api, "p3", ALLOW_EC2, P3);
	await denied(launched(user.ec2, { MetadataOptions: { HttpPutResponseHopLimit: 4 } }), EXPLICIT);
	await denied(launched(user.ec2, { MetadataOptions: { HttpPutResponseHopLimit: 10 } }), EXPLICIT);
	await launched(user.ec2, { MetadataOptions: { HttpPutResponseHopLimit: 3 } });
	await launched(user.ec2);
});

test("C37, row 10: P4 lets sessions of one role alone change options", async () => {
	const assume = { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" };
	const user = await userWith(api, "p4", ALLOW_EC2, P4, assume);
	const { instanceId } = await launched(ec2);
	const admins = await sessionOf("ec2-imds-admins", user, ALLOW_EC2, P4);
	const builders = await sessionOf("builders", user, ALLOW_EC2, P4);
	await modify(admins.ec2, instanceId, { HttpTokens: "required" });
	const message = await denied(modify(builders.ec2, instanceId, { HttpTokens: "optional" }), EXPLICIT);
	assert.match(message, new RegExp(`User: arn:aws:sts::${ACCOUNT}:assumed-role/builders/a-session is not authorized`));
	await denied(modify(user.ec2, instanceId, { HttpTokens: "optional" }), EXPLICIT);
	assert.equal((await describeOne(ec2, instanceId)).MetadataOptions?.HttpTokens, "required");
});

test("C37, row 11, and C49: P5 refuses credentials that an instance got without a token, and takes those with one", async (t) => {
	await api.iam.send(new PutRolePolicyCommand({ RoleName: "web-role", PolicyName: "policy", PolicyDocument: policy(ALLOW_EC2, P5) }));
	const instance = await launched(ec2, { IamInstanceProfile: { Name: "web-role" } });
	const withV1 = api.as(await credentialsOfV1(instance.url, "web-role"));
	const withV2 = api.as(await credentialsOfV2(instance.url));
	const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/web-role/${instance.instanceId}`;
	for (const { sts } of [withV1, withV2]) assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, arn);

	await denied(withV1.ec2.send(new DescribeInstancesCommand({})), EXPLICIT);
	await denied(modify(withV1.ec2, instance.instanceId, { HttpTokens: "required" }), EXPLICIT);
	await withV2.ec2.send(new DescribeInstancesCommand({}));
	await modify(withV2.ec2, instance.instanceId, { HttpTokens: "required" });
	await running(ec2, instance.instanceId);
	assert.equal((await statuses(instance.url)).v1, 401, "the instance itself can't get the refused kind any more");

	const user = await userWith(api, "p5", ALLOW_EC2, P5);
	await user.ec2.send(new DescribeInstancesCommand({}));

	if (aws.skip !== false) return t.diagnostic(aws.skip);
	const command = ["ec2", "describe-instances", "--endpoint-url", api.apiUrl, "--query", "Reservations[].Instances[].InstanceId"];
	const env = {
		PATH: process.env["PATH"],
		HOME: temporaryFolder(t),
		AWS_EC2_METADATA_SERVICE_ENDPOINT: `${instance.url}/`,
		AWS_METADATA_SERVICE_TIMEOUT: "20",
	};
	const { stdout } = await promisify(execFile)(aws.path, command, { env });
	assert.ok((JSON.parse(stdout) as string[]).includes(instance.instanceId), "the AWS CLI in the instance asks with a token");
});

test("C49: credentials of an instance are conditions' business: where, and how, they were delivered", async () => {
	const instance = await launched(ec2, { IamInstanceProfile: { Name: "other-role" } });
	const conditions = {
		NumericEquals: { "ec2:RoleDelivery": "2" },
		ArnEquals: { "ec2:SourceInstanceARN": `arn:aws:ec2:${api.region}:${ACCOUNT}:instance/${instance.instanceId}` },
		StringEquals: { "aws:Ec2InstanceSourceVpc": (await describeOne(ec2, instance.instanceId)).VpcId },
		IpAddress: { "aws:Ec2InstanceSourcePrivateIPv4": (await describeOne(ec2, instance.instanceId)).PrivateIpAddress },
	};
	const PolicyDocument = policy({ ...ALLOW_EC2, Condition: conditions });
	await api.iam.send(new PutRolePolicyCommand({ RoleName: "other-role", PolicyName: "policy", PolicyDocument }));
	const another = await launched(ec2, { IamInstanceProfile: { Name: "other-role" } });
	const here = api.as(await credentialsOfV2(instance.url));
	await here.ec2.send(new DescribeInstancesCommand({}));
	const elsewhere = api.as(await credentialsOfV2(another.url)).ec2.send(new DescribeInstancesCommand({}));
	await denied(elsewhere, "because no identity-based policy allows the ec2:DescribeInstances action");
});

test("C37, row 12: a dry run of what is denied is UnauthorizedOperation, not DryRunOperation", async () => {
	const user = await userWith(api, "dry", ALLOW_EC2, P1);
	await denied(launched(user.ec2, { MetadataOptions: { HttpTokens: "optional" }, DryRun: true }), EXPLICIT);
	await rejectsWith(launched(user.ec2, { MetadataOptions: { HttpTokens: "required" }, DryRun: true }), "DryRunOperation", 412);
});

test("C37, row 13: whom nothing allows anything is told just that", async () => {
	const user = await userWith(api, "nobody");
	const { instanceId } = await launched(ec2);
	for (const [call, action] of [
		[launched(user.ec2), "RunInstances"],
		[modify(user.ec2, instanceId, { HttpTokens: "required" }), "ModifyInstanceMetadataOptions"],
		[user.ec2.send(new DescribeInstancesCommand({})), "DescribeInstances"],
	] as const) {
		await denied(call, `because no identity-based policy allows the ec2:${action} action`);
	}
});

test("C38: the encoded message of a refusal tells the statement that denied it, and what was asked", async () => {
	const user = await userWith(api, "admin", ALLOW_EC2, P1);
	const { User } = await api.iam.send(new GetUserCommand({ UserName: "admin" }));
	const id = User?.UserId ?? "";
	const [, EncodedMessage = ""] =
		/Encoded authorization failure message: ([A-Za-z0-9_-]+)$/.exec(await denied(launched(user.ec2), EXPLICIT)) ?? [];
	const { DecodedMessage = "" } = await api.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
	const decoded = JSON.parse(DecodedMessage) as { context: { conditions: { items: { key: string }[] } } };
	assert.equal(DecodedMessage, JSON.stringify(decoded), "compact");

	const items = (...items: unknown[]) => ({ items });
	const { context, ...rest } = decoded;
	const { conditions, ...asked } = context;
	// In this order, as observed.
	const expected = {
		allowed: false,
		explicitDeny: true,
		matchedStatements: items({
			statementId: "RequireImdsV2",
			effect: "DENY",
			principals: items({ value: id }),
			principalGroups: items(),
			actions: items({ value: "ec2:RunInstances" }),
			resources: items({ value: "arn:aws:ec2:*:*:instance/*" }),
			conditions: items({ key: "ec2:MetadataHttpTokens", values: items({ value: "required" }) }),
		}),
		failures: items(),
	};
	assert.equal(JSON.stringify(rest), JSON.stringify(expected));
	assert.equal(
		JSON.stringify(asked),
		JSON.stringify({
			principal: { id, name: "admin", arn: `arn:aws:iam::${ACCOUNT}:user/admin` },
			action: "RunInstances",
			resource: `arn:aws:ec2:${api.region}:${ACCOUNT}:instance/*`,
		}),
	);
	assert.match(id, /^AIDA/);
	const told = conditions.items.filter(({ key }) => key.includes("Metadata"));
	assert.deepEqual(
		told,
		[
			["ec2:InstanceMetadataTags", "disabled"],
			["ec2:MetadataHttpEndpoint", "enabled"],
			["ec2:MetadataHttpPutResponseHopLimit", "1"],
			["ec2:MetadataHttpTokens", "optional"],
		].map(([key, value]) => ({ key, values: items({ value }) })),
	);
});

test("C38: who may not decode, and what is no such message, is refused", async () => {
	const user = await userWith(api, "curious", ALLOW_EC2);
	const refused = user.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "AAAA" }));
	await rejectsWith(refused, "AccessDenied", 403);
	for (const EncodedMessage of ["AAAA", "not base64url!"]) {
		const bad = api.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
		await rejectsWith(bad, "InvalidAuthorizationMessageException");
	}
	// Of a refusal that nothing but the lack of a policy caused.
	const message = await denied(
		user.iam.send(new GetUserCommand({})),
		"because no identity-based policy allows the iam:GetUser action",
		"AccessDenied",
	);
	assert.doesNotMatch(message, /Encoded/);
	const nobody = await userWith(api, "nobody-at-all");
	const [, EncodedMessage] = / message: (\S+)$/.exec(await denied(launched(nobody.ec2), "because no identity-based policy allows")) ?? [];
	const { DecodedMessage = "" } = await api.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
	assert.ok(DecodedMessage.startsWith('{"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},"failures":{"items":[]},'));
});

test("C48: another secret is SignatureDoesNotMatch", async () => {
	const { ec2, sts } = api.as({ ...api.rootKey, secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" });
	await rejectsWith(ec2.send(new DescribeInstancesCommand({})), "SignatureDoesNotMatch", 403);
	await rejectsWith(sts.send(new GetCallerIdentityCommand({})), "SignatureDoesNotMatch", 403);
});

test("C48: an unknown key is AuthFailure in EC2, and InvalidClientTokenId elsewhere", async () => {
	const { ec2, sts } = api.as({ ...api.rootKey, accessKeyId: "AKIAIOSFODNN7EXAMPLE" });
	const message = await rejectsWith(ec2.send(new DescribeInstancesCommand({})), "AuthFailure", 401);
	assert.equal(message, "AWS was not able to validate the provided access credentials");
	await rejectsWith(sts.send(new GetCallerIdentityCommand({})), "InvalidClientTokenId", 403);
});

test("C48: a date that is too long ago, or too far ahead, is RequestExpired", async (t) => {
	const settings = { endpoint: api.apiUrl, region: api.region, credentials: api.rootKey, maxAttempts: 1 };
	for (const minutes of [-16, 16]) {
		const client = new EC2Client({ ...settings, systemClockOffset: minutes * 60_000 });
		t.after(() => client.destroy());
		await rejectsWith(client.send(new DescribeInstancesCommand({})), "RequestExpired");
	}
	const client = new EC2Client({ ...settings, systemClockOffset: -14 * 60_000 });
	t.after(() => client.destroy());
	await client.send(new DescribeInstancesCommand({}));
});

/** Passes if a call is refused for want of a right, for that reason. Gives the message. */
async function denied(call: Promise<unknown>, reason: string, code = "UnauthorizedOperation"): Promise<string> {
	const message = await rejectsWith(call, code, 403);
	assert.ok(message.includes(` ${reason}`), message);
	return message;
}

/** A session of a new role with these statements, which anybody of the account may take whose own policies let them. */
async function sessionOf(RoleName: string, by: Clients, ...statements: readonly object[]): Promise<Clients> {
	const trust = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" };
	await api.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
	await api.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "policy", PolicyDocument: policy(...statements) }));
	const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
	const { Credentials } = await by.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "a-session" }));
	assert.ok(Credentials?.AccessKeyId && Credentials.SecretAccessKey && Credentials.SessionToken);
	const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials;
	return api.as({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });
}
