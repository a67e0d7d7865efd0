// The tree of one instance: leaves put in their places, directories and listings derived.

import type { BoundLeaf, Leaf, Name } from "./leaf.ts";
import { UNLISTED } from "./leaves.ts";
import { VERSION_RANK } from "./versions.ts";
import type { View } from "./view.ts";

export interface LeafNode {
	readonly kind: "leaf";
	/** Rank of the first version that shows it. */
	readonly since: number;
	readonly leaf: BoundLeaf;
	/** How its parent lists it; `undefined`: not at all. */
	readonly listedAs: string | undefined;
}

export interface DirectoryNode {
	readonly kind: "directory";
	/** Rank of the first version in which it has a child. */
	since: number;
	readonly children: Map<string, Node>;
	readonly listedAs: string | undefined;
}

export type Node = LeafNode | DirectoryNode;

/** Everything below `/{version}/`. A leaf without a value is not there, and so no directory is ever empty. */
export function buildTree(leaves: readonly Leaf[], view: View): DirectoryNode {
	const root: DirectoryNode = { kind: "directory", since: 0, children: new Map(), listedAs: undefined };
	for (const { path, since, bind } of leaves) {
		const rank = VERSION_RANK.get(since) ?? 0;
		const segments = path.split("/");
		for (const leaf of bind(view)) if (leaf.deferred === true || hasValue(leaf)) place(root, segments, rank, leaf);
	}
	return root;
}

/** The listing of a directory as a version shows it; `undefined` where that version has nothing in it. */
export function listing(directory: DirectoryNode, rank: number): string | undefined {
	const names: string[] = [];
	for (const child of directory.children.values()) {
		if (child.since <= rank && child.listedAs !== undefined) names.push(child.listedAs);
	}
	return names.length === 0 ? undefined : names.sort().join("\n");
}

/** The node at a path as a version shows it. */
export function findNode(root: DirectoryNode, segments: readonly string[], rank: number): Node | undefined {
	let node: Node | undefined = root;
	for (const segment of segments) {
		node = node.kind === "directory" ? node.children.get(segment) : undefined;
		if (node === undefined || node.since > rank) return undefined;
	}
	return node;
}

function hasValue(leaf: BoundLeaf): boolean {
	const value = leaf.value("1.0");
	return value !== undefined && (value.length > 0 || leaf.mayBeEmpty === true);
}

function place(root: DirectoryNode, segments: readonly string[], since: number, leaf: BoundLeaf): void {
	const names = leaf.names[Symbol.iterator]();
	let directory = root;
	let pattern = "";
	for (const [depth, part] of segments.entries()) {
		const name: Name = part.startsWith("{") ? (names.next().value ?? part) : part;
		const segment = typeof name === "string" ? name : name.segment;
		pattern += depth === 0 ? part : `/${part}`;
		const last = depth === segments.length - 1;
		const unlisted = UNLISTED.has(pattern);
		if (last) {
			const listedAs = unlisted ? undefined : typeof name === "string" ? segment : name.listedAs;
			directory.children.set(segment, { kind: "leaf", since, leaf, listedAs });
			return;
		}
		// AWS: directories are listed with a closing slash, except those directly below a version (§1.7).
		const listedAs = unlisted ? undefined : typeof name === "string" ? (depth === 0 ? segment : `${segment}/`) : name.listedAs;
		directory = directoryAt(directory, segment, since, listedAs);
	}
}

function directoryAt(parent: DirectoryNode, segment: string, since: number, listedAs: string | undefined): DirectoryNode {
	const known = parent.children.get(segment);
	if (known?.kind === "directory") {
		known.since = Math.min(known.since, since);
		return known;
	}
	const directory: DirectoryNode = { kind: "directory", since, children: new Map(), listedAs };
	parent.children.set(segment, directory);
	return directory;
}
