import { stat } from "node:fs/promises";
import { loadLibc } from "../linux/libc.ts";
import type { EntrancePlace } from "../model/endpoint-binding.ts";

/**
 * What tells an interface or a network namespace from another that has had, or will have, its name; `undefined` while there
 * is none. A socket stays bound to the one that it was bound to.
 */
export async function placeIdentity({ interface: name, networkNamespace }: EntrancePlace): Promise<string | undefined> {
	if (name !== undefined) return interfaceIdentity(name);
	if (networkNamespace === undefined) return "";
	try {
		const { dev, ino } = await stat(networkNamespace);
		return `${dev}:${ino}`;
	} catch {
		return undefined; // Not there, or not to be seen: nothing could be put into it either.
	}
}

/** Its index, which the kernel gives once. Not by /sys, which may show the interfaces of another namespace. */
function interfaceIdentity(name: string): string | undefined {
	const loaded = loadLibc();
	const index = "libc" in loaded ? loaded.libc.if_nametoindex(name) : 0;
	return index === 0 ? undefined : String(index);
}
