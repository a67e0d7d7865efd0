import assert from "node:assert/strict";
import { test } from "node:test";
import {
	CreateImageCommand,
	CreateKeyPairCommand,
	CreateLaunchTemplateCommand,
	CreateLaunchTemplateVersionCommand,
	DeleteLaunchTemplateCommand,
	DeregisterImageCommand,
	DescribeImagesCommand,
	type EC2Client,
	ModifyImageAttributeCommand,
	RegisterImageCommand,
	type Tag,
} from "@aws-sdk/client-ec2";
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { type Api, rejectsWith, startApi } from "./api.ts";

const DENIED = ["UnauthorizedOperation", 403] as const;

test("who may register images may give them tags only if that is allowed too, and with the tags that are", async (t) => {
	const api = await startApi(t);
	const user = await userWith(api, "registrar", [
		{ Effect: "Allow", Action: "ec2:RegisterImage", Resource: "arn:aws:ec2:*::image/*" },
		{
			Effect: "Allow",
			Action: "ec2:CreateTags",
			Resource: "arn:aws:ec2:*::image/*",
			Condition: { StringEquals: { "ec2:CreateAction": "RegisterImage", "aws:RequestTag/team": "blue" } },
		},
	]);
	await register(user, "plain");
	await register(user, "tagged", [{ Key: "team", Value: "blue" }]);
	await rejectsWith(register(user, "red", [{ Key: "team", Value: "red" }]), ...DENIED);
	// A snapshot that is named is one more thing to be allowed.
	const withSnapshot = new RegisterImageCommand({
		Name: "of-snapshot",
		BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { SnapshotId: "snap-0123456789abcdef0" } }],
	});
	await rejectsWith(user.send(withSnapshot), ...DENIED);
	await rejectsWith(api.ec2.send(withSnapshot), "InvalidSnapshot.NotFound");
	await rejectsWith(user.send(new RegisterImageCommand({ Name: "dry", DryRun: true })), "DryRunOperation", 412);
	const { Images } = await api.ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
	assert.deepEqual(Images?.map(({ Name }) => Name).toSorted(), ["plain", "tagged"]);
});

test("a policy can tell images by their tags, and attributes by their names", async (t) => {
	const api = await startApi(t);
	const blue = await register(api.ec2, "blue", [{ Key: "team", Value: "blue" }]);
	const red = await register(api.ec2, "red", [{ Key: "team", Value: "red" }]);
	const user = await userWith(api, "hardener", [
		{
			Effect: "Allow",
			Action: "ec2:ModifyImageAttribute",
			Resource: "*",
			Condition: { StringEquals: { "aws:ResourceTag/team": "blue", "ec2:Attribute/ImdsSupport": "v2.0" } },
		},
	]);
	const modify = (ImageId: string, input: object) => user.send(new ModifyImageAttributeCommand({ ImageId, ...input }));
	await modify(blue, { ImdsSupport: { Value: "v2.0" } });
	await modify(blue, { Attribute: "imdsSupport", Value: "v2.0" });
	await rejectsWith(modify(red, { ImdsSupport: { Value: "v2.0" } }), ...DENIED);
	await rejectsWith(modify(blue, { Description: { Value: "d" } }), ...DENIED);
	// What is not there is not told to those who may not ask.
	await rejectsWith(modify("ami-0123456789abcdef0", { ImdsSupport: { Value: "v2.0" } }), ...DENIED);
	await rejectsWith(user.send(new DeregisterImageCommand({ ImageId: blue })), ...DENIED);
});

test("an image of an instance needs the instance, the image and its snapshots", async (t) => {
	const api = await startApi(t);
	const [InstanceId = ""] = api.service.urls.keys();
	const resources = ["instance/*", "image/*", "snapshot/*"];
	for (const missing of resources) {
		const Resource = resources.filter((one) => one !== missing).map((one) => `arn:aws:ec2:*:*:${one}`);
		const user = await userWith(api, `no-${missing.split("/")[0]}`, [{ Effect: "Allow", Action: "ec2:CreateImage", Resource }]);
		await rejectsWith(user.send(new CreateImageCommand({ InstanceId, Name: "image" })), ...DENIED);
	}
	const Resource = resources.map((one) => `arn:aws:ec2:*:*:${one}`);
	const user = await userWith(api, "all", [{ Effect: "Allow", Action: "ec2:CreateImage", Resource }]);
	await user.send(new CreateImageCommand({ InstanceId, Name: "image" }));
});

test("a policy can tell launch templates by their tags, whether a request has their id or their name, and key pairs by their names", async (t) => {
	const api = await startApi(t);
	const LaunchTemplateData = { InstanceType: "t3.nano" } as const;
	for (const LaunchTemplateName of ["blue", "red"]) {
		const Tags = [{ Key: "team", Value: LaunchTemplateName }];
		const TagSpecifications = [{ ResourceType: "launch-template" as const, Tags }];
		await api.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData, TagSpecifications }));
	}
	const user = await userWith(api, "blue-team", [
		{
			Effect: "Allow",
			Action: ["ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplate"],
			Resource: "arn:aws:ec2:us-east-1:123456789012:launch-template/lt-*",
			Condition: { StringEquals: { "ec2:ResourceTag/team": "blue" } },
		},
		{ Effect: "Allow", Action: "ec2:CreateKeyPair", Resource: "arn:aws:ec2:us-east-1:123456789012:key-pair/blue-*" },
	]);
	const version = await user.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: "blue", LaunchTemplateData }));
	const red = new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: "red", LaunchTemplateData });
	await rejectsWith(user.send(red), ...DENIED);
	const { LaunchTemplateId } = version.LaunchTemplateVersion ?? {};
	await user.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));
	await user.send(new CreateKeyPairCommand({ KeyName: "blue-1", KeyType: "ed25519" }));
	await rejectsWith(user.send(new CreateKeyPairCommand({ KeyName: "red-1", KeyType: "ed25519" })), ...DENIED);
});

async function userWith({ iam, as }: Api, UserName: string, Statement: readonly object[]): Promise<EC2Client> {
	await iam.send(new CreateUserCommand({ UserName }));
	const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
	await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "policy", PolicyDocument }));
	const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
	return as({ accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" }).ec2;
}

async function register(ec2: EC2Client, Name: string, Tags: Tag[] = []): Promise<string> {
	const TagSpecifications = Tags.length === 0 ? undefined : [{ ResourceType: "image" as const, Tags }];
	const { ImageId } = await ec2.send(new RegisterImageCommand({ Name, ...(TagSpecifications && { TagSpecifications }) }));
	return ImageId ?? "";
}
