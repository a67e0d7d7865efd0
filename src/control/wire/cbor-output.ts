import type { CborWriter } from "./cbor-writer.ts";
import type { MemberShape, ScalarShape, StructureShape } from "./service-shapes.ts";

/**
 * Writes a structure as a map of its members. What is undefined is left out.
 *
 * @param value of the generated type that the shape was made of.
 */
export function writeStructure(writer: CborWriter, shape: StructureShape, value: object): void {
	const values = value as Readonly<Record<string, unknown>>;
	const members = shape.members.filter(({ name }) => values[name] !== undefined);
	writer.map(members.length);
	for (const member of members) {
		writer.text(member.name);
		writeMember(writer, member, values[member.name]);
	}
}

function writeMember(writer: CborWriter, { type, list, map }: MemberShape, value: unknown): void {
	if (list !== undefined) {
		const items = value as readonly unknown[];
		writer.array(items.length);
		for (const item of items) writeValue(writer, type, item);
	} else if (map) {
		const entries = Object.entries(value as object);
		writer.map(entries.length);
		for (const [key, of] of entries) {
			writer.text(key);
			writeValue(writer, type, of);
		}
	} else {
		writeValue(writer, type, value);
	}
}

function writeValue(writer: CborWriter, type: ScalarShape | StructureShape, value: unknown): void {
	if (!("scalar" in type)) return writeStructure(writer, type, value as object);
	switch (type.scalar) {
		case "string":
			return writer.text(value as string);
		case "boolean":
			return writer.boolean(value as boolean);
		case "integer":
		case "long":
			return writer.integer(value as number);
		case "double":
			return writer.double(value as number);
		case "timestamp":
			return writer.timestamp(value as Date);
		case "blob":
			return writer.bytes(value as Uint8Array);
	}
}
