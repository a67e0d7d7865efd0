// How instances are and what is planned for them, through the real SDK (control-apis.md §2.9).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	DescribeInstanceStatusCommand,
	type DescribeInstanceStatusCommandInput,
	type InstanceStatus,
	ModifyInstanceEventStartTimeCommand,
} from "@aws-sdk/client-ec2";
import { rejectsWith, startApi } from "./api.ts";

const RUNNING = "i-0a0a0a0a0a0a0a0a0";
const STOPPED = "i-0b0b0b0b0b0b0b0b0";
const MOVABLE = "instance-event-0d59937288b749b32";
const NEAR = "instance-event-0000000000000near";
const FIXED = "instance-event-000000000000fixed";
const DONE = "instance-event-0000000000000done";
const CANCELED = "instance-event-00000000canceled";
const FORGOTTEN = "instance-event-000000forgotten00";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** A moment so far from now, in whole seconds. */
function fromNow(ms: number): Date {
	return new Date(Math.floor((Date.now() + ms) / 1000) * 1000);
}

function configuration(): string {
	const at = (ms: number) => fromNow(ms).toISOString().replace(".000Z", "Z");
	return `
instances:
  - instanceId: ${RUNNING}
    endpointListen: 127.0.0.1:0
    scheduledEvents:
      - eventId: ${MOVABLE}
        code: system-reboot
        description: scheduled reboot
        notBefore: "${at(10 * DAY_MS)}"
        notAfter: "${at(10 * DAY_MS + 2 * HOUR_MS)}"
        notBeforeDeadline: "${at(20 * DAY_MS)}"
      - {eventId: ${NEAR}, code: instance-reboot, description: soon, notBefore: "${at(60_000)}", notBeforeDeadline: "${at(20 * DAY_MS)}"}
      - {eventId: ${FIXED}, code: instance-retirement, description: degraded hardware, notBefore: "${at(30 * DAY_MS)}"}
      - {eventId: ${DONE}, code: instance-stop, description: was stopped, notBefore: "${at(-2 * DAY_MS)}", state: completed}
      - {eventId: ${CANCELED}, code: instance-stop, description: was not stopped, notBefore: "${at(-3 * DAY_MS)}", state: canceled}
      - {eventId: ${FORGOTTEN}, code: instance-stop, description: long ago, notBefore: "${at(-9 * DAY_MS)}", notAfter: "${at(-8 * DAY_MS)}", state: completed}
  - {instanceId: ${STOPPED}, endpointListen: 127.0.0.1:0, state: stopped, placement: {availabilityZone: us-east-1c}}
`;
}

describe("DescribeInstanceStatus", () => {
	test("tells of what runs, and of the rest only when asked", async (t) => {
		const { ec2 } = await startApi(t, { configuration: configuration() });
		const statuses = async (input: DescribeInstanceStatusCommandInput) => {
			const { InstanceStatuses = [] } = await ec2.send(new DescribeInstanceStatusCommand(input));
			return InstanceStatuses.map(shown);
		};
		const running = [RUNNING, "running", "ok", "ok", "passed"];
		const stopped = [STOPPED, "stopped", "not-applicable", "not-applicable", undefined];
		assert.deepEqual(await statuses({}), [running]);
		assert.deepEqual(await statuses({ InstanceIds: [STOPPED, RUNNING] }), [running]);
		assert.deepEqual(await statuses({ IncludeAllInstances: true }), [running, stopped]);
		const filtered = (Name: string, ...Values: string[]) => statuses({ IncludeAllInstances: true, Filters: [{ Name, Values }] });
		assert.deepEqual(await filtered("instance-state-name", "stopped"), [stopped]);
		assert.deepEqual(await filtered("instance-status.status", "ok"), [running]);
		assert.deepEqual(await filtered("system-status.reachability", "passed"), [running]);
		assert.deepEqual(await filtered("availability-zone", "us-east-1c"), [stopped]);
		assert.deepEqual(await filtered("event.code", "instance-retirement"), [running]);
		assert.deepEqual(await filtered("event.not-before", "1999-*"), []);
		await rejectsWith(filtered("colour", "red"), "InvalidParameterValue");
		await rejectsWith(statuses({ InstanceIds: ["i-0c0c0c0c0c0c0c0c0"] }), "InvalidInstanceID.NotFound");
		await rejectsWith(statuses({ InstanceIds: [RUNNING], MaxResults: 5 }), "InvalidParameterCombination");
	});

	test("shows the events to come, and for a week those that are over", async (t) => {
		const { ec2 } = await startApi(t, { configuration: configuration() });
		const { InstanceStatuses = [] } = await ec2.send(new DescribeInstanceStatusCommand({}));
		assert.deepEqual(
			InstanceStatuses[0]?.Events?.map(({ InstanceEventId, Code, Description }) => [InstanceEventId, Code, Description]),
			[
				[MOVABLE, "system-reboot", "scheduled reboot"],
				[NEAR, "instance-reboot", "soon"],
				[FIXED, "instance-retirement", "degraded hardware"],
				[DONE, "instance-stop", "[Completed] was stopped"],
				[CANCELED, "instance-stop", "[Canceled] was not stopped"],
			],
		);
	});
});

describe("ModifyInstanceEventStartTime", () => {
	test("moves an event, which keeps its length, and the instance's metadata tell it at the next request", async (t) => {
		const { ec2, service } = await startApi(t, { configuration: configuration() });
		const NotBefore = fromNow(15 * DAY_MS);
		const { Event } = await ec2.send(new ModifyInstanceEventStartTimeCommand({ InstanceId: RUNNING, InstanceEventId: MOVABLE, NotBefore }));
		assert.equal(Event?.NotBefore?.getTime(), NotBefore.getTime());
		assert.equal(Event.NotAfter?.getTime(), NotBefore.getTime() + 2 * HOUR_MS);
		const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [RUNNING] }));
		assert.deepEqual(InstanceStatuses?.[0]?.Events?.[0], Event);
		const response = await fetch(`${service.urls.get(RUNNING)}/latest/meta-data/events/maintenance/scheduled`);
		const events = (await response.json()) as readonly { EventId: string; NotBefore: string }[];
		assert.equal(events.find(({ EventId }) => EventId === MOVABLE)?.NotBefore, NotBefore.toUTCString().slice(5));
	});

	test("refuses times that EC2 would, and events that stay where they are", async (t) => {
		const { ec2 } = await startApi(t, { configuration: configuration() });
		const move = (InstanceEventId: string, ms: number, InstanceId = RUNNING) =>
			ec2.send(new ModifyInstanceEventStartTimeCommand({ InstanceId, InstanceEventId, NotBefore: fromNow(ms) }));
		const { InstanceStatuses: before } = await ec2.send(new DescribeInstanceStatusCommand({}));
		for (const ms of [-DAY_MS, 0.5 * HOUR_MS, 21 * DAY_MS]) {
			assert.match(await rejectsWith(move(MOVABLE, ms), "InvalidInstanceEventStartTime"), new RegExp(MOVABLE));
		}
		assert.match(await rejectsWith(move(FIXED, 15 * DAY_MS), "InvalidInstanceEventStartTime"), /deadline/);
		assert.match(await rejectsWith(move(NEAR, 15 * DAY_MS), "InvalidInstanceEventStartTime"), /5 minutes/);
		await rejectsWith(move(DONE, 15 * DAY_MS), "InvalidInstanceEventIDNotFound");
		await rejectsWith(move("instance-event-unknown", 15 * DAY_MS), "InvalidInstanceEventIDNotFound");
		await rejectsWith(move(MOVABLE, 15 * DAY_MS, STOPPED), "InvalidInstanceEventIDNotFound");
		await rejectsWith(move(MOVABLE, 15 * DAY_MS, "i-0c0c0c0c0c0c0c0c0"), "InvalidInstanceID.NotFound");
		const { InstanceStatuses: after } = await ec2.send(new DescribeInstanceStatusCommand({}));
		assert.deepEqual(after, before);
	});
});

function shown({ InstanceId, InstanceState, InstanceStatus, SystemStatus }: InstanceStatus): readonly (string | undefined)[] {
	return [InstanceId, InstanceState?.Name, InstanceStatus?.Status, SystemStatus?.Status, SystemStatus?.Details?.[0]?.Status];
}
