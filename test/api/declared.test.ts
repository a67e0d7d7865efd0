// What a configuration file declares, under the hands of the APIs.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import {
	CreateTagsCommand,
	DescribeInstancesCommand,
	type EC2Client,
	ModifyInstanceMetadataOptionsCommand,
	StopInstancesCommand,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { rejectsWith, startApi } from "./api.ts";

const ALICE = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

const CONFIGURATION = `
policies:
  - policyName: tags-alone
    policyDocument: { Version: "2012-10-17", Statement: { Effect: Allow, Action: ["ec2:*Tags", "ec2:DescribeInstances"], Resource: "*" } }
users:
  - userName: alice
    managedPolicyArns: ["arn:aws:iam::123456789012:policy/tags-alone"]
    accessKeys: [{ accessKeyId: ${ALICE.accessKeyId}, secretAccessKey: ${ALICE.secretAccessKey} }]
instances:
  - { instanceId: i-1, tags: { Name: one }, endpointListen: "127.0.0.1:0" }
  - { instanceId: i-2, endpointListen: "127.0.0.1:0" }
  - { instanceId: i-3, endpointListen: "127.0.0.1:0" }
`;

/** The instances as DescribeInstances has them, less what time alone changes. */
async function described(ec2: EC2Client) {
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
	const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
	const inOrder = instances.toSorted((a, b) => (a.InstanceId ?? "").localeCompare(b.InstanceId ?? ""));
	return inOrder.map(({ InstanceId, InstanceType, State, Tags = [], MetadataOptions }) => ({
		id: InstanceId,
		type: InstanceType,
		state: State?.Name,
		tags: Object.fromEntries(Tags.map(({ Key = "", Value }) => [Key, Value])),
		hops: MetadataOptions?.HttpPutResponseHopLimit,
	}));
}

test("what the APIs did to declared instances outlasts a reload and a restart; what is declared anew takes its place", async (t) => {
	const flags = ["--transition-delay-ms", "0"];
	const { ec2, service } = await startApi(t, { configuration: CONFIGURATION, flags });
	await ec2.send(new CreateTagsCommand({ Resources: ["i-1"], Tags: [{ Key: "by", Value: "api" }] }));
	await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: "i-1", HttpPutResponseHopLimit: 7 }));
	await ec2.send(new StopInstancesCommand({ InstanceIds: ["i-2"], Force: true }));
	await ec2.send(new TerminateInstancesCommand({ InstanceIds: ["i-3"] }));
	const expected = [
		{ id: "i-1", type: "t3.micro", state: "running", tags: { Name: "one", by: "api" }, hops: 7 },
		{ id: "i-2", type: "t3.micro", state: "stopped", tags: {}, hops: 1 },
		{ id: "i-3", type: "t3.micro", state: "terminated", tags: {}, hops: 1 },
	];
	let now = await described(ec2);
	for (; now[1]?.state === "stopping" || now[2]?.state === "shutting-down"; now = await described(ec2));
	assert.deepEqual(now, expected);

	const reloaded = service.nextLog(/configuration applied/);
	service.signal("SIGHUP");
	await reloaded;
	assert.deepEqual(await described(ec2), expected);

	await service.stop();
	const again = await startApi(t, { configuration: CONFIGURATION, flags, dataDir: service.dataDir });
	assert.deepEqual(await described(again.ec2), expected);

	writeFileSync(service.configFile, CONFIGURATION.replace("Name: one }", "Name: two }, instanceType: m5.large"));
	const changed = again.service.nextLog(/configuration applied/);
	again.service.signal("SIGHUP");
	await changed;
	const [first] = await described(again.ec2);
	assert.deepEqual(first, { id: "i-1", type: "m5.large", state: "running", tags: { Name: "two" }, hops: 7 });
});

test("a declared user signs with a declared key, and may do what declared policies allow", async (t) => {
	const api = await startApi(t, { configuration: CONFIGURATION });
	const alice = api.as(ALICE);
	const { Arn } = await alice.sts.send(new GetCallerIdentityCommand({}));
	assert.equal(Arn, "arn:aws:iam::123456789012:user/alice");
	await alice.ec2.send(new CreateTagsCommand({ Resources: ["i-1"], Tags: [{ Key: "by", Value: "alice" }] }));
	await rejectsWith(alice.ec2.send(new StopInstancesCommand({ InstanceIds: ["i-1"] })), "UnauthorizedOperation", 403);
});
