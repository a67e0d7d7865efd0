// Where the tags of everything that can be tagged are kept: on the resource's own record, or on a part of its instance's.

import { isDeepStrictEqual } from "node:util";
import type { Instance } from "../../../../model/instance.ts";
import type { RecordTypes } from "../../../../model/records.ts";
import type { Tag } from "../../../../model/tag.ts";
import { timestamp } from "../../../../model/timestamp.ts";
import { invalidId, noSuchResource, RESOURCE_TYPES, type ResourceType, resourceTypeOf } from "../../../errors.ts";
import { describedTags } from "../../../instance-endpoint.ts";
import type { Call } from "../../../operation.ts";
import { visibleInstances } from "../DescribeInstances.ts";
import { checkMetadataTags } from "../instances/instance-metadata-options.ts";
import { attachedInterfaces, attachedVolumes } from "../instances/instance-parts.ts";
import { keyPairIdOf } from "../key-pairs/key-pair-lookup.ts";

/** A resource and its tags. */
export interface TaggedResource {
	readonly resourceType: ResourceType;
	readonly resourceId: string;
	/** As the APIs show them. */
	readonly tags: readonly Tag[];
	/** As its ARN ends: the id, but the name of a key pair. */
	readonly arnId: string;
	readonly kind: TaggedKind;
	readonly recordId: string;
	/** The record with other tags of this resource. */
	readonly retag: (record: TaggedRecord, change: ChangeTags) => TaggedRecord;
}

/** Pure: it may run several times. */
export type ChangeTags = (tags: readonly Tag[]) => readonly Tag[];

type TaggedKind = Exclude<ResourceType, "network-interface" | "volume">;
type TaggedRecord = RecordTypes[TaggedKind];

/**
 * Everything that can be tagged.
 *
 * Gap: of what there is. Spot requests and instance profiles' associations follow from instances, and have no tags.
 */
export function taggableResources(call: Call): readonly TaggedResource[] {
	return RESOURCE_TYPES.flatMap((type) => ALL[type](call));
}

/** Those of these ids that exist, each once. */
export function knownResources(ids: readonly string[], call: Call): readonly TaggedResource[] {
	return [...Map.groupBy(new Set(ids), resourceTypeOf)].flatMap(([type, members]) => {
		const wanted = new Set(members);
		return type === undefined ? [] : ALL[type](call).filter(({ resourceId }) => wanted.has(resourceId));
	});
}

/**
 * The resources of these ids.
 *
 * @throws {ApiError} for the first id that tells no type; otherwise naming those of a type that don't exist.
 */
export function taggedResources(ids: readonly string[], call: Call): readonly TaggedResource[] {
	const known = knownResources(ids, call);
	const found = new Set(known.map(({ resourceId }) => resourceId));
	for (const [type, missing] of Map.groupBy(new Set(ids).difference(found), resourceTypeOf)) {
		throw type === undefined ? invalidId(missing[0]!) : noSuchResource(type, missing);
	}
	return known;
}

/**
 * Changes the tags of resources: of none, unless every one may have the tags that it would get.
 *
 * @throws {ApiError} for tags that could not stand in the metadata of an instance that shows them; whatever `change` throws.
 */
export async function changeTags(resources: readonly TaggedResource[], call: Call, change: ChangeTags): Promise<void> {
	const changes = [...Map.groupBy(resources, ({ kind, recordId }) => `${kind} ${recordId}`).values()].map((members) => {
		const { kind, recordId, resourceType, resourceId } = members[0]!;
		return {
			kind,
			recordId,
			gone: () => noSuchResource(resourceType, [resourceId]),
			retagAll: (before: TaggedRecord) => {
				const after = members.reduce((record, { retag }) => retag(record, change), before);
				if (isDeepStrictEqual(after, before)) return before;
				return kind === "instance" ? { ...after, lastModifiedTime: timestamp(call.nowMs) } : after;
			},
		};
	});
	for (const { kind, recordId, gone, retagAll } of changes) {
		const record = call.records[kind].get(recordId);
		if (record === undefined) throw gone();
		retagAll(record);
	}
	await Promise.all(
		changes.map(async ({ kind, recordId, gone, retagAll }) => {
			if ((await call.inventory.update(kind, recordId, retagAll)) === undefined) throw gone();
		}),
	);
}

const ALL: Readonly<Record<ResourceType, (call: Call) => readonly TaggedResource[]>> = {
	instance: (call) =>
		visibleInstances(call).map((instance) => ({
			resourceType: "instance",
			resourceId: instance.instanceId,
			tags: describedTags(instance),
			arnId: instance.instanceId,
			kind: "instance",
			recordId: instance.instanceId,
			retag: (record, change) => {
				const after = retagged(record, change) as Instance;
				if (after.metadataOptions.instanceMetadataTags === "enabled") checkMetadataTags(after.tags);
				return after;
			},
		})),
	image: ({ records }) =>
		[...records.image.values()]
			.filter(({ deregisteredAt }) => deregisteredAt === undefined)
			.map((image) => whole("image", image.imageId, image)),
	snapshot: ({ records }) => [...records.snapshot.values()].map((one) => whole("snapshot", one.snapshotId, one)),
	"launch-template": ({ records }) =>
		[...records["launch-template"].values()].map((one) => whole("launch-template", one.launchTemplateId, one)),
	subnet: ({ records }) => [...records.subnet.values()].map((one) => whole("subnet", one.subnetId, one)),
	vpc: ({ records }) => [...records.vpc.values()].map((one) => whole("vpc", one.vpcId, one)),
	"security-group": ({ records }) => [...records["security-group"].values()].map((one) => whole("security-group", one.groupId, one)),
	"key-pair": ({ records }) =>
		[...records["key-pair"].values()].map((one) => ({
			...whole("key-pair", one.keyName, one),
			resourceId: keyPairIdOf(one),
		})),
	"network-interface": (call) =>
		attachedInterfaces(call).map(({ instance, networkInterface: { networkInterfaceId, tags = [] } }) =>
			part("network-interface", networkInterfaceId, tags, instance, (record, change) => {
				const networkInterfaces = record.networkInterfaces.map((one) =>
					one.networkInterfaceId === networkInterfaceId ? retagged(one, change) : one,
				);
				return { ...record, networkInterfaces };
			}),
		),
	volume: (call) =>
		attachedVolumes(call).map(({ volumeId, instance, mapping: { deviceName, tags = [] } }) =>
			part("volume", volumeId, tags, instance, (record, change) => {
				const blockDeviceMappings = record.blockDeviceMappings.map((one) => (one.deviceName === deviceName ? retagged(one, change) : one));
				return { ...record, blockDeviceMappings };
			}),
		),
};

/** A resource that is a record. */
function whole(kind: TaggedKind, recordId: string, { tags = [] }: TaggedRecord): TaggedResource {
	return { resourceType: kind, resourceId: recordId, tags, arnId: recordId, kind, recordId, retag: retagged };
}

/** A resource that is a part of an instance. */
function part(
	resourceType: "network-interface" | "volume",
	resourceId: string,
	tags: readonly Tag[],
	{ instanceId }: Instance,
	retag: (record: Instance, change: ChangeTags) => Instance,
): TaggedResource {
	return {
		resourceType,
		resourceId,
		tags,
		arnId: resourceId,
		kind: "instance",
		recordId: instanceId,
		retag: (record, change) => retag(record as Instance, change),
	};
}
/** With other tags; itself where they are the same, so that what has none is not written for having none. */
function retagged<T extends { readonly tags?: readonly Tag[] }>(thing: T, change: ChangeTags): T {
	const before = thing.tags ?? [];
	const after = change(before);
	return isDeepStrictEqual(after, before) ? thing : { ...thing, tags: after };
}
