// VPCs, subnets, security groups and network interfaces of a configuration file.

import { isIPv4, isIPv6 } from "node:net";
import * as v from "valibot";
import { canonicalIp, parseCidr } from "../model/network.ts";
import { type Contradiction, consistent, distinct, fields, flag, id, integer, list, matching, optional, required } from "./field.ts";

export const VPC = fields({
	vpcId: required(id("vpc"), "The id that subnets and security groups name."),
	cidrBlocks: required(list(cidr("ipv4", 8, 28), 5, 1), "The IPv4 blocks."),
	ipv6CidrBlocks: optional(list(cidr("ipv6", 32, 64), 5), "The IPv6 blocks. Default: none."),
	enableDnsHostnames: optional(flag(), "Whether public addresses have public host names. Default: true."),
});

export const SUBNET = fields({
	subnetId: required(id("subnet"), "The id that instances name."),
	vpcId: optional(id("vpc"), "Its VPC. Default: the default VPC, 172.31.0.0/16."),
	availabilityZone: optional(zone(), "Its zone. Default: the Region's zone a."),
	cidrBlock: optional(cidr("ipv4", 8, 28), "The IPv4 block. None: the subnet has IPv6 only."),
	ipv6CidrBlocks: optional(list(cidr("ipv6", 32, 64), 5), "The IPv6 blocks. Default: none."),
	mapPublicIpOnLaunch: optional(flag(), "Whether instances get a public IPv4 address unasked. Default: false."),
});

export const SECURITY_GROUP = fields({
	groupId: required(id("sg"), "The id that instances name."),
	groupName: required(
		matching(
			/^(?!sg-)(?! )[0-9A-Za-z ._\-:/()#,@[\]+=&;{}!$*]{1,255}(?<! )$/,
			"1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, no space at either end, not beginning with sg-",
		),
		"The name, as the metadata category security-groups shows it.",
	),
	vpcId: optional(id("vpc"), "Its VPC. Default: the default VPC."),
});

/** What an interface says of its addresses; an instance without a list of interfaces says the first five itself. */
export const ADDRESS_ENTRIES = {
	subnetId: optional(id("subnet"), "The subnet. Default: the first of the instance's zone."),
	privateIpAddress: optional(ipv4(), "The primary private IPv4 address. Default: a free one, kept from then on."),
	publicIpAddress: optional(ipv4(), "The public IPv4 address of the primary private one."),
	associatePublicIpAddress: optional(
		flag(),
		"Whether it gets a public IPv4 address. Default: what the subnet says; not if there are several interfaces.",
	),
	ipv6Addresses: optional(list(ipv6(), 50), "IPv6 addresses. Default: none, or a free one in a subnet of IPv6 only."),
};

const { subnetId, privateIpAddress, publicIpAddress, associatePublicIpAddress, ipv6Addresses } = ADDRESS_ENTRIES;

export const NETWORK_INTERFACE = v.pipe(
	fields({
		networkInterfaceId: optional(id("eni"), "Its id. Default: one that follows from the instance's id."),
		macAddress: optional(macAddress(), "Its MAC address. Default: one that follows from the instance's id."),
		deviceIndex: optional(integer(0, 63), "Its device number; 0 is the primary interface. Default: the position in the list."),
		networkCardIndex: optional(integer(0, 31), "Its network card. Default: 0."),
		subnetId,
		groups: optional(list(id("sg"), 16, 1), "Ids of security groups. Default: the VPC's group default."),
		privateIpAddress,
		privateIpAddresses: optional(
			v.pipe(
				list(
					fields({
						privateIpAddress: required(ipv4(), "A private IPv4 address."),
						publicIp: optional(ipv4(), "The public address that is mapped to it."),
					}),
					50,
				),
				distinct("privateIpAddress"),
			),
			"All private IPv4 addresses; the primary one comes first, or is privateIpAddress.",
		),
		publicIpAddress,
		associatePublicIpAddress,
		ipv6Addresses,
		ipv4Prefixes: optional(list(cidr("ipv4", 28, 28), 50), "Delegated IPv4 prefixes, /28 each."),
		ipv6Prefixes: optional(list(cidr("ipv6", 80, 80), 50), "Delegated IPv6 prefixes, /80 each."),
	}),
	consistent(publicAddressContradictions),
);

/** An Availability Zone; whether it is one of the account's Region is the plan's business. */
export function zone() {
	return matching(/^[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}[a-z]$/, "a zone of the account's Region, such as us-east-1a");
}

/** A public address, and word that there is none. */
export function publicAddressContradictions(spec: {
	readonly publicIpAddress?: string;
	readonly associatePublicIpAddress?: boolean;
}): readonly Contradiction[] {
	if (spec.publicIpAddress === undefined || spec.associatePublicIpAddress !== false) return [];
	return [{ path: ["associatePublicIpAddress"], message: "is false, but publicIpAddress is given; leave out one of them" }];
}

/** An IPv4 address. */
export function ipv4() {
	const allowed = "an IPv4 address";
	return v.pipe(v.string(allowed), v.check(isIPv4, allowed), v.metadata({ format: "ipv4" }));
}

function ipv6() {
	const allowed = "an IPv6 address without a zone";
	return v.pipe(
		v.string(allowed),
		v.check((input) => isIPv6(input) && !input.includes("%"), allowed),
		v.metadata({ format: "ipv6" }),
		v.transform(canonicalIp),
	);
}

function cidr(family: "ipv4" | "ipv6", minLength: number, maxLength: number) {
	const sizes = minLength === maxLength ? `/${minLength}` : `/${minLength} to /${maxLength}`;
	const allowed = `an ${family === "ipv4" ? "IPv4" : "IPv6"} block of ${sizes} with zeros after the prefix, such as ${family === "ipv4" ? "10.0.0.0" : "2001:db8::"}/${maxLength}`;
	return v.pipe(
		v.string(allowed),
		v.check((input) => {
			const block = parseCidr(input);
			return block !== undefined && block.family === family && block.prefixLength >= minLength && block.prefixLength <= maxLength;
		}, allowed),
		v.transform(canonicalIp),
	);
}

function macAddress() {
	return v.pipe(
		matching(
			/^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$/,
			"six pairs of hexadecimal digits with colons, not a multicast address, such as 02:29:96:8f:6a:2d",
		),
		v.transform((input) => input.toLowerCase()),
	);
}
