// Cases C42 and C44 of control-apis.md §7, and what surrounds them: the metadata options of instances of Lightsail.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
	GetInstanceCommand,
	GetInstanceStateCommand,
	StartInstanceCommand,
	StopInstanceCommand,
	UpdateInstanceMetadataOptionsCommand,
	type UpdateInstanceMetadataOptionsCommandInput,
} from "@aws-sdk/client-lightsail";
import { rejectsWith, startApi } from "./api.ts";
import { metadata } from "./instances.ts";
import { createOne, endpointOf, instanceNamed, untilApplied, untilState } from "./lightsail-scene.ts";

const { lightsail } = await startApi({ after }, { flags: ["--transition-delay-ms", "100"] });

const DEFAULTS = { httpTokens: "optional", httpEndpoint: "enabled", httpPutResponseHopLimit: 1, httpProtocolIpv6: "disabled" };

const update = (instanceName: string, options: Omit<UpdateInstanceMetadataOptionsCommandInput, "instanceName">) =>
	lightsail.send(new UpdateInstanceMetadataOptionsCommand({ instanceName, ...options }));

const optionsOf = async (name: string) => (await instanceNamed(lightsail, name)).metadataOptions;

test("C42: an update has succeeded when it is told of; the options are pending, then applied, without a restart", async () => {
	const url = endpointOf(await createOne(lightsail, "C42"));
	assert.equal((await metadata(url, "meta-data/")).status, 200);
	const { operation } = await update("C42", { httpTokens: "required" });
	const { id, createdAt, statusChangedAt, ...rest } = operation!;
	assert.match(id ?? "", /^[0-9a-f-]{36}$/);
	assert.ok(createdAt instanceof Date && statusChangedAt instanceof Date);
	assert.deepEqual(rest, {
		resourceName: "C42",
		resourceType: "Instance",
		location: { availabilityZone: "us-east-1a", regionName: "us-east-1" },
		isTerminal: true,
		operationType: "UpdateInstanceMetadataOptions",
		status: "Succeeded",
	});
	assert.deepEqual(await optionsOf("C42"), { ...DEFAULTS, httpTokens: "required", state: "pending" });
	const { metadataOptions, state } = await untilApplied(lightsail, "C42");
	assert.deepEqual(metadataOptions, { ...DEFAULTS, httpTokens: "required", state: "applied" });
	assert.equal(state?.name, "running");
	assert.equal((await metadata(url, "meta-data/")).status, 401);
});

test("C44: there is nothing of an unknown name", async () => {
	const input = { instanceName: "Web-404" };
	const message = await rejectsWith(lightsail.send(new GetInstanceCommand(input)), "NotFoundException");
	assert.equal(message, "The Instance does not exist: Web-404");
	await rejectsWith(lightsail.send(new GetInstanceStateCommand(input)), "NotFoundException");
	await rejectsWith(update("Web-404", { httpTokens: "required" }), "NotFoundException");
	// What is wrong beside that nobody learns who asks for what isn't there.
	await rejectsWith(update("Web-404", { httpPutResponseHopLimit: 65 }), "NotFoundException");
});

test("what an update leaves out stays, httpTokens too", async () => {
	await createOne(lightsail, "kept");
	await update("kept", { httpTokens: "required" });
	await update("kept", { httpPutResponseHopLimit: 64 });
	await update("kept", { httpProtocolIpv6: "enabled" });
	const { metadataOptions } = await untilApplied(lightsail, "kept");
	assert.deepEqual(metadataOptions, {
		state: "applied",
		httpTokens: "required",
		httpEndpoint: "enabled",
		httpPutResponseHopLimit: 64,
		httpProtocolIpv6: "enabled",
	});
});

test("an endpoint that is disabled answers nothing, and does so again when it is enabled", async () => {
	const url = endpointOf(await createOne(lightsail, "off"));
	await update("off", { httpEndpoint: "disabled" });
	await untilApplied(lightsail, "off");
	assert.equal((await metadata(url, "meta-data/")).status, 403);
	await update("off", { httpEndpoint: "enabled" });
	await untilApplied(lightsail, "off");
	assert.equal((await metadata(url, "meta-data/")).status, 200);
});

test("options of a stopped instance are pending until it starts", async () => {
	const url = endpointOf(await createOne(lightsail, "stopped"));
	await lightsail.send(new StopInstanceCommand({ instanceName: "stopped" }));
	await untilState(lightsail, "stopped", "stopped");
	await update("stopped", { httpTokens: "required" });
	assert.equal((await optionsOf("stopped"))?.state, "pending");
	await lightsail.send(new StartInstanceCommand({ instanceName: "stopped" }));
	await untilState(lightsail, "stopped", "running");
	assert.deepEqual(await optionsOf("stopped"), { ...DEFAULTS, httpTokens: "required", state: "applied" });
	assert.equal((await metadata(url, "meta-data/")).status, 401);
});

describe("an update is refused", () => {
	test("for options that no instance can have, and changes nothing", async () => {
		await createOne(lightsail, "strict");
		const refused = async (options: object, message: RegExp) =>
			assert.match(await rejectsWith(update("strict", options), "InvalidInputException"), message, JSON.stringify(options));
		for (const hops of [0, -1, 65]) await refused({ httpPutResponseHopLimit: hops }, new RegExp(`'${hops}' .* between 1 and 64`));
		await refused({ httpTokens: "bogus" }, /httpTokens/);
		await refused({ httpEndpoint: "" }, /httpEndpoint/);
		await refused({ httpProtocolIpv6: "on" }, /httpProtocolIpv6/);
		await refused({ httpTokens: "required", httpPutResponseHopLimit: 65 }, /between 1 and 64/);
		assert.deepEqual(await optionsOf("strict"), { ...DEFAULTS, state: "applied" });
	});

	test("where it names no option", async () => {
		await createOne(lightsail, "nothing");
		assert.match(await rejectsWith(update("nothing", {}), "InvalidInputException"), /^No options specified/);
	});
});
