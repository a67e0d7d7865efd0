// Lists of Lightsail, page by page: instances, operations, blueprints, bundles, Regions.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	GetBlueprintsCommand,
	GetBundlesCommand,
	GetInstancesCommand,
	GetOperationCommand,
	GetOperationsCommand,
	GetOperationsForResourceCommand,
	GetRegionsCommand,
	type LightsailClient,
	type Operation,
	UpdateInstanceMetadataOptionsCommand,
} from "@aws-sdk/client-lightsail";
import { rejectsWith, startApi } from "./api.ts";
import { createOne } from "./lightsail-scene.ts";

function timesOf(operations: readonly Operation[]): readonly number[] {
	return operations.map(({ createdAt }) => createdAt?.getTime() ?? 0);
}

async function updateOften(lightsail: LightsailClient, instanceName: string, times: number): Promise<void> {
	for (let hops = 1; hops <= times; hops++) {
		const options = { instanceName, httpPutResponseHopLimit: 1 + (hops % 64) };
		await lightsail.send(new UpdateInstanceMetadataOptionsCommand(options));
	}
}

describe("operations", () => {
	test("come in pages of 200: all of them from the oldest on, those of an instance from the newest", async (t) => {
		const { lightsail } = await startApi(t, { flags: ["--transition-delay-ms", "0"] });
		await createOne(lightsail, "Web-1");
		await updateOften(lightsail, "Web-1", 200);
		await createOne(lightsail, "Web-2");
		const oldest = await lightsail.send(new GetOperationsCommand({}));
		const rest = await lightsail.send(new GetOperationsCommand({ pageToken: oldest.nextPageToken }));
		const all = [...(oldest.operations ?? []), ...(rest.operations ?? [])];
		assert.deepEqual([oldest.operations?.length, rest.operations?.length, rest.nextPageToken], [200, 2, undefined]);
		assert.equal(new Set(all.map(({ id }) => id)).size, 202);
		assert.deepEqual(
			timesOf(all),
			timesOf(all).toSorted((a, b) => a - b),
		);
		assert.deepEqual([all[0]?.operationType, all.at(-1)?.resourceName], ["CreateInstance", "Web-2"]);

		const first = await lightsail.send(new GetOperationsForResourceCommand({ resourceName: "Web-1" }));
		const second = await lightsail.send(new GetOperationsForResourceCommand({ resourceName: "Web-1", pageToken: first.nextPageToken }));
		const ofWeb1 = [...(first.operations ?? []), ...(second.operations ?? [])];
		assert.deepEqual([first.operations?.length, second.operations?.length, second.nextPageToken], [200, 1, undefined]);
		assert.deepEqual(
			timesOf(ofWeb1),
			timesOf(ofWeb1).toSorted((a, b) => b - a),
		);
		assert.equal(ofWeb1.at(-1)?.operationType, "CreateInstance");
	});

	test("that nobody knows, and those of what nobody knows, are not found; a token that was never given out is none", async (t) => {
		const { lightsail } = await startApi(t);
		const id = "00000000-0000-4000-8000-000000000000";
		const message = await rejectsWith(lightsail.send(new GetOperationCommand({ operationId: id })), "NotFoundException");
		assert.equal(message, `The Operation does not exist: ${id}`);
		await rejectsWith(lightsail.send(new GetOperationsForResourceCommand({ resourceName: "Web-1" })), "NotFoundException");
		for (const pageToken of ["x", "b3BlbmltZHM", "=", "\u0000"]) {
			await rejectsWith(lightsail.send(new GetOperationsCommand({ pageToken })), "InvalidInputException");
			await rejectsWith(lightsail.send(new GetInstancesCommand({ pageToken })), "InvalidInputException");
			await rejectsWith(lightsail.send(new GetBundlesCommand({ pageToken })), "InvalidInputException");
			await rejectsWith(lightsail.send(new GetBlueprintsCommand({ pageToken })), "InvalidInputException");
		}
	});
});

test("what is offered: blueprints, bundles and Regions; what was, if somebody wants to know", async (t) => {
	const { lightsail } = await startApi(t, { configuration: "account: { region: eu-west-2 }" });
	const { blueprints = [] } = await lightsail.send(new GetBlueprintsCommand({}));
	assert.ok(blueprints.every(({ isActive, minPower }) => isActive === true && minPower === 0));
	assert.deepEqual(
		blueprints.find(({ blueprintId }) => blueprintId === "amazon_linux_2023"),
		{
			blueprintId: "amazon_linux_2023",
			name: "Amazon Linux 2023",
			group: "amazon_linux",
			type: "os",
			description: "Amazon Linux 2023",
			isActive: true,
			minPower: 0,
			version: "2023.6.20250203.1",
			versionCode: "1",
			platform: "LINUX_UNIX",
		},
	);
	const { blueprints: all = [] } = await lightsail.send(new GetBlueprintsCommand({ includeInactive: true }));
	assert.ok(all.length > blueprints.length);

	const { bundles = [] } = await lightsail.send(new GetBundlesCommand({}));
	assert.deepEqual(
		bundles.find(({ bundleId }) => bundleId === "nano_3_0"),
		{
			bundleId: "nano_3_0",
			name: "Nano",
			instanceType: "nano",
			isActive: true,
			price: 5,
			power: 298,
			cpuCount: 2,
			ramSizeInGb: 0.5,
			diskSizeInGb: 20,
			transferPerMonthInGb: 1024,
			supportedPlatforms: ["LINUX_UNIX"],
			supportedAppCategories: [],
			publicIpv4AddressCount: 1,
		},
	);
	assert.ok(!bundles.some(({ bundleId }) => bundleId === "nano_2_0"));
	const { bundles: old = [] } = await lightsail.send(new GetBundlesCommand({ includeInactive: true }));
	assert.equal(old.find(({ bundleId }) => bundleId === "nano_2_0")?.isActive, false);
	assert.deepEqual((await lightsail.send(new GetBundlesCommand({ appCategory: "LfR" }))).bundles, []);

	const { regions = [] } = await lightsail.send(new GetRegionsCommand({ includeAvailabilityZones: true }));
	const london = regions.find(({ name }) => name === "eu-west-2");
	assert.deepEqual([london?.displayName, london?.continentCode], ["London", "EU"]);
	assert.deepEqual(london?.availabilityZones?.[0], { zoneName: "eu-west-2a", state: "available" });
	const { regions: bare = [] } = await lightsail.send(new GetRegionsCommand({}));
	assert.ok(bare.every(({ availabilityZones }) => availabilityZones?.length === 0));
});
