import assert from "node:assert/strict";
import { test } from "node:test";
import { launchAlone, viewOf } from "../../test/categories/world.ts";
import type { BlockDeviceMapping } from "../model/image.ts";
import { blockDevices } from "./block-devices.ts";

function devices(
	imageId: string,
	blockDeviceMappings?: readonly BlockDeviceMapping[],
): readonly (readonly [name: string, device: string])[] {
	const instance = launchAlone({ instanceId: "i-1", imageId, ...(blockDeviceMappings === undefined ? {} : { blockDeviceMappings }) });
	return blockDevices(viewOf(instance)).map(({ name, device }) => [name, device]);
}

const PLAIN = "ami-0abcdef1234567890";
const PARAVIRTUAL = "ami-0fedcba9876543210";
const ROOT = [
	["ami", "/dev/xvda"],
	["root", "/dev/xvda"],
];

test("the root device stands there twice, under the name that the image gives it", () => {
	assert.deepEqual(devices(PLAIN), ROOT);
	assert.deepEqual(devices(PLAIN, []), ROOT);
	assert.deepEqual(devices(PLAIN, [{ deviceName: "/dev/xvda" }]), ROOT);
	assert.deepEqual(devices(PLAIN, [{ deviceName: "xvda" }]), ROOT, "it is the root device without /dev/, too");
});

test("other volumes are numbered from 1 in their order, local devices keep their names, all without /dev/", () => {
	assert.deepEqual(devices(PARAVIRTUAL), [
		["ami", "/dev/sda1"],
		["root", "/dev/sda1"],
		["ebs1", "sdf"],
		["ebs2", "sdg"],
		["ephemeral0", "sdb"],
		["swap", "sda3"],
	]);
});
