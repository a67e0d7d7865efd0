// An instance's metadata at one moment: one consistent tree, told lazily and at most once.

import { epochMs } from "../model/timestamp.ts";
import { answer, type Answer } from "./answer.ts";
import type { BoundLeaf, Delivery } from "./leaf.ts";
import { LEAVES } from "./leaves.ts";
import { buildTree, type DirectoryNode, findNode, listing } from "./tree.ts";
import { VERSION_RANK, VERSIONS } from "./versions.ts";
import type { View } from "./view.ts";

/**
 * How many spellings of paths one snapshot remembers. The tree of a busy instance has some 120 paths; the rest is
 * room for other versions and for closing slashes. When it is full the memory starts anew.
 */
const REMEMBERED_PATHS = 512;

/** A longer spelling is read anew each time: no path of a tree needs it, and 512 of what a request line holds are 4 MiB. */
const REMEMBERED_PATH_CHARACTERS = 320;

export class Snapshot {
	/** When some value of this snapshot is no longer the one to give: a new one is due then. */
	readonly staleAtMs: number;
	readonly #view: View;
	readonly #tree: DirectoryNode;
	readonly #byPath = { "1.0": new Map<string, Answer>(), "2.0": new Map<string, Answer>() };
	readonly #byLeaf = { "1.0": new Map<BoundLeaf, Answer>(), "2.0": new Map<BoundLeaf, Answer>() };

	constructor(view: View, staleAtMs: number) {
		this.#view = view;
		this.staleAtMs = staleAtMs;
		this.#tree = buildTree(LEAVES, view);
	}

	/**
	 * The answer at a path, `undefined` for none.
	 *
	 * @param path as it came: percent-encoded, with whatever runs of slashes and closing slash it has; no query.
	 */
	get(path: string, delivery: Delivery): Answer | undefined {
		return this.#byPath[delivery].get(path) ?? this.#tell(path, delivery);
	}

	#tell(path: string, delivery: Delivery): Answer | undefined {
		const found = this.#resolve(pathSegments(path), delivery);
		if (found === undefined || path.length > REMEMBERED_PATH_CHARACTERS) return found;
		const remembered = this.#byPath[delivery];
		if (remembered.size >= REMEMBERED_PATHS) remembered.clear();
		remembered.set(path, found);
		return found;
	}

	#resolve([version, ...segments]: readonly string[], delivery: Delivery): Answer | undefined {
		const modifiedMs = epochMs(this.#view.instance.lastModifiedTime);
		if (version === undefined) return answer(VERSIONS.join("\n"), modifiedMs);
		const rank = VERSION_RANK.get(version);
		const node = rank === undefined ? undefined : findNode(this.#tree, segments, rank);
		if (rank === undefined || node === undefined) return undefined;
		if (node.kind === "leaf") return this.#leafAnswer(node.leaf, delivery);
		const text = listing(node, rank);
		return text === undefined ? undefined : answer(text, modifiedMs);
	}

	// However many spellings and versions lead to a leaf, its value is told once: signatures and credentials are costly.
	#leafAnswer(leaf: BoundLeaf, delivery: Delivery): Answer | undefined {
		const told = this.#byLeaf[leaf.byDelivery ? delivery : "1.0"];
		const known = told.get(leaf);
		if (known !== undefined) return known;
		const value = leaf.value(delivery);
		if (value === undefined) return undefined;
		const made = answer(value, epochMs(leaf.refreshedAt ?? this.#view.instance.launchTime), leaf.contentType);
		told.set(leaf, made);
		return made;
	}
}

/** The segments of a path: decoded once each, runs of slashes and a closing slash as if they were not there (§1.5). */
export function pathSegments(path: string): readonly string[] {
	const segments = path.split("/").filter((segment) => segment !== "");
	return path.includes("%") ? segments.map(decodeSegment) : segments;
}

// The request reader let only valid escapes through; what they stand for is compared as UTF-8.
function decodeSegment(segment: string): string {
	const bytes = segment.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
	return Buffer.from(bytes, "latin1").toString();
}
