import assert from "node:assert/strict";
import { test } from "node:test";
import { launchAlone } from "../../test/categories/world.ts";
import { InvalidValue } from "./invalid-value.ts";
import type { InstanceSpec } from "./launch.ts";
import type { InterfaceSpec } from "./launch-network.ts";

const ID = "i-1234567890abcdef0";
const SUBNET = { subnetId: "subnet-dual" };

const LISTED = { privateIpAddress: "10.0.0.5" };
const ROWS: readonly (readonly [
	what: string,
	network: Omit<InstanceSpec, "instanceId">,
	path: readonly (string | number)[],
	message: RegExp,
])[] = [
	["a field beside the list", { subnetId: "subnet-dual", networkInterfaces: [{}] }, ["subnetId"], /say it there/],
	["groups beside the list", { securityGroupIds: ["sg-web"], networkInterfaces: [{}] }, ["securityGroupIds"], /say it there/],
	["no interfaces", { networkInterfaces: [] }, ["networkInterfaces"], /deviceIndex 0/],
	["no primary interface", { networkInterfaces: [{ deviceIndex: 1 }] }, ["networkInterfaces"], /deviceIndex 0/],
	[
		"a doubled index",
		{ networkInterfaces: [{}, { deviceIndex: 0 }] },
		["networkInterfaces", 1, "deviceIndex"],
		/^0 is another interface's/,
	],
	[
		"a doubled index by position",
		{ networkInterfaces: [{ deviceIndex: 1 }, {}, { deviceIndex: 0 }] },
		["networkInterfaces", 1, "deviceIndex"],
		/^1 is another interface's/,
	],
	[
		"a doubled MAC address, in other letters",
		{ networkInterfaces: [{ macAddress: "0a:00:00:00:00:0a" }, { macAddress: "0A:00:00:00:00:0A" }] },
		["networkInterfaces", 1, "macAddress"],
		/another interface's/,
	],
	[
		"a doubled interface id",
		{ networkInterfaces: [{ networkInterfaceId: "eni-1" }, { networkInterfaceId: "eni-1" }] },
		["networkInterfaces", 1, "networkInterfaceId"],
		/another interface's/,
	],
	["an unknown subnet", { subnetId: "subnet-x" }, ["subnetId"], /^no subnet "subnet-x"; known: /],
	[
		"an unknown subnet of an interface",
		{ networkInterfaces: [{}, { subnetId: "subnet-x" }] },
		["networkInterfaces", 1, "subnetId"],
		/^no subnet/,
	],
	[
		"a subnet of another zone",
		{ networkInterfaces: [{}, { subnetId: "subnet-zone-b" }] },
		["networkInterfaces", 1, "subnetId"],
		/is in us-east-1b/,
	],
	[
		"an unknown group",
		{ ...SUBNET, securityGroupIds: ["sg-web", "sg-x"] },
		["securityGroupIds", 1],
		/^no security group "sg-x"; known: sg-dual, /,
	],
	[
		"a group of another VPC",
		{ networkInterfaces: [{ ...SUBNET, groups: ["sg-nameless"] }] },
		["networkInterfaces", 0, "groups", 0],
		/\(in vpc-dual\)$/,
	],
	[
		"an address outside the subnet",
		{ ...SUBNET, privateIpAddress: "10.0.16.5" },
		["privateIpAddress"],
		/not in the subnet's 10\.0\.0\.0\/20/,
	],
	[
		"a secondary address outside the subnet",
		{ networkInterfaces: [{ ...SUBNET, privateIpAddress: "10.0.0.9", privateIpAddresses: [LISTED, { privateIpAddress: "10.9.0.1" }] }] },
		["networkInterfaces", 0, "privateIpAddresses", 1],
		/not in the subnet's/,
	],
	[
		"a doubled address",
		{
			networkInterfaces: [
				{ ...SUBNET, privateIpAddresses: [LISTED] },
				{ ...SUBNET, privateIpAddress: "10.0.0.5" },
			],
		},
		["networkInterfaces", 1, "privateIpAddress"],
		/^10\.0\.0\.5 is i-1234567890abcdef0's already/,
	],
	[
		"a doubled public address",
		{
			networkInterfaces: [
				{ ...SUBNET, publicIpAddress: "198.51.100.7" },
				{ ...SUBNET, privateIpAddresses: [{ ...LISTED, publicIp: "198.51.100.7" }] },
			],
		},
		["networkInterfaces", 1, "privateIpAddresses", 0, "publicIp"],
		/already/,
	],
	[
		"a public address that the list gives to another address",
		{
			networkInterfaces: [
				{
					...SUBNET,
					publicIpAddress: "198.51.100.7",
					privateIpAddresses: [LISTED, { privateIpAddress: "10.0.0.6", publicIp: "198.51.100.7" }],
				},
			],
		},
		["networkInterfaces", 0, "privateIpAddresses", 1, "publicIp"],
		/already/,
	],
	[
		"a doubled IPv6 address, in another form",
		{ ...SUBNET, ipv6Addresses: ["2001:db8:1234:1a00::5", "2001:DB8:1234:1A00:0::5"] },
		["ipv6Addresses", 1],
		/already/,
	],
	[
		"an IPv6 address outside the subnet",
		{ ...SUBNET, ipv6Addresses: ["2001:db8:1234:1a01::5"] },
		["ipv6Addresses", 0],
		/not in the subnet's/,
	],
	[
		"an IPv6 address in a subnet without",
		{ subnetId: "subnet-large", ipv6Addresses: ["2001:db8::5"] },
		["ipv6Addresses", 0],
		/no IPv6 block/,
	],
	["IPv4 in an IPv6-only subnet", { subnetId: "subnet-v6", privateIpAddress: "10.0.0.5" }, ["privateIpAddress"], /IPv6 only/],
	[
		"a public address in an IPv6-only subnet",
		{ subnetId: "subnet-v6", associatePublicIpAddress: true },
		["associatePublicIpAddress"],
		/IPv6 only/,
	],
	["an IPv6 address as a private one", { ...SUBNET, privateIpAddress: "::ffff:10.0.0.5" }, ["privateIpAddress"], /not in the subnet's/],
	["what is no address", { ...SUBNET, privateIpAddress: "10.0.0" }, ["privateIpAddress"], /not in the subnet's/],
];
for (const [what, network, path, message] of ROWS) {
	test(`refused: ${what}`, () => {
		assert.throws(
			() => launchAlone({ instanceId: ID, ...network }),
			(error) => {
				assert.ok(error instanceof InvalidValue);
				assert.deepEqual(error.path, path);
				assert.match(error.message, message);
				return true;
			},
		);
	});
}

const PREFIXES: readonly (readonly [what: string, prefixes: Pick<InterfaceSpec, "ipv4Prefixes" | "ipv6Prefixes">, index: number])[] = [
	["of a wrong size", { ipv4Prefixes: ["10.0.1.0/28", "10.0.1.64/27"] }, 1],
	["with host bits", { ipv4Prefixes: ["10.0.1.17/28"] }, 0],
	["outside the subnet", { ipv4Prefixes: ["10.0.16.0/28"] }, 0],
	["of the other family", { ipv4Prefixes: ["2001:db8:1234:1a00:abcd::/80"] }, 0],
	["given twice", { ipv4Prefixes: ["10.0.1.16/28", "10.0.1.16/28"] }, 1],
	["of IPv6, of a wrong size", { ipv6Prefixes: ["2001:db8:1234:1a00::/64"] }, 0],
	["of IPv6, outside the subnet", { ipv6Prefixes: ["2001:db8:1234:1a01:abcd::/80"] }, 0],
	["of IPv6, given twice in two forms", { ipv6Prefixes: ["2001:db8:1234:1a00:abcd::/80", "2001:DB8:1234:1A00:ABCD:0::/80"] }, 1],
	["that is none", { ipv6Prefixes: ["x"] }, 0],
];
for (const [what, prefixes, index] of PREFIXES) {
	test(`refused: a prefix ${what}`, () => {
		const [field] = Object.keys(prefixes);
		assert.throws(
			() => launchAlone({ instanceId: ID, networkInterfaces: [{ ...SUBNET, ...prefixes }] }),
			(error) => {
				assert.ok(error instanceof InvalidValue);
				assert.deepEqual(error.path, ["networkInterfaces", 0, field, index]);
				return true;
			},
		);
	});
}
