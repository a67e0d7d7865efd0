import type { MemberShape, ScalarShape, StructureShape } from "./service-shapes.ts";

/** What every XML answer begins with. */
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** How a protocol writes a time. */
export type TimestampText = (time: Date) => string;

/** An element around what is XML already; `<name/>` around nothing. */
export function element(name: string, content: string): string {
	return content === "" ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

/** An element that holds a text. */
export function textElement(name: string, text: string): string {
	return element(name, escapedText(text));
}

/**
 * The members of a structure, each an element. What is undefined is left out; a list without items is an empty element, which clients
 * tell from none (control-apis.md §2.2).
 *
 * @param value of the generated type that the shape was made of.
 */
export function membersXml(shape: StructureShape, value: object, timestampText: TimestampText): string {
	const values = value as Readonly<Record<string, unknown>>;
	return shape.members.map((member) => memberXml(member, values[member.name], timestampText)).join("");
}

function memberXml(member: MemberShape, value: unknown, timestampText: TimestampText): string {
	if (value === undefined || value === null) return "";
	const { list, type } = member;
	if (list !== undefined) {
		const items = (value as readonly unknown[]).map((item) => valueXml(list, type, item, timestampText));
		return element(member.element, items.join(""));
	}
	if (member.map) {
		const entries = Object.entries(value).map(([key, of]) =>
			element("entry", textElement("key", key) + valueXml("value", type, of, timestampText)),
		);
		return element(member.element, entries.join(""));
	}
	return valueXml(member.element, type, value, timestampText);
}

function valueXml(name: string, type: ScalarShape | StructureShape, value: unknown, timestampText: TimestampText): string {
	if (!("scalar" in type)) return element(name, membersXml(type, value as object, timestampText));
	if (type.scalar === "timestamp") return textElement(name, timestampText(value as Date));
	if (type.scalar === "blob") return textElement(name, Buffer.from(value as Uint8Array).toString("base64"));
	return textElement(name, String(value));
}

/**
 * A text as XML has it. Line ends are written as references: a parser makes one `\n` of a bare `\r\n`. What XML 1.0 can't carry in any
 * way becomes U+FFFD: no form brings it, JSON and CBOR may, and one bad record must not make a whole answer unreadable.
 */
function escapedText(text: string): string {
	return text.toWellFormed().replaceAll(TO_ESCAPE, (character) => REFERENCES.get(character) ?? "\ufffd");
}

const REFERENCES = new Map([
	["&", "&amp;"],
	["<", "&lt;"],
	[">", "&gt;"],
	["\n", "&#xA;"],
	["\r", "&#xD;"],
]);

// eslint-disable-next-line no-control-regex -- these are what it is about
const TO_ESCAPE = /[&<>\0-\x08\n\x0b-\x1f\ufffe\uffff]/g;
