// Many callers change the options of the same instances at a time: nothing that was acknowledged is lost, whoever dies.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
	CreateTagsCommand,
	DescribeInstancesCommand,
	type EC2Client,
	type Instance,
	type InstanceMetadataOptionsResponse,
	ModifyInstanceMetadataOptionsCommand,
	RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { temporaryFolder } from "../running-service.ts";
import { startApi } from "./api.ts";

const IMAGE = "ami-0abcdef1234567890";
const CONFIGURATION = `images: [{ imageId: ${IMAGE} }]`;

const CLIENTS = 20;
const INSTANCES = 50;
const CALLS_OF_AN_OPTION = 8;

/** Every option, and what it is set to in turn; the first is what a launch makes of it. */
const OPTIONS = {
	HttpTokens: ["optional", "required"],
	HttpEndpoint: ["enabled", "disabled"],
	HttpProtocolIpv6: ["disabled", "enabled"],
	InstanceMetadataTags: ["disabled", "enabled"],
	HttpPutResponseHopLimit: Array.from({ length: 64 }, (_, index) => index + 1),
} as const;
type OptionName = keyof typeof OPTIONS;
const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** One option of one instance. It has one writer, whose calls follow each other: so it is known what it may be at any time. */
class Cell {
	readonly instanceId: string;
	readonly option: OptionName;
	/** How many values were asked for, and how many of them acknowledged. */
	requested = 0;
	acknowledged = 0;
	readonly #values: readonly (string | number)[] = [];

	constructor(instanceId: string, option: OptionName, values: readonly (string | number)[]) {
		this.instanceId = instanceId;
		this.option = option;
		this.#values = values;
	}

	get latest(): string | number | undefined {
		return this.#values[this.requested];
	}

	/** What it may be now, if so many values were acknowledged at some time before. */
	allowedSince(acknowledged: number): readonly (string | number)[] {
		return this.#values.slice(acknowledged, this.requested + 1);
	}
}

test("2000 changes by 20 clients on 50 instances: none is lost, and every answer is a state that the instance was in", async (t) => {
	const api = await startApi(t, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "50"] });
	const instanceIds = await launch(api.ec2, INSTANCES);
	const cells = instanceIds.flatMap((instanceId, index) =>
		OPTION_NAMES.map((option) => {
			const values = OPTIONS[option];
			// Half of the instances end with the other value of a pair.
			const steps = Array.from({ length: CALLS_OF_AN_OPTION }, (_, step) => values[(step + 1 + (index % 2)) % values.length] ?? "");
			return new Cell(instanceId, option, [values[0], ...steps]);
		}),
	);
	const cellsOf = Map.groupBy(cells, ({ instanceId }) => instanceId);
	const acknowledgedOf = (instanceId: string) => (cellsOf.get(instanceId) ?? []).map((cell) => ({ cell, since: cell.acknowledged }));

	const clients = Array.from({ length: CLIENTS }, () => api.as(api.rootKey).ec2);
	const done = new AbortController();
	let looks = 0;
	const looking = (async () => {
		while (!done.signal.aborted) {
			const before = new Map(instanceIds.map((instanceId) => [instanceId, acknowledgedOf(instanceId)]));
			for (const { InstanceId = "", MetadataOptions } of await describeAll(api.ec2)) checkOptions(MetadataOptions, before.get(InstanceId));
			looks++;
		}
	})();

	const startedAt = performance.now();
	await Promise.all(
		cells.map(async (cell, index) => {
			// Neighbours are options of one instance: each has another client.
			const ec2 = clients[index % CLIENTS];
			for (let call = 0; call < CALLS_OF_AN_OPTION; call++) {
				const before = acknowledgedOf(cell.instanceId);
				cell.requested++;
				const asked = { InstanceId: cell.instanceId, [cell.option]: cell.latest };
				const { InstanceId, InstanceMetadataOptions } = await ec2!.send(new ModifyInstanceMetadataOptionsCommand(asked));
				assert.equal(InstanceId, cell.instanceId);
				assert.equal(InstanceMetadataOptions?.[cell.option], cell.latest, "its own change is in the answer");
				assert.equal(InstanceMetadataOptions?.State, "pending");
				checkOptions(InstanceMetadataOptions, before);
				cell.acknowledged = cell.requested;
			}
		}),
	);
	const seconds = (performance.now() - startedAt) / 1000;
	done.abort();
	await looking;
	t.diagnostic(
		`${Math.round((cells.length * CALLS_OF_AN_OPTION) / seconds)} calls/s, while DescribeInstances of all was asked ${looks} times`,
	);

	await applied(api.ec2);
	for (const { InstanceId = "", MetadataOptions, StateReason } of await describeAll(api.ec2)) {
		const expected = Object.fromEntries((cellsOf.get(InstanceId) ?? []).map(({ option, latest }) => [option, latest]));
		assert.deepEqual(MetadataOptions, { State: "applied", ...expected }, InstanceId);
		const url = StateReason?.Message?.replace(/^Instance metadata: /, "");
		const { status } = await fetch(`${url}/latest/meta-data/instance-id`);
		assert.equal(status, expected["HttpEndpoint"] === "disabled" ? 403 : expected["HttpTokens"] === "required" ? 401 : 200, InstanceId);
	}
});

test("kills in the middle lose no change that was acknowledged, and leave no launch half done", async (t) => {
	const dataDir = temporaryFolder(t);
	const start = () => startApi(t, { configuration: CONFIGURATION, flags: ["--transition-delay-ms", "20"], dataDir });
	let api = await start();
	const instanceIds = await launch(api.ec2, 10);
	const counters = instanceIds.flatMap((instanceId) =>
		(["hops", "tag"] as const).map((kind) => ({ instanceId, kind, requested: 1, acknowledged: 1 })),
	);
	const reservations = new Set<string>([(await describeAll(api.ec2))[0]?.ClientToken ?? ""]);
	let total = 0;
	for (let round = 0; round < 5; round++) {
		const killAt = total + randomInt(20, 400);
		let killed: Promise<void> | undefined;
		const acknowledge = () => {
			if (++total >= killAt) killed ??= api.service.stop("SIGKILL");
		};
		const clients = Array.from({ length: CLIENTS }, () => api.as(api.rootKey).ec2);
		const writing = counters.map(async (counter, index) => {
			const ec2 = clients[index % CLIENTS]!;
			while (await survived(count(ec2, counter, counter.requested + 1), () => killed)) {
				counter.acknowledged = counter.requested;
				acknowledge();
			}
		});
		const launching = (async () => {
			for (let number = 0; number < 8; number++) {
				const ClientToken = `round ${round} number ${number}`;
				const asked = { ImageId: IMAGE, MinCount: 3, MaxCount: 3, ClientToken };
				if (!(await survived(api.ec2.send(new RunInstancesCommand(asked)), () => killed))) return;
				reservations.add(ClientToken);
			}
		})();
		await Promise.all([...writing, launching]);
		await killed;
		api = await start();
		const instances = await describeAll(api.ec2);
		for (const counter of counters) {
			const value = valueOf(
				counter,
				instances.find(({ InstanceId }) => InstanceId === counter.instanceId),
			);
			const { instanceId, kind, acknowledged, requested } = counter;
			const allowed = [acknowledged, requested].map((each) => shown(kind, each));
			assert.ok(allowed.includes(value), `${kind} of ${instanceId} is ${value} after the kill, not ${allowed.join(" or ")}`);
			// What was asked for and not acknowledged may have come about.
			counter.acknowledged = counter.requested = value === shown(kind, requested) ? requested : acknowledged;
		}
		const byToken = Map.groupBy(instances, ({ ClientToken }) => ClientToken ?? "");
		for (const [token, of] of byToken) assert.equal(of.length, token.startsWith("round") ? 3 : 10, `instances of "${token}"`);
		for (const token of reservations) assert.ok(byToken.has(token), `the launch "${token}" was acknowledged`);
		await applied(api.ec2);
	}
	t.diagnostic(`5 kills within ${total} acknowledged changes`);
});

interface Counter {
	readonly instanceId: string;
	readonly kind: "hops" | "tag";
	requested: number;
	acknowledged: number;
}

async function count(ec2: EC2Client, counter: Counter, to: number): Promise<void> {
	counter.requested = to;
	const { instanceId, kind } = counter;
	const value = shown(kind, to);
	if (kind === "tag") await ec2.send(new CreateTagsCommand({ Resources: [instanceId], Tags: [{ Key: "counter", Value: value }] }));
	else await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instanceId, HttpPutResponseHopLimit: Number(value) }));
}

/** What a counter reads: the hop limit goes round, since there are no more than 64. */
function shown(kind: Counter["kind"], count: number): string {
	return String(kind === "tag" ? count : ((count - 1) % 64) + 1);
}

function valueOf({ kind }: Counter, instance: Instance | undefined): string {
	if (kind === "hops") return String(instance?.MetadataOptions?.HttpPutResponseHopLimit);
	return instance?.Tags?.find(({ Key }) => Key === "counter")?.Value ?? "1";
}

/** Whether a call was answered; if not, the service must have been killed. */
async function survived(call: Promise<unknown>, killed: () => unknown): Promise<boolean> {
	try {
		await call;
		return true;
	} catch (error) {
		if (killed() === undefined) throw error;
		return false;
	}
}

/** Every option is one that the instance had at some time since. */
function checkOptions(
	options: InstanceMetadataOptionsResponse | undefined,
	before: readonly { readonly cell: Cell; readonly since: number }[] | undefined,
): void {
	assert.ok(options !== undefined && before !== undefined);
	for (const { cell, since } of before) {
		const allowed = cell.allowedSince(since);
		const value = options[cell.option] ?? "missing";
		assert.ok(allowed.includes(value), `${cell.option} of ${cell.instanceId} is ${value}, not one of ${allowed.join(", ")}`);
	}
}

async function launch(ec2: EC2Client, count: number): Promise<readonly string[]> {
	const { Instances = [] } = await ec2.send(new RunInstancesCommand({ ImageId: IMAGE, MinCount: count, MaxCount: count }));
	await applied(ec2);
	return Instances.map(({ InstanceId = "" }) => InstanceId);
}

/** Waits until nothing is pending. */
async function applied(ec2: EC2Client): Promise<void> {
	const isPending = ({ State, MetadataOptions }: Instance) => State?.Name === "pending" || MetadataOptions?.State === "pending";
	while ((await describeAll(ec2)).some(isPending)) await setTimeout(20);
}

async function describeAll(ec2: EC2Client): Promise<readonly Instance[]> {
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
	return Reservations.flatMap(({ Instances = [] }) => Instances);
}
