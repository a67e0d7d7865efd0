// What the log tells of requests to the APIs: a line each, found by the id that the caller was told.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	CreateTagsCommand,
	DescribeInstancesCommand,
	ModifyInstanceMetadataOptionsCommand,
	RunInstancesCommand,
	StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateUserCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Api, startApi } from "../api/api.ts";
import { newKey } from "../api/iam-documents.ts";
import { until } from "../wire/service.ts";

const INSTANCE = "i-0000000000000000a";
const ROLE = "arn:aws:iam::123456789012:role/worker";
const USER_DATA = Buffer.from("#!/bin/sh\nexport PASSWORD=hunter2\n").toString("base64");
const CONFIGURATION = `
account: { accountId: "123456789012" }
instances:
  - { instanceId: ${INSTANCE}, endpointListen: 127.0.0.1:0 }
roles:
  - roleName: worker
    assumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
`;
const FLAGS = ["--log-level", "debug"];

interface Line {
	readonly level: number;
	readonly time: string;
	readonly msg: string;
	readonly requestId?: string;
	readonly durationMs?: number;
}

const [DEBUG, INFO] = [20, 30];

interface Sent {
	readonly $metadata: { readonly requestId?: string };
}

const isAnswer = ({ msg }: Line) => msg === "answered";

/** The lines of its log, each of which is JSON. */
function linesOf({ service }: Api): readonly Line[] {
	return service
		.log()
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Line);
}

/** The request's id, whether it was refused or not. */
async function idOf(call: Promise<Sent>): Promise<string> {
	const { $metadata } = await call.catch((error: unknown) => error as Sent);
	return $metadata.requestId ?? assert.fail("an answer without a request's id");
}

test("each request to the APIs is one line, with its id, who asked for what, and what came of it", async (t) => {
	const api = await startApi(t, { configuration: CONFIGURATION, flags: FLAGS });
	const { ec2, iam } = api;
	const root = "arn:aws:iam::123456789012:root";
	const created = await iam.send(new CreateUserCommand({ UserName: "somebody" }));
	const key = await newKey(iam, "somebody");
	const somebody = api.as(key);
	const forger = api.as({ ...key, secretAccessKey: "x".repeat(40) });
	const stranger = api.as({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" });
	const user = "arn:aws:iam::123456789012:user/somebody";
	const options = { InstanceId: INSTANCE, HttpTokens: "required" } as const;
	const launch = { ImageId: "ami-00000000000000000", MinCount: 1, MaxCount: 1, UserData: USER_DATA };
	const assumed = await somebody.sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "session" }));
	const ec2Read = { service: "ec2", operation: "DescribeInstances" };

	const calls: readonly (readonly [requestId: string, level: number | undefined, told: object])[] = [
		[created.$metadata.requestId ?? "", INFO, { service: "iam", operation: "CreateUser", principalArn: root, status: 200 }],
		[assumed.$metadata.requestId ?? "", INFO, { service: "sts", operation: "AssumeRole", principalArn: user, status: 200 }],
		[await idOf(ec2.send(new DescribeInstancesCommand({}))), DEBUG, { ...ec2Read, principalArn: root, status: 200 }],
		[await idOf(iam.send(new ListUsersCommand({}))), DEBUG, { service: "iam", operation: "ListUsers", principalArn: root, status: 200 }],
		[
			await idOf(somebody.sts.send(new GetCallerIdentityCommand({}))),
			DEBUG,
			{ service: "sts", operation: "GetCallerIdentity", principalArn: user, status: 200 },
		],
		[
			await idOf(ec2.send(new ModifyInstanceMetadataOptionsCommand(options))),
			INFO,
			{ service: "ec2", operation: "ModifyInstanceMetadataOptions", principalArn: root, status: 200 },
		],
		[
			await idOf(ec2.send(new CreateTagsCommand({ Resources: [INSTANCE], Tags: [{ Key: "Name", Value: "a" }] }))),
			INFO,
			{ service: "ec2", operation: "CreateTags", principalArn: root, status: 200 },
		],
		[
			await idOf(ec2.send(new RunInstancesCommand(launch))),
			INFO,
			{ service: "ec2", operation: "RunInstances", principalArn: root, status: 400, code: "InvalidAMIID.NotFound" },
		],
		[
			await idOf(ec2.send(new StopInstancesCommand({ InstanceIds: [INSTANCE], DryRun: true }))),
			INFO,
			{ service: "ec2", operation: "StopInstances", principalArn: root, status: 412, code: "DryRunOperation" },
		],
		[
			await idOf(somebody.ec2.send(new DescribeInstancesCommand({}))),
			INFO,
			{ ...ec2Read, principalArn: user, status: 403, code: "UnauthorizedOperation" },
		],
		// Who did not prove to be somebody is nobody, and what was asked for is not looked at.
		[await idOf(forger.ec2.send(new DescribeInstancesCommand({}))), INFO, { service: "ec2", status: 403, code: "SignatureDoesNotMatch" }],
		[await idOf(stranger.sts.send(new GetCallerIdentityCommand({}))), INFO, { service: "sts", status: 403, code: "InvalidClientTokenId" }],
	];
	assert.equal(new Set(calls.map(([requestId]) => requestId)).size, calls.length);

	const isTold = (id: string) => linesOf(api).some((line) => isAnswer(line) && line.requestId === id);
	await until(() => isTold(calls.at(-1)?.[0] ?? ""), "the last request is in the log");
	const answers = linesOf(api).filter(isAnswer);
	for (const [requestId, level, told] of calls) {
		const [line, ...others] = answers.filter((answer) => answer.requestId === requestId);
		assert.deepEqual(others, [], "one line each");
		assert.ok(line !== undefined, `no line of ${JSON.stringify(told)}`);
		const { durationMs, time, ...rest } = line;
		assert.deepEqual(rest, { level, requestId, sourceIp: "127.0.0.1", msg: "answered", ...told });
		assert.ok(typeof durationMs === "number" && durationMs >= 0);
		assert.ok(!Number.isNaN(Date.parse(time)));
	}
	assert.equal(answers.length, calls.length + 1, "and of CreateAccessKey one");

	const secrets = [
		api.rootKey.secretAccessKey,
		key.secretAccessKey,
		assumed.Credentials?.SecretAccessKey,
		assumed.Credentials?.SessionToken,
		"hunter2",
		USER_DATA,
	];
	for (const secret of secrets) assert.ok(secret !== undefined && !api.service.log().includes(secret), "a secret in the log");
});

test("what is only read is not told at the log level that there is without saying", async (t) => {
	const api = await startApi(t, { configuration: CONFIGURATION });
	const read = await idOf(api.ec2.send(new DescribeInstancesCommand({})));
	const written = await idOf(api.ec2.send(new CreateTagsCommand({ Resources: [INSTANCE], Tags: [{ Key: "a", Value: "b" }] })));
	await until(() => api.service.log().includes(written), "the write is in the log");
	assert.ok(!api.service.log().includes(read));
});

test("what comes over the control socket is told as the account's", async (t) => {
	const api = await startApi(t, { configuration: CONFIGURATION, flags: FLAGS });
	await api.service.perform("DescribeTransition", {});
	await until(() => linesOf(api).some(isAnswer), "it is in the log");
	const [line] = linesOf(api).filter(isAnswer);
	const told = { service: "openimds", operation: "DescribeTransition", principalArn: "arn:aws:iam::123456789012:root", status: 200 };
	assert.partialDeepStrictEqual(line, { level: DEBUG, ...told });
});
