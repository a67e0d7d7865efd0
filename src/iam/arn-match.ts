import { type Glob, globMatches } from "./glob.ts";

const PARTS = 6;

/**
 * Whether an ARN fits a pattern part by part, as the operators for ARNs have it; `Resource` does not, where wildcards cross all colons.
 *
 * AWS: each of the six parts is checked separately (IAM guide, "ARN condition operators"). The last one has the colons that are left.
 */
export function arnMatches(glob: Glob, arn: string): boolean {
	const [patterns, parts] = [partsOf(glob), partsOf([...arn])];
	if (patterns.length < PARTS || parts.length < PARTS) return false;
	return patterns.every((pattern, index) => globMatches(pattern, (parts[index] ?? []).join("")));
}

function partsOf<Part>(whole: readonly Part[]): Part[][] {
	const parts: Part[][] = [[]];
	for (const item of whole) {
		if (item === ":" && parts.length < PARTS) parts.push([]);
		else parts.at(-1)?.push(item);
	}
	return parts;
}
