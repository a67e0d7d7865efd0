// What carries a ClientToken is done once (control-apis.md §2.3).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	CreateLaunchTemplateCommand,
	type CreateLaunchTemplateCommandInput,
	CreateLaunchTemplateVersionCommand,
	DescribeImagesCommand,
	DescribeInstancesCommand,
	DescribeLaunchTemplatesCommand,
	DescribeLaunchTemplateVersionsCommand,
	type EC2Client,
	ModifyInstanceMetadataOptionsCommand,
	RunInstancesCommand,
	type RunInstancesCommandInput,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { temporaryFolder } from "../running-service.ts";
import { rejectsWith, startApi } from "./api.ts";
import { untilState } from "./instances.ts";

async function launch(ec2: EC2Client, input: Partial<RunInstancesCommandInput>) {
	const { Images: [image] = [] } = await ec2.send(new DescribeImagesCommand({}));
	return ec2.send(new RunInstancesCommand({ ImageId: image?.ImageId, MinCount: 1, MaxCount: 1, ...input }));
}

async function launched(ec2: EC2Client): Promise<readonly (string | undefined)[]> {
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: "client-token", Values: ["token*"] }] }));
	return Reservations.map(({ ReservationId }) => ReservationId);
}

describe("RunInstances with a client token", () => {
	test("launches once, however often it is asked, and tells the instances as they are now", async (t) => {
		const { ec2 } = await startApi(t, { flags: ["--transition-delay-ms", "0"] });
		const input = { ClientToken: "token-1", MaxCount: 2, UserData: "aGVsbG8=" };
		const first = await launch(ec2, input);
		const ids = first.Instances?.map(({ InstanceId }) => InstanceId);
		assert.equal(ids?.length, 2);
		await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: ids[0], HttpTokens: "required" }));
		const again = await launch(ec2, input);
		assert.equal(again.ReservationId, first.ReservationId);
		assert.deepEqual(
			again.Instances?.map(({ InstanceId, ClientToken }) => ({ InstanceId, ClientToken })),
			ids.map((InstanceId) => ({ InstanceId, ClientToken: "token-1" })),
		);
		assert.equal(again.Instances?.[0]?.MetadataOptions?.HttpTokens, "required");
		await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids as string[] }));
		for (const id of ids) await untilState(ec2, String(id), "terminated");
		await rejectsWith(launch(ec2, input), "IdempotentInstanceTerminated");
		assert.deepEqual(await launched(ec2), [first.ReservationId]);
	});

	test("with other parameters is refused, and another token launches", async (t) => {
		const { ec2 } = await startApi(t);
		const first = await launch(ec2, { ClientToken: "token-1" });
		for (const other of [
			{ MaxCount: 2 },
			{ InstanceType: "m5.large" },
			{ UserData: "aGVsbG8=" },
			{ MetadataOptions: { HttpTokens: "required" } },
			{ TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "b" }] }] },
		] as const) {
			const message = await rejectsWith(launch(ec2, { ClientToken: "token-1", ...(other as object) }), "IdempotentParameterMismatch");
			assert.match(message, /^Arguments on this idempotent request are inconsistent/);
		}
		const second = await launch(ec2, { ClientToken: "token-2" });
		assert.deepEqual(new Set(await launched(ec2)), new Set([first.ReservationId, second.ReservationId]));
	});

	test("that twenty clients ask for at once launches once", async (t) => {
		const { ec2 } = await startApi(t);
		const answers = await Promise.all(Array.from({ length: 20 }, () => launch(ec2, { ClientToken: "token-1" })));
		assert.equal(new Set(answers.map(({ ReservationId }) => ReservationId)).size, 1);
		assert.equal(new Set(answers.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId))).size, 1);
		assert.equal((await launched(ec2)).length, 1);
	});

	test("that was refused is forgotten, and may come again as it should have been", async (t) => {
		const { ec2 } = await startApi(t);
		await rejectsWith(launch(ec2, { ClientToken: "token-1", SubnetId: "subnet-00000000000000000" }), "InvalidSubnetID.NotFound");
		await rejectsWith(launch(ec2, { ClientToken: "token-1", DryRun: true }), "DryRunOperation", 412);
		const { ReservationId } = await launch(ec2, { ClientToken: "token-1" });
		assert.deepEqual(await launched(ec2), [ReservationId]);
	});

	test("may not be one that nobody could write down", async (t) => {
		const { ec2 } = await startApi(t);
		for (const ClientToken of ["a".repeat(129), "tökén", "a\nb"]) {
			await rejectsWith(launch(ec2, { ClientToken }), "InvalidParameterValue");
		}
		assert.deepEqual(await launched(ec2), []);
	});

	test("is remembered by the service that comes after one that was killed", async (t) => {
		const dataDir = temporaryFolder(t);
		const input = { ClientToken: "token-1" };
		const before = await startApi(t, { dataDir });
		const first = await launch(before.ec2, input);
		await before.service.stop("SIGKILL");
		const { ec2 } = await startApi(t, { dataDir });
		assert.equal((await launch(ec2, input)).ReservationId, first.ReservationId);
		await rejectsWith(launch(ec2, { ...input, MaxCount: 2 }), "IdempotentParameterMismatch");
		assert.deepEqual(await launched(ec2), [first.ReservationId]);
	});

	test("is another operation's token, too, without being in its way", async (t) => {
		const { ec2 } = await startApi(t);
		await launch(ec2, { ClientToken: "token-1" });
		await template(ec2, { ClientToken: "token-1" });
		assert.equal((await launched(ec2)).length, 1);
	});
});

function template(ec2: EC2Client, input: Partial<CreateLaunchTemplateCommandInput>) {
	const all = { LaunchTemplateName: "template", LaunchTemplateData: { InstanceType: "t3.micro" as const }, ...input };
	return ec2.send(new CreateLaunchTemplateCommand(all));
}

describe("CreateLaunchTemplate with a client token", () => {
	test("makes one template, also for twenty clients at once, and over a restart", async (t) => {
		const dataDir = temporaryFolder(t);
		const before = await startApi(t, { dataDir });
		const answers = await Promise.all(Array.from({ length: 20 }, () => template(before.ec2, { ClientToken: "token-1" })));
		const ids = new Set(answers.map(({ LaunchTemplate }) => LaunchTemplate?.LaunchTemplateId));
		assert.equal(ids.size, 1);
		await before.service.stop("SIGKILL");
		const { ec2 } = await startApi(t, { dataDir });
		const again = await template(ec2, { ClientToken: "token-1" });
		assert.ok(ids.has(again.LaunchTemplate?.LaunchTemplateId));
		assert.equal((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates?.length, 1);
	});

	test("with other parameters is refused, and without the token the name is taken", async (t) => {
		const { ec2 } = await startApi(t);
		await template(ec2, { ClientToken: "token-1" });
		await rejectsWith(template(ec2, { ClientToken: "token-1", VersionDescription: "x" }), "IdempotentParameterMismatch");
		await rejectsWith(template(ec2, { ClientToken: "token-1", LaunchTemplateName: "other" }), "IdempotentParameterMismatch");
		await rejectsWith(template(ec2, { ClientToken: "token-2" }), "InvalidLaunchTemplateName.AlreadyExistsException");
	});

	test("makes one version a token", async (t) => {
		const { ec2 } = await startApi(t);
		await template(ec2, {});
		const version = (ClientToken: string, VersionDescription: string) =>
			ec2.send(
				new CreateLaunchTemplateVersionCommand({
					LaunchTemplateName: "template",
					LaunchTemplateData: { InstanceType: "m5.large" },
					ClientToken,
					VersionDescription,
				}),
			);
		await Promise.all(Array.from({ length: 5 }, () => version("token-1", "a")));
		await rejectsWith(version("token-1", "b"), "IdempotentParameterMismatch");
		await version("token-2", "b");
		const { LaunchTemplateVersions = [] } = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: "template" }));
		assert.deepEqual(new Set(LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber)), new Set([1, 2, 3]));
		assert.equal(LaunchTemplateVersions.length, 3);
	});
});
