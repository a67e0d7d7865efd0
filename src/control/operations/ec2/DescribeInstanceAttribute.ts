import type { Instance } from "../../../model/instance.ts";
import type { InstanceAttribute, InstanceAttributeName } from "../../models/ec2.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { describeInstance } from "./instances/instance-description.ts";
import { instanceOf } from "./instances/instance-lookup.ts";
import type { Call } from "../../operation.ts";

/** One attribute of an instance (control-apis.md §2.9); an empty element where it has no value. */
export const DescribeInstanceAttribute: Ec2Operation<"DescribeInstanceAttribute"> = {
	run({ InstanceId, Attribute }, call) {
		return { InstanceId, ...attributeOf(instanceOf(InstanceId, call), Attribute, call) };
	},
};

function attributeOf(instance: Instance, name: InstanceAttributeName, call: Call): InstanceAttribute {
	const shown = describeInstance(instance, call);
	const value = <T>(Value: T | undefined) => (Value === undefined ? {} : { Value });
	switch (name) {
		case "userData":
			return { UserData: value(instance.userData) };
		case "instanceType":
			return { InstanceType: value(instance.instanceType) };
		case "kernel":
			return { KernelId: value(instance.kernelId) };
		case "ramdisk":
			return { RamdiskId: value(instance.ramdiskId) };
		case "disableApiTermination":
			return { DisableApiTermination: value(instance.disableApiTermination ?? false) };
		case "disableApiStop":
			return { DisableApiStop: value(instance.disableApiStop ?? false) };
		case "instanceInitiatedShutdownBehavior":
			return { InstanceInitiatedShutdownBehavior: value(instance.instanceInitiatedShutdownBehavior ?? "stop") };
		case "rootDeviceName":
			return { RootDeviceName: value(shown.RootDeviceName) };
		case "blockDeviceMapping":
			return { BlockDeviceMappings: shown.BlockDeviceMappings };
		case "productCodes":
			return { ProductCodes: shown.ProductCodes };
		case "sourceDestCheck":
			return { SourceDestCheck: value(shown.SourceDestCheck) };
		case "groupSet":
			return { Groups: shown.SecurityGroups };
		case "ebsOptimized":
			return { EbsOptimized: value(shown.EbsOptimized) };
		case "sriovNetSupport":
			return { SriovNetSupport: value(shown.SriovNetSupport) };
		case "enaSupport":
			return { EnaSupport: value(shown.EnaSupport) };
		case "enclaveOptions":
			return { EnclaveOptions: { Enabled: shown.EnclaveOptions?.Enabled ?? false } };
	}
}
