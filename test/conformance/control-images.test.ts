// Cases C24 to C26 of control-apis.md §7: what an image asks for, and that it can't be taken back (§1.5).

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
	CopyImageCommand,
	CreateImageCommand,
	CreateSnapshotCommand,
	DescribeImageAttributeCommand,
	DescribeImagesCommand,
	type DescribeImagesResult,
	type ImdsSupportValues,
	ModifyImageAttributeCommand,
	RegisterImageCommand,
	type RegisterImageRequest,
	ResetImageAttributeCommand,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "../api/api.ts";
import { describeOne } from "../api/instances.ts";
import { CONFIGURATION, DEFAULTS, launched, running, statuses } from "./control-scene.ts";

const { ec2, region } = await startApi({ after }, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] });

const V2_DEFAULTS = { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 2 };

test("C24: register-image with --imds-support v2.0 keeps it", async () => {
	const imageId = await registered("my-image", { ImdsSupport: "v2.0" });
	const image = await imageOf(imageId);
	assert.equal(image?.ImdsSupport, "v2.0");
	assert.equal(image.Name, "my-image");
	assert.equal(image.RootDeviceName, "/dev/xvda");
	assert.equal((await imageOf(await registered("another-image")))?.ImdsSupport, undefined);
	await rejectsWith(registered("my-image"), "InvalidAMIName.Duplicate");
	const BlockDeviceMappings = [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-0123456789abcdef0" } }];
	await rejectsWith(ec2.send(new RegisterImageCommand({ Name: "no-image", BlockDeviceMappings })), "InvalidSnapshot.NotFound");
	await rejectsWith(registered("v1-image", { ImdsSupport: "v1.0" as ImdsSupportValues }), "InvalidParameterValue");
});

test("C25: a launch of it that names nothing requires tokens, two hops away at most", async () => {
	const { options, url } = await launched(ec2, { ImageId: await registered("hardened", { ImdsSupport: "v2.0" }) });
	assert.deepEqual(options, V2_DEFAULTS);
	assert.deepEqual(await statuses(url), { v1: 401, v2: 200 });
	const explicit = await launched(ec2, {
		ImageId: await registered("hardened-too", { ImdsSupport: "v2.0" }),
		MetadataOptions: { HttpTokens: "optional" },
	});
	assert.deepEqual(explicit.options, { ...DEFAULTS, HttpPutResponseHopLimit: 2 });
});

test("C26: modify-image-attribute sets it for launches from then on, for good", async () => {
	const ImageId = await registered("existing");
	const before = await launched(ec2, { ImageId });
	assert.deepEqual(before.options, DEFAULTS);
	assert.deepEqual(await imdsSupportOf(ImageId), {});
	for (let time = 0; time < 2; time++) await ec2.send(new ModifyImageAttributeCommand({ ImageId, ImdsSupport: { Value: "v2.0" } }));
	assert.deepEqual(await imdsSupportOf(ImageId), { Value: "v2.0" });
	assert.equal((await imageOf(ImageId))?.ImdsSupport, "v2.0");
	assert.deepEqual((await launched(ec2, { ImageId })).options, V2_DEFAULTS);
	assert.deepEqual((await running(ec2, before.instanceId)).options, DEFAULTS);
	assert.deepEqual(await statuses(before.url), { v1: 200, v2: 200 });

	for (const Value of ["v1.0", ""]) {
		const refused = ec2.send(new ModifyImageAttributeCommand({ ImageId, ImdsSupport: { Value } }));
		await assert.rejects(refused, { name: /^(InvalidParameterValue|InvalidAMIAttributeItemValue)$/ });
	}
	await ec2.send(new ResetImageAttributeCommand({ ImageId, Attribute: "launchPermission" }));
	assert.deepEqual(await imdsSupportOf(ImageId), { Value: "v2.0" });
});

test("C26: the form with an attribute's name and value does the same", async () => {
	const ImageId = await registered("by-name");
	await ec2.send(new ModifyImageAttributeCommand({ ImageId, Attribute: "imdsSupport", Value: "v2.0" }));
	assert.deepEqual(await imdsSupportOf(ImageId), { Value: "v2.0" });
});

test("copies of an image and images of its instances have it, too; an instance's own options are nobody's but its own", async () => {
	const SourceImageId = await registered("source", { ImdsSupport: "v2.0" });
	const { instanceId } = await launched(ec2, { ImageId: SourceImageId, MetadataOptions: { HttpTokens: "optional" } });
	const copy = await ec2.send(new CopyImageCommand({ SourceImageId, SourceRegion: region, Name: "a copy" }));
	const ofInstance = await ec2.send(new CreateImageCommand({ InstanceId: instanceId, Name: "of an instance" }));
	for (const { ImageId = "" } of [copy, ofInstance]) assert.deepEqual((await launched(ec2, { ImageId })).options, V2_DEFAULTS);

	const hardened = await launched(ec2, { MetadataOptions: { HttpTokens: "required" } });
	const plain = await ec2.send(new CreateImageCommand({ InstanceId: hardened.instanceId, Name: "of a hardened instance" }));
	assert.deepEqual((await launched(ec2, { ImageId: plain.ImageId ?? "" })).options, DEFAULTS);
});

/** An image of a snapshot of an instance's root device. */
async function registered(Name: string, more: Partial<RegisterImageRequest> = {}): Promise<string> {
	const { ImageId = "" } = await ec2.send(
		new RegisterImageCommand({
			Name,
			RootDeviceName: "/dev/xvda",
			BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: await snapshot() } }],
			...more,
		}),
	);
	assert.match(ImageId, /^ami-[0-9a-f]{17}$/);
	return ImageId;
}

async function snapshot(): Promise<string> {
	const { instanceId } = await launched(ec2);
	const { BlockDeviceMappings = [] } = await describeOne(ec2, instanceId);
	const { SnapshotId = "" } = await ec2.send(new CreateSnapshotCommand({ VolumeId: BlockDeviceMappings[0]?.Ebs?.VolumeId }));
	return SnapshotId;
}

async function imageOf(imageId: string): Promise<NonNullable<DescribeImagesResult["Images"]>[number] | undefined> {
	const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
	return Images[0];
}

async function imdsSupportOf(ImageId: string) {
	return (await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: "imdsSupport" }))).ImdsSupport;
}
