import assert from "node:assert/strict";
import { test } from "node:test";
import { launchAlone } from "../../test/categories/world.ts";
import type { ScheduledEvent } from "../model/instance.ts";
import { scheduledEvents } from "./events.ts";

const EVENT: ScheduledEvent = {
	eventId: "instance-event-0d59937288b749b32",
	code: "system-reboot",
	description: "scheduled reboot",
	notBefore: "2019-01-21T09:00:43Z",
	notAfter: "2019-01-21T09:17:23Z",
	state: "active",
};

const texts = (...events: readonly ScheduledEvent[]) => {
	const instance = launchAlone({ instanceId: "i-1", scheduledEvents: events });
	return [scheduledEvents(instance, "active"), scheduledEvents(instance, "past")];
};

test("without events both lists are empty", () => {
	assert.deepEqual(texts(), ["[]", "[]"]);
});

test("an active event has EC2's documented print", () => {
	const text = `[
  {
    "NotBefore" : "21 Jan 2019 09:00:43 GMT",
    "Code" : "system-reboot",
    "Description" : "scheduled reboot",
    "EventId" : "instance-event-0d59937288b749b32",
    "NotAfter" : "21 Jan 2019 09:17:23 GMT",
    "State" : "active"
  }
]`;
	assert.deepEqual(texts(EVENT), [text, "[]"]);
});

test("an event of the past is in the history, its description marked once", () => {
	const { notAfter: _, ...endless } = EVENT;
	const past = (event: ScheduledEvent) => {
		const [active, history = ""] = texts(event);
		assert.equal(active, "[]");
		return JSON.parse(history) as Record<string, string>[];
	};
	assert.deepEqual(past({ ...endless, state: "completed", code: "instance-retirement" }), [
		{
			NotBefore: "21 Jan 2019 09:00:43 GMT",
			Code: "instance-retirement",
			Description: "[Completed] scheduled reboot",
			EventId: EVENT.eventId,
			State: "completed",
		},
	]);
	assert.equal(past({ ...EVENT, state: "canceled" })[0]?.["Description"], "[Canceled] scheduled reboot");
	assert.equal(past({ ...EVENT, state: "canceled", description: "[Canceled] x" })[0]?.["Description"], "[Canceled] x");
});

test("a deadline is printed like the other dates, the day in two digits", () => {
	const [text = ""] = texts({ ...EVENT, notBeforeDeadline: "2019-02-01T00:00:00Z" });
	assert.match(text, /^ {4}"NotBeforeDeadline" : "01 Feb 2019 00:00:00 GMT",$/m);
});
