import type { View } from "./view.ts";

/**
 * The children of `block-device-mapping/`: the root device twice, then volumes and local devices.
 *
 * AWS: volumes other than the root are numbered from 1, and devices are named as they were asked for, without `/dev/`
 * (captures C8, C11); the root device keeps the name that its image gives it.
 */
export function blockDevices({ instance, image }: View): readonly { name: string; device: string }[] {
	const root = image?.rootDeviceName ?? "/dev/xvda";
	const others = instance.blockDeviceMappings.filter(({ deviceName }) => withoutDev(deviceName) !== withoutDev(root));
	const volumes = others.filter(({ virtualName }) => virtualName === undefined);
	const local = others.filter(({ virtualName }) => virtualName !== undefined);
	return [
		{ name: "ami", device: root },
		{ name: "root", device: root },
		...volumes.map(({ deviceName }, index) => ({ name: `ebs${index + 1}`, device: withoutDev(deviceName) })),
		...local.map(({ deviceName, virtualName = "" }) => ({ name: virtualName, device: withoutDev(deviceName) })),
	];
}

function withoutDev(deviceName: string): string {
	return deviceName.replace(/^\/dev\//, "");
}
