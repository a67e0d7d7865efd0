// What instances of Lightsail run on: a size at a price a month.

export interface LightsailBundle {
	readonly bundleId: string;
	/** `Nano`, … */
	readonly name: string;
	/** `nano`, …: Lightsail's word. */
	readonly size: string;
	/** EC2's word, as the instance's metadata has it. */
	readonly instanceType: string;
	readonly platform: "LINUX_UNIX" | "WINDOWS";
	/** Whether it has a public IPv4 address. */
	readonly hasPublicIpv4: boolean;
	readonly isActive: boolean;
	/** A month, in US dollars. */
	readonly price: number;
	readonly cpuCount: number;
	readonly ramSizeInGb: number;
	readonly diskSizeInGb: number;
	readonly transferPerMonthInGb: number;
	readonly power: number;
}

/** Of each size what all bundles of that size have, and the prices of its kinds. */
const SIZES = [
	{ size: "nano", ramSizeInGb: 0.5, diskSizeInGb: 20, cpuCount: 2, power: 298, linux: 5, ipv6: 3.5, windows: 9.5 },
	{ size: "micro", ramSizeInGb: 1, diskSizeInGb: 40, cpuCount: 2, power: 500, linux: 7, ipv6: 5, windows: 14 },
	{ size: "small", ramSizeInGb: 2, diskSizeInGb: 60, cpuCount: 2, power: 1000, linux: 12, ipv6: 10, windows: 22 },
	{ size: "medium", ramSizeInGb: 4, diskSizeInGb: 80, cpuCount: 2, power: 2000, linux: 24, ipv6: 20, windows: 44 },
	{ size: "large", ramSizeInGb: 8, diskSizeInGb: 160, cpuCount: 2, power: 3000, linux: 44, ipv6: 40, windows: 74 },
	{ size: "xlarge", ramSizeInGb: 16, diskSizeInGb: 320, cpuCount: 4, power: 4000, linux: 84, ipv6: 80, windows: 124 },
	{ size: "2xlarge", ramSizeInGb: 32, diskSizeInGb: 640, cpuCount: 8, power: 5000, linux: 164, ipv6: 160, windows: 244 },
] as const;

/**
 * AWS: generation 3, and of generation 2, which is offered no more, those for Linux (GetBundles; prices of 2024).
 *
 * Gap: some Regions have bundles of their own names, such as nano_3_1 in ap-south-1. Here all have these.
 */
export const LIGHTSAIL_BUNDLES: ReadonlyMap<string, LightsailBundle> = new Map(
	[
		...SIZES.map((size) => bundle(size, { id: `${size.size}_3_0`, price: size.linux })),
		...SIZES.map((size) => bundle(size, { id: `${size.size}_ipv6_3_0`, price: size.ipv6, hasPublicIpv4: false })),
		...SIZES.map((size) => bundle(size, { id: `${size.size}_win_3_0`, price: size.windows, platform: "WINDOWS" })),
		// Their prices were those of what has no IPv4 address now, and their small types had one CPU.
		...SIZES.map((size) => ({
			...bundle(size, { id: `${size.size}_2_0`, price: size.ipv6, isActive: false }),
			cpuCount: size.ramSizeInGb < 4 ? 1 : size.cpuCount,
			instanceType: `t2.${size.size}`,
		})),
	].map((each) => [each.bundleId, each]),
);

function bundle(
	{ size, ramSizeInGb, diskSizeInGb, cpuCount, power }: (typeof SIZES)[number],
	{ id, price, ...rest }: { id: string; price: number } & Partial<Pick<LightsailBundle, "platform" | "hasPublicIpv4" | "isActive">>,
): LightsailBundle {
	return {
		bundleId: id,
		name: size === "2xlarge" ? "2Xlarge" : size.charAt(0).toUpperCase() + size.slice(1),
		size,
		instanceType: `t3.${size}`,
		platform: "LINUX_UNIX",
		hasPublicIpv4: true,
		isActive: true,
		price,
		cpuCount,
		ramSizeInGb,
		diskSizeInGb,
		// AWS: a TB for the smallest, and one more for each size above it.
		transferPerMonthInGb: 1024 * (1 + SIZES.findIndex((each) => each.size === size)),
		power,
		...rest,
	};
}
