// What instances of Lightsail are made of: an operating system, or one with an application on it.

import { derivedId } from "./ids.ts";
import type { Image } from "./image.ts";

export interface LightsailBlueprint {
	readonly blueprintId: string;
	readonly name: string;
	readonly group: string;
	readonly type: "os" | "app";
	readonly version: string;
	readonly platform: "LINUX_UNIX" | "WINDOWS";
	/** Who logs in. */
	readonly username: string;
	/** Whether it is offered still; those that aren't run on, and can be named here. */
	readonly isActive: boolean;
	/** The image behind it, which no account sees. */
	readonly image: Image;
}

const COMMON = { isActive: true, platform: "LINUX_UNIX" } as const;

/** AWS: names, groups and users as GetBlueprints and the Lightsail guide have them. Versions are of a day in 2025. */
export const LIGHTSAIL_BLUEPRINTS: ReadonlyMap<string, LightsailBlueprint> = new Map(
	[
		// AWS: newer blueprints need tokens, and this is the one that says so: as its image does on EC2 (control-apis.md §2.11, §1.5).
		{ ...os("amazon_linux_2023", "Amazon Linux 2023", "2023.6.20250203.1", "ec2-user"), imdsSupport: "v2.0" as const },
		os("amazon_linux_2", "Amazon Linux 2", "2.0.20250201.0", "ec2-user"),
		os("ubuntu_24_04", "Ubuntu", "24.04 LTS", "ubuntu"),
		os("ubuntu_22_04", "Ubuntu", "22.04 LTS", "ubuntu"),
		{ ...os("ubuntu_20_04", "Ubuntu", "20.04 LTS", "ubuntu"), isActive: false },
		os("debian_12", "Debian", "12.9", "admin"),
		os("debian_11", "Debian", "11.11", "admin"),
		os("centos_stream_9", "CentOS Stream", "9", "ec2-user"),
		{ ...os("centos_7_2009_01", "CentOS", "7 2009-01", "centos"), isActive: false },
		os("almalinux_9", "AlmaLinux", "9.5", "ec2-user"),
		os("opensuse_15", "openSUSE", "15.6", "ec2-user"),
		windows("windows_server_2022", "Windows Server 2022", "2025.01.15"),
		windows("windows_server_2019", "Windows Server 2019", "2025.01.15"),
		app("wordpress", "WordPress", "6.7.1-1"),
		app("wordpress_multisite", "WordPress Multisite", "6.7.1-1"),
		app("lamp_8_bitnami", "LAMP (PHP 8)", "8.2.27-0"),
		app("nodejs", "Node.js", "22.13.1-0"),
		app("mean", "MEAN", "8.0.4-0"),
		app("nginx", "Nginx", "1.26.2-0"),
	].map((blueprint) => [blueprint.blueprintId, withImage(blueprint)]),
);

type WithoutImage = Omit<LightsailBlueprint, "image"> & Pick<Image, "imdsSupport">;

function os(blueprintId: string, name: string, version: string, username: string): WithoutImage {
	return { ...COMMON, blueprintId, name, group: blueprintId.replace(/_\d.*$/, ""), type: "os", version, username };
}

function app(blueprintId: string, name: string, version: string): WithoutImage {
	return { ...COMMON, blueprintId, name, group: blueprintId.replace(/_bitnami$/, ""), type: "app", version, username: "bitnami" };
}

function windows(blueprintId: string, name: string, version: string): WithoutImage {
	return { ...os(blueprintId, name, version, "Administrator"), platform: "WINDOWS", group: blueprintId };
}

function withImage({ imdsSupport, ...blueprint }: WithoutImage): LightsailBlueprint {
	const image: Image = {
		imageId: derivedId("ami", "lightsail", blueprint.blueprintId),
		name: `lightsail-${blueprint.blueprintId}`,
		architecture: "x86_64",
		rootDeviceName: "/dev/xvda",
		blockDeviceMappings: [{ deviceName: "/dev/xvda" }],
		virtualizationType: "hvm",
		productCodes: [],
		billingProducts: [],
		ancestorImageIds: [],
		...(imdsSupport && { imdsSupport }),
	};
	return { ...blueprint, image };
}
