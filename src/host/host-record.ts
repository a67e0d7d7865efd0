// The file that tells what on this host is ours. It is written before anything is changed, so it may name what isn't there.

import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadLibc } from "../linux/libc.ts";
import { type EntrancePlace, INTERFACE_NAME, METADATA_IPV4, METADATA_IPV6 } from "../model/endpoint-binding.ts";

/** AWS: the addresses of the metadata endpoint; the second is for IPv6 (EC2 User Guide, "Use the Instance Metadata Service"). */
export const ENDPOINT_ADDRESSES = [METADATA_IPV4, METADATA_IPV6] as const;

export type EndpointAddress = (typeof ENDPOINT_ADDRESSES)[number];

/** One of the endpoint's addresses at a place. */
export interface OwnAddress {
	readonly place: EntrancePlace;
	readonly address: EndpointAddress;
}

/** `net.ipv4.conf.INTERFACE.rp_filter` as it was before us. */
export interface RpFilterBefore {
	readonly interface: string;
	readonly value: number;
}

export interface HostRecord {
	readonly addresses: readonly OwnAddress[];
	readonly rpFilters: readonly RpFilterBefore[];
}

const NOTHING: HostRecord = { addresses: [], rpFilters: [] };

/** The record of a data folder's service. */
export function serviceRecordOf(dataDir: string): string {
	return join(dataDir, "host-addresses.json");
}

/** The record of `openimds host apply` in this network namespace, in a folder that only root can write to. */
export function appliedRecord(): string {
	return `/run/openimds-host-${networkCookie()}.json`;
}

/** What tells this network namespace from all others since the kernel started; its inode's number is given to the next one when it is gone. */
function networkCookie(): string {
	const loaded = loadLibc();
	const { ino } = statSync("/proc/self/ns/net");
	if ("reason" in loaded) return `inode-${ino}`;
	const { libc } = loaded;
	const fd = libc.socket(AF_UNIX, SOCK_STREAM_CLOEXEC, 0);
	const cookie = Buffer.alloc(8);
	const isTold = libc.getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, [cookie.length]) === 0;
	libc.close(fd);
	return isTold ? String(new BigUint64Array(cookie.buffer, cookie.byteOffset, 1)[0]) : `inode-${ino}`;
}

/** By asm-generic/socket.h; the last is there from Linux 5.14. */
const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 0o2000001;
const SOL_SOCKET = 1;
const SO_NETNS_COOKIE = 71;

/** What a record says; nothing where there is no such file, or one about a network that is no more, or another. */
export function readHostRecord(file: string): HostRecord {
	try {
		const { network, addresses, rpFilters } = JSON.parse(readFileSync(file, "utf8")) as HostRecord & { network: string };
		if (network !== thisNetwork()) return NOTHING;
		// Root reads what a service without privileges has written: nothing may be done to other addresses by its hand.
		return { addresses: addresses.filter(isOwnAddress), rpFilters: rpFilters.filter(({ interface: name }) => INTERFACE_NAME.test(name)) };
	} catch (error) {
		// What is no record was not written by us, who give it its name when it is whole.
		if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return NOTHING;
		throw error;
	}
}

/** Writes what becomes of a record; one of nothing is removed. Synchronous, so that two changes never meet. */
export function changeHostRecord(file: string, change: (record: HostRecord) => HostRecord): void {
	const record = change(readHostRecord(file));
	if (record.addresses.length + record.rpFilters.length === 0) return rmSync(file, { force: true });
	const draft = `${file}.${process.pid}.tmp`;
	writeFileSync(draft, JSON.stringify({ network: thisNetwork(), ...record }), { mode: 0o600 });
	renameSync(draft, file);
}

function isOwnAddress({ place, address }: OwnAddress): boolean {
	return ENDPOINT_ADDRESSES.includes(address) && (place.networkNamespace !== undefined || INTERFACE_NAME.test(place.interface ?? ""));
}

/** What addresses do not outlast: this start of the kernel, and this network namespace of it. */
function thisNetwork(): string {
	return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${networkCookie()}`;
}
