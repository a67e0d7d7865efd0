// Which instance a request of Lightsail speaks of, and what it must be allowed to do with it.

import { derivedUuid } from "../../../model/ids.ts";
import type { Instance, LightsailFacts } from "../../../model/instance.ts";
import { hasLightsailName } from "../../../model/lightsail-name.ts";
import { doesNotExist } from "../../lightsail-errors.ts";
import type { AccessNeed, Call } from "../../operation.ts";

/** An instance of Lightsail. */
export type LightsailInstance = Instance & { readonly lightsail: LightsailFacts };

/** A request that speaks of one instance. */
interface Named {
	readonly instanceName: string;
}

/** The instances of Lightsail that there are. */
export function lightsailInstances({ records }: Pick<Call, "records">): readonly LightsailInstance[] {
	return [...records.instance.values()].filter(hasLightsailName);
}

/**
 * The instance of a name.
 *
 * @throws {ApiError} where there is none.
 */
export function instanceNamed(name: string, call: Pick<Call, "records">): LightsailInstance {
	const instance = findInstance(name, call);
	if (instance === undefined) throw doesNotExist("Instance", name);
	return instance;
}

/** The need to do something with an instance, with what is known of it. Where there is none, nobody learns that who may not ask for all. */
export function instanceNeeds({ instanceName }: Named, call: Call): readonly AccessNeed[] {
	const instance = findInstance(instanceName, call);
	if (instance === undefined) return [{ resource: "*" }];
	const tags = instance.tags.map(({ key, value }): [string, string] => [`aws:ResourceTag/${key}`, value]);
	return [{ resource: instanceArn(instance.instanceId, call), context: Object.fromEntries(tags) }];
}

/** @param instanceId `*` for instances that are yet to be made. */
export function instanceArn(instanceId: string, { account, partition }: Pick<Call, "account" | "partition">): string {
	const id = instanceId === "*" ? "*" : derivedUuid("lightsail", instanceId);
	return `arn:${partition}:lightsail:${account.region}:${account.accountId}:Instance/${id}`;
}

function findInstance(name: string, call: Pick<Call, "records">): LightsailInstance | undefined {
	return lightsailInstances(call).find(({ lightsail }) => lightsail.name === name);
}
