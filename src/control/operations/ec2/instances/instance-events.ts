// Maintenance events of instances, as the APIs show them (control-apis.md §2.9).

import type { Instance, ScheduledEvent } from "../../../../model/instance.ts";
import { epochMs } from "../../../../model/timestamp.ts";
import type * as ec2 from "../../../models/ec2.ts";

/** AWS: what is over is shown for up to a week. */
const PAST_VISIBLE_MS = 7 * 24 * 60 * 60 * 1000;

const PAST_PREFIXES = { completed: "[Completed] ", canceled: "[Canceled] " } as const;

/** The events to come, and those of the last week that are over. */
export function describedEvents({ scheduledEvents }: Instance, nowMs: number): readonly ec2.InstanceStatusEvent[] {
	return scheduledEvents
		.filter(({ state, notBefore, notAfter }) => state === "active" || epochMs(notAfter ?? notBefore) > nowMs - PAST_VISIBLE_MS)
		.map(describeEvent);
}

/** AWS: the description of what is over begins with how it ended. */
export function describeEvent(event: ScheduledEvent): ec2.InstanceStatusEvent {
	const { eventId, code, description, state, notBefore, notAfter, notBeforeDeadline } = event;
	const prefix = state === "active" ? "" : PAST_PREFIXES[state];
	return {
		InstanceEventId: eventId,
		Code: code,
		Description: description.startsWith(prefix) ? description : prefix + description,
		NotBefore: new Date(epochMs(notBefore)),
		NotAfter: notAfter === undefined ? undefined : new Date(epochMs(notAfter)),
		NotBeforeDeadline: notBeforeDeadline === undefined ? undefined : new Date(epochMs(notBeforeDeadline)),
	};
}
