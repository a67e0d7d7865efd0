import { readFile, stat } from "node:fs/promises";
import type { EntrancePlace } from "../model/endpoint-binding.ts";

/**
 * What tells an interface or a network namespace from another that has had, or will have, its name; `undefined` while there
 * is none. A socket stays bound to the one that it was bound to.
 */
export async function placeIdentity({ interface: name, networkNamespace }: EntrancePlace): Promise<string | undefined> {
	try {
		if (name !== undefined) return (await readFile(`/sys/class/net/${name}/ifindex`, "utf8")).trim();
		if (networkNamespace === undefined) return "";
		const { dev, ino } = await stat(networkNamespace);
		return `${dev}:${ino}`;
	} catch {
		return undefined; // Not there, or not to be seen: nothing could be bound to it either.
	}
}
