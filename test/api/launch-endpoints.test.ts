// Where launched instances are asked for their metadata: --launch-endpoint, and who says so.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { openimds } from "../cli/openimds.ts";
import { ServiceClient } from "../../src/daemon/service-client.ts";
import { type RunningService, startService, temporaryFolder } from "../running-service.ts";
import { rejectsWith, startApi } from "./api.ts";
import { describeOne, endpointOf, firstImageId, launchOne, metadata, untilState } from "./instances.ts";

const WITHOUT_TOKENS = { MetadataOptions: { HttpTokens: "optional" } } as const;

/** A service that launches instances into a place of the test's own, and a client of it. */
async function startAt(
	t: TestContext,
	launchEndpoint: string,
	{ flags = [], ...rest }: Parameters<typeof startService>[1] = {},
): Promise<{ readonly ec2: EC2Client; readonly service: RunningService }> {
	const all = ["--api-listen", "127.0.0.1:0", "--launch-endpoint", launchEndpoint, "--transition-delay-ms", "0", ...flags];
	const service = await startService(t, { ...rest, flags: all });
	const { apiAddress = "", region } = await service.status();
	const credentials = await new ServiceClient(service.dataDir).get("/root-key");
	const ec2 = new EC2Client({ endpoint: `http://${apiAddress}`, region, credentials, maxAttempts: 1 });
	t.after(() => ec2.destroy());
	return { ec2, service };
}

/** Ports that nobody else of the tests has: those of startApi() begin at 20 000. And fetch asks nobody at port 10 080. */
function somePorts(count: number): { readonly first: number; readonly range: string } {
	const first = 11_000 + Math.floor(Math.random() * 800) * 10;
	return { first, range: `127.0.0.1:${first}-${first + count - 1}` };
}

describe("a range of ports", () => {
	test("has room for so many instances, and for another when one has ended", async (t) => {
		const { first, range } = somePorts(3);
		const { ec2 } = await startAt(t, range);
		const launches = [await launchOne(ec2, WITHOUT_TOKENS), await launchOne(ec2), await launchOne(ec2)];
		assert.deepEqual(
			launches.map(endpointOf),
			[0, 1, 2].map((n) => `http://127.0.0.1:${first + n}`),
		);
		const message = await rejectsWith(launchOne(ec2), "InsufficientInstanceCapacity", 500);
		assert.match(message, new RegExp(`${first} and ${first + 2} of 127\\.0\\.0\\.1`));
		const [{ InstanceId: id }] = launches as [(typeof launches)[0]];
		await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
		await untilState(ec2, id, "terminated");
		const next = await launchOne(ec2, WITHOUT_TOKENS);
		assert.equal(endpointOf(next), `http://127.0.0.1:${first}`);
		assert.equal((await metadata(endpointOf(next), "meta-data/instance-id")).text, next.InstanceId);
	});

	test("that is too small for a launch launches none of it", async (t) => {
		const { range } = somePorts(3);
		const { ec2 } = await startAt(t, range);
		const ImageId = await firstImageId(ec2);
		await rejectsWith(ec2.send(new RunInstancesCommand({ ImageId, MinCount: 4, MaxCount: 4 })), "InsufficientInstanceCapacity", 500);
		const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: "image-id", Values: [ImageId] }] }));
		assert.deepEqual(Reservations, []);
		const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId, MinCount: 3, MaxCount: 3 }));
		assert.equal(Instances?.length, 3);
	});

	test("is passed over where somebody else listens", async (t) => {
		const { first, range } = somePorts(2);
		const stranger = createServer().listen(first, "127.0.0.1");
		await once(stranger, "listening");
		t.after(() => stranger.close());
		const { ec2 } = await startAt(t, range);
		assert.equal(endpointOf(await launchOne(ec2)), `http://127.0.0.1:${first + 1}`);
	});

	test("gives each of twenty launches at once a port of its own", async (t) => {
		const { range } = somePorts(20);
		const { ec2 } = await startAt(t, range);
		const launches = await Promise.all(Array.from({ length: 20 }, () => launchOne(ec2, WITHOUT_TOKENS)));
		assert.equal(new Set(launches.map(endpointOf)).size, 20);
		for (const launched of launches) {
			assert.equal((await metadata(endpointOf(launched), "meta-data/instance-id")).text, launched.InstanceId);
		}
	});

	test("is where an instance stays over a restart", async (t) => {
		const dataDir = temporaryFolder(t);
		const { range } = somePorts(2);
		const before = await startAt(t, range, { dataDir });
		const launched = await launchOne(before.ec2, WITHOUT_TOKENS);
		await before.service.stop("SIGKILL");
		const { ec2 } = await startAt(t, range, { dataDir });
		assert.equal(endpointOf(await describeOne(ec2, launched.InstanceId)), endpointOf(launched));
		assert.equal((await metadata(endpointOf(launched), "meta-data/instance-id")).text, launched.InstanceId);
	});
});

describe("bindings", () => {
	test("tell an instance by its private address, at the listeners that go by them", async (t) => {
		const { ec2, service } = await startAt(t, "bindings", { flags: ["--endpoint-listen", "127.0.0.1:0=bindings"] });
		const { InstanceId, PrivateIpAddress = "none" } = await launchOne(ec2);
		const { StateReason, Tags } = await untilState(ec2, InstanceId, "running");
		const told = `from ${PrivateIpAddress}`;
		assert.ok(StateReason?.Message?.includes(told), StateReason?.Message);
		assert.ok(
			Tags?.some(({ Key, Value }) => Key === "aws:openimds:endpoint" && Value === told),
			JSON.stringify(Tags),
		);
		const { stdout } = await openimds(["instances", "show", InstanceId, "--json", "--data-dir", service.dataDir]);
		const { instance } = JSON.parse(stdout) as { instance: { endpointBindings: unknown; endpointListen: unknown } };
		assert.deepEqual([instance.endpointBindings, instance.endpointListen], [[{ sourceAddresses: [PrivateIpAddress] }], []]);
	});

	test("at an interface tell which it is", async (t) => {
		const { ec2 } = await startAt(t, "interface=br-openimds");
		const { InstanceId, PrivateIpAddress = "none" } = await launchOne(ec2);
		const { StateReason } = await untilState(ec2, InstanceId, "running");
		assert.match(StateReason?.Message ?? "", new RegExp(`br-openimds.*${PrivateIpAddress}|${PrivateIpAddress}.*br-openimds`));
	});
});

test("where an instance is asked is a tag that the APIs show and filter by, and none in its metadata", async (t) => {
	const { ec2 } = await startApi(t);
	const launched = await launchOne(ec2, { MetadataOptions: { HttpTokens: "optional", InstanceMetadataTags: "enabled" } });
	const { Tags } = await describeOne(ec2, launched.InstanceId);
	assert.deepEqual(Tags, [{ Key: "aws:openimds:endpoint", Value: endpointOf(launched) }]);
	const filter = { Name: "tag:aws:openimds:endpoint", Values: [endpointOf(launched)] };
	const { Reservations: [found] = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [filter] }));
	assert.equal(found?.Instances?.[0]?.InstanceId, launched.InstanceId);
	assert.equal((await metadata(endpointOf(launched), "meta-data/tags/instance")).status, 404);
});
