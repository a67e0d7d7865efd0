import assert from "node:assert/strict";
import { test } from "node:test";
import {
	CopyImageCommand,
	CreateImageCommand,
	CreateSnapshotCommand,
	CreateTagsCommand,
	DeleteSnapshotCommand,
	DeregisterImageCommand,
	DescribeImageAttributeCommand,
	DescribeImagesCommand,
	DescribeInstancesCommand,
	DescribeSnapshotsCommand,
	type EC2Client,
	ModifyImageAttributeCommand,
	type ModifyImageAttributeCommandInput,
	ModifyInstanceMetadataOptionsCommand,
	RegisterImageCommand,
	type RegisterImageCommandInput,
	ResetImageAttributeCommand,
	RunInstancesCommand,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { type Api, rejectsWith, startApi } from "./api.ts";

test("an image registered with imdsSupport shows it, and instances of it require tokens and let them hop twice", async (t) => {
	const api = await startApi(t);
	const { ec2 } = api;
	const SnapshotId = await snapshot(api);
	const { ImageId = "" } = await ec2.send(
		new RegisterImageCommand({
			Name: "my-image",
			RootDeviceName: "/dev/xvda",
			BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId } }],
			ImdsSupport: "v2.0",
			BootMode: "uefi",
		}),
	);
	const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
	const [image] = Images ?? [];
	assert.equal(image?.ImdsSupport, "v2.0");
	assert.equal(image?.BootMode, "uefi");
	assert.equal(image?.RootDeviceName, "/dev/xvda");
	assert.deepEqual(image?.BlockDeviceMappings, [
		{ DeviceName: "/dev/xvda", Ebs: { DeleteOnTermination: true, SnapshotId, VolumeSize: 8, VolumeType: "gp2", Encrypted: false } },
	]);
	assert.deepEqual(await launchedOptions(ec2, ImageId), { HttpTokens: "required", HttpPutResponseHopLimit: 2 });
});

test("imdsSupport can be set in either form, again and again, and never be taken away", async (t) => {
	const { ec2 } = await startApi(t);
	for (const [index, form] of [{ ImdsSupport: { Value: "v2.0" } }, { Attribute: "imdsSupport", Value: "v2.0" }].entries()) {
		const ImageId = await register(ec2, `image-${index}`);
		assert.deepEqual((await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: "imdsSupport" }))).ImdsSupport, {});
		assert.deepEqual(await launchedOptions(ec2, ImageId), { HttpTokens: "optional", HttpPutResponseHopLimit: 1 });
		await ec2.send(new ModifyImageAttributeCommand({ ImageId, ...form }));
		await ec2.send(new ModifyImageAttributeCommand({ ImageId, ...form }));
		for (const value of ["v1.0", "", "V2.0"]) {
			await rejectsWith(ec2.send(new ModifyImageAttributeCommand({ ImageId, ImdsSupport: { Value: value } })), "InvalidParameterValue");
		}
		await ec2.send(new ResetImageAttributeCommand({ ImageId, Attribute: "launchPermission" }));
		const attribute = await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: "imdsSupport" }));
		assert.deepEqual(attribute.ImdsSupport, { Value: "v2.0" });
		assert.deepEqual(await launchedOptions(ec2, ImageId), { HttpTokens: "required", HttpPutResponseHopLimit: 2 });
	}
});

test("the commands of the stateful node's page work with ids that are no hexadecimal numbers", async (t) => {
	const configuration = [
		'snapshots: [{ snapshotId: "snap-0123456789example" }]',
		'images: [{ imageId: "ami-0123456789example" }]',
		'instances: [{ instanceId: "i-0123456789abcdef0", endpointListen: ["127.0.0.1:0"] }]',
	].join("\n");
	const { ec2 } = await startApi(t, { configuration });
	const ImageId = await register(ec2, "my-image", {
		RootDeviceName: "/dev/xvda",
		BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-0123456789example" } }],
		ImdsSupport: "v2.0",
	});
	await ec2.send(new ModifyImageAttributeCommand({ ImageId: "ami-0123456789example", ImdsSupport: { Value: "v2.0" } }));
	for (const image of [ImageId, "ami-0123456789example"]) {
		assert.deepEqual(await launchedOptions(ec2, image), { HttpTokens: "required", HttpPutResponseHopLimit: 2 });
	}
	await rejectsWith(ec2.send(new DeleteSnapshotCommand({ SnapshotId: "snap-0123456789example" })), "InvalidSnapshot.InUse");
	await ec2.send(new DeregisterImageCommand({ ImageId }));
	await rejectsWith(ec2.send(new DeleteSnapshotCommand({ SnapshotId: "snap-0123456789example" })), "OperationNotPermitted");
});

test("one attribute is changed by a request, and only of an image of one's own", async (t) => {
	const { ec2 } = await startApi(t);
	const ImageId = await register(ec2, "mine");
	const modify = (input: Omit<ModifyImageAttributeCommandInput, "ImageId">) =>
		ec2.send(new ModifyImageAttributeCommand({ ImageId, ...input }));
	await rejectsWith(modify({}), "InvalidParameterCombination");
	await rejectsWith(modify({ ImdsSupport: { Value: "v2.0" }, Description: { Value: "d" } }), "InvalidParameterCombination");
	await rejectsWith(modify({ Attribute: "kernel", Value: "aki-1" }), "InvalidParameterValue");
	await rejectsWith(modify({ Attribute: "description" }), "MissingParameter");
	await rejectsWith(modify({ Attribute: "launchPermission", OperationType: "add", UserIds: ["bogus"] }), "InvalidAMIAttributeItemValue");
	await rejectsWith(modify({ Attribute: "launchPermission", UserIds: ["111122223333"] }), "MissingParameter");
	await modify({ Attribute: "description", Value: "a <description> & more" });
	const described = await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: "description" }));
	assert.deepEqual(described.Description, { Value: "a <description> & more" });

	const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"] }));
	assert.equal(Images?.length, 2);
	const amazons = Images?.[0]?.ImageId ?? "";
	const theirs = { ImageId: amazons, ImdsSupport: { Value: "v2.0" } };
	await rejectsWith(ec2.send(new ModifyImageAttributeCommand(theirs)), "AuthFailure", 401);
	await rejectsWith(ec2.send(new DeregisterImageCommand({ ImageId: amazons })), "AuthFailure", 401);
});

test("who may launch an image is told, found, and taken back", async (t) => {
	const { ec2 } = await startApi(t);
	const ImageId = await register(ec2, "shared");
	const permissions = async () => {
		const answer = await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: "launchPermission" }));
		return answer.LaunchPermissions;
	};
	const found = async (user: string) => {
		const { Images } = await ec2.send(new DescribeImagesCommand({ ExecutableUsers: [user], Owners: ["self"] }));
		return Images?.map((image) => image.ImageId);
	};
	assert.deepEqual(await permissions(), []);
	const LaunchPermission = { Add: [{ UserId: "111122223333" }, { Group: "all" as const }] };
	await ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission }));
	await ec2.send(
		new ModifyImageAttributeCommand({ ImageId, Attribute: "launchPermission", OperationType: "add", UserIds: ["111122223333"] }),
	);
	assert.deepEqual(await permissions(), [{ UserId: "111122223333" }, { Group: "all" }]);
	assert.deepEqual(await found("111122223333"), [ImageId]);
	assert.deepEqual(await found("all"), [ImageId]);
	assert.deepEqual(await found("self"), []);
	await rejectsWith(found("bogus"), "InvalidUserID.Malformed");
	await ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Remove: [{ Group: "all" }] } }));
	assert.deepEqual(await permissions(), [{ UserId: "111122223333" }]);
	await ec2.send(new ResetImageAttributeCommand({ ImageId, Attribute: "launchPermission" }));
	assert.deepEqual(await permissions(), []);
});

test("images are found by owner and by filter, and all have a date to be sorted by", async (t) => {
	const { ec2 } = await startApi(t);
	const tagged = { TagSpecifications: [{ ResourceType: "image" as const, Tags: [{ Key: "stage", Value: "prod" }] }] };
	const ImageId = await register(ec2, "found [it] (1)", { Architecture: "arm64", VirtualizationType: "hvm", ...tagged });
	const found = async (...filters: [name: string, value: string][]) => {
		const { Images } = await ec2.send(new DescribeImagesCommand({ Filters: filters.map(([Name, value]) => ({ Name, Values: [value] })) }));
		return Images?.map((image) => image.Name);
	};
	assert.deepEqual(await found(["architecture", "arm64"]), ["found [it] (1)"]);
	assert.deepEqual(await found(["name", "found*"], ["is-public", "false"]), ["found [it] (1)"]);
	assert.deepEqual(await found(["tag:stage", "prod"]), ["found [it] (1)"]);
	assert.deepEqual(await found(["owner-alias", "amazon"], ["name", "al2023-ami-*"]), ["al2023-ami-2023.0.20230315.0-kernel-6.1-x86_64"]);
	assert.deepEqual(await found(["owner-alias", "amazon"], ["image-id", ImageId]), []);
	await rejectsWith(found(["imds-support", "v2.0"]), "InvalidParameterValue");
	await rejectsWith(ec2.send(new DescribeImagesCommand({ Owners: ["nobody"] })), "InvalidUserID.Malformed");

	const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
	assert.ok(Images.length >= 3);
	for (const { CreationDate } of Images) assert.match(CreationDate ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
	const own = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
	assert.deepEqual(
		own.Images?.map((image) => [image.ImageId, image.OwnerId, image.Public]),
		[[ImageId, "123456789012", false]],
	);
	const amazons = await ec2.send(new DescribeImagesCommand({ Owners: ["137112412989"] }));
	assert.ok(amazons.Images?.every((image) => image.ImageOwnerAlias === "amazon" && image.Public === true));
	assert.equal(amazons.Images?.length, 2);
});

test("a deregistered image is gone, but not for its instances, and its name is free", async (t) => {
	const api = await startApi(t);
	const { ec2 } = api;
	const SnapshotId = await snapshot(api);
	const mappings = { BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { SnapshotId } }] };
	const ImageId = await register(ec2, "once", mappings);
	const launch = () => ec2.send(new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1 }));
	const { Instances } = await launch();
	const message = await rejectsWith(register(ec2, "once"), "InvalidAMIName.Duplicate");
	assert.equal(message, `AMI name once is already in use by AMI ${ImageId}`);
	await ec2.send(new DeregisterImageCommand({ ImageId }));
	await rejectsWith(ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] })), "InvalidAMIID.Unavailable");
	await rejectsWith(ec2.send(new DeregisterImageCommand({ ImageId })), "InvalidAMIID.Unavailable");
	await rejectsWith(ec2.send(new ModifyImageAttributeCommand({ ImageId, Description: { Value: "d" } })), "InvalidAMIID.Unavailable");
	await rejectsWith(launch(), "InvalidAMIID.Unavailable");
	const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
	assert.deepEqual(Images, []);
	const InstanceIds = [Instances?.[0]?.InstanceId ?? ""];
	const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
	assert.equal(Reservations?.[0]?.Instances?.[0]?.ImageId, ImageId);

	const again = await register(ec2, "once", mappings);
	const second = await register(ec2, "twice", mappings);
	const one = await ec2.send(new DeregisterImageCommand({ ImageId: again, DeleteAssociatedSnapshots: true }));
	assert.deepEqual(one.DeleteSnapshotResults, [{ SnapshotId, ReturnCode: "skipped" }]);
	const other = await ec2.send(new DeregisterImageCommand({ ImageId: second, DeleteAssociatedSnapshots: true }));
	assert.deepEqual(other.DeleteSnapshotResults, [{ SnapshotId, ReturnCode: "success" }]);
	await rejectsWith(ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] })), "InvalidSnapshot.NotFound");
	await createImage(ec2, InstanceIds[0] ?? "", "of-what-is-left");
});

test("an image of an instance inherits the support of the instance's image, not what the instance requires, and has snapshots of its volumes", async (t) => {
	const { ec2, service } = await startApi(t);
	const [demo = ""] = service.urls.keys();
	await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: demo, HttpTokens: "required" }));
	const plain = await createImage(ec2, demo, "of-demo");
	const [plainImage] = (await ec2.send(new DescribeImagesCommand({ ImageIds: [plain] }))).Images ?? [];
	assert.equal(plainImage?.ImdsSupport, undefined);
	assert.equal(plainImage?.SourceInstanceId, demo);

	const supporting = await register(ec2, "supporting", {
		ImdsSupport: "v2.0",
		BootMode: "uefi-preferred",
		RootDeviceName: "/dev/sda1",
		BlockDeviceMappings: [
			{ DeviceName: "/dev/sda1", Ebs: { VolumeSize: 20 } },
			{ DeviceName: "/dev/sdb", Ebs: { VolumeSize: 5 } },
			{ DeviceName: "/dev/sdc", VirtualName: "ephemeral0" },
		],
	});
	const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: supporting, MinCount: 1, MaxCount: 1 }));
	const InstanceId = Instances?.[0]?.InstanceId ?? "";
	const { ImageId = "" } = await ec2.send(
		new CreateImageCommand({
			InstanceId,
			Name: "of-instance",
			NoReboot: true,
			BlockDeviceMappings: [{ DeviceName: "/dev/sdb", NoDevice: "" }],
			TagSpecifications: [
				{ ResourceType: "image", Tags: [{ Key: "of", Value: "image" }] },
				{ ResourceType: "snapshot", Tags: [{ Key: "of", Value: "snapshot" }] },
			],
		}),
	);
	const [image] = (await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))).Images ?? [];
	assert.equal(image?.ImdsSupport, "v2.0");
	assert.equal(image?.BootMode, "uefi-preferred");
	assert.deepEqual(image?.Tags, [{ Key: "of", Value: "image" }]);
	assert.deepEqual(
		image?.BlockDeviceMappings?.map(({ DeviceName, VirtualName, Ebs }) => [DeviceName, VirtualName, Ebs?.VolumeSize]),
		[
			["/dev/sda1", undefined, 20],
			["/dev/sdc", "ephemeral0", undefined],
		],
	);
	const SnapshotIds = [image?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? ""];
	const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds }));
	assert.equal(Snapshots?.[0]?.State, "completed");
	assert.equal(Snapshots?.[0]?.VolumeSize, 20);
	assert.equal(Snapshots?.[0]?.Description, `Created by CreateImage(${InstanceId}) for ${ImageId}`);
	assert.deepEqual(Snapshots?.[0]?.Tags, [{ Key: "of", Value: "snapshot" }]);

	await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
	await rejectsWith(createImage(ec2, InstanceId, "too-late"), "IncorrectInstanceState");
});

test("a copy of an image keeps its support and has snapshots of its own", async (t) => {
	const api = await startApi(t);
	const { ec2, region } = api;
	const SnapshotId = await snapshot(api);
	const SourceImageId = await register(ec2, "source", {
		ImdsSupport: "v2.0",
		Description: "original",
		BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId } }],
	});
	await ec2.send(new CreateTagsCommand({ Resources: [SourceImageId], Tags: [{ Key: "a", Value: "1" }] }));
	const input = { SourceImageId, SourceRegion: region, Name: "copy", CopyImageTags: true, ClientToken: "copy-1" };
	const { ImageId = "" } = await ec2.send(new CopyImageCommand(input));
	assert.deepEqual((await ec2.send(new CopyImageCommand(input))).ImageId, ImageId);
	const [image] = (await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))).Images ?? [];
	assert.equal(image?.ImdsSupport, "v2.0");
	assert.equal(image?.Description, "original");
	assert.equal(image?.SourceImageId, SourceImageId);
	assert.equal(image?.SourceImageRegion, region);
	assert.deepEqual(image?.Tags, [{ Key: "a", Value: "1" }]);
	const copied = image?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
	assert.ok(copied !== undefined && copied !== SnapshotId);
	await rejectsWith(ec2.send(new CopyImageCommand({ ...input, ClientToken: "copy-2" })), "InvalidAMIName.Duplicate");
	await rejectsWith(ec2.send(new CopyImageCommand({ SourceImageId, SourceRegion: "eu-west-3", Name: "other" })), "InvalidAMIID.NotFound");

	// Amazon's can be copied, and the copy is one's own.
	const amazon = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"], Filters: [{ Name: "name", Values: ["al2023*"] }] }));
	const own = await ec2.send(
		new CopyImageCommand({ SourceImageId: amazon.Images?.[0]?.ImageId, SourceRegion: region, Name: "own-al2023" }),
	);
	const [copy] = (await ec2.send(new DescribeImagesCommand({ ImageIds: [own.ImageId ?? ""], Owners: ["self"] }))).Images ?? [];
	assert.equal(copy?.ImdsSupport, "v2.0");
	assert.equal(copy?.Public, false);
});

test("a copy has the tags that users gave, those of the request before the source's, and none that AWS set", async (t) => {
	const configuration = [
		'images: [{ imageId: "ami-0123456789abcdef0", tags: { "aws:made-by": "aws", a: "source", b: "source" } }]',
		'instances: [{ instanceId: "i-0123456789abcdef0", endpointListen: ["127.0.0.1:0"] }]',
	].join("\n");
	const { ec2, region } = await startApi(t, { configuration });
	const { ImageId = "" } = await ec2.send(
		new CopyImageCommand({
			SourceImageId: "ami-0123456789abcdef0",
			SourceRegion: region,
			Name: "copy",
			CopyImageTags: true,
			TagSpecifications: [{ ResourceType: "image", Tags: [{ Key: "b", Value: "request" }] }],
		}),
	);
	const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
	assert.deepEqual(Images?.[0]?.Tags, [
		{ Key: "a", Value: "source" },
		{ Key: "b", Value: "request" },
	]);
});

test("of images registered with one name at the same time, one is made", async (t) => {
	const { ec2 } = await startApi(t);
	const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => register(ec2, "same")));
	assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
	const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
	assert.equal(Images?.length, 1);
});

test("what an image can't be is refused by AWS's code", async (t) => {
	const api = await startApi(t);
	const { ec2 } = api;
	const SnapshotId = await snapshot(api);
	for (const name of ["ab", "x".repeat(129), "a*b", "ümlaut"]) await rejectsWith(register(ec2, name), "InvalidAMIName.Malformed");
	const devices = (...BlockDeviceMappings: NonNullable<RegisterImageCommandInput["BlockDeviceMappings"]>) =>
		register(ec2, "devices", { BlockDeviceMappings });
	const unknown = await rejectsWith(
		devices({ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-0123456789abcdef0" } }),
		"InvalidSnapshot.NotFound",
	);
	assert.equal(unknown, "Snapshot 'snap-0123456789abcdef0' does not exist");
	await rejectsWith(devices({ DeviceName: "/dev/xvda", Ebs: { SnapshotId, VolumeSize: 4 } }), "InvalidBlockDeviceMapping");
	await rejectsWith(devices({ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 0 } }), "InvalidParameterValue");
	await rejectsWith(devices({ DeviceName: "/dev/xvda" }, { DeviceName: "/dev/xvda" }), "InvalidBlockDeviceMapping");
	await rejectsWith(devices({ DeviceName: "/dev/../x" }), "InvalidBlockDeviceMapping");
	await rejectsWith(devices({ DeviceName: "/dev/sdb", VirtualName: "../../user-data" }), "InvalidBlockDeviceMapping");
	await rejectsWith(devices({ Ebs: { SnapshotId } }), "MissingParameter");
	await rejectsWith(register(ec2, "virtual", { VirtualizationType: "full" }), "InvalidParameterValue");
	await rejectsWith(
		register(ec2, "tags", { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "b" }] }] }),
		"InvalidParameterValue",
	);
	await rejectsWith(ec2.send(new DescribeImagesCommand({ ImageIds: ["ami-0123456789abcdef0"] })), "InvalidAMIID.NotFound");
	await rejectsWith(ec2.send(new DescribeImagesCommand({ ImageIds: ["ami-0123456789example"] })), "InvalidAMIID.Malformed");
	await rejectsWith(ec2.send(new CreateImageCommand({ InstanceId: "i-0123456789abcdef0", Name: "abc" })), "InvalidInstanceID.NotFound");
	await rejectsWith(ec2.send(new CreateSnapshotCommand({ VolumeId: "vol-0123456789abcdef0" })), "InvalidVolume.NotFound");
	await rejectsWith(ec2.send(new DeleteSnapshotCommand({ SnapshotId: "snap-0123456789abcdef0" })), "InvalidSnapshot.NotFound");
});

test("a snapshot is begun pending, found completed, and deleted once", async (t) => {
	const api = await startApi(t);
	const { ec2 } = api;
	const VolumeId = await demoVolume(api);
	const made = await ec2.send(new CreateSnapshotCommand({ VolumeId, Description: "mine" }));
	assert.equal(made.State, "pending");
	const found = async (...values: string[]) => {
		const answer = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters: [{ Name: "volume-id", Values: values }] }));
		return answer.Snapshots?.map((each) => [each.SnapshotId, each.State, each.VolumeSize, each.Description]);
	};
	assert.deepEqual(await found(VolumeId), [[made.SnapshotId, "completed", 8, "mine"]]);
	assert.deepEqual(await found("vol-none"), []);
	const amazons = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["amazon"] }));
	assert.deepEqual(amazons.Snapshots, []);
	await ec2.send(new DeleteSnapshotCommand({ SnapshotId: made.SnapshotId }));
	assert.deepEqual(await found(VolumeId), []);
});

async function register(ec2: EC2Client, Name: string, input: Omit<RegisterImageCommandInput, "Name"> = {}): Promise<string> {
	const { ImageId } = await ec2.send(new RegisterImageCommand({ Name, ...input }));
	assert.match(ImageId ?? "", /^ami-[0-9a-f]{17}$/);
	return ImageId ?? "";
}

async function createImage(ec2: EC2Client, InstanceId: string, Name: string): Promise<string> {
	return (await ec2.send(new CreateImageCommand({ InstanceId, Name }))).ImageId ?? "";
}

/** A volume of the instance that there is from the start. */
async function demoVolume({ ec2, service }: Api): Promise<string> {
	const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [...service.urls.keys()] }));
	return Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
}

async function snapshot(api: Api): Promise<string> {
	return (await api.ec2.send(new CreateSnapshotCommand({ VolumeId: await demoVolume(api) }))).SnapshotId ?? "";
}

async function launchedOptions(ec2: EC2Client, ImageId: string) {
	const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1 }));
	const { HttpTokens, HttpPutResponseHopLimit } = Instances?.[0]?.MetadataOptions ?? {};
	return { HttpTokens, HttpPutResponseHopLimit };
}
