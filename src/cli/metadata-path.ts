// Paths of the metadata tree, as people write them and as they are asked for.

/** What a version of the tree holds. */
export const BRANCHES: readonly string[] = ["dynamic", "meta-data", "user-data"];

/** The path asked for: as it is from `/`, below `/latest/` where it names one of its three branches, else below meta-data. */
export function absolutePath(written: string): string {
	const path = written.replaceAll(/[^\x21-\x7e]|#/gu, (character) => encodeURIComponent(character));
	if (path.startsWith("/")) return path;
	const [first = ""] = path.split("/");
	if (/^(latest|1\.0|\d{4}-\d\d-\d\d)$/.test(first)) return `/${path}`;
	if (first === "api" || BRANCHES.includes(first)) return `/latest/${path}`;
	return `/latest/meta-data/${path}`;
}

/** A child as a listing names it. */
export interface Child {
	/** What stands for it in a path. */
	readonly name: string;
	readonly isDirectory: boolean;
}

/** The children that the listing of a directory names; its path ends with a slash. */
export function childrenOf(directory: string, listing: string): readonly Child[] {
	const depth = directory.split("/").length - 2;
	return listing.split("\n").map((line): Child => {
		// AWS: nothing has a slash below `/` and `/VERSION/`, and a key has its index before its name (metadata-endpoint.md §1.7).
		if (depth < 2) return { name: line, isDirectory: depth === 0 || line === "dynamic" || line === "meta-data" };
		const [, index] = directory.endsWith("/public-keys/") ? (/^(\d+)=/.exec(line) ?? []) : [];
		if (index !== undefined) return { name: index, isDirectory: true };
		return { name: encodeSegment(line.replace(/\/$/, "")), isDirectory: line.endsWith("/") };
	});
}

/** The directory that holds a path, and the last part of it. */
export function splitPath(path: string): { directory: string; name: string } {
	const bare = path.replace(/\/+$/, "");
	const slash = bare.lastIndexOf("/") + 1;
	return { directory: bare.slice(0, slash) || "/", name: bare.slice(slash) };
}

function encodeSegment(name: string): string {
	return encodeURI(name).replaceAll(/[?#/]/g, encodeURIComponent);
}
