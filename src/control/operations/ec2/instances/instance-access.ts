// What a policy may ask of an instance (control-apis.md §3.1).

import type { Instance } from "../../../../model/instance.ts";
import type { MetadataOptions } from "../../../../model/metadata-options.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { ec2Arn, tagContext } from "../arns.ts";
import { findInstance } from "./instance-lookup.ts";

/**
 * The need to do something with instances: one need for each, with what is known of those that exist.
 *
 * @param requested condition keys of what is asked for, such as `ec2:Attribute/HttpTokens`.
 */
export function instanceNeeds(instanceIds: readonly string[], call: Call, requested: AccessNeed["context"] = {}): readonly AccessNeed[] {
	return instanceIds.map((instanceId) => {
		const instance = findInstance(instanceId, call);
		return {
			resource: ec2Arn(call, "instance", instanceId),
			context: { ...(instance && instanceContext(instance, call)), ...requested },
		};
	});
}

/** The condition keys of an instance as it is. */
function instanceContext(instance: Instance, call: Call): NonNullable<AccessNeed["context"]> {
	const { placement, instanceType, instanceId, iamInstanceProfile, instanceLifecycle } = instance;
	return {
		...metadataOptionsContext(instance.metadataOptions),
		...tagContext(instance.tags),
		"ec2:InstanceID": instanceId,
		"ec2:InstanceType": instanceType,
		"ec2:InstanceProfile": iamInstanceProfile?.arn,
		"ec2:InstanceMarketType": instanceLifecycle === "spot" ? "spot" : "on-demand",
		"ec2:AvailabilityZone": placement.availabilityZone,
		"ec2:PlacementGroup": placement.groupName && ec2Arn(call, "placement-group", placement.groupName),
		"ec2:Tenancy": placement.tenancy ?? "default",
		"ec2:RootDeviceType": "ebs",
		"ec2:EbsOptimized": String(instance.described?.["EbsOptimized"] === true),
	};
}

/**
 * The condition keys of an instance's options.
 *
 * AWS: at RunInstances they carry the values that the instance would get, and are always there; afterwards what it has now. What a
 * change asks for is `ec2:Attribute/…`, and never these (§3.1, settled by evidence).
 */
export function metadataOptionsContext(options: MetadataOptions): Readonly<Record<string, string>> {
	return {
		"ec2:MetadataHttpEndpoint": options.httpEndpoint,
		"ec2:MetadataHttpPutResponseHopLimit": String(options.httpPutResponseHopLimit),
		"ec2:MetadataHttpTokens": options.httpTokens,
		"ec2:InstanceMetadataTags": options.instanceMetadataTags,
	};
}

/** `ec2:Attribute` and `ec2:Attribute/NAME` of the attributes that a request names. */
export function attributeContext(
	attributes: Readonly<Record<string, string | number | boolean | undefined>>,
): NonNullable<AccessNeed["context"]> {
	const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
	if (given.length === 0) return {};
	return {
		...Object.fromEntries(given.map(([name, value]) => [`ec2:Attribute/${name}`, String(value)])),
		"ec2:Attribute": given.map(([name]) => name),
	};
}
