/** What the printed documents are made of; a field that is undefined is left out. */
export type Printable = string | number | boolean | null | readonly Printable[] | PrintableObject;

export interface PrintableObject {
	readonly [key: string]: Printable | undefined;
}

/**
 * Prints JSON as EC2 does, which `JSON.stringify` cannot: two spaces of indent, a space on both sides of the colon, lists of plain values
 * on one line, LF, and no newline at the end.
 *
 * AWS: metadata-endpoint.md §3.1 (verified against a signature of AWS, so the bytes are certain), §4.1 and §5.3.
 */
export function jsonText(value: Printable, indent = ""): string {
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	const inner = `${indent}  `;
	if (isList(value)) {
		if (value.length === 0) return "[]";
		const items = value.map((item) => jsonText(item, inner));
		return value.some(isComposite) ? block("[]", items, indent) : `[ ${items.join(", ")} ]`;
	}
	const fields = Object.entries(value).flatMap(([key, field]) =>
		field === undefined ? [] : [`${JSON.stringify(key)} : ${jsonText(field, inner)}`],
	);
	return fields.length === 0 ? "{ }" : block("{}", fields, indent);
}

function block(brackets: "[]" | "{}", lines: readonly string[], indent: string): string {
	return `${brackets[0]}\n${lines.map((line) => `${indent}  ${line}`).join(",\n")}\n${indent}${brackets[1]}`;
}

function isComposite(value: Printable): boolean {
	return typeof value === "object" && value !== null;
}

// Array.isArray narrows no readonly array.
function isList(value: readonly Printable[] | PrintableObject): value is readonly Printable[] {
	return Array.isArray(value);
}
