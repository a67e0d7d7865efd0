// Instances of Lightsail as tests create and look at them.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import {
	CreateInstancesCommand,
	type CreateInstancesCommandInput,
	GetInstanceCommand,
	GetOperationCommand,
	type Instance,
	type LightsailClient,
	type Operation,
} from "@aws-sdk/client-lightsail";

const WEB = { availabilityZone: "us-east-1a", blueprintId: "amazon_linux_2", bundleId: "nano_3_0" };

/** Creates instances of Amazon Linux 2 in us-east-1a, unless it is said otherwise. */
export async function create(
	lightsail: LightsailClient,
	instanceNames: string[],
	input: Partial<CreateInstancesCommandInput> = {},
): Promise<readonly Operation[]> {
	const { operations = [] } = await lightsail.send(new CreateInstancesCommand({ ...WEB, instanceNames, ...input }));
	return operations;
}

/** The same for one, which runs when this resolves. */
export async function createOne(
	lightsail: LightsailClient,
	name: string,
	input: Partial<CreateInstancesCommandInput> = {},
): Promise<Instance> {
	await create(lightsail, [name], input);
	return untilState(lightsail, name, "running");
}

export async function instanceNamed(lightsail: LightsailClient, instanceName: string): Promise<Instance> {
	const { instance } = await lightsail.send(new GetInstanceCommand({ instanceName }));
	return instance ?? assert.fail(`no instance ${instanceName} in the answer`);
}

/** Waits until an instance is in a state. */
export function untilState(lightsail: LightsailClient, name: string, state: string): Promise<Instance> {
	return until(
		() => instanceNamed(lightsail, name),
		(instance) => instance.state?.name === state,
	);
}

/** Waits until the options of an instance are `applied`. */
export function untilApplied(lightsail: LightsailClient, name: string): Promise<Instance> {
	return until(
		() => instanceNamed(lightsail, name),
		({ metadataOptions }) => metadataOptions?.state === "applied",
	);
}

/** Waits until an operation is over. */
export function untilTerminal(lightsail: LightsailClient, operationId: string | undefined): Promise<Operation> {
	return until(
		async () => {
			const { operation } = await lightsail.send(new GetOperationCommand({ operationId }));
			return operation ?? assert.fail("no operation in the answer");
		},
		({ isTerminal }) => isTerminal === true,
	);
}

/** `http://HOST:PORT` of an instance's metadata endpoint, as its tags tell it. */
export function endpointOf({ tags = [] }: Instance): string {
	return tags.find(({ key }) => key === "aws:openimds:endpoint")?.value ?? assert.fail(`no endpoint: ${JSON.stringify(tags)}`);
}

async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
	for (;;) {
		const answer = await ask();
		if (isSo(answer)) return answer;
		await pause(20);
	}
}
