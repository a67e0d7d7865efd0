// What follows from a Region's name alone: partition, DNS suffixes, zone ids.

/** A partition of AWS: its name in ARNs and the suffix of its service host names. */
export interface Partition {
	readonly partition: string;
	readonly dnsSuffix: string;
}

const PARTITIONS: readonly (readonly [prefix: string, partition: Partition])[] = [
	["cn-", { partition: "aws-cn", dnsSuffix: "amazonaws.com.cn" }],
	["us-gov-", { partition: "aws-us-gov", dnsSuffix: "amazonaws.com" }],
	["us-isob-", { partition: "aws-iso-b", dnsSuffix: "sc2s.sgov.gov" }],
	["us-isof-", { partition: "aws-iso-f", dnsSuffix: "csp.hci.ic.gov" }],
	["us-iso-", { partition: "aws-iso", dnsSuffix: "c2s.ic.gov" }],
	["eu-isoe-", { partition: "aws-iso-e", dnsSuffix: "cloud.adc-e.uk" }],
	["eusc-", { partition: "aws-eusc", dnsSuffix: "amazonaws.eu" }],
];

const COMMERCIAL: Partition = { partition: "aws", dnsSuffix: "amazonaws.com" };

/** A Region's name, such as `us-east-1` or `us-gov-west-1`. */
export const REGION_PATTERN = /^[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}$/;

/** The partition that a Region belongs to; unknown Regions are commercial ones. */
export function partitionOf(region: string): Partition {
	return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? COMMERCIAL;
}

/** The Region of an Availability Zone: its name less the closing letter. */
export function regionOfZone(availabilityZone: string): string {
	return availabilityZone.replace(/[a-z]$/, "");
}

/**
 * A zone id such as `use2-az2` for `us-east-2b`.
 *
 * Quirk: AWS shuffles letters to ids for each account; ours are in order, so that they can be foretold.
 */
export function zoneIdOf(availabilityZone: string): string {
	const [, area = "", words = "", digit = "", letter = "a"] = /^([a-z]+)-(.*)-(\d+)([a-z])$/.exec(availabilityZone) ?? [];
	const short = words
		.split("-")
		.map((word) => word.replace(/^(north|south)(east|west)$/, (_, ns: string, ew: string) => ns.charAt(0) + ew.charAt(0)))
		.map((word) => (word.length === 2 ? word : word.charAt(0)))
		.join("");
	return `${area}${short}${digit}-az${letter.charCodeAt(0) - 96}`;
}

/**
 * The suffix of private DNS names.
 *
 * AWS: us-east-1, the oldest Region, keeps its own form (metadata-endpoint.md §2, local-hostname).
 */
export function privateDnsSuffix(region: string): string {
	return region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
}

/** The public DNS name of a public IPv4 address. */
export function publicDnsName(publicIp: string, region: string): string {
	const host = `ec2-${publicIp.replaceAll(".", "-")}`;
	const { dnsSuffix } = partitionOf(region);
	return region === "us-east-1" ? `${host}.compute-1.${dnsSuffix}` : `${host}.${region}.compute.${dnsSuffix}`;
}
