// What an organization imposes on an account (control-apis.md §1.4, §3.3, §3.4): the documented policies as one service control policy, and a
// declarative policy.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	DescribeInstancesCommand,
	GetInstanceMetadataDefaultsCommand,
	ModifyInstanceMetadataDefaultsCommand,
	RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { rejectsWith, startApi } from "../api/api.ts";
import { ALLOW_EC2, P1, P2, P3, P4, P5, policy, userWith } from "./control-policies.ts";
import { CONFIGURATION, credentialsOfV1, credentialsOfV2, DEFAULTS, launched, modify, statuses, V2_IMAGE } from "./control-scene.ts";

const ALLOW_ALL = { Effect: "Allow", Action: "*", Resource: "*" };
const DENIED = "with an explicit deny in a service control policy";
const FLAGS = ["--transition-delay-ms", "20"];

test("P1 to P5 as one service control policy bind users, roles, instances and the account itself", async (t) => {
	const serviceControlPolicies = [
		[{ policyName: "FullAWSAccess", policyDocument: policy(ALLOW_ALL) }],
		[
			{ policyName: "FullAWSAccess", policyDocument: policy(ALLOW_ALL) },
			{ policyName: "imds", policyDocument: policy(P1, P2, P3, P4, P5) },
		],
	];
	const organization = JSON.stringify({ organizationId: "o-exampleorgid", serviceControlPolicies });
	const declared = "i-0c0ffee0c0ffee0c0";
	const configuration = `
account: { organization: ${organization} }
${CONFIGURATION}
instances: [{ instanceId: ${declared}, endpointListen: "127.0.0.1:0", iamInstanceProfile: web-role }]
`;
	const api = await startApi(t, { configuration, flags: FLAGS });
	const user = await userWith(api, "alice", ALLOW_EC2, { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" });
	const required = { HttpTokens: "required" } as const;

	for (const { ec2 } of [api, user]) {
		await denied(launched(ec2));
		await denied(launched(ec2, { MetadataOptions: { ...required, HttpPutResponseHopLimit: 4 } }));
		await launched(ec2, { MetadataOptions: { ...required, HttpPutResponseHopLimit: 3 } });
		await launched(ec2, { ImageId: V2_IMAGE });
	}
	const instance = await launched(api.ec2, { MetadataOptions: required, IamInstanceProfile: { Name: "web-role" } });
	await denied(modify(api.ec2, instance.instanceId, { HttpPutResponseHopLimit: 2 }));

	const trust = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:user/alice" }, Action: "sts:AssumeRole" };
	const RoleName = "ec2-imds-admins";
	await api.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
	await api.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "ec2", PolicyDocument: policy(ALLOW_EC2) }));
	const assumed = { RoleArn: `arn:aws:iam::123456789012:role/${RoleName}`, RoleSessionName: "alice" };
	const { Credentials: session } = await user.sts.send(new AssumeRoleCommand(assumed));
	const admin = api.as({
		accessKeyId: session?.AccessKeyId ?? "",
		secretAccessKey: session?.SecretAccessKey ?? "",
		sessionToken: session?.SessionToken ?? "",
	});
	await modify(admin.ec2, instance.instanceId, { HttpPutResponseHopLimit: 2 });
	await denied(modify(admin.ec2, instance.instanceId, { HttpTokens: "optional" }));

	await api.iam.send(new PutRolePolicyCommand({ RoleName: "web-role", PolicyName: "ec2", PolicyDocument: policy(ALLOW_EC2) }));
	const withV2 = api.as(await credentialsOfV2(instance.url));
	await withV2.ec2.send(new DescribeInstancesCommand({}));
	// No launch has optional tokens; one that the configuration declares may.
	const withV1 = api.as(await credentialsOfV1(api.service.urls.get(declared) ?? "", "web-role"));
	await denied(withV1.ec2.send(new DescribeInstancesCommand({})));
});

test("a level that allows nothing allows nobody anything, and the management account is not bound", async (t) => {
	const serviceControlPolicies = [[{ policyName: "s3", policyDocument: policy({ Effect: "Allow", Action: "s3:*", Resource: "*" }) }]];
	const configuration = (managementAccount: boolean) =>
		`account: { organization: ${JSON.stringify({ managementAccount, serviceControlPolicies })} }\n${CONFIGURATION}`;
	const member = await startApi(t, { configuration: configuration(false) });
	const reason = "because no service control policy allows the ec2:DescribeInstances action";
	await denied(member.ec2.send(new DescribeInstancesCommand({})), reason);
	const management = await startApi(t, { configuration: configuration(true) });
	await management.ec2.send(new DescribeInstancesCommand({}));
});

test("a declarative policy decides the account's defaults, says so, and lets nobody change them", async (t) => {
	const message = "Ask the platform team, platform@example.com.";
	const declarativePolicy = {
		ec2_attributes: {
			instance_metadata_defaults: {
				http_tokens: { "@@assign": "required" },
				http_put_response_hop_limit: { "@@assign": "4" },
				http_endpoint: { "@@assign": "no_preference" },
				instance_metadata_tags: { "@@assign": "enabled" },
				http_tokens_enforced: { "@@assign": "enabled" },
			},
			exception_message: { "@@assign": message },
		},
	};
	const account = { instanceMetadataDefaults: { httpPutResponseHopLimit: 9 }, organization: { declarativePolicy } };
	const { ec2 } = await startApi(t, { configuration: `account: ${JSON.stringify(account)}\n${CONFIGURATION}`, flags: FLAGS });
	const { AccountLevel } = await ec2.send(new GetInstanceMetadataDefaultsCommand({}));
	assert.deepEqual(AccountLevel, {
		HttpTokens: "required",
		HttpPutResponseHopLimit: 4,
		InstanceMetadataTags: "enabled",
		HttpTokensEnforced: "enabled",
		ManagedBy: "declarative-policy",
		ManagedExceptionMessage: message,
	});
	const refused = ec2.send(new ModifyInstanceMetadataDefaultsCommand({ HttpTokens: "optional" }));
	assert.ok((await rejectsWith(refused, "UnauthorizedOperation", 403)).includes(message));

	const { options, url, instanceId } = await launched(ec2);
	assert.deepEqual(options, { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 4, InstanceMetadataTags: "enabled" });
	assert.deepEqual(await statuses(url), { v1: 401, v2: 200 });
	const optional = { MetadataOptions: { HttpTokens: "optional" as const } };
	await rejectsWith(launched(ec2, optional), "UnsupportedOperation");
	await rejectsWith(modify(ec2, instanceId, { HttpTokens: "optional" }), "UnsupportedOperation");
	const several = await ec2.send(
		new RunInstancesCommand({ ImageId: V2_IMAGE, MinCount: 3, MaxCount: 3, MetadataOptions: { HttpPutResponseHopLimit: 1 } }),
	);
	for (const { MetadataOptions } of several.Instances ?? []) assert.equal(MetadataOptions?.HttpPutResponseHopLimit, 1);
});

async function denied(call: Promise<unknown>, reason = DENIED): Promise<void> {
	const message = await rejectsWith(call, "UnauthorizedOperation", 403);
	assert.ok(message.includes(` ${reason}`), message);
}
