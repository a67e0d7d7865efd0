// A part of the metadata tree, all of it.

import { Failure } from "./failure.ts";
import type { MetadataClient } from "./metadata-client.ts";
import { type Child, childrenOf, splitPath } from "./metadata-path.ts";

export interface Leaf {
	/** Below the directory that was asked for. */
	readonly path: string;
	readonly body: Buffer;
}

/** Every value below a directory, in the order of its listings. */
export async function* leavesBelow(client: MetadataClient, directory: string, below = ""): AsyncGenerator<Leaf> {
	for (const { name, isDirectory } of await list(client, directory)) {
		if (isDirectory) {
			yield* leavesBelow(client, `${directory}${name}/`, `${below}${name}/`);
		} else {
			yield { path: below + name, body: await fetchListed(client, directory + name) };
		}
	}
}

/** Whether a path names a directory, with or without a slash at its end. */
export async function isDirectory(client: MetadataClient, path: string): Promise<boolean> {
	if (path.endsWith("/")) return true;
	const { directory, name } = splitPath(path);
	if (directory === "/") return true;
	const { status, body } = await client.get(directory);
	return status === 200 && childrenOf(directory, body.toString()).some((child) => child.isDirectory && child.name === name);
}

/** The nearest directory above a path that there is. */
export async function directoryAbove(client: MetadataClient, path: string): Promise<{ directory: string; children: readonly Child[] }> {
	const { directory } = splitPath(path);
	const { status, body } = await client.get(directory);
	if (status === 200) return { directory, children: childrenOf(directory, body.toString()) };
	return directory === "/" ? { directory, children: [] } : directoryAbove(client, directory);
}

/** Leaves as one object in another; what is not text becomes `{ "base64": "…" }`. */
export function nested(leaves: readonly Leaf[]): object {
	const object = () => Object.create(null) as Record<string, unknown>; // A tag can be called __proto__.
	const root = object();
	for (const { path, body } of leaves) {
		const parts = path.split("/");
		const last = parts.pop() ?? "";
		let parent = root;
		for (const part of parts) parent = (parent[part] ??= object()) as typeof root;
		parent[last] = textOf(body) ?? { base64: body.toString("base64") };
	}
	return root;
}

/** The text that bytes are; `undefined` where they are none. */
export function textOf(body: Buffer): string | undefined {
	try {
		return body.includes(0) ? undefined : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
	} catch {
		return undefined; // The decoder says no more than that it failed.
	}
}

async function list(client: MetadataClient, directory: string): Promise<readonly Child[]> {
	return childrenOf(directory, (await fetchListed(client, directory)).toString());
}

async function fetchListed(client: MetadataClient, path: string): Promise<Buffer> {
	const { status, body } = await client.get(path);
	if (status !== 200)
		throw new Failure(`${path} is listed, but asking for it gives ${status}. Did the instance change meanwhile? Ask again.`);
	return body;
}
