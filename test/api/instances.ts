// Instances as tests launch and look at them.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import {
	DescribeImagesCommand,
	DescribeInstancesCommand,
	type EC2Client,
	type Instance,
	RunInstancesCommand,
	type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";

/** An instance that is there. */
export type LaunchedInstance = Instance & { readonly InstanceId: string };

/** Launches one instance, of the first image there is where none is named. */
export async function launchOne(ec2: EC2Client, input: Partial<RunInstancesCommandInput> = {}): Promise<LaunchedInstance> {
	const ImageId = input.ImageId ?? (await firstImageId(ec2));
	const { Instances: [instance] = [] } = await ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ...input, ImageId }));
	assert.ok(instance?.InstanceId !== undefined);
	return instance as LaunchedInstance;
}

export async function firstImageId(ec2: EC2Client): Promise<string> {
	const { Images: [image] = [] } = await ec2.send(new DescribeImagesCommand({}));
	assert.ok(image?.ImageId !== undefined);
	return image.ImageId;
}

export async function describeOne(ec2: EC2Client, instanceId: string): Promise<LaunchedInstance> {
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
	const instance = Reservations[0]?.Instances?.[0];
	assert.equal(instance?.InstanceId, instanceId);
	return instance as LaunchedInstance;
}

/** Waits until an instance is in a state. */
export async function untilState(ec2: EC2Client, instanceId: string, state: string): Promise<LaunchedInstance> {
	for (;;) {
		const instance = await describeOne(ec2, instanceId);
		if (instance.State?.Name === state) return instance;
		await pause(20);
	}
}

/** `http://HOST:PORT` of an instance's own metadata endpoint, as the APIs tell it. */
export function endpointOf({ StateReason }: Instance): string {
	const [url] = /http:\/\/[^/\s]+/.exec(StateReason?.Message ?? "") ?? assert.fail(`no endpoint: ${JSON.stringify(StateReason)}`);
	return url;
}

/** What an instance is told by its metadata, with a token unless it is said to go without. */
export async function metadata(url: string, path: string, token?: string): Promise<{ readonly status: number; readonly text: string }> {
	const headers = token === undefined ? {} : { "X-aws-ec2-metadata-token": token };
	const answer = await fetch(`${url}/latest/${path}`, { headers: { ...headers, connection: "close" } });
	return { status: answer.status, text: await answer.text() };
}
