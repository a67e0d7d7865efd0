import assert from "node:assert/strict";
import { test } from "node:test";
import { partitionOf, privateDnsSuffix, publicDnsName, REGION_PATTERN, regionOfZone, zoneIdOf } from "./region.ts";

const PARTITIONS: readonly (readonly [region: string, partition: string, dnsSuffix: string])[] = [
	["us-east-1", "aws", "amazonaws.com"],
	["eu-central-1", "aws", "amazonaws.com"],
	["ap-southeast-2", "aws", "amazonaws.com"],
	["mars-north-1", "aws", "amazonaws.com"],
	["cn-north-1", "aws-cn", "amazonaws.com.cn"],
	["cn-northwest-1", "aws-cn", "amazonaws.com.cn"],
	["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
	["us-iso-east-1", "aws-iso", "c2s.ic.gov"],
	["us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"],
	["eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"],
	["us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"],
	["eusc-de-east-1", "aws-eusc", "amazonaws.eu"],
];

/** As DescribeAvailabilityZones prints them, less the account's own shuffling of letters. */
const ZONE_IDS: readonly (readonly [zone: string, zoneId: string])[] = [
	["us-east-1a", "use1-az1"],
	["us-east-2b", "use2-az2"],
	["us-west-2d", "usw2-az4"],
	["eu-central-1c", "euc1-az3"],
	["eu-west-3a", "euw3-az1"],
	["ap-northeast-1a", "apne1-az1"],
	["ap-southeast-2c", "apse2-az3"],
	["ap-south-1b", "aps1-az2"],
	["ca-central-1d", "cac1-az4"],
	["sa-east-1a", "sae1-az1"],
	["af-south-1a", "afs1-az1"],
	["me-south-1a", "mes1-az1"],
	["us-gov-west-1a", "usgw1-az1"],
	["us-gov-east-1b", "usge1-az2"],
	["cn-north-1a", "cnn1-az1"],
	["cn-northwest-1c", "cnnw1-az3"],
];

for (const [region, partition, dnsSuffix] of PARTITIONS) {
	test(`${region} is in ${partition}, whose services end in ${dnsSuffix}`, () => {
		assert.match(region, REGION_PATTERN);
		assert.deepEqual(partitionOf(region), { partition, dnsSuffix });
	});
}

for (const [zone, zoneId] of ZONE_IDS) {
	test(`the id of ${zone} is ${zoneId}`, () => {
		assert.equal(zoneIdOf(zone), zoneId);
		assert.equal(`${regionOfZone(zone)}${zone.at(-1)}`, zone);
		assert.match(regionOfZone(zone), REGION_PATTERN);
	});
}

test("what is no Region's name is told apart", () => {
	for (const text of ["", "us-east", "us-east-1a", "US-EAST-1", "us_east_1", "useast1", "us-east-100", " us-east-1", "us-east-1\n"]) {
		assert.doesNotMatch(text, REGION_PATTERN);
	}
});

test("private names end in the Region's own suffix; us-east-1 keeps its old one", () => {
	assert.equal(privateDnsSuffix("us-east-1"), "ec2.internal");
	assert.equal(privateDnsSuffix("us-east-2"), "us-east-2.compute.internal");
});

test("public names hold the address and end as the Region's partition has it", () => {
	assert.equal(publicDnsName("203.0.113.25", "us-east-1"), "ec2-203-0-113-25.compute-1.amazonaws.com");
	assert.equal(publicDnsName("203.0.113.25", "us-east-2"), "ec2-203-0-113-25.us-east-2.compute.amazonaws.com");
	assert.equal(publicDnsName("203.0.113.25", "cn-north-1"), "ec2-203-0-113-25.cn-north-1.compute.amazonaws.com.cn");
});
