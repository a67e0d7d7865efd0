import assert from "node:assert/strict";
import { test } from "node:test";
import {
	CreateLaunchTemplateCommand,
	CreateLaunchTemplateVersionCommand,
	DeleteLaunchTemplateCommand,
	DeleteLaunchTemplateVersionsCommand,
	DescribeInstancesCommand,
	DescribeLaunchTemplatesCommand,
	DescribeLaunchTemplateVersionsCommand,
	type EC2Client,
	GetLaunchTemplateDataCommand,
	ModifyInstanceMetadataOptionsCommand,
	ModifyLaunchTemplateCommand,
	type RequestLaunchTemplateData,
	RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "./api.ts";

const OPTIONS = { HttpTokens: "required", HttpPutResponseHopLimit: 2 } as const;

test("a template keeps exactly what it was given, and shows it again", async (t) => {
	const { ec2, rootKey } = await startApi(t);
	const data = {
		ImageId: "ami-0123456789abcdef0",
		InstanceType: "c5.large",
		MetadataOptions: OPTIONS,
		UserData: Buffer.from("#!/bin/sh\n").toString("base64"),
		TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a b", Value: "" }] }],
		InstanceMarketOptions: { MarketType: "spot", SpotOptions: { ValidUntil: new Date("2030-01-02T03:04:05Z"), MaxPrice: "0.5" } },
		NetworkInterfaces: [{ DeviceIndex: 0, Groups: ["sg-1"], AssociatePublicIpAddress: false }],
	} satisfies RequestLaunchTemplateData;
	const { LaunchTemplate } = await ec2.send(
		new CreateLaunchTemplateCommand({
			LaunchTemplateName: "web/(1).x-y_z",
			VersionDescription: "first",
			LaunchTemplateData: data,
			TagSpecifications: [{ ResourceType: "launch-template", Tags: [{ Key: "team", Value: "blue" }] }],
		}),
	);
	const { LaunchTemplateId, CreateTime, ...rest } = LaunchTemplate ?? {};
	assert.match(LaunchTemplateId ?? "", /^lt-[0-9a-f]{17}$/);
	assert.ok(CreateTime instanceof Date);
	assert.ok(rest.CreatedBy?.endsWith(":root"), `${rest.CreatedBy} signed with ${rootKey.accessKeyId}`);
	assert.deepEqual(rest, {
		LaunchTemplateName: "web/(1).x-y_z",
		CreatedBy: rest.CreatedBy,
		DefaultVersionNumber: 1,
		LatestVersionNumber: 1,
		Tags: [{ Key: "team", Value: "blue" }],
	});

	const { LaunchTemplateVersions } = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }));
	assert.deepEqual(
		LaunchTemplateVersions?.map(({ LaunchTemplateData, VersionDescription, DefaultVersion }) => ({
			LaunchTemplateData,
			VersionDescription,
			DefaultVersion,
		})),
		[{ LaunchTemplateData: data, VersionDescription: "first", DefaultVersion: true }],
	);
	const byTag = await ec2.send(new DescribeLaunchTemplatesCommand({ Filters: [{ Name: "tag:team", Values: ["bl*"] }] }));
	assert.deepEqual(
		byTag.LaunchTemplates?.map((each) => each.LaunchTemplateId),
		[LaunchTemplateId],
	);
});

test("a new version has what it is given, and of its source what it is not", async (t) => {
	const { ec2 } = await startApi(t);
	await create(ec2, "lt-of-test", { InstanceType: "t3.small", KeyName: "k", MetadataOptions: OPTIONS });
	const LaunchTemplateName = "lt-of-test";
	const second = await ec2.send(
		new CreateLaunchTemplateVersionCommand({
			LaunchTemplateName,
			SourceVersion: "$Latest",
			LaunchTemplateData: { KeyName: "other", MetadataOptions: { HttpEndpoint: "disabled" } },
		}),
	);
	// Members are inherited whole: nothing of the source's MetadataOptions is left.
	assert.deepEqual(second.LaunchTemplateVersion?.LaunchTemplateData, {
		InstanceType: "t3.small",
		KeyName: "other",
		MetadataOptions: { HttpEndpoint: "disabled" },
	});
	const third = await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData: { KeyName: "alone" } }));
	assert.deepEqual(third.LaunchTemplateVersion?.LaunchTemplateData, { KeyName: "alone" });
	assert.equal(third.LaunchTemplateVersion?.DefaultVersion, false);

	const versions = async (input: { Versions?: string[]; MinVersion?: string; MaxVersion?: string; MaxResults?: number }) => {
		const answer = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, ...input }));
		return answer.LaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber);
	};
	assert.deepEqual(await versions({}), [3, 2, 1]);
	assert.deepEqual(await versions({ Versions: ["$Default", "$Latest", "3"] }), [3, 1]);
	assert.deepEqual(await versions({ MinVersion: "2" }), [3, 2]);
	assert.deepEqual(await versions({ MinVersion: "2", MaxVersion: "2" }), [2]);
	const all = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ Versions: ["$Latest"] }));
	assert.deepEqual(
		all.LaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
		[3],
	);
});

test("versions come in pages, newest first", async (t) => {
	const { ec2 } = await startApi(t);
	const LaunchTemplateName = "pages";
	await create(ec2, LaunchTemplateName);
	for (let count = 2; count <= 11; count++) await createVersion(ec2, LaunchTemplateName);
	const numbers: (number | undefined)[] = [];
	let NextToken: string | undefined;
	do {
		const answer = await ec2.send(
			new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, MaxResults: 4, ...(NextToken !== undefined && { NextToken }) }),
		);
		numbers.push(...(answer.LaunchTemplateVersions ?? []).map(({ VersionNumber }) => VersionNumber));
		NextToken = answer.NextToken;
	} while (NextToken !== undefined);
	assert.deepEqual(numbers, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test("the default version can be another one, is never deleted, and no number is given twice", async (t) => {
	const { ec2 } = await startApi(t);
	const LaunchTemplateName = "numbers";
	await create(ec2, LaunchTemplateName);
	await createVersion(ec2, LaunchTemplateName);
	await createVersion(ec2, LaunchTemplateName);
	const modified = await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName, DefaultVersion: "$Latest" }));
	assert.equal(modified.LaunchTemplate?.DefaultVersionNumber, 3);
	await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName, DefaultVersion: "2" }));

	const deleted = await ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ["1", "2", "3", "9"] }));
	assert.deepEqual(
		deleted.SuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
		[1, 3],
	);
	assert.deepEqual(
		deleted.UnsuccessfullyDeletedLaunchTemplateVersions?.map((item) => [item.VersionNumber, item.ResponseError?.Code]),
		[
			[2, "unexpectedError"],
			[9, "launchTemplateVersionDoesNotExist"],
		],
	);
	const left = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ["$Latest"] }));
	assert.equal(left.LaunchTemplateVersions?.[0]?.VersionNumber, 2);
	assert.equal((await createVersion(ec2, LaunchTemplateName)).LaunchTemplateVersion?.VersionNumber, 4);
});

test("versions made at the same time are all there, each with a number of its own", async (t) => {
	const { ec2 } = await startApi(t);
	await create(ec2, "race");
	const made = await Promise.all(Array.from({ length: 10 }, () => createVersion(ec2, "race")));
	const numbers = made.map((each) => each.LaunchTemplateVersion?.VersionNumber ?? 0).toSorted((a, b) => a - b);
	assert.deepEqual(numbers, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test("of two templates made with one name at the same time, one is refused", async (t) => {
	const { ec2 } = await startApi(t);
	const outcomes = await Promise.allSettled([create(ec2, "only-one"), create(ec2, "only-one"), create(ec2, "only-one")]);
	assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
	const message = await rejectsWith(create(ec2, "only-one"), "InvalidLaunchTemplateName.AlreadyExistsException");
	assert.equal(message, "Launch template name already in use.");
});

test("a request that is sent again with its token is done once", async (t) => {
	const { ec2 } = await startApi(t);
	const again = { ClientToken: "t-1", LaunchTemplateName: "once", LaunchTemplateData: { InstanceType: "t3.nano" } } as const;
	const first = await ec2.send(new CreateLaunchTemplateCommand(again));
	const second = await ec2.send(new CreateLaunchTemplateCommand(again));
	assert.deepEqual(second.LaunchTemplate, first.LaunchTemplate);
	await rejectsWith(
		ec2.send(new CreateLaunchTemplateCommand({ ...again, LaunchTemplateData: { InstanceType: "t3.micro" } })),
		"IdempotentParameterMismatch",
	);
	const version = { ClientToken: "t-1", LaunchTemplateName: "once", LaunchTemplateData: { KeyName: "k" } };
	const sent = await Promise.all([version, version].map((input) => ec2.send(new CreateLaunchTemplateVersionCommand(input))));
	assert.deepEqual(
		sent.map((each) => each.LaunchTemplateVersion?.VersionNumber),
		[2, 2],
	);
});

test("a deleted template is gone by id and by name, and its name is free", async (t) => {
	const { ec2 } = await startApi(t);
	const LaunchTemplateId = (await create(ec2, "short-lived")).LaunchTemplate?.LaunchTemplateId ?? "";
	const deleted = await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));
	assert.equal(deleted.LaunchTemplate?.LaunchTemplateName, "short-lived");
	await rejectsWith(ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })), "InvalidLaunchTemplateId.NotFound");
	await rejectsWith(
		ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ["short-lived"] })),
		"InvalidLaunchTemplateName.NotFoundException",
	);
	await create(ec2, "short-lived");
});

test("what a launch template can't be is refused by AWS's code", async (t) => {
	const { ec2 } = await startApi(t);
	const { LaunchTemplate } = await create(ec2, "here");
	const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId ?? "";
	const LaunchTemplateData = { InstanceType: "t3.nano" } as const;
	for (const name of ["ab", "a b c", "é".repeat(3), "x".repeat(129)]) {
		await rejectsWith(create(ec2, name), "InvalidLaunchTemplateName.MalformedException");
	}
	for (const HttpPutResponseHopLimit of [0, 65, -1]) {
		await rejectsWith(create(ec2, "hops", { MetadataOptions: { HttpPutResponseHopLimit } }), "InvalidParameterValue");
	}
	await rejectsWith(create(ec2, "data", { UserData: Buffer.alloc(16_385).toString("base64") }), "InvalidParameterValue");
	const versions = (input: object) => ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateData, ...input }));
	await rejectsWith(versions({ LaunchTemplateId: "bogus" }), "InvalidLaunchTemplateId.Malformed");
	await rejectsWith(versions({ LaunchTemplateId: "lt-0123456789abcdef0" }), "InvalidLaunchTemplateId.NotFound");
	await rejectsWith(versions({ LaunchTemplateName: "elsewhere" }), "InvalidLaunchTemplateName.NotFoundException");
	await rejectsWith(versions({ LaunchTemplateId, LaunchTemplateName: "here" }), "InvalidParameterCombination");
	await rejectsWith(versions({}), "MissingParameter");
	await rejectsWith(versions({ LaunchTemplateId, SourceVersion: "7" }), "InvalidLaunchTemplateId.VersionNotFound");
	await rejectsWith(
		ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: "7" })),
		"InvalidLaunchTemplateId.VersionNotFound",
	);
	await rejectsWith(
		ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: ["newest"] })),
		"InvalidParameterValue",
	);
	await rejectsWith(ec2.send(new DescribeLaunchTemplateVersionsCommand({})), "MissingParameter");
});

test("versions that together would not fit the store are refused, and those before stay", async (t) => {
	const { ec2 } = await startApi(t);
	const UserData = Buffer.alloc(16_384, "x").toString("base64");
	await create(ec2, "large", { UserData });
	const fill = async () => {
		for (let count = 0; count < 100; count++) {
			await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: "large", LaunchTemplateData: { UserData } }));
		}
	};
	await rejectsWith(fill(), "VersionLimitExceeded");
	const { LaunchTemplates } = await ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ["large"] }));
	assert.ok((LaunchTemplates?.[0]?.LatestVersionNumber ?? 0) > 40);
});

test("a launch takes its options from the template's version, each unless the request names it", async (t) => {
	const { ec2, service } = await startApi(t);
	const [instanceId = ""] = service.urls.keys();
	const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
	const ImageId = Reservations?.[0]?.Instances?.[0]?.ImageId ?? "";
	await create(ec2, "lt1", { ImageId, InstanceType: "t3.small", MetadataOptions: OPTIONS });
	await ec2.send(
		new CreateLaunchTemplateVersionCommand({
			LaunchTemplateName: "lt1",
			LaunchTemplateData: { ImageId, MetadataOptions: { HttpPutResponseHopLimit: 5 } },
		}),
	);
	const launched = async (input: object) => {
		const { Instances } = await ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ...input }));
		const { HttpTokens, HttpPutResponseHopLimit } = Instances?.[0]?.MetadataOptions ?? {};
		return { HttpTokens, HttpPutResponseHopLimit };
	};
	const LaunchTemplate = { LaunchTemplateName: "lt1" };
	assert.deepEqual(await launched({ LaunchTemplate }), OPTIONS);
	assert.deepEqual(await launched({ LaunchTemplate: { ...LaunchTemplate, Version: "$Latest" } }), {
		HttpTokens: "optional",
		HttpPutResponseHopLimit: 5,
	});
	assert.deepEqual(await launched({ LaunchTemplate, MetadataOptions: { HttpTokens: "optional" } }), {
		HttpTokens: "optional",
		HttpPutResponseHopLimit: 2,
	});
	await rejectsWith(launched({ LaunchTemplate: { ...LaunchTemplate, Version: "3" } }), "InvalidLaunchTemplateId.VersionNotFound");
});

test("template data of an instance are the instance's own", async (t) => {
	const { ec2, service } = await startApi(t);
	const [InstanceId = ""] = service.urls.keys();
	await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpTokens: "required", HttpPutResponseHopLimit: 7 }));
	const { LaunchTemplateData } = await ec2.send(new GetLaunchTemplateDataCommand({ InstanceId }));
	assert.deepEqual(LaunchTemplateData?.MetadataOptions, {
		HttpTokens: "required",
		HttpPutResponseHopLimit: 7,
		HttpEndpoint: "enabled",
		HttpProtocolIpv6: "disabled",
		InstanceMetadataTags: "enabled",
	});
	assert.equal(LaunchTemplateData?.KeyName, "openimds-demo-key");
	await rejectsWith(ec2.send(new GetLaunchTemplateDataCommand({ InstanceId: "i-0123456789abcdef0" })), "InvalidInstanceID.NotFound");
});

function create(ec2: EC2Client, LaunchTemplateName: string, LaunchTemplateData: RequestLaunchTemplateData = { InstanceType: "t3.nano" }) {
	return ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
}

function createVersion(ec2: EC2Client, LaunchTemplateName: string) {
	return ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData: { InstanceType: "t3.micro" } }));
}
