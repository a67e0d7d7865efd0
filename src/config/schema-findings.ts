// From the issues of the schema to sentences.

import type { BaseIssue } from "valibot";
import { shown } from "./shown-value.ts";

/** Something wrong, and the path to it from the top of the file. */
export interface Finding {
	readonly path: readonly (string | number)[];
	/** Meant is the field's name, not its value. */
	readonly atKey?: true;
	readonly value?: string;
	readonly message: string;
}

/** Fields whose values, and whatever stands in them, are never shown. A public key may be the wrong half of its pair. */
const SECRET = new Set(["credentials", "accessKeys", "userData", "userDataBase64", "publicKey", "managedSshKeys"]);

/** So many names are listed where a likely one is known. */
const NAMES_LISTED = 12;

/** Every issue as a finding, and every unknown field: valibot tells only the first of a map. */
export function findingsOf(issues: readonly BaseIssue<unknown>[], above: Finding["path"] = []): readonly Finding[] {
	const findings = issues.flatMap((issue): readonly Finding[] => {
		const path = [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)];
		// Of the alternatives of a union, the one that was meant is the one that got further.
		const further = issue.issues?.filter((each) => each.path !== undefined) ?? [];
		if (further.length > 0) return findingsOf(further, path);
		if (issue.type === "strict_object" && issue.expected === "never") return unknownFields(issue, path.slice(0, -1));
		if (issue.type === "strict_object") return [{ path, message: `is missing; allowed: ${issue.message}` }];
		if (issue.type === "raw_check") return [{ path, message: issue.message }];
		return [notAllowed(issue, path)];
	});
	// One value can fail several checks that allow the same.
	return [...new Map(findings.map((finding) => [JSON.stringify([finding.path, finding.message]), finding])).values()];
}

function notAllowed({ input, expected, message }: BaseIssue<unknown>, path: Finding["path"]): Finding {
	const allowed = `allowed: ${message}`;
	if (input === null) return { path, message: `is empty; ${allowed}` };
	const secret = path.some((part) => typeof part === "string" && SECRET.has(part));
	const value = secret ? "the value (not shown)" : shown(input);
	const unquoted = expected === "string" && (typeof input === "number" || typeof input === "boolean");
	const what = unquoted ? `is a ${typeof input}, not text; put it in quotes` : "is not allowed";
	return { path, ...(secret ? {} : { value }), message: `${value} ${what}; ${allowed}` };
}

function unknownFields({ path: items, message }: BaseIssue<unknown>, path: Finding["path"]): readonly Finding[] {
	const names = message.split(", ");
	const map = items?.at(-1)?.input as object;
	return Object.keys(map)
		.filter((name) => !names.includes(name))
		.map((name) => {
			const near = nearest(name, names);
			const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
			const list = near !== undefined && names.length > NAMES_LISTED ? "" : `; allowed: ${message}`;
			return { path: [...path, name], atKey: true, message: `is not a field here${hint}${list}` };
		});
}

function nearest(name: string, names: readonly string[]): string | undefined {
	const bare = (text: string) => text.toLowerCase().replaceAll(/[^0-9a-z]/g, "");
	const distances = names.map((other) => ({ other, distance: name.length > 64 ? 64 : distance(bare(name), bare(other)) }));
	const best = distances.toSorted((a, b) => a.distance - b.distance)[0];
	return best !== undefined && best.distance <= Math.ceil(best.other.length / 4) ? best.other : undefined;
}

/** How many letters must be put in, taken out or replaced (Levenshtein). */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (const [i, letter] of [...a].entries()) {
		const above = row;
		row = [i + 1];
		for (let j = 0; j < b.length; j++) {
			row.push(Math.min(above[j + 1]! + 1, row[j]! + 1, above[j]! + (letter === b[j] ? 0 : 1)));
		}
	}
	return row[b.length]!;
}
