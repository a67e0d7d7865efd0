// An instance from its launch to its end, as the APIs and its metadata see it (control-apis.md §2.9).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	DescribeInstancesCommand,
	DescribeInstanceStatusCommand,
	type EC2Client,
	ModifyInstanceAttributeCommand,
	ModifyInstanceMetadataOptionsCommand,
	RebootInstancesCommand,
	StartInstancesCommand,
	StopInstancesCommand,
	TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { temporaryFolder, tokenFrom } from "../running-service.ts";
import { rejectsWith, startApi } from "./api.ts";
import { describeOne, endpointOf, launchOne, metadata, untilState } from "./instances.ts";

const AT_ONCE = { flags: ["--transition-delay-ms", "0"] };
/** What is under way stays under way for as long as a test takes. */
const NEVER = { flags: ["--transition-delay-ms", "600000"] };

/** The image's own default would be that tokens are required. */
const WITHOUT_TOKENS = { MetadataOptions: { HttpTokens: "optional" } } as const;

const start = (ec2: EC2Client, ...ids: string[]) => ec2.send(new StartInstancesCommand({ InstanceIds: ids }));
const stop = (ec2: EC2Client, ...ids: string[]) => ec2.send(new StopInstancesCommand({ InstanceIds: ids }));
const reboot = (ec2: EC2Client, ...ids: string[]) => ec2.send(new RebootInstancesCommand({ InstanceIds: ids }));
const terminate = (ec2: EC2Client, ...ids: string[]) => ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));

async function launchRunning(ec2: EC2Client, input: Parameters<typeof launchOne>[1] = {}) {
	const { InstanceId } = await launchOne(ec2, input);
	return untilState(ec2, InstanceId, "running");
}

async function assertUnreachable(url: string): Promise<void> {
	await assert.rejects(metadata(url, "meta-data/instance-id"), /fetch failed/);
}

describe("an instance", () => {
	test("is pending, running, stopping, stopped, pending and running again, shutting down and terminated", async (t) => {
		const { ec2 } = await startApi(t, { flags: ["--transition-delay-ms", "100"] });
		const { InstanceId: id, State: first } = await launchOne(ec2);
		assert.deepEqual(first, { Code: 0, Name: "pending" });
		assert.deepEqual((await untilState(ec2, id, "running")).State, { Code: 16, Name: "running" });

		const { StoppingInstances } = await stop(ec2, id);
		const stopping = { InstanceId: id, CurrentState: { Code: 64, Name: "stopping" }, PreviousState: { Code: 16, Name: "running" } };
		assert.deepEqual(StoppingInstances, [stopping]);
		const stopped = await untilState(ec2, id, "stopped");
		assert.deepEqual(stopped.State, { Code: 80, Name: "stopped" });
		assert.equal(stopped.StateReason?.Code, "Client.UserInitiatedShutdown");
		assert.match(stopped.StateTransitionReason ?? "", /^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);

		const { StartingInstances } = await start(ec2, id);
		const starting = { InstanceId: id, CurrentState: { Code: 0, Name: "pending" }, PreviousState: { Code: 80, Name: "stopped" } };
		assert.deepEqual(StartingInstances, [starting]);
		const running = await untilState(ec2, id, "running");
		assert.equal(running.StateTransitionReason, "");

		const { TerminatingInstances } = await terminate(ec2, id);
		const ending = { InstanceId: id, CurrentState: { Code: 32, Name: "shutting-down" }, PreviousState: { Code: 16, Name: "running" } };
		assert.deepEqual(TerminatingInstances, [ending]);
		const terminated = await untilState(ec2, id, "terminated");
		assert.deepEqual(terminated.State, { Code: 48, Name: "terminated" });
		assert.deepEqual(terminated.NetworkInterfaces, []);
		assert.equal(terminated.PrivateIpAddress, undefined);
		const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({}));
		assert.deepEqual(
			InstanceStatuses?.filter(({ InstanceId }) => InstanceId === id),
			[],
		);
	});

	test("that is so already starts, stops and terminates without any change", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const { InstanceId: id, LaunchTime } = await launchRunning(ec2);
		const { StartingInstances: [started] = [] } = await start(ec2, id);
		assert.deepEqual([started?.PreviousState?.Name, started?.CurrentState?.Name], ["running", "running"]);
		await reboot(ec2, id);
		assert.deepEqual((await describeOne(ec2, id)).LaunchTime, LaunchTime);
		await stop(ec2, id);
		const { StateTransitionReason } = await untilState(ec2, id, "stopped");
		const { StoppingInstances: [stopped] = [] } = await stop(ec2, id);
		assert.deepEqual([stopped?.PreviousState?.Name, stopped?.CurrentState?.Name], ["stopped", "stopped"]);
		assert.equal((await describeOne(ec2, id)).StateTransitionReason, StateTransitionReason);
		await terminate(ec2, id);
		await untilState(ec2, id, "terminated");
		const { TerminatingInstances: [terminated] = [] } = await terminate(ec2, id);
		assert.deepEqual([terminated?.PreviousState?.Name, terminated?.CurrentState?.Name], ["terminated", "terminated"]);
	});

	test("that is terminated is not started, stopped, rebooted or modified (C13, C32)", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const { InstanceId: id } = await launchRunning(ec2);
		await terminate(ec2, id);
		await untilState(ec2, id, "terminated");
		const text = await rejectsWith(start(ec2, id), "IncorrectInstanceState");
		assert.equal(text, `The instance '${id}' is not in a state from which it can be started.`);
		await rejectsWith(stop(ec2, id), "IncorrectInstanceState");
		await rejectsWith(reboot(ec2, id), "IncorrectInstanceState");
		const modify = new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, HttpTokens: "required" });
		await rejectsWith(ec2.send(modify), "IncorrectInstanceState");
		const attribute = new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiStop: { Value: true } });
		await rejectsWith(ec2.send(attribute), "IncorrectInstanceState");
	});

	test("that is on its way from one state is not sent to another", async (t) => {
		const { ec2 } = await startApi(t, NEVER);
		const { InstanceId: id } = await launchOne(ec2);
		await rejectsWith(stop(ec2, id), "IncorrectInstanceState");
		await start(ec2, id);
		await terminate(ec2, id);
		for (const change of [start, stop, reboot]) await rejectsWith(change(ec2, id), "IncorrectInstanceState");
		assert.equal((await describeOne(ec2, id)).State?.Name, "shutting-down");
	});

	test("that is stopped is not rebooted", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const { InstanceId: id } = await launchRunning(ec2);
		await stop(ec2, id);
		await untilState(ec2, id, "stopped");
		await rejectsWith(reboot(ec2, id), "IncorrectInstanceState");
	});

	test("stays as it is where another of the request can't follow, and all that are unknown are named (C35)", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const [running, ended] = [await launchRunning(ec2), await launchRunning(ec2)];
		await terminate(ec2, ended.InstanceId);
		await untilState(ec2, ended.InstanceId, "terminated");
		await rejectsWith(stop(ec2, running.InstanceId, ended.InstanceId), "IncorrectInstanceState");
		const [one, two] = ["i-0123456789abcdef0", "i-0123456789abcdef1"];
		const ids = [running.InstanceId, one, two];
		for (const change of [start, stop, reboot, terminate]) {
			const message = await rejectsWith(change(ec2, ...ids), "InvalidInstanceID.NotFound");
			assert.equal(message, `The instance IDs '${one}, ${two}' do not exist`);
		}
		assert.equal(await rejectsWith(terminate(ec2, running.InstanceId, "i-zzz"), "InvalidInstanceID.Malformed"), 'Invalid id: "i-zzz"');
		await rejectsWith(terminate(ec2), "MissingParameter");
		assert.equal((await describeOne(ec2, running.InstanceId)).State?.Name, "running");
		const { StoppingInstances = [] } = await stop(ec2, running.InstanceId, running.InstanceId);
		assert.equal(StoppingInstances.length, 1);
	});

	test("that is protected is neither stopped nor terminated, with those beside it, until that is over", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const kept = await launchRunning(ec2, { DisableApiTermination: true, DisableApiStop: true });
		const other = await launchRunning(ec2);
		const ids = [other.InstanceId, kept.InstanceId];
		assert.match(
			await rejectsWith(terminate(ec2, ...ids), "OperationNotPermitted"),
			new RegExp(`'${kept.InstanceId}'.*'disableApiTermination'`),
		);
		assert.match(await rejectsWith(stop(ec2, ...ids), "OperationNotPermitted"), /'disableApiStop'/);
		assert.equal((await describeOne(ec2, other.InstanceId)).State?.Name, "running");
		const modify = (attribute: object) => ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: kept.InstanceId, ...attribute }));
		await modify({ DisableApiStop: { Value: false } });
		await stop(ec2, ...ids);
		await untilState(ec2, kept.InstanceId, "stopped");
		await rejectsWith(terminate(ec2, kept.InstanceId), "OperationNotPermitted");
		await modify({ DisableApiTermination: { Value: false } });
		await terminate(ec2, ...ids);
		await untilState(ec2, kept.InstanceId, "terminated");
	});

	test("of a one-time Spot request is not stopped, and one of a persistent request is", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const spot = (SpotInstanceType: "one-time" | "persistent") =>
			launchRunning(ec2, {
				InstanceMarketOptions: {
					MarketType: "spot",
					SpotOptions: { SpotInstanceType, ...(SpotInstanceType === "persistent" && { InstanceInterruptionBehavior: "stop" }) },
				},
			});
		const [once, lasting] = [await spot("one-time"), await spot("persistent")];
		assert.equal(once.InstanceLifecycle, "spot");
		await rejectsWith(stop(ec2, once.InstanceId), "UnsupportedOperation");
		await stop(ec2, lasting.InstanceId);
		await untilState(ec2, lasting.InstanceId, "stopped");
		await terminate(ec2, once.InstanceId);
		await untilState(ec2, once.InstanceId, "terminated");
	});
});

describe("the metadata of an instance", () => {
	test("are out of reach while it is stopped, and tokens of its life before open nothing after", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const instance = await launchRunning(ec2, { MetadataOptions: { HttpTokens: "required" } });
		const { InstanceId: id } = instance;
		const url = endpointOf(instance);
		const token = await tokenFrom(url, 21_600);
		assert.equal((await metadata(url, "meta-data/instance-id", token)).text, id);
		await stop(ec2, id);
		await untilState(ec2, id, "stopped");
		await assertUnreachable(url);
		await start(ec2, id);
		const again = await untilState(ec2, id, "running");
		assert.equal(endpointOf(again), url);
		assert.equal((await metadata(url, "meta-data/instance-id", token)).status, 401);
		assert.equal((await metadata(url, "meta-data/instance-id", await tokenFrom(url))).text, id);
		const document = JSON.parse((await metadata(url, "dynamic/instance-identity/document", await tokenFrom(url))).text) as {
			pendingTime: string;
		};
		assert.equal(new Date(document.pendingTime).getTime(), again.LaunchTime?.getTime());
	});

	test("keep its tokens over a reboot", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const instance = await launchRunning(ec2, { MetadataOptions: { HttpTokens: "required" } });
		const url = endpointOf(instance);
		const token = await tokenFrom(url);
		await reboot(ec2, instance.InstanceId);
		assert.equal((await metadata(url, "meta-data/instance-id", token)).status, 200);
	});

	test("get options that were asked for while it was stopped when it starts (C36)", async (t) => {
		const { ec2 } = await startApi(t, AT_ONCE);
		const instance = await launchRunning(ec2, WITHOUT_TOKENS);
		const { InstanceId } = instance;
		const url = endpointOf(instance);
		assert.equal((await metadata(url, "meta-data/instance-id")).status, 200);
		await stop(ec2, InstanceId);
		await untilState(ec2, InstanceId, "stopped");
		await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpTokens: "required" }));
		assert.equal((await describeOne(ec2, InstanceId)).MetadataOptions?.State, "pending");
		await start(ec2, InstanceId);
		assert.equal((await untilState(ec2, InstanceId, "running")).MetadataOptions?.State, "applied");
		assert.equal((await metadata(url, "meta-data/instance-id")).status, 401);
	});

	test("are gone with it: its listener is closed, and what it handed out is refused everywhere", async (t) => {
		const { ec2, iam, as, service } = await startApi(t, AT_ONCE);
		const AssumeRolePolicyDocument = JSON.stringify({
			Version: "2012-10-17",
			Statement: { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
		});
		await iam.send(new CreateRoleCommand({ RoleName: "role", AssumeRolePolicyDocument }));
		await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "profile" }));
		await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "profile", RoleName: "role" }));
		const instance = await launchRunning(ec2, { ...WITHOUT_TOKENS, IamInstanceProfile: { Name: "profile" } });
		const { InstanceId: id } = instance;
		const url = endpointOf(instance);
		const { AccessKeyId, SecretAccessKey, Token } = JSON.parse((await metadata(url, "meta-data/iam/security-credentials/role")).text) as {
			AccessKeyId: string;
			SecretAccessKey: string;
			Token: string;
		};
		const { sts, ec2: its } = as({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token });
		assert.match((await sts.send(new GetCallerIdentityCommand({}))).Arn ?? "", new RegExp(`:assumed-role/role/${id}$`));
		await stop(ec2, id);
		await untilState(ec2, id, "stopped");
		assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Account?.length, 12);
		await terminate(ec2, id);
		await untilState(ec2, id, "terminated");
		await assertUnreachable(url);
		const { listeners } = await service.status();
		assert.ok(!JSON.stringify(listeners).includes(new URL(url).host), JSON.stringify(listeners));
		await rejectsWith(sts.send(new GetCallerIdentityCommand({})), "InvalidClientTokenId", 403);
		await rejectsWith(its.send(new DescribeInstancesCommand({})), "AuthFailure", 401);
	});
});

describe("what is under way when the service is killed", () => {
	for (const [name, before, after] of [
		["a launch", async () => {}, "running"],
		["an end", (ec2: EC2Client, id: string) => terminate(ec2, id), "terminated"],
	] as const) {
		test(`comes to its end with the next one: ${name}`, async (t) => {
			const dataDir = temporaryFolder(t);
			const killed = await startApi(t, { dataDir, ...NEVER });
			const { InstanceId: id } = await launchOne(killed.ec2, { MetadataOptions: { HttpTokens: "required" } });
			await before(killed.ec2, id);
			await killed.service.stop("SIGKILL");
			const { ec2 } = await startApi(t, { dataDir, ...AT_ONCE });
			const { MetadataOptions } = await untilState(ec2, id, after);
			assert.equal(MetadataOptions?.State, "applied");
		});
	}

	test("comes to its end with the next one: a stop, and a change of options", async (t) => {
		const dataDir = temporaryFolder(t);
		const first = await startApi(t, { dataDir, ...AT_ONCE });
		const [stopped, modified] = [await launchRunning(first.ec2), await launchRunning(first.ec2, WITHOUT_TOKENS)];
		const token = await tokenFrom(endpointOf(stopped), 21_600);
		await first.service.stop();
		const killed = await startApi(t, { dataDir, ...NEVER });
		await stop(killed.ec2, stopped.InstanceId);
		await killed.ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: modified.InstanceId, HttpTokens: "required" }));
		assert.equal((await describeOne(killed.ec2, stopped.InstanceId)).State?.Name, "stopping");
		assert.equal((await describeOne(killed.ec2, modified.InstanceId)).MetadataOptions?.State, "pending");
		assert.equal((await metadata(endpointOf(modified), "meta-data/instance-id")).status, 200);
		await killed.service.stop("SIGKILL");

		const { ec2 } = await startApi(t, { dataDir, ...AT_ONCE });
		await untilState(ec2, stopped.InstanceId, "stopped");
		while ((await describeOne(ec2, modified.InstanceId)).MetadataOptions?.State !== "applied");
		assert.equal((await metadata(endpointOf(modified), "meta-data/instance-id")).status, 401);
		await start(ec2, stopped.InstanceId);
		await untilState(ec2, stopped.InstanceId, "running");
		assert.equal((await metadata(endpointOf(stopped), "meta-data/instance-id", token)).status, 401);
	});
});
