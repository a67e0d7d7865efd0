// STS through the real SDK (control-apis.md §2.13, cases C38, C49).

import assert from "node:assert/strict";
import { test } from "node:test";
import { DescribeInstancesCommand, ModifyInstanceMetadataOptionsCommand } from "@aws-sdk/client-ec2";
import {
	CreateRoleCommand,
	DeleteRoleCommand,
	DeleteRolePolicyCommand,
	PutRolePermissionsBoundaryCommand,
	PutRolePolicyCommand,
	UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
	AssumeRoleCommand,
	type AssumeRoleCommandInput,
	DecodeAuthorizationMessageCommand,
	GetCallerIdentityCommand,
	type STSClient,
} from "@aws-sdk/client-sts";
import { type Api, type Clients, rejectsWith, startApi } from "./api.ts";
import { ADMINISTRATOR, newUser, policies, policy, trust } from "./iam-documents.ts";

const ACCOUNT_ID = "123456789012";
const WORKER = `arn:aws:iam::${ACCOUNT_ID}:role/team/worker`;
const INSTANCE = "i-0a0a0a0a0a0a0a0a0";

test("everybody is told who they are, whatever policies say", async (t) => {
	const api = await startApi(t);
	const root = await api.sts.send(new GetCallerIdentityCommand());
	assert.deepEqual(identity(root), { UserId: ACCOUNT_ID, Account: ACCOUNT_ID, Arn: `arn:aws:iam::${ACCOUNT_ID}:root` });
	const ann = await newUser(api, "ann", { document: policy("Deny", "*") });
	const user = await ann.sts.send(new GetCallerIdentityCommand());
	assert.deepEqual(identity(user), { UserId: ann.userId, Account: ACCOUNT_ID, Arn: ann.arn });
});

test("who may decode it reads why a request was refused, and nobody else does", async (t) => {
	const api = await startApi(t);
	const denying = JSON.stringify({
		Version: "2012-10-17",
		Statement: [
			{ Effect: "Allow", Action: "sts:*", Resource: "*" },
			{
				Sid: "NoOptional",
				Effect: "Deny",
				Action: "ec2:ModifyInstanceMetadataOptions",
				Resource: "arn:aws:ec2:*:*:instance/*",
				Condition: { StringNotEquals: { "ec2:Attribute/HttpTokens": "required" } },
			},
		],
	});
	const ann = await newUser(api, "ann", { document: denying });
	const message = await rejectsWith(
		ann.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: INSTANCE, HttpTokens: "optional" })),
		"UnauthorizedOperation",
		403,
	);
	const [, sealed = ""] = /Encoded authorization failure message: ([\w-]+)$/.exec(message) ?? [];
	const { DecodedMessage = "" } = await ann.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: sealed }));
	const decoded = JSON.parse(DecodedMessage) as {
		allowed: boolean;
		explicitDeny: boolean;
		matchedStatements: { items: { statementId: string }[] };
		context: { principal: object; action: string; resource: string };
	};
	assert.equal(decoded.allowed, false);
	assert.equal(decoded.explicitDeny, true);
	assert.deepEqual(
		decoded.matchedStatements.items.map(({ statementId }) => statementId),
		["NoOptional"],
	);
	assert.deepEqual(decoded.context.principal, { id: ann.userId, name: "ann", arn: ann.arn });
	assert.equal(decoded.context.action, "ModifyInstanceMetadataOptions");
	assert.equal(decoded.context.resource, `arn:aws:ec2:${api.region}:${ACCOUNT_ID}:instance/${INSTANCE}`);

	const bob = await newUser(api, "bob");
	assert.equal(
		await rejectsWith(bob.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: sealed })), "AccessDenied", 403),
		`User: ${bob.arn} is not authorized to perform: sts:DecodeAuthorizationMessage because no identity-based policy allows the sts:DecodeAuthorizationMessage action`,
	);
	const other = await startApi(t);
	for (const EncodedMessage of ["bogus", `${sealed}A`, sealed.replace(/.$/, (last) => (last === "A" ? "B" : "A")), " "]) {
		await rejectsWith(api.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage })), "InvalidAuthorizationMessageException");
	}
	await rejectsWith(
		other.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: sealed })),
		"InvalidAuthorizationMessageException",
	);
	await rejectsWith(api.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "" })), "ValidationError");
	await rejectsWith(api.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "A".repeat(10_241) })), "ValidationError");
});

test("the credentials of a role are its session's, and do what the role may", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	const roleId = await newWorker(api, ann.arn, policy("Allow", "ec2:Describe*"));
	const before = Date.now();
	const { Credentials, AssumedRoleUser } = await assume(ann.sts, { DurationSeconds: 900 });
	const arn = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/worker/ann-at-work`;
	assert.deepEqual(AssumedRoleUser, { AssumedRoleId: `${roleId}:ann-at-work`, Arn: arn });
	assert.match(Credentials?.AccessKeyId ?? "", /^ASIA[A-Z2-7]{16}$/);
	const lifetimeMs = Number(Credentials?.Expiration) - before;
	assert.ok(lifetimeMs > 890_000 && lifetimeMs < 960_000);
	const session = clientsOf(api, { Credentials });
	assert.deepEqual(identity(await session.sts.send(new GetCallerIdentityCommand())), {
		UserId: `${roleId}:ann-at-work`,
		Account: ACCOUNT_ID,
		Arn: arn,
	});
	await session.ec2.send(new DescribeInstancesCommand());
	await rejectsWith(session.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "x" })), "AccessDenied", 403);
	await rejectsWith(ann.ec2.send(new DescribeInstancesCommand()), "UnauthorizedOperation", 403);
	await api.iam.send(new DeleteRolePolicyCommand({ RoleName: "worker", PolicyName: "own" }));
	await rejectsWith(session.ec2.send(new DescribeInstancesCommand()), "UnauthorizedOperation", 403);
	await api.iam.send(new DeleteRoleCommand({ RoleName: "worker" }));
	await rejectsWith(session.sts.send(new GetCallerIdentityCommand()), "InvalidClientTokenId", 403);
});

test("a role is taken by whom its trust policy names, and by the account's others where their policies say so", async (t) => {
	const api = await startApi(t);
	const plain = await newUser(api, "plain");
	const allowed = await newUser(api, "allowed", { document: policy("Allow", "sts:AssumeRole", { Resource: WORKER }) });
	const denied = await newUser(api, "denied", { document: policy("Deny", "sts:AssumeRole") });
	await newWorker(api, { Service: "ec2.amazonaws.com" });
	const cases: readonly (readonly [principal: unknown, who: readonly Clients[]])[] = [
		[{ Service: "ec2.amazonaws.com" }, []],
		[{ AWS: plain.arn }, [plain]],
		[{ AWS: plain.userId }, [plain]],
		[{ AWS: [plain.arn, allowed.arn, denied.arn] }, [plain, allowed]],
		[{ AWS: ACCOUNT_ID }, [allowed]],
		[{ AWS: `arn:aws:iam::${ACCOUNT_ID}:root` }, [allowed]],
		[{ AWS: "999999999999" }, []],
		["*", [plain, allowed]],
	];
	for (const [principal, who] of cases) {
		await api.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "worker", PolicyDocument: trust(toAws(principal)) }));
		for (const user of [plain, allowed, denied]) {
			if (who.includes(user)) await assume(user.sts);
			else await rejectsWith(assume(user.sts), "AccessDenied", 403);
		}
	}
	const sentence = (arn: string) => `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${WORKER}`;
	assert.equal(
		await rejectsWith(assume(denied.sts), "AccessDenied", 403),
		`${sentence(denied.arn)} with an explicit deny in an identity-based policy`,
	);
	await api.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "worker", PolicyDocument: trust({ AWS: ACCOUNT_ID }) }));
	assert.equal(await rejectsWith(assume(plain.sts), "AccessDenied", 403), sentence(plain.arn));
	const absent = `arn:aws:iam::${ACCOUNT_ID}:role/worker`;
	assert.equal(
		await rejectsWith(assume(allowed.sts, { RoleArn: absent }), "AccessDenied", 403),
		`User: ${allowed.arn} is not authorized to perform: sts:AssumeRole on resource: ${absent}`,
		"the role is on another path",
	);
	assert.equal(await rejectsWith(assume(api.sts), "AccessDenied", 403), "Roles may not be assumed by root accounts.");
});

test("a trust policy that denies it denies it to those whom another statement names", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann", { managed: ADMINISTRATOR });
	const document = policies(trust("*"), policy("Deny", "sts:*", { Principal: { AWS: ann.arn } }));
	await api.iam.send(new CreateRoleCommand({ RoleName: "worker", Path: "/team/", AssumeRolePolicyDocument: document }));
	assert.match(await rejectsWith(assume(ann.sts), "AccessDenied", 403), /with an explicit deny in a resource-based policy$/);
});

test("conditions of a trust policy see the request", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	await newWorker(api, ann.arn);
	const cases: readonly (readonly [condition: object, input: Partial<AssumeRoleCommandInput>, allowed: boolean])[] = [
		[{ StringEquals: { "sts:ExternalId": "secret" } }, { ExternalId: "secret" }, true],
		[{ StringEquals: { "sts:ExternalId": "secret" } }, { ExternalId: "other" }, false],
		[{ StringEquals: { "sts:ExternalId": "secret" } }, {}, false],
		[{ StringLike: { "sts:RoleSessionName": "${aws:username}-*" } }, {}, true],
		[{ StringLike: { "sts:RoleSessionName": "${aws:username}-*" } }, { RoleSessionName: "bob-at-work" }, false],
		[{ IpAddress: { "aws:SourceIp": "127.0.0.0/8" } }, {}, true],
		[{ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, {}, false],
		[{ Bool: { "aws:MultiFactorAuthPresent": "true" } }, {}, false],
	];
	for (const [Condition, input, allowed] of cases) {
		await api.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "worker", PolicyDocument: trust({ AWS: ann.arn }, { Condition }) }));
		if (allowed) await assume(ann.sts, input);
		else await rejectsWith(assume(ann.sts, input), "AccessDenied", 403);
	}
});

test("session tags and a source identity are allowed of their own, and tags are the session's", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	const PolicyDocument = policy("Allow", "ec2:Describe*", { Resource: "*", Condition: { StringEquals: { "aws:PrincipalTag/team": "a" } } });
	await newWorker(api, ann.arn, PolicyDocument);
	const tagged = { Tags: [{ Key: "team", Value: "a" }] };
	assert.match(await rejectsWith(assume(ann.sts, tagged), "AccessDenied", 403), /perform: sts:TagSession on/);
	assert.match(await rejectsWith(assume(ann.sts, { SourceIdentity: "ann" }), "AccessDenied", 403), /perform: sts:SetSourceIdentity on/);
	const Principal = { AWS: ann.arn };
	const document = policy("Allow", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], {
		Principal,
		Condition: { StringEqualsIfExists: { "aws:RequestTag/team": "a" } },
	});
	await api.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "worker", PolicyDocument: document }));
	await rejectsWith(assume(ann.sts, { Tags: [{ Key: "team", Value: "b" }] }), "AccessDenied", 403);
	const answer = await assume(ann.sts, { ...tagged, SourceIdentity: "ann" });
	assert.equal(answer.SourceIdentity, "ann");
	await clientsOf(api, answer).ec2.send(new DescribeInstancesCommand());
	await rejectsWith(clientsOf(api, await assume(ann.sts)).ec2.send(new DescribeInstancesCommand()), "UnauthorizedOperation", 403);
});

test("a session stays within its own policies, managed ones too", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	await newWorker(api, ann.arn, policy("Allow", "*"));
	const readOnly = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess";
	const decode = (session: Clients) => session.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "x" }));
	for (const input of [{ Policy: policy("Allow", "ec2:Describe*") }, { PolicyArns: [{ arn: readOnly }] }]) {
		const session = clientsOf(api, await assume(ann.sts, input));
		await session.ec2.send(new DescribeInstancesCommand());
		assert.match(await rejectsWith(decode(session), "AccessDenied", 403), /because no session policy allows/);
	}
	const both = clientsOf(api, await assume(ann.sts, { Policy: policy("Allow", "sts:*"), PolicyArns: [{ arn: readOnly }] }));
	await both.ec2.send(new DescribeInstancesCommand());
	await rejectsWith(decode(both), "InvalidAuthorizationMessageException");
});

test("a session stays within the boundary of its role", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	await newWorker(api, ann.arn, policy("Allow", "ec2:*"));
	await api.iam.send(
		new PutRolePermissionsBoundaryCommand({ RoleName: "worker", PermissionsBoundary: "arn:aws:iam::aws:policy/IAMFullAccess" }),
	);
	const session = clientsOf(api, await assume(ann.sts));
	assert.match(
		await rejectsWith(session.ec2.send(new DescribeInstancesCommand()), "UnauthorizedOperation", 403),
		/because no permissions boundary allows the ec2:DescribeInstances action/,
	);
});

test("one session takes another role, for an hour at most", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	await newWorker(api, ann.arn);
	const session = clientsOf(api, await assume(ann.sts));
	const second = {
		RoleName: "second",
		MaxSessionDuration: 43_200,
		AssumeRolePolicyDocument: trust({ AWS: WORKER }),
	};
	const { Role: role } = await api.iam.send(new CreateRoleCommand(second));
	const RoleArn = role?.Arn ?? "";
	const { AssumedRoleUser } = await assume(session.sts, { RoleArn, DurationSeconds: 3_600 });
	assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${ACCOUNT_ID}:assumed-role/second/ann-at-work`);
	assert.match(await rejectsWith(assume(session.sts, { RoleArn, DurationSeconds: 3_601 }), "ValidationError"), /1 hour session limit/);
	await rejectsWith(assume(ann.sts, { RoleArn }), "AccessDenied", 403);
});

test("what a session must not be is refused with what is allowed", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	await newWorker(api, ann.arn);
	const large = policy("Allow", `ec2:${"a".repeat(2_048)}`);
	const arns = Array.from({ length: 11 }, (_, index) => ({ arn: `arn:aws:iam::aws:policy/p${index}` }));
	const cases: readonly (readonly [input: Partial<AssumeRoleCommandInput>, code: string, message: RegExp])[] = [
		[{ RoleArn: "worker-role-without-arn" }, "ValidationError", /^worker-role-without-arn is invalid$/],
		[{ RoleSessionName: "a" }, "ValidationError", /'a' at 'roleSessionName'.*greater than or equal to 2/],
		[{ RoleSessionName: "a".repeat(65) }, "ValidationError", /'roleSessionName'.*less than or equal to 64/],
		[{ RoleSessionName: "a b" }, "ValidationError", /'a b' at 'roleSessionName'.*pattern: \[\\w\+=,\.@-\]\*/],
		[{ SourceIdentity: "a b" }, "ValidationError", /'a b' at 'sourceIdentity'/],
		[{ ExternalId: "a b" }, "ValidationError", /'a b' at 'externalId'/],
		[{ DurationSeconds: 899 }, "ValidationError", /'899' at 'durationSeconds'.*900/],
		[{ DurationSeconds: 43_201 }, "ValidationError", /'43201' at 'durationSeconds'.*43200/],
		[{ DurationSeconds: 3_601 }, "ValidationError", /exceeds the MaxSessionDuration set for this role/],
		[{ Policy: "{}" }, "MalformedPolicyDocumentException", /Statement: is missing/],
		[{ Policy: trust("*") }, "MalformedPolicyDocumentException", /Principal/],
		[{ Policy: large }, "ValidationError", /'policy'.*2048/],
		[{ PolicyArns: [{ arn: "p" }] }, "MalformedPolicyDocumentException", /'p' is not the ARN of a managed policy/],
		[{ PolicyArns: arns }, "ValidationError", /'11' at 'policyArns'.*10/],
		[
			{
				Tags: [
					{ Key: "a", Value: "" },
					{ Key: "A", Value: "" },
				],
			},
			"InvalidInput",
			/case insensitive/,
		],
	];
	const session = { Principal: { AWS: ann.arn } };
	const PolicyDocument = policy("Allow", ["sts:AssumeRole", "sts:TagSession"], session);
	await api.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "worker", PolicyDocument }));
	for (const [input, code, message] of cases) assert.match(await rejectsWith(assume(ann.sts, input), code), message);
	assert.match(
		await rejectsWith(assume(ann.sts, { SerialNumber: `arn:aws:iam::${ACCOUNT_ID}:mfa/ann`, TokenCode: "123456" }), "AccessDenied", 403),
		/MultiFactorAuthentication failed/,
	);
});

test("as large a session as there may be is one that can sign", async (t) => {
	const api = await startApi(t);
	const ann = await newUser(api, "ann");
	await newWorker(api, ann.arn);
	const PolicyDocument = policy("Allow", ["sts:AssumeRole", "sts:TagSession"], { Principal: { AWS: ann.arn } });
	await api.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "worker", PolicyDocument }));
	const answer = await assume(ann.sts, { Tags: largeTags(20) });
	assert.ok((answer.PackedPolicySize ?? 0) > 95);
	await clientsOf(api, answer).sts.send(new GetCallerIdentityCommand());
	assert.equal((await assume(ann.sts)).PackedPolicySize, undefined);
});

function largeTags(count: number): { Key: string; Value: string }[] {
	return Array.from({ length: count }, (_, index) => ({ Key: `${index}`.padStart(128, "k"), Value: "v".repeat(256) }));
}

/** Makes the role; its id. */
async function newWorker({ iam }: Api, principal: unknown, document?: string): Promise<string> {
	const AssumeRolePolicyDocument = trust(toAws(principal));
	const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: "worker", Path: "/team/", AssumeRolePolicyDocument }));
	if (document !== undefined) await iam.send(new PutRolePolicyCommand({ RoleName: "worker", PolicyName: "own", PolicyDocument: document }));
	return role?.RoleId ?? "";
}

function toAws(principal: unknown): unknown {
	return typeof principal === "string" && principal !== "*" ? { AWS: principal } : principal;
}

function assume(sts: STSClient, input: Partial<AssumeRoleCommandInput> = {}) {
	return sts.send(new AssumeRoleCommand({ RoleArn: WORKER, RoleSessionName: "ann-at-work", ...input }));
}

function clientsOf(api: Api, { Credentials }: Pick<Awaited<ReturnType<typeof assume>>, "Credentials">): Clients {
	const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
	return api.as({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });
}

function identity({
	UserId,
	Account,
	Arn,
}: {
	UserId?: string | undefined;
	Account?: string | undefined;
	Arn?: string | undefined;
}): object {
	return { UserId, Account, Arn };
}
