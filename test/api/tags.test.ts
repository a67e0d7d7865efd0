// Tags of everything that has some, through the real SDK (control-apis.md §1.7, §2.8).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	CreateTagsCommand,
	DeleteTagsCommand,
	DescribeImagesCommand,
	DescribeInstancesCommand,
	DescribeKeyPairsCommand,
	DescribeNetworkInterfacesCommand,
	DescribeSecurityGroupsCommand,
	DescribeSubnetsCommand,
	DescribeTagsCommand,
	DescribeVolumesCommand,
	DescribeVpcsCommand,
	type EC2Client,
	ModifyInstanceMetadataOptionsCommand,
	type Tag,
} from "@aws-sdk/client-ec2";
import { type Api, rejectsWith, startApi } from "./api.ts";

const SHOWN = "i-0a0a0a0a0a0a0a0a0";
const HIDDEN = "i-0b0b0b0b0b0b0b0b0";

/** One instance that sees its tags, and one that doesn't. */
const CONFIGURATION = `
keyPairs:
  - keyName: a-key
    publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtAt3P58XN9I21sVXeVDRGZTnYMBSy673q5hQm2Whfq a-key
instances:
  - instanceId: ${SHOWN}
    endpointListen: 127.0.0.1:0
    tags: {Name: shown, aws:autoscaling:groupName: fleet}
    metadataOptions: {instanceMetadataTags: enabled}
  - instanceId: ${HIDDEN}
    endpointListen: 127.0.0.1:0
    metadataOptions: {instanceMetadataTags: disabled}
`;

function tagged(ec2: EC2Client, resources: readonly string[], tags: Readonly<Record<string, string>>) {
	const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
	return ec2.send(new CreateTagsCommand({ Resources: [...resources], Tags }));
}

function untagged(ec2: EC2Client, resource: string, ...tags: readonly Tag[]) {
	return ec2.send(new DeleteTagsCommand({ Resources: [resource], Tags: [...tags] }));
}

/** The tags of a resource, but for those that are computed. */
async function tagsOf(ec2: EC2Client, resource: string): Promise<Record<string, string>> {
	const { Tags = [] } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [resource] }] }));
	const own = Tags.filter(({ Key }) => Key !== "aws:openimds:endpoint");
	return Object.fromEntries(own.map(({ Key = "", Value = "" }) => [Key, Value]));
}

async function metadata({ service }: Api, instanceId: string, path: string): Promise<{ status: number; text: string }> {
	const response = await fetch(`${service.urls.get(instanceId)}/latest/meta-data/${path}`);
	return { status: response.status, text: await response.text() };
}

describe("tags", () => {
	test("a tag is in the instance's metadata at its next request, a new value too, and none after it is deleted", async (t) => {
		const api = await startApi(t, { configuration: CONFIGURATION });
		await tagged(api.ec2, [SHOWN], { colour: "red", empty: "" });
		assert.deepEqual(await metadata(api, SHOWN, "tags/instance/colour"), { status: 200, text: "red" });
		await tagged(api.ec2, [SHOWN], { colour: "green" });
		assert.equal((await metadata(api, SHOWN, "tags/instance/colour")).text, "green");
		await untagged(api.ec2, SHOWN, { Key: "colour" });
		assert.equal((await metadata(api, SHOWN, "tags/instance/colour")).status, 404);
		assert.deepEqual(await tagsOf(api.ec2, SHOWN), { Name: "shown", "aws:autoscaling:groupName": "fleet", empty: "" });
	});

	test("a key that can't stand in the metadata is refused where the instance sees its tags, and nowhere else", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		for (const key of ["a b", "a/b", "_index", ".", "schlüssel"]) {
			const message = await rejectsWith(tagged(ec2, [HIDDEN, SHOWN], { fits: "", [key]: "" }), "InvalidParameterValue");
			assert.equal(
				message,
				`'${key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')`,
			);
			assert.deepEqual(await tagsOf(ec2, HIDDEN), {}, "nothing is tagged when something can't be");
		}
		const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: "attachment.instance-id", Values: [SHOWN] }] }));
		const volumeId = Volumes[0]?.VolumeId ?? "";
		await tagged(ec2, [HIDDEN, volumeId], { "a b": "c" });
		assert.deepEqual(await tagsOf(ec2, HIDDEN), { "a b": "c" });
		assert.deepEqual(await tagsOf(ec2, volumeId), { "a b": "c" });
		await rejectsWith(
			ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: HIDDEN, InstanceMetadataTags: "enabled" })),
			"InvalidParameterValue",
		);
	});

	test("nothing is tagged when one of the resources does not exist", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const cases: readonly (readonly [id: string, code: string, message: RegExp])[] = [
			["i-0c0c0c0c0c0c0c0c0", "InvalidInstanceID.NotFound", /^The instance ID 'i-0c0c0c0c0c0c0c0c0' does not exist$/],
			["i-nonsense", "InvalidInstanceID.Malformed", /"i-nonsense"/],
			["ami-0c0c0c0c0c0c0c0c0", "InvalidAMIID.NotFound", /ami-0c0c0c0c0c0c0c0c0/],
			["vol-0c0c0c0c0c0c0c0c0", "InvalidVolume.NotFound", /vol-0c0c0c0c0c0c0c0c0/],
			["eni-0c0c0c0c0c0c0c0c0", "InvalidNetworkInterfaceID.NotFound", /eni-0c0c0c0c0c0c0c0c0/],
			["vpc-0c0c0c0c0c0c0c0c0", "InvalidVpcID.NotFound", /vpc-0c0c0c0c0c0c0c0c0/],
			["lt-0c0c0c0c0c0c0c0c0", "InvalidLaunchTemplateId.NotFound", /lt-0c0c0c0c0c0c0c0c0/],
			["igw-0c0c0c0c0c0c0c0c0", "InvalidID", /^The ID 'igw-0c0c0c0c0c0c0c0c0' is not valid$/],
			["nonsense", "InvalidID", /'nonsense'/],
		];
		for (const [id, code, message] of cases) {
			assert.match(await rejectsWith(tagged(ec2, [HIDDEN, id], { a: "b" }), code), message);
			assert.match(await rejectsWith(ec2.send(new DeleteTagsCommand({ Resources: [SHOWN, id] })), code), message);
		}
		assert.deepEqual(await tagsOf(ec2, HIDDEN), {});
		assert.equal((await tagsOf(ec2, SHOWN))["Name"], "shown");
	});

	test("tags that nobody may give are refused by name", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const refused = (Tags: Tag[], code = "InvalidParameterValue") =>
			rejectsWith(ec2.send(new CreateTagsCommand({ Resources: [HIDDEN], Tags })), code);
		assert.equal(await refused([{ Key: "aws:x", Value: "" }]), "Tag keys starting with 'aws:' are reserved for internal use");
		assert.equal(
			await refused([
				{ Key: "a", Value: "1" },
				{ Key: "a", Value: "2" },
			]),
			"Duplicate tag key 'a' specified.",
		);
		assert.match(await refused([{ Key: "k".repeat(129), Value: "" }]), /128/);
		assert.match(await refused([{ Key: "a", Value: "v".repeat(257) }]), /256/);
		assert.match(await refused([{ Key: "", Value: "v" }]), /empty/);
		const many = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => ({ Key: `${prefix}${at}`, Value: "" }));
		await refused(many(51, "k"), "TagLimitExceeded");
		assert.deepEqual(await tagsOf(ec2, HIDDEN), {});
		await ec2.send(
			new CreateTagsCommand({ Resources: [HIDDEN], Tags: [{ Key: "🔑".repeat(128), Value: "v".repeat(256) }, ...many(49, "k")] }),
		);
		await refused([{ Key: "one-more", Value: "" }], "TagLimitExceeded");
		await tagged(ec2, [HIDDEN], { k0: "changed" });
		assert.equal((await tagsOf(ec2, HIDDEN))["k0"], "changed");
	});

	test("AWS's own tags count for nothing, stay, and can't be taken away", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const tags = Object.fromEntries(Array.from({ length: 49 }, (_, at) => [`k${at}`, ""]));
		await tagged(ec2, [SHOWN], tags);
		await rejectsWith(tagged(ec2, [SHOWN], { more: "" }), "TagLimitExceeded");
		await rejectsWith(untagged(ec2, SHOWN, { Key: "aws:autoscaling:groupName" }), "InvalidParameterValue");
		await rejectsWith(untagged(ec2, SHOWN, { Key: "aws:openimds:endpoint" }), "InvalidParameterValue");
		await ec2.send(new DeleteTagsCommand({ Resources: [SHOWN] }));
		assert.deepEqual(await tagsOf(ec2, SHOWN), { "aws:autoscaling:groupName": "fleet" });
	});

	test("a tag named with a value goes only if that is its value, and one named alone goes anyway", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		await tagged(ec2, [HIDDEN], { a: "1", b: "2", c: "", d: "4" });
		await untagged(ec2, HIDDEN, { Key: "a", Value: "other" }, { Key: "b", Value: "2" }, { Key: "d", Value: "" }, { Key: "unknown" });
		assert.deepEqual(await tagsOf(ec2, HIDDEN), { a: "1", c: "", d: "4" });
		await untagged(ec2, HIDDEN, { Key: "a" }, { Key: "c", Value: "" });
		assert.deepEqual(await tagsOf(ec2, HIDDEN), { d: "4" });
	});

	test("what can be tagged is tagged in one request, says so itself, and is found by it", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const [vpcs, subnets, groups, interfaces, volumes, images, keys] = await Promise.all([
			ec2.send(new DescribeVpcsCommand({})),
			ec2.send(new DescribeSubnetsCommand({})),
			ec2.send(new DescribeSecurityGroupsCommand({})),
			ec2.send(new DescribeNetworkInterfacesCommand({})),
			ec2.send(new DescribeVolumesCommand({})),
			ec2.send(new DescribeImagesCommand({})),
			ec2.send(new DescribeKeyPairsCommand({})),
		]);
		const types: Record<string, string | undefined> = {
			instance: SHOWN,
			vpc: vpcs.Vpcs?.[0]?.VpcId,
			subnet: subnets.Subnets?.[0]?.SubnetId,
			"security-group": groups.SecurityGroups?.[0]?.GroupId,
			"network-interface": interfaces.NetworkInterfaces?.[0]?.NetworkInterfaceId,
			volume: volumes.Volumes?.[0]?.VolumeId,
			image: images.Images?.[0]?.ImageId,
			"key-pair": keys.KeyPairs?.[0]?.KeyPairId,
		};
		const ids = Object.values(types).map((id) => id ?? "");
		await tagged(ec2, ids, { team: "blue" });
		const { Tags = [] } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: "tag:team", Values: ["blue"] }] }));
		assert.deepEqual(Object.fromEntries(Tags.map(({ ResourceType, ResourceId }) => [ResourceType, ResourceId])), types);

		const Filters = [{ Name: "tag:team", Values: ["bl*"] }];
		const team = { Key: "team", Value: "blue" };
		const found = await Promise.all([
			ec2.send(new DescribeVpcsCommand({ Filters })).then(({ Vpcs }) => Vpcs?.map((one) => [one.VpcId, one.Tags])),
			ec2.send(new DescribeSubnetsCommand({ Filters })).then(({ Subnets }) => Subnets?.map((one) => [one.SubnetId, one.Tags])),
			ec2
				.send(new DescribeSecurityGroupsCommand({ Filters }))
				.then(({ SecurityGroups }) => SecurityGroups?.map((one) => [one.GroupId, one.Tags])),
			ec2
				.send(new DescribeNetworkInterfacesCommand({ Filters }))
				.then(({ NetworkInterfaces }) => NetworkInterfaces?.map((one) => [one.NetworkInterfaceId, one.TagSet])),
			ec2.send(new DescribeVolumesCommand({ Filters })).then(({ Volumes }) => Volumes?.map((one) => [one.VolumeId, one.Tags])),
		]);
		assert.deepEqual(
			found,
			["vpc", "subnet", "security-group", "network-interface", "volume"].map((type) => [[types[type], [team]]]),
		);
		const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
		assert.deepEqual(
			Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)),
			[SHOWN],
		);

		await Promise.all(ids.map((id) => untagged(ec2, id, { Key: "team" })));
		const { Tags: left } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: "key", Values: ["team"] }] }));
		assert.deepEqual(left, []);
	});

	test("tags given to an instance and its parts at the same time are all kept", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
		const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
		const ids = [
			SHOWN,
			HIDDEN,
			...NetworkInterfaces.map((one) => one.NetworkInterfaceId ?? ""),
			...Volumes.map(({ VolumeId = "" }) => VolumeId),
		];
		assert.equal(ids.length, 6);
		await Promise.all(Array.from({ length: 8 }, (_, at) => tagged(ec2, ids, { [`tag${at}`]: `${at}` })));
		const expected = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`tag${at}`, `${at}`]));
		for (const id of ids) {
			const { Name: _, "aws:autoscaling:groupName": __, ...tags } = await tagsOf(ec2, id);
			assert.deepEqual(tags, expected, id);
		}
	});
});

describe("DescribeTags", () => {
	test("tells all tags by resource and key, also where an instance is asked, and page by page the same", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		await tagged(ec2, [HIDDEN], { b: "1", a: "2", c: "3", d: "4" });
		const { Tags: all = [] } = await ec2.send(new DescribeTagsCommand({}));
		const orders = all.map(({ ResourceId, Key }) => `${ResourceId} ${Key}`);
		assert.deepEqual(orders, orders.toSorted());
		const endpoints = all.filter(({ Key }) => Key === "aws:openimds:endpoint").map(({ ResourceId }) => ResourceId);
		assert.ok(endpoints.every((id) => id === SHOWN || id === HIDDEN));

		const pages: Tag[] = [];
		let NextToken: string | undefined;
		do {
			const page = await ec2.send(new DescribeTagsCommand({ MaxResults: 5, NextToken }));
			assert.ok((page.Tags ?? []).length <= 5);
			pages.push(...(page.Tags ?? []));
			NextToken = page.NextToken;
		} while (NextToken !== undefined);
		assert.deepEqual(pages, all);
	});

	test("filters by resource, type, key, value and tag", async (t) => {
		const { ec2 } = await startApi(t, { configuration: CONFIGURATION });
		await tagged(ec2, [HIDDEN], { a: "1", b: "2" });
		const found = async (Name: string, ...Values: string[]) => {
			const { Tags = [] } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name, Values }] }));
			return Tags.filter(({ Key }) => Key !== "aws:openimds:endpoint").map(({ ResourceId, Key, Value }) => `${ResourceId} ${Key}=${Value}`);
		};
		const [a, b] = [`${HIDDEN} a=1`, `${HIDDEN} b=2`];
		assert.deepEqual(await found("resource-id", HIDDEN), [a, b]);
		assert.deepEqual(await found("resource-type", "volume"), []);
		assert.deepEqual(await found("key", "a", "b"), [a, b]);
		assert.deepEqual(await found("value", "2"), [b]);
		assert.deepEqual(await found("tag:a", "*"), [a]);
		assert.deepEqual(await found("tag:a", "2"), []);
		await rejectsWith(found("colour", "red"), "InvalidParameterValue");
	});
});
