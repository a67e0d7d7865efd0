import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultNetwork } from "./default-network.ts";
import { cidrSize, inCidr, parseCidr } from "./network.ts";

const account = { accountId: "123456789012", region: "eu-west-1", instanceMetadataDefaults: {} };

test("the default VPC has a subnet in each zone, side by side, and one security group", () => {
	const { vpc, subnets, securityGroup } = defaultNetwork(account);
	assert.deepEqual(
		subnets.map(({ availabilityZone }) => availabilityZone),
		["a", "b", "c", "d", "e", "f"].map((letter) => `eu-west-1${letter}`),
	);
	assert.equal(new Set(subnets.map(({ cidrBlock }) => cidrBlock)).size, subnets.length);
	for (const { cidrBlock = "", vpcId, mapPublicIpOnLaunch } of subnets) {
		assert.ok(inCidr(parseCidr(cidrBlock)?.address ?? "", vpc.cidrBlocks[0] ?? ""));
		assert.equal(cidrSize(cidrBlock), 4096n);
		assert.equal(vpcId, vpc.vpcId);
		assert.ok(mapPublicIpOnLaunch);
	}
	assert.deepEqual({ ...securityGroup, groupId: "" }, { groupId: "", groupName: "default", vpcId: vpc.vpcId });
});

test("its ids follow from the account and the Region", () => {
	const ids = (of: typeof account) => {
		const { vpc, subnets, securityGroup } = defaultNetwork(of);
		return [vpc.vpcId, securityGroup.groupId, ...subnets.map(({ subnetId }) => subnetId)];
	};
	assert.deepEqual(ids(account), ids({ ...account }));
	const all = [account, { ...account, region: "eu-west-2" }, { ...account, accountId: "210987654321" }].flatMap(ids);
	assert.equal(new Set(all).size, all.length);
});
