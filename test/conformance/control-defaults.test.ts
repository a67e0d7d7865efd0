// Cases C17 to C23 of control-apis.md §7: the account's defaults, and which layer decides an option (§1.3).

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import {
	GetInstanceMetadataDefaultsCommand,
	type HttpTokensState,
	type InstanceMetadataDefaultsResponse,
	type InstanceMetadataOptionsRequest,
	ModifyInstanceMetadataDefaultsCommand,
	type ModifyInstanceMetadataDefaultsRequest,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "../api/api.ts";
import { CONFIGURATION, DEFAULTS, launched, metadata, modify, PLAIN_IMAGE, running, statuses, V2_IMAGE } from "./control-scene.ts";

const { ec2 } = await startApi({ after }, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"] });

const NO_PREFERENCE: ModifyInstanceMetadataDefaultsRequest = {
	HttpTokens: "no-preference",
	HttpPutResponseHopLimit: -1,
	HttpEndpoint: "no-preference",
	InstanceMetadataTags: "no-preference",
	HttpTokensEnforced: "no-preference",
};

const ENFORCED =
	"You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either launch the instance with " +
	"httpTokens=required or contact your account owner to disable httpTokensEnforced using the ModifyInstanceMetadataDefaults API or the " +
	"account settings in the EC2 console.";

beforeEach(() => modifyDefaults(NO_PREFERENCE));

test("C17: defaults are stored, and told with who manages them", async () => {
	assert.deepEqual(await getDefaults(), { ManagedBy: "account" });
	await modifyDefaults({ HttpTokens: "required", HttpPutResponseHopLimit: 2 });
	assert.deepEqual(await getDefaults(), { HttpTokens: "required", HttpPutResponseHopLimit: 2, ManagedBy: "account" });
	await modifyDefaults({ HttpEndpoint: "enabled", InstanceMetadataTags: "disabled", HttpTokensEnforced: "disabled" });
	assert.deepEqual(await getDefaults(), {
		HttpTokens: "required",
		HttpPutResponseHopLimit: 2,
		HttpEndpoint: "enabled",
		InstanceMetadataTags: "disabled",
		HttpTokensEnforced: "disabled",
		ManagedBy: "account",
	});
	for (const HttpPutResponseHopLimit of [0, -2, 65])
		await rejectsWith(modifyDefaults({ HttpPutResponseHopLimit }), "InvalidParameterValue");
	await rejectsWith(modifyDefaults({ HttpTokens: "bogus" as HttpTokensState }), "InvalidParameterValue");
	await rejectsWith(modifyDefaults({}), "MissingParameter");
});

test("C18: a launch that names nothing has the account's defaults, and one from before keeps its own", async () => {
	const before = await launched(ec2);
	await modifyDefaults({ HttpTokens: "required", HttpPutResponseHopLimit: 2 });
	const { url, options } = await launched(ec2);
	assert.deepEqual(options, { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 2 });
	assert.deepEqual(await statuses(url), { v1: 401, v2: 200 });
	assert.deepEqual((await running(ec2, before.instanceId)).options, DEFAULTS);
	assert.deepEqual(await statuses(before.url), { v1: 200, v2: 200 });
});

test("C18: the defaults of the endpoint and of tags hold, too", async () => {
	await modifyDefaults({ HttpEndpoint: "disabled" });
	const disabled = await launched(ec2);
	assert.equal(disabled.options?.HttpEndpoint, "disabled");
	assert.deepEqual(await statuses(disabled.url), { v1: 403, v2: 403 });
	await modifyDefaults({ HttpEndpoint: "no-preference", InstanceMetadataTags: "enabled" });
	const TagSpecifications = [{ ResourceType: "instance" as const, Tags: [{ Key: "Name", Value: "web" }] }];
	const tagged = await launched(ec2, { TagSpecifications });
	assert.equal(tagged.options?.InstanceMetadataTags, "enabled");
	assert.equal(await metadata(tagged.url, "tags/instance/Name"), "web");
	// What made launches of Kubernetes fail (§1.7).
	const Tags = [{ Key: "k8s.io/cluster-autoscaler/enabled", Value: "" }];
	const refused = launched(ec2, { TagSpecifications: [{ ResourceType: "instance", Tags }] });
	assert.match(await rejectsWith(refused, "InvalidParameterValue"), /^'k8s\.io\/cluster-autoscaler\/enabled' is not a valid tag key\./);
});

test("C19: no-preference and -1 take a default away", async () => {
	await modifyDefaults({ HttpTokens: "required", HttpPutResponseHopLimit: 2, HttpEndpoint: "enabled" });
	await modifyDefaults({ HttpTokens: "no-preference", HttpPutResponseHopLimit: -1 });
	assert.deepEqual(await getDefaults(), { HttpEndpoint: "enabled", ManagedBy: "account" });
});

test("C20: the account's hop limit wins over the image's, whose tokens it leaves alone", async () => {
	await modifyDefaults({ HttpPutResponseHopLimit: 1 });
	const { options, url } = await launched(ec2, { ImageId: V2_IMAGE });
	assert.deepEqual(options, { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 1 });
	assert.deepEqual(await statuses(url), { v1: 401, v2: 200 });
});

test("C21: and the launch's tokens win over the image's", async () => {
	await modifyDefaults({ HttpPutResponseHopLimit: 1 });
	const { options, url } = await launched(ec2, { ImageId: V2_IMAGE, MetadataOptions: { HttpTokens: "optional" } });
	assert.deepEqual(options, DEFAULTS);
	assert.deepEqual(await statuses(url), { v1: 200, v2: 200 });
});

test("C22: while tokens are enforced nobody gets optional ones", async () => {
	const optional = await launched(ec2);
	await modifyDefaults({ HttpTokensEnforced: "enabled", HttpTokens: "required" });
	assert.equal((await getDefaults())?.HttpTokensEnforced, "enabled");
	for (const ImageId of [PLAIN_IMAGE, V2_IMAGE]) {
		const refused = launched(ec2, { ImageId, MetadataOptions: { HttpTokens: "optional" } });
		assert.equal(await rejectsWith(refused, "UnsupportedOperation"), ENFORCED);
	}
	const required = await launched(ec2, { MetadataOptions: { HttpTokens: "required" } });
	const unset = await launched(ec2);
	assert.equal(unset.options?.HttpTokens, "required");
	for (const { instanceId } of [required, unset, optional]) {
		const refused = modify(ec2, instanceId, { HttpTokens: "optional", HttpEndpoint: "enabled" });
		assert.equal(await rejectsWith(refused, "UnsupportedOperation"), ENFORCED);
	}
	assert.deepEqual(await modify(ec2, optional.instanceId, { HttpPutResponseHopLimit: 5 }), {
		...DEFAULTS,
		HttpPutResponseHopLimit: 5,
		State: "pending",
	});
	// Enforcement alone, by an account that says nothing of tokens (doc: the guide's loop over all Regions).
	await modifyDefaults({ HttpTokens: "no-preference" });
	assert.equal(await rejectsWith(launched(ec2), "UnsupportedOperation"), ENFORCED);
	assert.equal((await launched(ec2, { ImageId: V2_IMAGE })).options?.HttpTokens, "required");
	await modifyDefaults({ HttpTokensEnforced: "disabled" });
	assert.equal((await launched(ec2)).options?.HttpTokens, "optional");
});

type Tokens = "optional" | "required" | "—";

/** §1.3, all documented rows. */
const TOKENS: readonly (readonly [launch: Tokens, account: Tokens, image: "v2.0" | "null", result: Tokens])[] = [
	["required", "—", "v2.0", "required"],
	["required", "required", "v2.0", "required"],
	["required", "optional", "v2.0", "required"],
	["optional", "—", "v2.0", "optional"],
	["optional", "required", "v2.0", "optional"],
	["optional", "optional", "v2.0", "optional"],
	["—", "—", "v2.0", "required"],
	["—", "required", "v2.0", "required"],
	["—", "optional", "v2.0", "optional"],
	["required", "—", "null", "required"],
	["required", "required", "null", "required"],
	["required", "optional", "null", "required"],
	["optional", "—", "null", "optional"],
	["optional", "required", "null", "optional"],
	["optional", "optional", "null", "optional"],
	["—", "—", "null", "optional"],
	["—", "required", "null", "required"],
	["—", "optional", "null", "optional"],
];

for (const [launch, account, image, result] of TOKENS) {
	test(`C23: launch ${launch}, account ${account}, image ${image}: tokens are ${result}`, async () => {
		if (account !== "—") await modifyDefaults({ HttpTokens: account });
		const { options, url } = await launchedFrom(image, launch === "—" ? undefined : { HttpTokens: launch });
		assert.equal(options?.HttpTokens, result);
		// The hop limit follows its own layers, wherever the tokens came from.
		assert.equal(options.HttpPutResponseHopLimit, image === "v2.0" ? 2 : 1);
		assert.deepEqual(await statuses(url), { v1: result === "required" ? 401 : 200, v2: 200 });
	});
}

const HOPS: readonly (readonly [launch: number | "—", account: number | "—", image: "v2.0" | "null", result: number])[] = [
	[3, 5, "v2.0", 3],
	[3, 5, "null", 3],
	[3, "—", "v2.0", 3],
	[3, "—", "null", 3],
	["—", 5, "v2.0", 5],
	["—", 5, "null", 5],
	["—", "—", "v2.0", 2],
	["—", "—", "null", 1],
];

for (const [launch, account, image, result] of HOPS) {
	test(`C23: launch ${launch}, account ${account}, image ${image}: the hop limit is ${result}`, async () => {
		if (account !== "—") await modifyDefaults({ HttpPutResponseHopLimit: account });
		const { options } = await launchedFrom(image, launch === "—" ? undefined : { HttpPutResponseHopLimit: launch });
		assert.equal(options?.HttpPutResponseHopLimit, result);
		assert.equal(options.HttpTokens, image === "v2.0" ? "required" : "optional");
	});
}

function launchedFrom(image: "v2.0" | "null", MetadataOptions: InstanceMetadataOptionsRequest | undefined) {
	const ImageId = image === "v2.0" ? V2_IMAGE : PLAIN_IMAGE;
	return launched(ec2, MetadataOptions === undefined ? { ImageId } : { ImageId, MetadataOptions });
}

async function modifyDefaults(defaults: ModifyInstanceMetadataDefaultsRequest): Promise<void> {
	const { Return } = await ec2.send(new ModifyInstanceMetadataDefaultsCommand(defaults));
	assert.equal(Return, true);
}

async function getDefaults(): Promise<InstanceMetadataDefaultsResponse | undefined> {
	return (await ec2.send(new GetInstanceMetadataDefaultsCommand({}))).AccountLevel;
}
