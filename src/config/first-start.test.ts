import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instance } from "../model/instance.ts";
import { parseDeclaration } from "./declaration-file.ts";
import { FIRST_START_ROLE, firstStart } from "./first-start.ts";
import { plan } from "./plan.ts";

test("the instance of the first start has what guides speak of", () => {
	const writes = plan(firstStart("i-1234567890abcdef0"), new Map(), "first-start", Date.UTC(2026, 0, 31));
	const instance = writes.at(-1)?.value?.record as Instance;
	assert.equal(instance.instanceId, "i-1234567890abcdef0");
	assert.equal(instance.instanceType, "t3.micro");
	assert.equal(instance.metadataOptions.httpTokens, "optional");
	assert.equal(instance.metadataOptions.instanceMetadataTags, "enabled");
	assert.equal(instance.iamInstanceProfile?.arn, `arn:aws:iam::123456789012:instance-profile/${FIRST_START_ROLE}`);
	assert.match(instance.networkInterfaces[0]?.privateIpAddresses[0]?.publicIp ?? "", /^203\.0\.113\./);
	assert.equal(instance.networkInterfaces[0]?.groupIds.length, 1);
	assert.match(Buffer.from(instance.userData ?? "", "base64").toString(), /^#!\/bin\/bash\n/);
	assert.ok(writes.every(({ value }) => value?.origin === "first-start"));
});

test("a configuration file could declare it", () => {
	const { instances = [], ...rest } = firstStart("i-1");
	const declared = { ...rest, instances: instances.map(({ userData = "", ...instance }) => ({ ...instance, userDataBase64: userData })) };
	assert.deepEqual(parseDeclaration(JSON.stringify(declared), "x"), firstStart("i-1"));
});
