import type { MemberShape, ScalarShape, StructureShape } from "./service-shapes.ts";

/**
 * The members of a structure as JSON has them. What is undefined is left out.
 *
 * AWS: times are seconds since 1970, with a fraction where there is one, and bytes are base64 (Smithy, "AWS JSON 1.0 protocol").
 *
 * @param value of the generated type that the shape was made of.
 */
export function jsonObject(shape: StructureShape, value: object): object {
	const values = value as Readonly<Record<string, unknown>>;
	const entries = shape.members
		.filter(({ name }) => values[name] !== undefined)
		.map((member) => [member.name, jsonMember(member, values[member.name])] as const);
	return Object.fromEntries(entries);
}

function jsonMember({ type, list, map }: MemberShape, value: unknown): unknown {
	if (list !== undefined) return (value as readonly unknown[]).map((item) => jsonValue(type, item));
	if (map) return Object.fromEntries(Object.entries(value as object).map(([key, of]) => [key, jsonValue(type, of)]));
	return jsonValue(type, value);
}

function jsonValue(type: ScalarShape | StructureShape, value: unknown): unknown {
	if (!("scalar" in type)) return jsonObject(type, value as object);
	if (type.scalar === "timestamp") return (value as Date).getTime() / 1000;
	if (type.scalar === "blob") return Buffer.from(value as Uint8Array).toString("base64");
	// AWS: JSON has no such numbers, so Smithy writes `"NaN"`, `"Infinity"` and `"-Infinity"`.
	return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
