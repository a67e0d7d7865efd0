// Operations: what calls that change something leave behind, and how far each is.

import { randomUUID } from "node:crypto";
import type { Instance } from "../../../model/instance.ts";
import type { LightsailOperation } from "../../../model/lightsail-operation.ts";
import type * as lightsail from "../../models/lightsail.ts";
import type { Call } from "../../operation.ts";
import type { LightsailInstance } from "./instance-lookup.ts";
import { locationOf } from "./location.ts";

/** Gap: AWS does not say how long it keeps operations. Here it is two weeks, and the newest thousand. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
const KEPT_MAX = 1_000;

/** The last moment that a Date knows. */
const LATEST_MS = 8.64e15;

/** What keeps an operation under way: its instance's state. */
const TRANSITIONS: readonly LightsailInstance["state"][] = ["pending", "stopping"];

/**
 * Notes of something that was begun or done, which are kept from now on; those that are too old are forgotten.
 *
 * @param done the instances as the change left them, each with the id that its operation shall have.
 * @returns the operations as they began.
 */
export async function recordOperations(
	operationType: LightsailOperation["operationType"],
	done: readonly { readonly instance: LightsailInstance; readonly operationId: string }[],
	call: Pick<Call, "account" | "inventory" | "nowMs">,
): Promise<readonly lightsail.Operation[]> {
	const operations = done.map(({ instance: { instanceId, lightsail, placement }, operationId }): LightsailOperation => ({
		operationId,
		operationType,
		resourceName: lightsail.name,
		instanceId,
		availabilityZone: placement.availabilityZone,
		createdAtMs: call.nowMs,
	}));
	const before = (await call.inventory.records())["lightsail-operation"];
	// Found before anything is awaited: the records change as the store does.
	const forgotten = tooOld(before.values(), operations.length, call.nowMs);
	await call.inventory.create("lightsail-operation", ...operations);
	await Promise.all(forgotten.map((id) => call.inventory.forget("lightsail-operation", id)));
	return operations.map((operation, index) => describe(operation, done[index]?.instance, call));
}

/** The ids of those that are forgotten when so many more are kept. */
function tooOld(operations: Iterable<LightsailOperation>, added: number, nowMs: number): readonly string[] {
	const newestFirst = [...operations].toSorted((a, b) => (reverseOrderOf(a) < reverseOrderOf(b) ? -1 : 1));
	return newestFirst
		.filter(({ createdAtMs }, index) => index + added >= KEPT_MAX || createdAtMs <= nowMs - KEPT_MS)
		.map(({ operationId }) => operationId);
}

/** The id of an operation that is yet to be noted. */
export function newOperationId(): string {
	return randomUUID();
}

/** What operations are in the order of: their beginnings, the earliest first. */
export function orderOf({ createdAtMs, operationId }: Pick<LightsailOperation, "createdAtMs" | "operationId">): string {
	return `${String(createdAtMs).padStart(16, "0")} ${operationId}`;
}

/** The other way round: the newest first. */
export function reverseOrderOf({ createdAtMs, operationId }: Pick<LightsailOperation, "createdAtMs" | "operationId">): string {
	return orderOf({ createdAtMs: LATEST_MS - createdAtMs, operationId });
}

/** An operation as the API shows it. */
export function describeOperation(operation: LightsailOperation, call: Pick<Call, "records" | "account">): lightsail.Operation {
	return describe(operation, call.records.instance.get(operation.instanceId), call);
}

/**
 * AWS: what changes a state is `Started` until that is so, everything else `Succeeded` at once (CLI reference, examples).
 *
 * Gap: `statusChangedAt` is when it began. When its instance got there is not kept.
 */
function describe(operation: LightsailOperation, instance: Instance | undefined, call: Pick<Call, "account">): lightsail.Operation {
	const { operationId, operationType, resourceName, availabilityZone, createdAtMs } = operation;
	const isUnderWay = instance?.lightsail?.operationId === operationId && TRANSITIONS.includes(instance.state);
	return {
		id: operationId,
		resourceName,
		resourceType: "Instance",
		createdAt: new Date(createdAtMs),
		location: locationOf(availabilityZone, call),
		isTerminal: !isUnderWay,
		operationType,
		status: isUnderWay ? "Started" : "Succeeded",
		statusChangedAt: new Date(createdAtMs),
	};
}
