// No secret leaves the service but to whom it belongs: the log, and the answers to requests that fail, are looked through for all of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DescribeImagesCommand, DescribeInstancesCommand, ModifyInstanceAttributeCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import {
	AddRoleToInstanceProfileCommand,
	CreateAccessKeyCommand,
	CreateInstanceProfileCommand,
	CreateRoleCommand,
	CreateUserCommand,
	PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Credentials, startApi } from "./api.ts";
import { policy, trust } from "./iam-documents.ts";
import { ec2Form, FORM, send, signed } from "./signed-request.ts";

const USER_DATA = "#!/bin/sh\nexport PASSWORD=hunter2-in-user-data\n";
const TRUST = trust({ AWS: "*", Service: "ec2.amazonaws.com" });

test("neither the log nor a refusal tells a secret", async (t) => {
	const api = await startApi(t, { flags: ["--log-level", "trace", "--transition-delay-ms", "0"] });
	const { ec2, iam, rootKey } = api;
	await iam.send(new CreateUserCommand({ UserName: "somebody" }));
	const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "somebody" }));
	const user: Credentials = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
	const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "role", AssumeRolePolicyDocument: TRUST }));
	await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "profile" }));
	await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "profile", RoleName: "role" }));
	const assumeRole = new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "session" });
	const { Credentials: session } = await api.as(user).sts.send(assumeRole);
	const taken: Credentials = {
		accessKeyId: session?.AccessKeyId ?? "",
		secretAccessKey: session?.SecretAccessKey ?? "",
		sessionToken: session?.SessionToken ?? "",
	};
	const { Images: [image] = [] } = await ec2.send(new DescribeImagesCommand({}));
	const launch = { ImageId: image?.ImageId, MinCount: 1, MaxCount: 1, UserData: Buffer.from(USER_DATA).toString("base64") };
	const { Instances: [instance] = [] } = await ec2.send(new RunInstancesCommand({ ...launch, IamInstanceProfile: { Name: "profile" } }));
	const delivered = await deliveredTo(instance?.StateReason?.Message ?? "");

	const secrets = {
		rootSecret: rootKey.secretAccessKey,
		userSecret: user.secretAccessKey,
		sessionSecret: taken.secretAccessKey,
		sessionToken: taken.sessionToken ?? "",
		deliveredSecret: delivered.SecretAccessKey,
		deliveredToken: delivered.Token,
		userData: "hunter2-in-user-data",
		userDataInBase64: Buffer.from(USER_DATA).toString("base64"),
	};
	for (const [name, secret] of Object.entries(secrets)) assert.ok(secret.length >= 20, `${name} is no canary: ${secret.length} characters`);

	const refusals: string[] = [];
	const refused = async (call: Promise<unknown>) => {
		const error = await call.then(
			() => assert.fail("not refused"),
			(reason: unknown) => reason as Error & { $response?: { body?: unknown } },
		);
		refusals.push(`${error.name}: ${error.message}`);
	};
	for (const credentials of [user, taken]) {
		const their = api.as(credentials);
		await their.sts.send(new GetCallerIdentityCommand({}));
		await refused(their.ec2.send(new DescribeInstancesCommand({})));
		await refused(their.ec2.send(new RunInstancesCommand(launch)));
		await refused(
			api.as({ ...credentials, secretAccessKey: `${credentials.secretAccessKey}x` }).ec2.send(new DescribeInstancesCommand({})),
		);
	}
	await refused(api.as({ ...taken, accessKeyId: user.accessKeyId }).ec2.send(new DescribeInstancesCommand({})));
	await refused(api.as({ ...user, sessionToken: taken.sessionToken ?? "" }).ec2.send(new DescribeInstancesCommand({})));
	await refused(ec2.send(new RunInstancesCommand({ ...launch, UserData: `${launch.UserData}*` })));
	await refused(ec2.send(new RunInstancesCommand({ ...launch, ImageId: "ami-00000000000000000" })));
	await refused(
		ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: instance?.InstanceId, UserData: { Value: Buffer.from(USER_DATA) } })),
	);
	const raw = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
		const { body: answer } = await send(api, await signed(api, { body, headers, credentials: taken }));
		refusals.push(answer);
	};
	await raw(ec2Form("RunInstances", `UserData=${encodeURIComponent(launch.UserData)}%00&MinCount=1&MaxCount=1`));
	await raw(ec2Form("RunInstances", `UserData=${encodeURIComponent(launch.UserData)}!&MinCount=1&MaxCount=1`));
	await raw(ec2Form("RunInstances", `UserData.1=${encodeURIComponent(launch.UserData)}`));
	await raw(ec2Form("DescribeInstances"), { "content-type": `${FORM}; charset=latin1` });
	const link = {
		method: "GET",
		target: `/?X-Amz-Security-Token=${encodeURIComponent(taken.sessionToken ?? "")}&X-Amz-Algorithm=x`,
		headers: {},
		body: "",
	};
	refusals.push((await send(api, link)).body);

	// What fails on our side is logged, so it must have failed once: there are not so many ports.
	await iam.send(new PutRolePolicyCommand({ RoleName: "role", PolicyName: "all", PolicyDocument: policy("Allow", "*") }));
	const failed = api.service.nextLog(/a request to the APIs failed/);
	await refused(api.as(taken).ec2.send(new RunInstancesCommand({ ...launch, MaxCount: 1_000 })));
	await failed;

	await api.service.stop();
	for (const [name, secret] of Object.entries(secrets)) {
		assert.ok(!api.service.log().includes(secret), `the log has the ${name}`);
		for (const refusal of refusals) assert.ok(!refusal.includes(secret), `a refusal has the ${name}: ${refusal.slice(0, 300)}`);
	}
});

/** The credentials that an instance's metadata hand out. */
async function deliveredTo(stateReason: string): Promise<{ readonly SecretAccessKey: string; readonly Token: string }> {
	const [url] = /http:\/\/\S+/.exec(stateReason) ?? assert.fail(`no endpoint: ${stateReason}`);
	const token = await fetch(`${url}/latest/api/token`, { method: "PUT", headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" } });
	const headers = { "X-aws-ec2-metadata-token": await token.text() };
	const answer = await fetch(`${url}/latest/meta-data/iam/security-credentials/role`, { headers });
	return (await answer.json()) as { SecretAccessKey: string; Token: string };
}
