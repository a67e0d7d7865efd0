// The attributes of an instance that ModifyInstanceAttribute changes and DescribeInstanceAttribute shows (control-apis.md §2.9).

import type { Instance } from "../../../../model/instance.ts";
import { incorrectInstanceState, invalidParameterCombination, invalidParameterValue, noSuchResource } from "../../../errors.ts";
import type { Records } from "../../../inventory.ts";
import type {
	InstanceAttributeName,
	InstanceBlockDeviceMappingSpecification,
	ModifyInstanceAttributeRequest,
} from "../../../models/ec2.ts";
import { checkUserData } from "../launches/launch-specification.ts";

/** What a request wants of one attribute. */
export interface AttributeChange {
	/** As in `ec2:Attribute`. */
	readonly name: string;
	readonly value: string | boolean | readonly string[];
	/** Whether the instance must be stopped for it. */
	readonly needsStopped: boolean;
	readonly change: (instance: Instance) => Instance;
}

/** The member of a request that each attribute's name stands for. */
const MEMBERS: Readonly<Partial<Record<InstanceAttributeName, keyof ModifyInstanceAttributeRequest>>> = {
	disableApiStop: "DisableApiStop",
	disableApiTermination: "DisableApiTermination",
	ebsOptimized: "EbsOptimized",
	enaSupport: "EnaSupport",
	instanceInitiatedShutdownBehavior: "InstanceInitiatedShutdownBehavior",
	instanceType: "InstanceType",
	kernel: "Kernel",
	ramdisk: "Ramdisk",
	sourceDestCheck: "SourceDestCheck",
	sriovNetSupport: "SriovNetSupport",
	userData: "UserData",
};

/**
 * The one attribute that a request changes.
 *
 * @throws {ApiError} for none, for several, and for values that the attribute can't have.
 */
export function attributeChange(input: ModifyInstanceAttributeRequest, records: Records): AttributeChange {
	const changes = changesOf(input, records);
	const [change] = changes;
	if (change === undefined) throw invalidParameterCombination("No attributes specified.");
	if (changes.length > 1) {
		const names = changes.map(({ name }) => name).join(", ");
		throw invalidParameterCombination(`Fields for multiple attribute types specified: ${names}`);
	}
	return change;
}

/** The names of the attributes in a request, and what it wants them to be, for policies. */
export function requestedAttributes(input: ModifyInstanceAttributeRequest): Readonly<Record<string, string | boolean>> {
	return Object.fromEntries(
		members(input)
			.filter(([, value]) => typeof value !== "object")
			.map(([name, value]) => [name, value as string | boolean]),
	);
}

function members(input: ModifyInstanceAttributeRequest): readonly (readonly [string, unknown])[] {
	const { InstanceId: _id, DryRun: _dryRun, Attribute, Value, Groups, BlockDeviceMappings, EnclaveOptions, UserData, ...values } = input;
	const given = Object.entries(values).map(([name, value]) => [name, (value as { Value?: unknown } | undefined)?.Value] as const);
	const named = Attribute === undefined ? [] : [[MEMBERS[Attribute] ?? Attribute, Value] as const];
	const userData = UserData?.Value === undefined ? undefined : Buffer.from(UserData.Value).toString("base64");
	const lists = [
		["GroupSet", Groups],
		["BlockDeviceMapping", BlockDeviceMappings],
		["EnclaveOptions", EnclaveOptions],
	] as const;
	return [...given, ...named, ["UserData", userData] as const, ...lists].filter(([, value]) => value !== undefined);
}

function changesOf(input: ModifyInstanceAttributeRequest, records: Records): readonly AttributeChange[] {
	return members(input).map(([name, value]) => {
		const text = String(value);
		const onStopped = (change: AttributeChange["change"]) => ({ name, value: text, needsStopped: true, change });
		const always = (change: AttributeChange["change"]) => ({ name, value: text, needsStopped: false, change });
		switch (name) {
			case "UserData":
				checkUserData(text);
				return onStopped((instance) => withUserData(instance, text));
			case "InstanceType":
				if (!/^[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}$/.test(text)) throw invalidParameterValue(`Invalid value '${text}' for InstanceType.`);
				return onStopped((instance) => ({ ...instance, instanceType: text }));
			case "Kernel":
				return onStopped((instance) => ({ ...instance, kernelId: text }));
			case "Ramdisk":
				return onStopped((instance) => ({ ...instance, ramdiskId: text }));
			case "EbsOptimized":
			case "EnaSupport":
				return onStopped((instance) => describedAs(instance, name, flag(name, text)));
			case "SriovNetSupport":
				return onStopped((instance) => describedAs(instance, name, text));
			case "SourceDestCheck":
				return always((instance) => describedAs(instance, name, flag(name, text)));
			case "DisableApiTermination":
				return always((instance) => ({ ...instance, disableApiTermination: flag(name, text) }));
			case "DisableApiStop":
				return always((instance) => ({ ...instance, disableApiStop: flag(name, text) }));
			case "InstanceInitiatedShutdownBehavior":
				if (text !== "stop" && text !== "terminate")
					throw invalidParameterValue(`Invalid value '${text}' for ${name}. Use stop or terminate.`);
				return always((instance) => ({ ...instance, instanceInitiatedShutdownBehavior: text }));
			case "GroupSet":
				return always((instance) => withGroups(instance, value as readonly string[], records));
			case "BlockDeviceMapping":
				return always((instance) => withMappings(instance, value as readonly InstanceBlockDeviceMappingSpecification[]));
			case "EnclaveOptions":
				// Accepted: it has no effect here.
				return always((instance) => instance);
			default:
				throw invalidParameterValue(`Value (${name}) for parameter attribute is invalid. It can't be modified.`);
		}
	});
}

function withUserData(instance: Instance, text: string): Instance {
	const { userData: _, ...rest } = instance;
	return text === "" ? rest : { ...rest, userData: Buffer.from(text, "base64").toString("base64") };
}

function flag(name: string, text: string): boolean {
	if (text !== "true" && text !== "false") throw invalidParameterValue(`Invalid value '${text}' for ${name}. Use true or false.`);
	return text === "true";
}

function describedAs(instance: Instance, name: string, value: string | boolean): Instance {
	return { ...instance, described: { ...instance.described, [name]: value } };
}

function withGroups(instance: Instance, groupIds: readonly string[], records: Records): Instance {
	const vpcId = records.subnet.get(instance.networkInterfaces[0]?.subnetId ?? "")?.vpcId;
	const unknown = groupIds.filter((groupId) => records["security-group"].get(groupId)?.vpcId !== vpcId);
	if (unknown.length > 0) throw noSuchResource("security-group", unknown);
	return { ...instance, networkInterfaces: instance.networkInterfaces.map((one, index) => (index === 0 ? { ...one, groupIds } : one)) };
}

/** Gap: of a device, whether its volume ends with the instance is all that can be changed. */
function withMappings(instance: Instance, changes: readonly InstanceBlockDeviceMappingSpecification[]): Instance {
	const deleted = new Map(changes.map(({ DeviceName, Ebs }) => [DeviceName, Ebs?.DeleteOnTermination]));
	const blockDeviceMappings = instance.blockDeviceMappings.map((mapping) => {
		const deleteOnTermination = deleted.get(mapping.deviceName);
		return deleteOnTermination === undefined ? mapping : { ...mapping, ebs: { ...mapping.ebs, deleteOnTermination } };
	});
	return { ...instance, blockDeviceMappings };
}

/** @throws {ApiError} for an instance that would have to be stopped. */
export function checkStopped({ state, instanceId }: Instance): void {
	if (state !== "stopped") throw incorrectInstanceState(`The instance '${instanceId}' is not in the 'stopped' state.`);
}
