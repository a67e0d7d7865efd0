// Creating, describing, starting and stopping instances of Lightsail (control-apis.md §2.11).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	DeleteInstanceCommand,
	GetInstanceCommand,
	GetInstancesCommand,
	GetInstanceStateCommand,
	GetOperationsForResourceCommand,
	RebootInstanceCommand,
	StartInstanceCommand,
	StopInstanceCommand,
} from "@aws-sdk/client-lightsail";
import { rejectsWith, startApi } from "./api.ts";
import { metadata } from "./instances.ts";
import { create, createOne, endpointOf, instanceNamed, untilState, untilTerminal } from "./lightsail-scene.ts";

describe("a new instance", () => {
	test("is pending and its operation is under way; then it runs, and the operation has succeeded", async (t) => {
		const { lightsail } = await startApi(t, { flags: ["--transition-delay-ms", "50"] });
		const [operation, ...others] = await create(lightsail, ["Web-1"]);
		assert.equal(others.length, 0);
		const { id, createdAt, statusChangedAt, ...rest } = operation!;
		assert.match(id ?? "", /^[0-9a-f-]{36}$/);
		assert.ok(createdAt instanceof Date && statusChangedAt instanceof Date);
		const constant = {
			resourceName: "Web-1",
			resourceType: "Instance",
			location: { availabilityZone: "us-east-1a", regionName: "us-east-1" },
			operationType: "CreateInstance",
		};
		assert.deepEqual(rest, { ...constant, isTerminal: false, status: "Started" });
		const { id: _id, createdAt: _created, statusChangedAt: _changed, ...over } = await untilTerminal(lightsail, id);
		assert.deepEqual(over, { ...constant, isTerminal: true, status: "Succeeded" });
		const { state } = await lightsail.send(new GetInstanceStateCommand({ instanceName: "Web-1" }));
		assert.deepEqual(state, { code: 16, name: "running" });
	});

	test("is described with all that its blueprint and bundle say", async (t) => {
		const { lightsail } = await startApi(t);
		const instance = await createOne(lightsail, "Word-1", {
			availabilityZone: "us-east-1b",
			blueprintId: "wordpress",
			bundleId: "medium_3_0",
			tags: [{ key: "team", value: "a" }, { key: "alone" }],
			addOns: [{ addOnType: "AutoSnapshot", autoSnapshotAddOnRequest: { snapshotTimeOfDay: "06:00" } }],
		});
		const { arn, supportCode, createdAt, privateIpAddress, publicIpAddress, hardware, networking, tags, ...rest } = instance;
		assert.match(
			arn ?? "",
			/^arn:aws:lightsail:us-east-1:123456789012:Instance\/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
		);
		assert.match(supportCode ?? "", /^123456789012\/i-[0-9a-f]{17}$/);
		assert.ok(createdAt instanceof Date);
		assert.match(privateIpAddress ?? "", /^172\.31\./);
		assert.match(publicIpAddress ?? "", /^\d+\.\d+\.\d+\.\d+$/);
		assert.deepEqual(
			tags?.filter(({ key }) => key !== "aws:openimds:endpoint"),
			[
				{ key: "team", value: "a" },
				{ key: "alone", value: "" },
			],
		);
		assert.deepEqual(hardware, {
			cpuCount: 2,
			ramSizeInGb: 4,
			disks: [
				{ createdAt, sizeInGb: 80, isSystemDisk: true, iops: 240, path: "/dev/xvda", attachedTo: "Word-1", attachmentState: "attached" },
			],
		});
		assert.deepEqual(networking?.monthlyTransfer, { gbPerMonthAllocated: 4096 });
		assert.deepEqual(
			networking?.ports?.map(({ fromPort, toPort, protocol }) => [fromPort, toPort, protocol]),
			[80, 22, 443].map((port) => [port, port, "tcp"]),
		);
		assert.deepEqual(rest, {
			name: "Word-1",
			location: { availabilityZone: "us-east-1b", regionName: "us-east-1" },
			resourceType: "Instance",
			blueprintId: "wordpress",
			blueprintName: "WordPress",
			bundleId: "medium_3_0",
			addOns: [{ name: "AutoSnapshot", status: "Enabled", snapshotTimeOfDay: "06:00" }],
			isStaticIp: false,
			ipv6Addresses: [],
			ipAddressType: "dualstack",
			state: { code: 16, name: "running" },
			username: "bitnami",
			sshKeyName: "LightsailDefaultKeyPair",
			metadataOptions: {
				state: "applied",
				httpTokens: "optional",
				httpEndpoint: "enabled",
				httpPutResponseHopLimit: 1,
				httpProtocolIpv6: "disabled",
			},
		});
	});

	test("has metadata of its own: its id, the type of its bundle, and its user data as they were written", async (t) => {
		const { lightsail } = await startApi(t);
		const userData = "#!/bin/sh\necho grüße\n";
		const instance = await createOne(lightsail, "Web-1", { userData, bundleId: "micro_3_0" });
		const url = endpointOf(instance);
		const [, instanceId] = instance.supportCode?.split("/") ?? [];
		assert.deepEqual(await metadata(url, "meta-data/instance-id"), { status: 200, text: instanceId });
		assert.deepEqual(await metadata(url, "meta-data/instance-type"), { status: 200, text: "t3.micro" });
		assert.deepEqual(await metadata(url, "user-data"), { status: 200, text: userData });
		assert.deepEqual(await metadata(url, "meta-data/local-ipv4"), { status: 200, text: instance.privateIpAddress });
		assert.match((await metadata(url, "meta-data/ami-id")).text, /^ami-[0-9a-f]{17}$/);
	});

	test("of Amazon Linux 2023 needs tokens", async (t) => {
		const { lightsail } = await startApi(t);
		const instance = await createOne(lightsail, "Web-1", { blueprintId: "amazon_linux_2023" });
		assert.equal(instance.metadataOptions?.httpTokens, "required");
		assert.equal((await metadata(endpointOf(instance), "meta-data/")).status, 401);
	});

	test("with IPv6 addresses alone has no public IPv4 address", async (t) => {
		const { lightsail } = await startApi(t);
		const instance = await createOne(lightsail, "Six-1", { ipAddressType: "ipv6", bundleId: "nano_ipv6_3_0" });
		assert.deepEqual([instance.ipAddressType, instance.publicIpAddress], ["ipv6", undefined]);
	});

	test("tells its health if somebody wants to know", async (t) => {
		const { lightsail } = await startApi(t);
		await createOne(lightsail, "Web-1");
		const ok = { status: "ok", details: [{ name: "reachability", status: "passed" }] };
		const { instance } = await lightsail.send(new GetInstanceCommand({ instanceName: "Web-1", includeHealthStatus: true }));
		assert.deepEqual([instance?.instanceStatus, instance?.systemStatus], [ok, ok]);
		const { instances = [] } = await lightsail.send(new GetInstancesCommand({ includeHealthStatus: true }));
		assert.deepEqual(
			instances.map(({ instanceStatus }) => instanceStatus),
			[ok],
		);
		assert.ok(!("instanceStatus" in (await instanceNamed(lightsail, "Web-1"))));
	});
});

test("several are created at once, in the order of their names' pages, and told from each other by their endpoints", async (t) => {
	const { lightsail } = await startApi(t);
	const names = ["Web-3", "Web-1", "Web-2"];
	const operations = await create(lightsail, names);
	assert.deepEqual(
		operations.map(({ resourceName }) => resourceName),
		names,
	);
	const { instances = [], nextPageToken } = await lightsail.send(new GetInstancesCommand({}));
	assert.equal(nextPageToken, undefined);
	assert.deepEqual(
		instances.map(({ name }) => name),
		names.toSorted(),
	);
	assert.equal(new Set(instances.map(endpointOf)).size, 3);
	assert.equal(new Set(instances.map(({ privateIpAddress }) => privateIpAddress)).size, 3);
});

describe("CreateInstances refuses", () => {
	test("a name that is taken, or given twice; and creates none of them then", async (t) => {
		const { lightsail } = await startApi(t);
		await createOne(lightsail, "Web-1");
		const message = await rejectsWith(create(lightsail, ["Web-0", "Web-1", "Web-2", "Web-2"]), "InvalidInputException");
		assert.equal(message, "Some names are already in use: Web-1, Web-2");
		const { instances = [] } = await lightsail.send(new GetInstancesCommand({}));
		assert.deepEqual(
			instances.map(({ name }) => name),
			["Web-1"],
		);
	});

	test("all but one of many that want the same name at the same time, and gives many names endpoints of their own", async (t) => {
		const { lightsail } = await startApi(t);
		const attempts = Array.from({ length: 10 }, (_, index) => create(lightsail, ["Web-1", `Web-1${index}`]));
		const results = await Promise.allSettled(attempts);
		assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
		await Promise.all(Array.from({ length: 10 }, (_, index) => create(lightsail, [`Web-2${index}`])));
		const { instances = [] } = await lightsail.send(new GetInstancesCommand({}));
		assert.deepEqual([instances.length, new Set(instances.map(endpointOf)).size], [12, 12]);
	});

	test("whatever no instance can be made of, by name, value and what is allowed", async (t) => {
		const { lightsail } = await startApi(t);
		const refused = async (names: string[], input: Parameters<typeof create>[2], message: RegExp, code = "InvalidInputException") =>
			assert.match(await rejectsWith(create(lightsail, names, input), code), message);
		await refused([], {}, /^0 instance names .* 1 to 100/);
		await refused(
			Array.from({ length: 101 }, (_, index) => `web-${index}`),
			{},
			/^101 instance names/,
		);
		await refused(["Web 1"], {}, /^Web 1 is not a valid resource name\. Resource names must be at least 2 characters long/);
		await refused(["W"], {}, /^W is not a valid/);
		await refused(["ok", "-no"], {}, /^-no is not a valid/);
		await refused(["Web-1"], { availabilityZone: "us-east-2a" }, /must be one of the following: us-east-1a,us-east-1b,/);
		await refused(["Web-1"], { blueprintId: "slackware" }, /^The specified blueprint does not exist in this region: slackware$/);
		await refused(["Web-1"], { bundleId: "nano_1_0" }, /^The specified bundle does not exist in this region: nano_1_0$/);
		await refused(
			["Web-1"],
			{ bundleId: "nano_win_3_0" },
			/"nano_win_3_0" is for WINDOWS, but blueprint amazon_linux_2 .* such as nano_3_0/,
		);
		await refused(["Web-1"], { ipAddressType: "ipv6" }, /"nano_3_0" has a public IPv4 address; the address type is ipv6/);
		await refused(["Web-1"], { userData: "ü".repeat(8193) }, /^The user data is 16386 bytes long; allowed: at most 16384/);
		await refused(["Web-1"], { keyPairName: "nobody" }, /^The KeyPair does not exist: nobody$/, "NotFoundException");
		await refused(["Web-1"], { tags: [{ key: "aws:x", value: "" }] }, /reserved/);
		await refused(["Web-1"], { tags: [{ key: "a" }, { key: "a", value: "b" }] }, /Duplicate tag key 'a'/);
		await refused(["Web-1"], { ipAddressType: "both" as never }, /ipAddressType/);
		await create(lightsail, ["Web-1"], { userData: "ü".repeat(8192) });
		const { instances = [] } = await lightsail.send(new GetInstancesCommand({}));
		assert.equal(instances.length, 1);
	});

	test("more instances than there are ports for, all of them", async (t) => {
		const { lightsail } = await startApi(t, { flags: ["--launch-endpoint", "127.0.0.1:19331-19332"] });
		const message = await rejectsWith(create(lightsail, ["a-1", "a-2", "a-3"]), "OperationFailureException");
		assert.match(message, /^No port is free .* between 19331 and 19332/);
		const { instances = [] } = await lightsail.send(new GetInstancesCommand({}));
		assert.deepEqual(instances, []);
	});
});

describe("the life of an instance", () => {
	test("it is stopped, started, rebooted and deleted; and what it was called is free then", async (t) => {
		const { lightsail } = await startApi(t, { flags: ["--transition-delay-ms", "50"] });
		const before = await createOne(lightsail, "Web-1");
		const instanceName = "Web-1";
		const url = endpointOf(before);

		const stop = await lightsail.send(new StopInstanceCommand({ instanceName }));
		assert.deepEqual([stop.operations?.[0]?.operationType, stop.operations?.[0]?.status], ["StopInstance", "Started"]);
		await untilTerminal(lightsail, stop.operations?.[0]?.id);
		assert.equal((await instanceNamed(lightsail, instanceName)).state?.name, "stopped");

		const start = await lightsail.send(new StartInstanceCommand({ instanceName }));
		assert.deepEqual([start.operations?.[0]?.operationType, start.operations?.[0]?.status], ["StartInstance", "Started"]);
		await untilTerminal(lightsail, start.operations?.[0]?.id);
		assert.equal((await metadata(url, "meta-data/instance-id")).status, 200);

		const reboot = await lightsail.send(new RebootInstanceCommand({ instanceName }));
		assert.deepEqual([reboot.operations?.[0]?.operationType, reboot.operations?.[0]?.status], ["RebootInstance", "Succeeded"]);

		const { createdAt } = await instanceNamed(lightsail, instanceName);
		assert.deepEqual(createdAt, before.createdAt);

		const deletion = await lightsail.send(new DeleteInstanceCommand({ instanceName, forceDeleteAddOns: true }));
		assert.deepEqual([deletion.operations?.[0]?.operationType, deletion.operations?.[0]?.isTerminal], ["DeleteInstance", true]);
		await rejectsWith(lightsail.send(new GetInstanceCommand({ instanceName })), "NotFoundException");
		const { operations = [] } = await lightsail.send(new GetOperationsForResourceCommand({ resourceName: instanceName }));
		assert.deepEqual(
			operations.map(({ operationType, status }) => `${operationType} ${status}`),
			["DeleteInstance", "RebootInstance", "StartInstance", "StopInstance", "CreateInstance"].map((type) => `${type} Succeeded`),
		);
		const again = await createOne(lightsail, "Web-1");
		assert.notEqual(again.supportCode, before.supportCode);
	});

	test("what is so already is done at once", async (t) => {
		const { lightsail } = await startApi(t);
		await createOne(lightsail, "Web-1");
		const start = await lightsail.send(new StartInstanceCommand({ instanceName: "Web-1" }));
		assert.equal(start.operations?.[0]?.status, "Succeeded");
	});

	test("what can't be done now is refused by the name, not by an id", async (t) => {
		const { lightsail } = await startApi(t);
		await createOne(lightsail, "Web-1");
		await lightsail.send(new StopInstanceCommand({ instanceName: "Web-1" }));
		await untilState(lightsail, "Web-1", "stopped");
		const message = await rejectsWith(lightsail.send(new RebootInstanceCommand({ instanceName: "Web-1" })), "OperationFailureException");
		assert.equal(message, "This instance 'Web-1' is not in a state from which it can be rebooted.");
	});

	test("a stopped instance may be started on another bundle; a running one not", async (t) => {
		const { lightsail } = await startApi(t);
		const url = endpointOf(await createOne(lightsail, "Web-1"));
		const start = (bundleId: string) => lightsail.send(new StartInstanceCommand({ instanceName: "Web-1", attributeUpdates: { bundleId } }));
		await rejectsWith(start("small_3_0"), "OperationFailureException");
		await lightsail.send(new StopInstanceCommand({ instanceName: "Web-1" }));
		await untilState(lightsail, "Web-1", "stopped");
		await rejectsWith(start("small_win_3_0"), "InvalidInputException");
		await start("small_3_0");
		const { bundleId, hardware } = await untilState(lightsail, "Web-1", "running");
		assert.deepEqual([bundleId, hardware?.ramSizeInGb], ["small_3_0", 2]);
		assert.equal((await metadata(url, "meta-data/instance-type")).text, "t3.small");
	});
});
