// What is known of instance types: families, and what a size has in them.
//
// Gap: some 600 of some 1000 types: those of the common families. No clock speeds, bandwidths, disks, GPUs or accelerators.

/** The facts of a type. */
export interface InstanceType {
	readonly instanceType: string;
	readonly family: Family;
	readonly bareMetal: boolean;
	readonly vcpus: number;
	readonly memoryMib: number;
	/** The most network interfaces, and IPv4 addresses on each. */
	readonly interfacesMax: number;
	readonly addressesPerInterface: number;
}

/** What the types of a family have in common. */
export interface Family {
	/** One or several of the same making. */
	readonly families: string;
	readonly sizes: string;
	readonly memoryGibPerVcpu: number;
	readonly manufacturer: "Intel" | "AMD" | "AWS";
	readonly hypervisor: "nitro" | "xen";
	/** Whether enhanced networking is there with Xen; Nitro requires it. */
	readonly ena?: true;
	/** Where a vCPU is a core. */
	readonly oneThreadPerCore?: true;
	readonly previousGeneration?: true;
	readonly burstable?: true;
	/** Beside those whose name says so by a `d`. */
	readonly instanceStorage?: true;
	readonly paravirtual?: true;
	/** Before IPv6 came to EC2. */
	readonly noIpv6?: true;
}

const M5_SIZES = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge";
const GRAVITON_SIZES = "medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge";
const T_SIZES = "nano micro small medium large xlarge 2xlarge";

// The families of a row share all but their name. Sources: DescribeInstanceTypes' documentation and the type pages of ec2/instance-types.
const FAMILIES: readonly Family[] = [
	{ ...intel("t2", T_SIZES, 0), hypervisor: "xen", burstable: true, oneThreadPerCore: true },
	{ ...intel("t3", T_SIZES, 0), burstable: true },
	{ ...amd("t3a", T_SIZES, 0), burstable: true },
	{ ...graviton("t4g", T_SIZES, 0), burstable: true },

	intel("m5 m5d m5n m5dn", `${M5_SIZES} metal:96`, 4),
	intel("r5 r5d r5n r5dn r5b", `${M5_SIZES} metal:96`, 8),
	intel("c5 c5d", "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge metal:96", 2),
	intel("c5n", "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge metal:72", 2.625),
	amd("m5a m5ad", M5_SIZES, 4),
	amd("r5a r5ad", M5_SIZES, 8),
	amd("c5a c5ad", M5_SIZES, 2),

	intel("m6i m6id m6in m6idn", `${M5_SIZES} 32xlarge metal:128`, 4),
	intel("r6i r6id r6in r6idn", `${M5_SIZES} 32xlarge metal:128`, 8),
	intel("c6i c6id c6in", `${M5_SIZES} 32xlarge metal:128`, 2),
	amd("m6a", `${M5_SIZES} 32xlarge 48xlarge metal:192`, 4),
	amd("r6a", `${M5_SIZES} 32xlarge 48xlarge metal:192`, 8),
	amd("c6a", `${M5_SIZES} 32xlarge 48xlarge metal:192`, 2),
	graviton("m6g m6gd", `${GRAVITON_SIZES} metal:64`, 4),
	graviton("r6g r6gd", `${GRAVITON_SIZES} metal:64`, 8),
	graviton("c6g c6gd", `${GRAVITON_SIZES} metal:64`, 2),
	graviton("c6gn", GRAVITON_SIZES, 2),

	intel("m7i", `${M5_SIZES} 48xlarge metal-24xl:96 metal-48xl:192`, 4),
	intel("r7i", `${M5_SIZES} 48xlarge metal-24xl:96 metal-48xl:192`, 8),
	intel("c7i", `${M5_SIZES} 48xlarge metal-24xl:96 metal-48xl:192`, 2),
	intel("m7i-flex", "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", 4),
	intel("c7i-flex", "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge", 2),
	{ ...amd("m7a", `medium ${M5_SIZES} 32xlarge 48xlarge metal-48xl:192`, 4), oneThreadPerCore: true },
	{ ...amd("r7a", `medium ${M5_SIZES} 32xlarge 48xlarge metal-48xl:192`, 8), oneThreadPerCore: true },
	{ ...amd("c7a", `medium ${M5_SIZES} 32xlarge 48xlarge metal-48xl:192`, 2), oneThreadPerCore: true },
	graviton("m7g m7gd", `${GRAVITON_SIZES} metal:64`, 4),
	graviton("r7g r7gd", `${GRAVITON_SIZES} metal:64`, 8),
	graviton("c7g c7gd", `${GRAVITON_SIZES} metal:64`, 2),
	graviton("m8g", `${GRAVITON_SIZES} 24xlarge 48xlarge metal-24xl:96 metal-48xl:192`, 4),
	graviton("r8g", `${GRAVITON_SIZES} 24xlarge 48xlarge metal-24xl:96 metal-48xl:192`, 8),
	graviton("c8g", `${GRAVITON_SIZES} 24xlarge 48xlarge metal-24xl:96 metal-48xl:192`, 2),

	{ ...intel("i3", "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge", 7.625), hypervisor: "xen", ena: true, instanceStorage: true },
	{ ...intel("i3", "metal:72", 512 / 72), instanceStorage: true },
	{ ...intel("i3en", "large xlarge 2xlarge 3xlarge 6xlarge 12xlarge 24xlarge metal:96", 8), instanceStorage: true },
	{ ...intel("i4i", "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge metal:128", 8), instanceStorage: true },
	intel("g4dn", "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge metal:96", 4),
	{ ...amd("g5", "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge", 4), instanceStorage: true },
	{ ...intel("p3", "2xlarge 8xlarge 16xlarge", 7.625), hypervisor: "xen", ena: true },

	{ ...xen("t1", "micro", 0), noIpv6: true, paravirtual: true },
	{ ...xen("m1", "small medium large xlarge", 3.75), noIpv6: true, paravirtual: true, instanceStorage: true },
	{ ...xen("m3", "medium large xlarge 2xlarge", 3.75), noIpv6: true, paravirtual: true, instanceStorage: true },
	{ ...xen("c3", "large xlarge 2xlarge 4xlarge 8xlarge", 1.875), paravirtual: true, instanceStorage: true },
	{ ...xen("r3", "large xlarge 2xlarge 4xlarge 8xlarge", 7.625), instanceStorage: true },
	xen("m4", "large xlarge 2xlarge 4xlarge 10xlarge 16xlarge", 4),
	xen("c4", "large xlarge 2xlarge 4xlarge", 1.875),
	{ ...xen("r4", "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge", 7.625), ena: true },
];

/** vCPUs, network interfaces, addresses on each: what a size has in most families. */
const SIZES: Readonly<Record<string, readonly [vcpus: number, interfaces: number, addresses: number]>> = {
	nano: [2, 2, 2],
	micro: [2, 2, 2],
	small: [1, 2, 4],
	medium: [1, 2, 4],
	large: [2, 3, 10],
	xlarge: [4, 4, 15],
	"2xlarge": [8, 4, 15],
	"3xlarge": [12, 4, 15],
	"4xlarge": [16, 8, 30],
	"6xlarge": [24, 8, 30],
	"8xlarge": [32, 8, 30],
	"9xlarge": [36, 8, 30],
	"10xlarge": [40, 8, 30],
	"12xlarge": [48, 8, 30],
	"16xlarge": [64, 15, 50],
	"18xlarge": [72, 15, 50],
	"24xlarge": [96, 15, 50],
	"32xlarge": [128, 15, 50],
	"48xlarge": [192, 15, 50],
};

/** vCPUs, interfaces, addresses, GiB: the sizes of burstable types follow no rule. */
const BURSTABLE_SIZES: Readonly<Record<string, readonly [vcpus: number, interfaces: number, addresses: number, memoryGib: number]>> = {
	nano: [2, 2, 2, 0.5],
	micro: [2, 2, 2, 1],
	small: [2, 3, 4, 2],
	medium: [2, 3, 6, 4],
	large: [2, 3, 12, 8],
	xlarge: [4, 4, 15, 16],
	"2xlarge": [8, 4, 15, 32],
};

/** What doesn't follow from the size. */
const EXCEPTIONS: Readonly<Record<string, Partial<InstanceType>>> = {
	"t1.micro": { vcpus: 1, memoryMib: 627 },
	"t2.nano": { vcpus: 1 },
	"t2.micro": { vcpus: 1 },
	"t2.small": { vcpus: 1 },
	"t2.xlarge": { interfacesMax: 3 },
	"t2.2xlarge": { interfacesMax: 3 },
	"t3a.small": { interfacesMax: 2 },
	"m1.small": { memoryMib: 1740 },
	"m1.medium": { addressesPerInterface: 6 },
	"m3.medium": { addressesPerInterface: 6 },
	"m3.2xlarge": { addressesPerInterface: 30 },
	"m4.large": { interfacesMax: 2 },
	"m4.16xlarge": { interfacesMax: 8, addressesPerInterface: 30 },
	"g4dn.xlarge": { interfacesMax: 3, addressesPerInterface: 10 },
	"g4dn.2xlarge": { interfacesMax: 3, addressesPerInterface: 10 },
	"g4dn.4xlarge": { interfacesMax: 3, addressesPerInterface: 10 },
	"g4dn.8xlarge": { interfacesMax: 4, addressesPerInterface: 15 },
	"g4dn.16xlarge": { interfacesMax: 4, addressesPerInterface: 15 },
	"g5.12xlarge": { interfacesMax: 15, addressesPerInterface: 50 },
	"g5.16xlarge": { interfacesMax: 8, addressesPerInterface: 30 },
	"g5.48xlarge": { interfacesMax: 7 },
	"p3.16xlarge": { interfacesMax: 8, addressesPerInterface: 30 },
};

/** By name, in order. */
export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map(
	FAMILIES.flatMap(typesOf)
		.toSorted((a, b) => (a.instanceType < b.instanceType ? -1 : 1))
		.map((type) => [type.instanceType, type]),
);

/** Whether instances of a type run on Nitro; `undefined`: nothing is known of the type. */
export function isNitro(instanceType: string): boolean | undefined {
	const type = INSTANCE_TYPES.get(instanceType);
	return type && type.family.hypervisor === "nitro";
}

/** Whether instances of a type earn and spend CPU credits; `undefined`: nothing is known of the type. */
export function isBurstable(instanceType: string): boolean | undefined {
	const type = INSTANCE_TYPES.get(instanceType);
	return type && type.family.burstable === true;
}

function typesOf(family: Family): readonly InstanceType[] {
	return family.families.split(" ").flatMap((name) =>
		family.sizes.split(" ").map((word) => {
			const [size = "", metalVcpus] = word.split(":");
			const instanceType = `${name}.${size}`;
			const bareMetal = metalVcpus !== undefined;
			const burstable = family.burstable && BURSTABLE_SIZES[size];
			const [vcpus, interfacesMax, addressesPerInterface] = bareMetal
				? ([Number(metalVcpus), 15, 50] as const)
				: (burstable ?? SIZES[size]!);
			const memoryGib = burstable?.[3] ?? vcpus * family.memoryGibPerVcpu;
			const memoryMib = Math.round(memoryGib * 1024);
			return { instanceType, family, bareMetal, vcpus, memoryMib, interfacesMax, addressesPerInterface, ...EXCEPTIONS[instanceType] };
		}),
	);
}

function intel(families: string, sizes: string, memoryGibPerVcpu: number): Family {
	return { families, sizes, memoryGibPerVcpu, manufacturer: "Intel", hypervisor: "nitro" };
}

function amd(families: string, sizes: string, memoryGibPerVcpu: number): Family {
	return { families, sizes, memoryGibPerVcpu, manufacturer: "AMD", hypervisor: "nitro" };
}

function graviton(families: string, sizes: string, memoryGibPerVcpu: number): Family {
	return { families, sizes, memoryGibPerVcpu, manufacturer: "AWS", hypervisor: "nitro", oneThreadPerCore: true };
}

/** Types of the time before Nitro. */
function xen(families: string, sizes: string, memoryGibPerVcpu: number): Family {
	return { families, sizes, memoryGibPerVcpu, manufacturer: "Intel", hypervisor: "xen", previousGeneration: true };
}
