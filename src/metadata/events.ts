import { jsonText } from "../identity/json.ts";
import type { Instance, ScheduledEvent } from "../model/instance.ts";
import type { Timestamp } from "../model/timestamp.ts";

const PAST_PREFIX = { completed: "[Completed] ", canceled: "[Canceled] " } as const;

/** The JSON of `events/maintenance/scheduled` (active) or `…/history` (past); `[]` when there are none (§5.3). */
export function scheduledEvents({ scheduledEvents: events }: Instance, which: "active" | "past"): string {
	return jsonText(events.filter(({ state }) => (state === "active") === (which === "active")).map(eventDocument));
}

function eventDocument({ notBefore, notAfter, notBeforeDeadline, state, ...event }: ScheduledEvent): Record<string, string> {
	const prefix = state === "active" ? "" : PAST_PREFIX[state];
	return {
		NotBefore: eventDate(notBefore),
		Code: event.code,
		Description: event.description.startsWith(prefix) ? event.description : prefix + event.description,
		EventId: event.eventId,
		...(notAfter === undefined ? {} : { NotAfter: eventDate(notAfter) }),
		...(notBeforeDeadline === undefined ? {} : { NotBeforeDeadline: eventDate(notBeforeDeadline) }),
		State: state,
	};
}

/** `21 Jan 2019 09:00:43 GMT` */
function eventDate(at: Timestamp): string {
	return new Date(at).toUTCString().slice(5);
}
