// Cases C1 to C16, C36, C45 and C46 of control-apis.md §7: the metadata options of instances.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import {
	CreateTagsCommand,
	DescribeInstancesCommand,
	RunInstancesCommand,
	StartInstancesCommand,
	StopInstancesCommand,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "../api/api.ts";
import { describeOne } from "../api/instances.ts";
import { requireTool } from "../tools.ts";
import {
	CONFIGURATION,
	DEFAULTS,
	found,
	instanceOnce,
	launched,
	metadata,
	modify,
	PLAIN_IMAGE,
	running,
	statuses,
} from "./control-scene.ts";

const api = await startApi({ after }, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "50"] });
const { ec2 } = api;

/** Any method of asking is answered. */
const BOTH = { v1: 200, v2: 200 };
/** Tokens are required. */
const V2_ONLY = { v1: 401, v2: 200 };
/** The endpoint is disabled. */
const NEITHER = { v1: 403, v2: 403 };

test("C1: a launch with HttpEndpoint=enabled,HttpTokens=required is pending with these, then applied", async () => {
	const { Instances = [] } = await ec2.send(
		new RunInstancesCommand({
			ImageId: PLAIN_IMAGE,
			InstanceType: "c3.large",
			MinCount: 1,
			MaxCount: 1,
			MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required" },
		}),
	);
	const options = { ...DEFAULTS, HttpTokens: "required" } as const;
	assert.deepEqual(Instances[0]?.MetadataOptions, { ...options, State: "pending" });
	const instance = await running(ec2, Instances[0]?.InstanceId ?? "");
	assert.deepEqual(instance.options, options);
	assert.deepEqual(await statuses(instance.url), V2_ONLY);
	assert.equal(await metadata(instance.url, "instance-type"), "c3.large");
});

test("C2: a launch with HttpEndpoint=disabled still tells its HttpTokens, and has no metadata", async () => {
	const instance = await launched(ec2, { InstanceType: "c3.large", MetadataOptions: { HttpEndpoint: "disabled" } });
	assert.deepEqual(instance.options, { ...DEFAULTS, HttpEndpoint: "disabled" });
	assert.deepEqual(await statuses(instance.url), NEITHER);
});

test("C3: a launch with HttpProtocolIpv6=enabled has it enabled", async () => {
	const { options } = await launched(ec2, {
		InstanceType: "t3.micro",
		MetadataOptions: { HttpEndpoint: "enabled", HttpProtocolIpv6: "enabled" },
	});
	assert.deepEqual(options, { ...DEFAULTS, HttpProtocolIpv6: "enabled" });
});

test("C4: HttpTokens=required answers pending with all six options, and then a request needs a token", async () => {
	const { instanceId, url, options } = await launched(ec2);
	assert.deepEqual(options, DEFAULTS);
	assert.deepEqual(await statuses(url), BOTH);
	const answer = await modify(ec2, instanceId, { HttpTokens: "required", HttpEndpoint: "enabled" });
	assert.deepEqual(answer, { ...DEFAULTS, HttpTokens: "required", State: "pending" });
	assert.deepEqual((await running(ec2, instanceId)).options, { ...DEFAULTS, HttpTokens: "required" });
	assert.deepEqual(await statuses(url), V2_ONLY);
});

test("C5: a hop limit changes nothing else: tokens stay required", async () => {
	const { instanceId, url } = await launched(ec2, { MetadataOptions: { HttpTokens: "required" } });
	const answer = await modify(ec2, instanceId, { HttpPutResponseHopLimit: 3, HttpEndpoint: "enabled" });
	assert.deepEqual(answer, { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 3, State: "pending" });
	assert.deepEqual((await running(ec2, instanceId)).options, { ...answer, State: "applied" });
	assert.deepEqual(await statuses(url), V2_ONLY);
});

test("C6: HttpTokens=optional brings requests without a token back", async () => {
	const { instanceId, url } = await launched(ec2, { MetadataOptions: { HttpTokens: "required" } });
	assert.deepEqual(await statuses(url), V2_ONLY);
	await modify(ec2, instanceId, { HttpTokens: "optional", HttpEndpoint: "enabled" });
	assert.deepEqual((await running(ec2, instanceId)).options, DEFAULTS);
	assert.deepEqual(await statuses(url), BOTH);
});

test("C7: the endpoint goes off and on, and the other options outlive it", async () => {
	const { instanceId, url } = await launched(ec2, { MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 7 } });
	const kept = { ...DEFAULTS, HttpTokens: "required", HttpPutResponseHopLimit: 7 } as const;
	assert.deepEqual(await modify(ec2, instanceId, { HttpEndpoint: "disabled" }), { ...kept, HttpEndpoint: "disabled", State: "pending" });
	assert.deepEqual((await running(ec2, instanceId)).options, { ...kept, HttpEndpoint: "disabled" });
	assert.deepEqual(await statuses(url), NEITHER);
	assert.deepEqual(await modify(ec2, instanceId, { HttpEndpoint: "enabled" }), { ...kept, State: "pending" });
	assert.deepEqual((await running(ec2, instanceId)).options, kept);
	assert.deepEqual(await statuses(url), V2_ONLY);
});

test("C8: hop limits of 0 and 65 are refused, those of 1 and 64 are not", async () => {
	const { instanceId } = await launched(ec2);
	for (const HttpPutResponseHopLimit of [0, 65, -1]) {
		const message = await rejectsWith(modify(ec2, instanceId, { HttpPutResponseHopLimit }), "InvalidParameterValue");
		assert.match(message, new RegExp(`'${HttpPutResponseHopLimit}'.*HttpPutResponseHopLimit.*1 and 64`));
	}
	assert.deepEqual((await describeOne(ec2, instanceId)).MetadataOptions, DEFAULTS);
	for (const HttpPutResponseHopLimit of [1, 64]) {
		const answer = await modify(ec2, instanceId, { HttpPutResponseHopLimit });
		assert.equal(answer?.HttpPutResponseHopLimit, HttpPutResponseHopLimit);
	}
});

test("C9: a value that an option does not have is refused, the empty one too", async () => {
	const { instanceId } = await launched(ec2);
	for (const [name, allowed] of [
		["HttpTokens", "'optional' or 'required'"],
		["HttpEndpoint", "'enabled' or 'disabled'"],
		["HttpProtocolIpv6", "'enabled' or 'disabled'"],
		["InstanceMetadataTags", "'enabled' or 'disabled'"],
	] as const) {
		for (const value of ["bogus", ""]) {
			const message = await rejectsWith(modify(ec2, instanceId, { [name]: value }), "InvalidParameterValue");
			assert.equal(message, `A value of '${value}' is not valid for ${name}. Specify either ${allowed} and try again.`);
		}
	}
	assert.deepEqual((await describeOne(ec2, instanceId)).MetadataOptions, DEFAULTS);
});

test("C10: an instance that there is not is InvalidInstanceID.NotFound", async () => {
	const message = await rejectsWith(modify(ec2, "i-1234567890abcdef0", { HttpTokens: "required" }), "InvalidInstanceID.NotFound");
	assert.equal(message, "The instance ID 'i-1234567890abcdef0' does not exist");
});

test("C11: an id that is none is InvalidInstanceID.Malformed", async () => {
	const message = await rejectsWith(modify(ec2, "bogus", { HttpTokens: "required" }), "InvalidInstanceID.Malformed");
	assert.equal(message, 'Invalid id: "bogus"');
});

test("C12: a dry run that is allowed is a DryRunOperation, and changes nothing", async () => {
	const { instanceId, url } = await launched(ec2);
	const message = await rejectsWith(modify(ec2, instanceId, { HttpTokens: "required", DryRun: true }), "DryRunOperation", 412);
	assert.equal(message, "Request would have succeeded, but DryRun flag is set.");
	assert.deepEqual((await describeOne(ec2, instanceId)).MetadataOptions, DEFAULTS);
	assert.deepEqual(await statuses(url), BOTH);
});

test("C13: options of a terminated instance can't be changed", async () => {
	const { instanceId } = await launched(ec2);
	await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
	await rejectsWith(modify(ec2, instanceId, { HttpTokens: "required" }), "IncorrectInstanceState");
	await instanceOnce(ec2, instanceId, ({ State }) => State?.Name === "terminated");
	const message = await rejectsWith(modify(ec2, instanceId, { HttpTokens: "required" }), "IncorrectInstanceState");
	assert.match(message, new RegExp(instanceId));
});

test("C14: tags can't be enabled while a key is none that metadata can have", async () => {
	const tag = (Key: string) => [{ ResourceType: "instance" as const, Tags: [{ Key, Value: "x" }] }];
	const { instanceId, url } = await launched(ec2, { TagSpecifications: tag("a/b") });
	const unfit =
		"'a/b' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')";
	assert.equal(await rejectsWith(modify(ec2, instanceId, { InstanceMetadataTags: "enabled" }), "InvalidParameterValue"), unfit);
	assert.deepEqual((await describeOne(ec2, instanceId)).MetadataOptions, DEFAULTS);
	assert.equal(await metadata(url, "tags/instance/"), undefined);
	const MetadataOptions = { InstanceMetadataTags: "enabled" } as const;
	assert.equal(await rejectsWith(launched(ec2, { TagSpecifications: tag("a/b"), MetadataOptions }), "InvalidParameterValue"), unfit);
	const fit = await launched(ec2, { TagSpecifications: tag("a:b") });
	await modify(ec2, fit.instanceId, MetadataOptions);
	await running(ec2, fit.instanceId);
	assert.equal(await metadata(fit.url, "tags/instance/a:b"), "x");
});

test("C15: a key that metadata can't have is refused where tags are enabled, and others are there at once", async () => {
	const { instanceId, url } = await launched(ec2, { MetadataOptions: { InstanceMetadataTags: "enabled" } });
	const tag = (Key: string) => ec2.send(new CreateTagsCommand({ Resources: [instanceId], Tags: [{ Key, Value: "x" }] }));
	const message = await rejectsWith(tag("a b"), "InvalidParameterValue");
	assert.match(message, /^'a b' is not a valid tag key\. /);
	await tag("a-b");
	assert.equal(await metadata(url, "tags/instance/"), "a-b");
	assert.equal(await metadata(url, "tags/instance/a-b"), "x");
});

test("C16: the audit of http-tokens finds the instances with optional ones alone", async () => {
	const TagSpecifications = [{ ResourceType: "instance" as const, Tags: [{ Key: "case", Value: "C16" }] }];
	const optional = await launched(ec2, { TagSpecifications });
	const required = await launched(ec2, {
		TagSpecifications,
		MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2, InstanceMetadataTags: "enabled" },
	});
	const audit = (filter: string, value: string) => found(ec2, { "tag:case": "C16", [`metadata-options.${filter}`]: value });
	const both = [optional.instanceId, required.instanceId].toSorted();
	assert.deepEqual(await audit("http-tokens", "optional"), [optional.instanceId]);
	assert.deepEqual(await audit("http-tokens", "required"), [required.instanceId]);
	assert.deepEqual(await audit("http-put-response-hop-limit", "2"), [required.instanceId]);
	assert.deepEqual(await audit("http-endpoint", "enabled"), both);
	assert.deepEqual(await audit("http-endpoint", "disabled"), []);
	assert.deepEqual(await audit("http-protocol-ipv4", "enabled"), both);
	assert.deepEqual(await audit("http-protocol-ipv6", "enabled"), []);
	assert.deepEqual(await audit("instance-metadata-tags", "enabled"), [required.instanceId]);
	assert.deepEqual(await audit("state", "applied"), both);
	await modify(ec2, optional.instanceId, { HttpTokens: "required" });
	assert.deepEqual(await audit("http-tokens", "optional"), []);
});

test("C36: what is changed of a stopped instance is pending until it was started", async () => {
	const { instanceId, url } = await launched(ec2);
	const other = await launched(ec2);
	await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
	await instanceOnce(ec2, instanceId, ({ State }) => State?.Name === "stopped");
	const pending = { ...DEFAULTS, HttpTokens: "required", State: "pending" };
	assert.deepEqual(await modify(ec2, instanceId, { HttpTokens: "required" }), pending);
	// Had it been applied by time alone, it would be by now: another instance's change, which came later, is.
	await modify(ec2, other.instanceId, { HttpTokens: "required" });
	await running(ec2, other.instanceId);
	assert.deepEqual((await describeOne(ec2, instanceId)).MetadataOptions, pending);
	await ec2.send(new StartInstancesCommand({ InstanceIds: [instanceId] }));
	assert.deepEqual((await running(ec2, instanceId)).options, { ...pending, State: "applied" });
	assert.deepEqual(await statuses(url), V2_ONLY);
});

test("while a change is pending the endpoint enforces the options of before, whatever the APIs tell", async (t) => {
	const instanceId = "i-0c0ffee0c0ffee0c0";
	const { ec2, service } = await startApi(t, {
		configuration: `instances: [{ instanceId: ${instanceId}, endpointListen: "127.0.0.1:0", tags: { Name: web } }]`,
		flags: ["--transition-delay-ms", "600000"],
	});
	const url = service.urls.get(instanceId) ?? "";
	const pending = { ...DEFAULTS, HttpTokens: "required", InstanceMetadataTags: "enabled", State: "pending" };
	assert.deepEqual(await modify(ec2, instanceId, { HttpTokens: "required", InstanceMetadataTags: "enabled" }), pending);
	assert.deepEqual((await describeOne(ec2, instanceId)).MetadataOptions, pending);
	assert.deepEqual(await found(ec2, { "metadata-options.state": "pending", "metadata-options.http-tokens": "required" }), [instanceId]);
	assert.deepEqual(await statuses(url), BOTH);
	assert.equal(await metadata(url, "tags/instance/Name"), undefined);
});

const python = requireTool("python3");

test("C45: boto3 gets the dictionary of C4", { skip: python.skip }, async () => {
	const { instanceId } = await launched(ec2);
	const script = `
import boto3, json, sys
# Debian's boto3 is older than AWS_ENDPOINT_URL.
ec2 = boto3.client('ec2', endpoint_url=sys.argv[2])
I = sys.argv[1]
print(json.dumps(ec2.modify_instance_metadata_options(InstanceId=I, HttpTokens='required', HttpEndpoint='enabled')['InstanceMetadataOptions']))
try:
    ec2.modify_instance_metadata_options(InstanceId='i-1234567890abcdef0', HttpTokens='required')
except ec2.exceptions.ClientError as error:
    print(json.dumps([error.response['Error']['Code'], error.response['ResponseMetadata']['HTTPStatusCode']]))
`;
	const env = {
		PATH: process.env["PATH"],
		AWS_DEFAULT_REGION: api.region,
		AWS_ACCESS_KEY_ID: api.rootKey.accessKeyId,
		AWS_SECRET_ACCESS_KEY: api.rootKey.secretAccessKey,
		AWS_EC2_METADATA_DISABLED: "true",
	};
	const { stdout } = await promisify(execFile)(python.path, ["-c", script, instanceId, api.apiUrl], { env });
	const lines = stdout.trim().split("\n");
	assert.deepEqual(
		lines.map((line) => JSON.parse(line) as unknown),
		[{ ...DEFAULTS, HttpTokens: "required", State: "pending" }, ["InvalidInstanceID.NotFound", 400]],
	);
});

test("C46: the SDK for JavaScript knows the error by its name", async () => {
	const { instanceId } = await launched(ec2);
	const answer = await modify(ec2, instanceId, { HttpTokens: "required", HttpEndpoint: "enabled" });
	assert.deepEqual(answer, { ...DEFAULTS, HttpTokens: "required", State: "pending" });
	await rejectsWith(modify(ec2, "i-1234567890abcdef0", { HttpTokens: "required" }), "InvalidInstanceID.NotFound", 400);
	const unknown = ["i-1234567890abcdef0", "i-1234567890abcdef1"];
	const message = await rejectsWith(ec2.send(new DescribeInstancesCommand({ InstanceIds: unknown })), "InvalidInstanceID.NotFound");
	assert.equal(message, `The instance IDs '${unknown.join(", ")}' do not exist`);
});
