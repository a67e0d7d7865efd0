import assert from "node:assert/strict";
import { test } from "node:test";
import { identityDocument, type IdentityFacts } from "./document.ts";

const facts: IdentityFacts = {
	accountId: "123456789012",
	architecture: "x86_64",
	availabilityZone: "ap-southeast-2a",
	billingProducts: ["bp-6fa54006"],
	imageId: "ami-0abcdef1234567890",
	instanceId: "i-1234567890abcdef0",
	instanceType: "t2.micro",
	pendingTime: "2025-02-05T09:18:10Z",
	privateIp: "10.0.0.12",
	region: "ap-southeast-2",
};

// The example of metadata-endpoint.md §3.1, whose layout was verified with a signature of AWS.
const printed = `{
  "accountId" : "123456789012",
  "architecture" : "x86_64",
  "availabilityZone" : "ap-southeast-2a",
  "billingProducts" : [ "bp-6fa54006" ],
  "devpayProductCodes" : null,
  "marketplaceProductCodes" : null,
  "imageId" : "ami-0abcdef1234567890",
  "instanceId" : "i-1234567890abcdef0",
  "instanceType" : "t2.micro",
  "kernelId" : null,
  "pendingTime" : "2025-02-05T09:18:10Z",
  "privateIp" : "10.0.0.12",
  "ramdiskId" : null,
  "region" : "ap-southeast-2",
  "version" : "2017-09-30"
}`;

test("the document is EC2's, byte for byte", () => {
	assert.equal(identityDocument(facts), printed);
});

test("the order of the facts does not matter", () => {
	const reversed = Object.fromEntries(Object.entries(facts).toReversed()) as unknown as IdentityFacts;
	assert.equal(identityDocument(reversed), printed);
});

test("what is absent or empty is null, never omitted", () => {
	const document = identityDocument({ ...facts, billingProducts: [], privateIp: undefined });
	assert.match(document, /^ {2}"billingProducts" : null,$/m);
	assert.match(document, /^ {2}"privateIp" : null,$/m);
});

test("what is given is printed", () => {
	const document = identityDocument({ ...facts, marketplaceProductCodes: ["a1", "b2"], kernelId: "aki-1", ramdiskId: "ari-1" });
	assert.match(document, /^ {2}"marketplaceProductCodes" : \[ "a1", "b2" \],$/m);
	assert.match(document, /^ {2}"kernelId" : "aki-1",$/m);
	assert.match(document, /^ {2}"ramdiskId" : "ari-1",$/m);
});
