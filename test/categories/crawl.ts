// Walks a tree as clients do: by its listings.

import assert from "node:assert/strict";
import type { Answer } from "../../src/metadata/answer.ts";
import type { Delivery } from "../../src/metadata/leaf.ts";
import type { Snapshot } from "../../src/metadata/snapshot.ts";

/** What a listing led to. */
export interface Found {
	readonly kind: "dir" | "leaf";
	readonly answer: Answer;
}

/** The text of an answer. */
export function textOf({ body }: Answer): string {
	return Buffer.from(body, "latin1").toString();
}

/** The lines of a listing. */
export function linesOf(answer: Answer): readonly string[] {
	return textOf(answer).split("\n");
}

/** Where a line of a listing leads, and to what: a directory ends with a slash, except right below a version and in `public-keys/`. */
export function childOf(directory: string, line: string): { path: string; kind: Found["kind"] } {
	const depth = directory.split("/").length - 1;
	const [keyIndex] = /^\d+(?==)/.exec(line) ?? [];
	if (directory.endsWith("/meta-data/public-keys") && keyIndex !== undefined) return { path: `${directory}/${keyIndex}`, kind: "dir" };
	if (depth === 1) return { path: `${directory}/${line}`, kind: line === "user-data" ? "leaf" : "dir" };
	return { path: `${directory}/${line.replace(/\/$/, "")}`, kind: line.endsWith("/") ? "dir" : "leaf" };
}

/** Everything that the listings of a version lead to, by its path without a closing slash; fails where one leads to nothing. */
export function crawl(snapshot: Snapshot, version: string, delivery: Delivery = "2.0"): ReadonlyMap<string, Found> {
	const found = new Map<string, Found>();
	const visit = (path: string, kind: Found["kind"]): void => {
		const answer = snapshot.get(path, delivery);
		assert.ok(answer !== undefined, `${path} is listed, but not there`);
		assert.ok(!found.has(path), `${path} is listed twice`);
		found.set(path, { kind, answer });
		if (kind === "leaf") return;
		for (const line of linesOf(answer)) {
			const child = childOf(path, line);
			visit(child.path, child.kind);
		}
	};
	visit(`/${version}`, "dir");
	return found;
}

/** Every URL path that cloud-init's `MetadataMaterializer` asks for below `/{version}/meta-data/`, in its own way to read listings. */
export function cloudInitPaths(listingOf: (path: string) => string, version: string): readonly string[] {
	const asked: string[] = [];
	const materialize = (blob: string, base: string): void => {
		for (const line of blob.split("\n")) {
			const field = line.trim();
			const name = field.replace(/\/+$/, "");
			// It never fetches credentials.
			if (field === "" || name === "" || name === "security-credentials") continue;
			if (field.endsWith("/")) {
				const child = `${base}${quote(name)}/`;
				asked.push(child);
				materialize(listingOf(child), child);
			} else {
				const [ident = "", ...rest] = field.split("=");
				asked.push(`${base}${rest.length > 0 && /^[+-]?\d+$/.test(ident.trim()) ? `${Number(ident)}/openssh-key` : quote(name)}`);
			}
		}
	};
	const base = `/${version}/meta-data/`;
	asked.push(base);
	materialize(listingOf(base), base);
	return asked;
}

/** Python's `urllib.parse.quote(text, safe="/:")`. */
function quote(text: string): string {
	return encodeURIComponent(text)
		.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
		.replaceAll("%2F", "/")
		.replaceAll("%3A", ":");
}
