import type { ScheduledEvent } from "../../../model/instance.ts";
import { epochMs, timestamp } from "../../../model/timestamp.ts";
import { instanceEventNotFound, invalidInstanceEventStartTime, noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { instanceNeeds } from "./instances/instance-access.ts";
import { describeEvent } from "./instances/instance-events.ts";
import { instanceOf } from "./instances/instance-lookup.ts";

/** AWS: what begins within five minutes stays, and nothing can be moved nearer than an hour (ec2/reschedule-event, limitations). */
const SETTLED_MS = 5 * 60 * 1000;
const NOTICE_MIN_MS = 60 * 60 * 1000;

/** Moves a maintenance event, which keeps its length, to another time before its deadline (control-apis.md §2.9). */
export const ModifyInstanceEventStartTime: Ec2Operation<"ModifyInstanceEventStartTime"> = {
	access: ({ InstanceId }, call) => instanceNeeds([InstanceId], call),
	async run({ InstanceId, InstanceEventId, NotBefore }, call) {
		instanceOf(InstanceId, call);
		const isIt = ({ eventId, state }: ScheduledEvent) => eventId === InstanceEventId && state === "active";
		const after = await call.inventory.update("instance", InstanceId, (before) => {
			if (!before.scheduledEvents.some(isIt)) throw instanceEventNotFound(InstanceEventId);
			const scheduledEvents = before.scheduledEvents.map((event) => (isIt(event) ? moved(event, NotBefore.getTime(), call.nowMs) : event));
			return { ...before, scheduledEvents, lastModifiedTime: timestamp(call.nowMs) };
		});
		if (after === undefined) throw noSuchResource("instance", [InstanceId]); // Purged meanwhile.
		const event = after.scheduledEvents.find(isIt);
		return { Event: event && describeEvent(event) };
	},
};

function moved(event: ScheduledEvent, toMs: number, nowMs: number): ScheduledEvent {
	const { eventId, notBefore, notAfter, notBeforeDeadline } = event;
	if (notBeforeDeadline === undefined) {
		throw invalidInstanceEventStartTime(`The event '${eventId}' has no deadline. Only an event that has one can be rescheduled.`);
	}
	if (epochMs(notBefore) < nowMs + SETTLED_MS) {
		throw invalidInstanceEventStartTime(`The event '${eventId}' starts at ${notBefore}. What has begun, or will in 5 minutes, stays.`);
	}
	if (toMs < nowMs + NOTICE_MIN_MS || toMs > epochMs(notBeforeDeadline)) {
		throw invalidInstanceEventStartTime(
			`The start time ${timestamp(toMs)} of event '${eventId}' is not valid. Specify a time from 60 minutes from now to ${notBeforeDeadline}.`,
		);
	}
	const later = toMs - epochMs(notBefore);
	return { ...event, notBefore: timestamp(toMs), ...(notAfter !== undefined && { notAfter: timestamp(epochMs(notAfter) + later) }) };
}
