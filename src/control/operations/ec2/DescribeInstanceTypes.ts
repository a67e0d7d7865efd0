import { invalidInstanceTypes, invalidParameterCombination } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type { InstanceTypeInfo } from "../../models/ec2.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { INSTANCE_TYPES, type InstanceType } from "./instances/instance-types.ts";

/** AWS: which ones they are depends on the account's age; these are what guides expect. */
const FREE_TIER = new Set(["t2.micro", "t3.micro"]);

/** AWS: enclaves take cores of their instance, so it needs two of them, and no burstable, flexible or bare-metal type has any. */
const ENCLAVE_CORES_MIN = 2;

/** Gap: of some 50 filters, those over what is known here. */
const FILTERS: FilterTable<InstanceTypeInfo> = {
	"bare-metal": ({ BareMetal }) => BareMetal,
	"burstable-performance-supported": ({ BurstablePerformanceSupported }) => BurstablePerformanceSupported,
	"current-generation": ({ CurrentGeneration }) => CurrentGeneration,
	"free-tier-eligible": ({ FreeTierEligible }) => FreeTierEligible,
	hypervisor: ({ Hypervisor }) => Hypervisor,
	"instance-storage-supported": ({ InstanceStorageSupported }) => InstanceStorageSupported,
	"instance-type": ({ InstanceType }) => InstanceType,
	"memory-info.size-in-mib": ({ MemoryInfo }) => MemoryInfo?.SizeInMiB,
	"network-info.ena-support": ({ NetworkInfo }) => NetworkInfo?.EnaSupport,
	"network-info.ipv4-addresses-per-interface": ({ NetworkInfo }) => NetworkInfo?.Ipv4AddressesPerInterface,
	"network-info.ipv6-addresses-per-interface": ({ NetworkInfo }) => NetworkInfo?.Ipv6AddressesPerInterface,
	"network-info.ipv6-supported": ({ NetworkInfo }) => NetworkInfo?.Ipv6Supported,
	"network-info.maximum-network-interfaces": ({ NetworkInfo }) => NetworkInfo?.MaximumNetworkInterfaces,
	"nitro-enclaves-support": ({ NitroEnclavesSupport }) => NitroEnclavesSupport,
	"placement-group-info.supported-strategies": ({ PlacementGroupInfo }) => PlacementGroupInfo?.SupportedStrategies,
	"processor-info.supported-architecture": ({ ProcessorInfo }) => ProcessorInfo?.SupportedArchitectures,
	"supported-boot-mode": ({ SupportedBootModes }) => SupportedBootModes,
	"supported-root-device-type": ({ SupportedRootDeviceTypes }) => SupportedRootDeviceTypes,
	"supported-usage-class": ({ SupportedUsageClasses }) => SupportedUsageClasses,
	"supported-virtualization-type": ({ SupportedVirtualizationTypes }) => SupportedVirtualizationTypes,
	"vcpu-info.default-cores": ({ VCpuInfo }) => VCpuInfo?.DefaultCores,
	"vcpu-info.default-threads-per-core": ({ VCpuInfo }) => VCpuInfo?.DefaultThreadsPerCore,
	"vcpu-info.default-vcpus": ({ VCpuInfo }) => VCpuInfo?.DefaultVCpus,
};

/** Instance types by name, by filter, or all that are known; in pages. */
export const DescribeInstanceTypes: Ec2Operation<"DescribeInstanceTypes"> = {
	run({ InstanceTypes, ...request }) {
		if (request.MaxResults !== undefined && InstanceTypes !== undefined) {
			throw invalidParameterCombination("The parameter InstanceTypes cannot be used with the parameter MaxResults");
		}
		const unknown = (InstanceTypes ?? []).filter((name) => !INSTANCE_TYPES.has(name));
		if (unknown.length > 0) throw invalidInstanceTypes(unknown);
		const names = InstanceTypes === undefined ? INSTANCE_TYPES.keys() : new Set(InstanceTypes);
		const types = Array.from(names, (name) => describeType(INSTANCE_TYPES.get(name)!));
		const { items, nextToken } = filteredPage(types, request, FILTERS, ({ InstanceType }) => InstanceType, { min: 5, max: 100 });
		return { InstanceTypes: items, NextToken: nextToken };
	},
};

function describeType(type: InstanceType): InstanceTypeInfo {
	const { instanceType, family, bareMetal, vcpus, memoryMib, interfacesMax, addressesPerInterface } = type;
	const nitro = family.hypervisor === "nitro";
	const arm = family.manufacturer === "AWS";
	const threads = family.oneThreadPerCore === true || vcpus === 1 ? 1 : 2;
	const cores = vcpus / threads;
	const flexible = family.families.endsWith("-flex");
	const enclaves = nitro && family.burstable !== true && !flexible && !bareMetal && cores >= ENCLAVE_CORES_MIN;
	const storage = family.instanceStorage === true || /^[a-z]+\d[a-z]*d/.test(instanceType);
	return {
		InstanceType: instanceType,
		CurrentGeneration: family.previousGeneration !== true,
		FreeTierEligible: FREE_TIER.has(instanceType),
		SupportedUsageClasses: ["on-demand", "spot"],
		SupportedRootDeviceTypes: family.paravirtual === true && family.instanceStorage === true ? ["ebs", "instance-store"] : ["ebs"],
		SupportedVirtualizationTypes: family.paravirtual === true ? ["hvm", "paravirtual"] : ["hvm"],
		BareMetal: bareMetal,
		Hypervisor: bareMetal ? undefined : family.hypervisor,
		ProcessorInfo: { SupportedArchitectures: [arm ? "arm64" : "x86_64"], Manufacturer: family.manufacturer },
		VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: cores, DefaultThreadsPerCore: threads },
		MemoryInfo: { SizeInMiB: memoryMib },
		InstanceStorageSupported: storage,
		EbsInfo: {
			EbsOptimizedSupport: nitro ? "default" : "unsupported",
			EncryptionSupport: "supported",
			NvmeSupport: nitro ? "required" : "unsupported",
		},
		NetworkInfo: {
			MaximumNetworkInterfaces: interfacesMax,
			MaximumNetworkCards: 1,
			DefaultNetworkCardIndex: 0,
			NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: interfacesMax }],
			Ipv4AddressesPerInterface: addressesPerInterface,
			Ipv6AddressesPerInterface: family.noIpv6 === true ? 0 : addressesPerInterface,
			Ipv6Supported: family.noIpv6 !== true,
			EnaSupport: nitro ? "required" : family.ena === true ? "supported" : "unsupported",
			EfaSupported: false,
		},
		PlacementGroupInfo: { SupportedStrategies: family.burstable === true ? ["partition", "spread"] : ["cluster", "partition", "spread"] },
		BurstablePerformanceSupported: family.burstable === true,
		SupportedBootModes: arm ? ["uefi"] : nitro ? ["legacy-bios", "uefi"] : ["legacy-bios"],
		NitroEnclavesSupport: enclaves ? "supported" : "unsupported",
	};
}
