// A machine's first boot, as far as cloud-init is concerned, in a place of a lab.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import type { Lifetime, Place } from "./lab.ts";

/** Why there is no cloud-init to boot with; `false` where there is. */
export const noCloudInit = requireTool("cloud-init").skip;

/** What makes a machine's firmware look like EC2's (metadata-endpoint.md §6). */
const EC2_SERIAL = "ec2e1916-9099-7caf-fd21-012345abcdef";

/**
 * The machine is this one's files under an overlay, with the place's network and a host name and processes of its own: what
 * cloud-init does to users, keys, host name and network comes to the overlay alone. No module runs that would touch disks.
 */
const FIRST_BOOT = `set -eu
mkdir layer root
mount -t tmpfs tmpfs layer # an overlay's upper layer can't be on an overlay, as / of a container is
mkdir layer/upper layer/work
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/layer/upper,workdir=$PWD/layer/work" root
mount -t proc proc root/proc
mount -t sysfs sysfs root/sys
mount -t tmpfs tmpfs root/dev
for device in null zero random urandom; do
	touch root/dev/$device
	mount --bind /dev/$device root/dev/$device
done
rm -rf root/.dockerenv root/run/cloud-init root/var/lib/cloud
if [ -d root/sys/class/dmi/id ]; then
	mount -t tmpfs tmpfs root/sys/class/dmi/id
	echo "$SERIAL" | tee root/sys/class/dmi/id/product_uuid > root/sys/class/dmi/id/product_serial
else
	printf '#!/bin/sh\\necho %s\\n' "$SERIAL" > root/usr/sbin/dmidecode
	chmod +x root/usr/sbin/dmidecode
fi
cat > root/etc/cloud/cloud.cfg.d/99_lab.cfg <<'END'
datasource_list: [Ec2]
datasource: {Ec2: {strict_id: false, max_wait: 20, timeout: 5}}
system_info: {network: {renderers: [networkd]}}
ssh_genkeytypes: [ed25519]
cloud_init_modules: [set_hostname, users-groups, ssh]
cloud_config_modules: []
cloud_final_modules: [scripts-user]
END
chroot root cloud-init init
chroot root cloud-init modules --mode=final
cp -a layer/upper upper
`;

/**
 * Boots.
 *
 * @param looksLikeEc2 whether the firmware says so. cloud-init asks for a token only where it does.
 * @returns the folder with all files that the boot made or changed.
 */
export async function bootWithCloudInit(t: Lifetime, place: Place, looksLikeEc2: boolean): Promise<string> {
	const folder = temporaryFolder(t);
	const machine = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "sh", "-c", FIRST_BOOT];
	const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", SERIAL: looksLikeEc2 ? EC2_SERIAL : "none" };
	await promisify(execFile)("ip", ["netns", "exec", place.name, ...machine], { cwd: folder, env });
	return `${folder}/upper`;
}
