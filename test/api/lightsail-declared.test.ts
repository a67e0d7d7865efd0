// Instances of Lightsail that a configuration file declares.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
	DeleteInstanceCommand,
	GetInstanceCommand,
	GetInstancesCommand,
	StopInstanceCommand,
	UpdateInstanceMetadataOptionsCommand,
} from "@aws-sdk/client-lightsail";
import { rejectsWith, startApi } from "./api.ts";
import { create, createOne, instanceNamed, untilApplied, untilState } from "./lightsail-scene.ts";
import { metadata } from "./instances.ts";

const CONFIGURATION = `
account: { instanceMetadataDefaults: { httpTokens: required, httpTokensEnforced: enabled } }
instances:
  - lightsail: { name: Web-1, blueprintId: wordpress, bundleId: nano_3_0 }
    endpointListen: "127.0.0.1:0"
  - lightsail: { name: Web-2, blueprintId: amazon_linux_2023, bundleId: micro_3_0 }
    metadataOptions: { httpPutResponseHopLimit: 3 }
    endpointListen: "127.0.0.1:0"
`;

test("they are Lightsail's, and none of EC2's; the account's defaults are not theirs", async (t) => {
	const { ec2, lightsail, service } = await startApi(t, { configuration: CONFIGURATION });
	const { instances = [] } = await lightsail.send(new GetInstancesCommand({}));
	assert.deepEqual(
		instances.map(({ name, blueprintName, metadataOptions }) => [
			name,
			blueprintName,
			metadataOptions?.httpTokens,
			metadataOptions?.httpPutResponseHopLimit,
		]),
		[
			["Web-1", "WordPress", "optional", 1],
			["Web-2", "Amazon Linux 2023", "required", 3],
		],
	);
	assert.deepEqual((await ec2.send(new DescribeInstancesCommand({}))).Reservations, []);
	const [, instanceId = ""] = instances[0]?.supportCode?.split("/") ?? [];
	assert.equal((await metadata(service.urls.get(instanceId) ?? "", "meta-data/instance-type")).text, "t3.nano");
});

test("what the API changes of them outlives a start, and so does when they were created", async (t) => {
	const { service, lightsail } = await startApi(t, { configuration: CONFIGURATION });
	await lightsail.send(new UpdateInstanceMetadataOptionsCommand({ instanceName: "Web-1", httpTokens: "required" }));
	await untilApplied(lightsail, "Web-1");
	await lightsail.send(new StopInstanceCommand({ instanceName: "Web-2" }));
	const before = [await instanceNamed(lightsail, "Web-1"), await untilState(lightsail, "Web-2", "stopped")];
	await service.stop();
	const again = await startApi(t, { configuration: CONFIGURATION, dataDir: service.dataDir });
	const after = [await instanceNamed(again.lightsail, "Web-1"), await instanceNamed(again.lightsail, "Web-2")];
	// Its listener is on any port, another each time.
	assert.deepEqual(
		after.map((instance) => ({ ...instance, tags: [] })),
		before.map((instance) => ({ ...instance, tags: [] })),
	);
});

test("a name that the API has given is not declared, and one that is declared is not given", async (t) => {
	const { service, lightsail } = await startApi(t, { configuration: CONFIGURATION });
	await rejectsWith(create(lightsail, ["Web-1"]), "InvalidInputException");
	await createOne(lightsail, "Web-3");
	const refused = service.nextLog(/Web-3/);
	writeFileSync(service.configFile, CONFIGURATION.replace("name: Web-2", "name: Web-3"));
	service.signal("SIGHUP");
	assert.match(await refused, /lightsail\.name: \\?"Web-3\\?" is the name of i-[0-9a-f]{17} already/);
});

test("one that the API has deleted stays away, and its name is free", async (t) => {
	const { lightsail, service } = await startApi(t, { configuration: CONFIGURATION });
	await lightsail.send(new DeleteInstanceCommand({ instanceName: "Web-1" }));
	await createOne(lightsail, "Web-1");
	const reloaded = service.nextLog(/reload|applied/i);
	writeFileSync(service.configFile, `${CONFIGURATION}\n# again\n`);
	service.signal("SIGHUP");
	await reloaded;
	const { instance } = await lightsail.send(new GetInstanceCommand({ instanceName: "Web-1" }));
	assert.equal(instance?.blueprintId, "amazon_linux_2");
});
