// Instances as the cases of control-apis.md §7 need them, and both of their sides: what the APIs tell, and what their own endpoint does.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import {
	DescribeInstancesCommand,
	type EC2Client,
	type Instance,
	type InstanceMetadataOptionsResponse,
	ModifyInstanceMetadataOptionsCommand,
	type ModifyInstanceMetadataOptionsRequest,
	RunInstancesCommand,
	type RunInstancesRequest,
} from "@aws-sdk/client-ec2";
import { fromInstanceMetadata } from "@aws-sdk/credential-providers";
import type { Credentials } from "../api/api.ts";
import { describeOne } from "../api/instances.ts";
import { tokenFrom } from "../running-service.ts";

/** Of the guides' commands; without ImdsSupport. */
export const PLAIN_IMAGE = "ami-0abcdef1234567890";
/** With `ImdsSupport: v2.0`. */
export const V2_IMAGE = "ami-0123456789example";

export const CONFIGURATION = `
images:
  - imageId: ${PLAIN_IMAGE}
  - imageId: ${V2_IMAGE}
    imdsSupport: v2.0
roles:
  - roleName: web-role
  - roleName: other-role
`;

/** What an instance has if nobody says anything, once it is applied. */
export const DEFAULTS: InstanceMetadataOptionsResponse = {
	State: "applied",
	HttpTokens: "optional",
	HttpPutResponseHopLimit: 1,
	HttpEndpoint: "enabled",
	HttpProtocolIpv6: "disabled",
	InstanceMetadataTags: "disabled",
};

/** An instance that runs, and where its metadata are. */
export interface Launched {
	readonly instanceId: string;
	readonly url: string;
	readonly options: InstanceMetadataOptionsResponse | undefined;
}

/** Launches one instance of the plain image, and waits until it runs with the options that it was given. */
export async function launched(ec2: EC2Client, request: Partial<RunInstancesRequest> = {}): Promise<Launched> {
	const { Instances = [] } = await ec2.send(new RunInstancesCommand({ ImageId: PLAIN_IMAGE, MinCount: 1, MaxCount: 1, ...request }));
	const [instance] = Instances;
	assert.ok(instance?.InstanceId !== undefined && Instances.length === 1);
	return running(ec2, instance.InstanceId);
}

/** Waits until an instance runs with the options that it was given last. */
export async function running(ec2: EC2Client, instanceId: string): Promise<Launched> {
	const instance = await instanceOnce(
		ec2,
		instanceId,
		({ State, MetadataOptions }) => State?.Name === "running" && MetadataOptions?.State === "applied",
	);
	const [, url = ""] = /^Instance metadata: (http:\S+)$/.exec(instance.StateReason?.Message ?? "") ?? [];
	return { instanceId, url, options: instance.MetadataOptions };
}

/** Changes options of an instance. */
export async function modify(
	ec2: EC2Client,
	instanceId: string,
	options: Omit<ModifyInstanceMetadataOptionsRequest, "InstanceId">,
): Promise<InstanceMetadataOptionsResponse | undefined> {
	const answer = await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instanceId, ...options }));
	assert.equal(answer.InstanceId, instanceId);
	return answer.InstanceMetadataOptions;
}

/** The ids of the instances that DescribeInstances finds, sorted. */
export async function found(ec2: EC2Client, filters: Readonly<Record<string, string>>): Promise<readonly string[]> {
	const Filters = Object.entries(filters).map(([Name, Value]) => ({ Name, Values: [Value] }));
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
	return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId)).toSorted();
}

/** An instance as soon as it is so; a pending state that stays is an error that tells what it was. */
export async function instanceOnce(ec2: EC2Client, instanceId: string, isSo: (instance: Instance) => boolean): Promise<Instance> {
	let instance: Instance | undefined;
	for (let asked = 0; asked < 1500; asked++) {
		instance = await describeOne(ec2, instanceId);
		if (isSo(instance)) return instance;
		await setTimeout(20);
	}
	assert.fail(`${instanceId} stays ${JSON.stringify({ state: instance?.State, options: instance?.MetadataOptions })}`);
}

/** The status of a request for an instance's own id, without a token and with one; `PUT`'s own where there is none to be had. */
export async function statuses(url: string): Promise<{ v1: number; v2: number }> {
	const path = `${url}/latest/meta-data/instance-id`;
	const v1 = await fetch(path);
	const put = await fetch(`${url}/latest/api/token`, { method: "PUT", headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" } });
	if (put.status !== 200) return { v1: v1.status, v2: put.status };
	const v2 = await fetch(path, { headers: { "X-aws-ec2-metadata-token": await put.text() } });
	return { v1: v1.status, v2: v2.status };
}

/** A leaf as an instance reads it with a token; `undefined`: it has none. */
export async function metadata(url: string, path: string): Promise<string | undefined> {
	const response = await fetch(`${url}/latest/meta-data/${path}`, { headers: { "X-aws-ec2-metadata-token": await tokenFrom(url) } });
	return response.status === 404 ? undefined : response.text();
}

/** The credentials of an instance's role, fetched without a token. */
export async function credentialsOfV1(url: string, roleName: string): Promise<Credentials> {
	const response = await fetch(`${url}/latest/meta-data/iam/security-credentials/${roleName}`);
	assert.equal(response.status, 200);
	const { AccessKeyId, SecretAccessKey, Token } = (await response.json()) as Record<"AccessKeyId" | "SecretAccessKey" | "Token", string>;
	return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
}

/** The same as the SDK gets them: with a token. */
export function credentialsOfV2(url: string): Promise<Credentials> {
	process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = `${url}/`;
	return fromInstanceMetadata({ timeout: 5000, maxRetries: 0 })();
}
