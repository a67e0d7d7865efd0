import { constraintMessage, enumConstraint, type MissingMember } from "./constraint.ts";
import { MAX_ITEMS } from "./query-input.ts";
import { type ScalarValue, wholeNumber } from "./scalar-values.ts";
import type { MemberShape, ScalarShape, StructureShape } from "./service-shapes.ts";
import { shortened, WireError } from "./wire-error.ts";

/** What sets JSON and CBOR apart when a document is read: all else is the same. */
export interface DocumentDialect {
	/** @returns `undefined` for what is no time. */
	readonly time: (value: unknown) => Date | undefined;
	/** What a time must be, to follow "It must be". */
	readonly allowedTime: string;
	/** @returns `undefined` for what are no bytes. */
	readonly bytes: (value: unknown) => Uint8Array | undefined;
	/** What bytes must be. */
	readonly allowedBytes: string;
	/** The code of what is of its type and not allowed nonetheless: services differ. */
	readonly invalidInput: string;
	readonly missing: MissingMember;
}

/**
 * Turns a document into the input of an operation: a plain object with only the members that came.
 *
 * AWS: null is as good as nothing, and members that the model doesn't have are ignored (Smithy, "AWS JSON 1.0 protocol", and what its
 * services make of the members that newer SDKs send).
 *
 * @throws {WireError} for the first member that doesn't fit or is missing: SerializationException for one of another type, as AWS has it.
 */
export function decodeDocument(shape: StructureShape, document: unknown, dialect: DocumentDialect): object {
	return structureOf(shape, { value: document, path: "", sensitive: false }, dialect);
}

/** A value of a document. */
interface Place {
	readonly value: unknown;
	/** Names of members and numbers of items, with dots between them. */
	readonly path: string;
	readonly sensitive: boolean;
}

function structureOf(shape: StructureShape, place: Place, dialect: DocumentDialect): object {
	const { value, path } = place;
	if (!isObject(value)) throw wrongType(place, "an object");
	const input: Record<string, unknown> = {};
	for (const member of shape.members) {
		const { name, sensitive } = member;
		const memberPath = path === "" ? name : `${path}.${name}`;
		// Only its own: an object of JSON has all that every object has.
		const given = Object.hasOwn(value, name) ? value[name] : undefined;
		if (given !== undefined && given !== null) {
			input[name] = memberOf(member, { value: given, path: memberPath, sensitive }, dialect);
		} else if (member.required) {
			throw dialect.missing(memberPath);
		}
	}
	return input;
}

function memberOf({ type, list, map }: MemberShape, place: Place, dialect: DocumentDialect): unknown {
	const { value, path, sensitive } = place;
	if (list !== undefined) {
		if (!Array.isArray(value)) throw wrongType(place, "a list");
		if (value.length > MAX_ITEMS) {
			throw new WireError(dialect.invalidInput, `The member ${path} can have no more than ${MAX_ITEMS} items.`);
		}
		return value.map((item: unknown, index) => valueOf(type, { value: item, path: `${path}.${index + 1}.member`, sensitive }, dialect));
	}
	if (map) {
		if (!isObject(value)) throw wrongType(place, "an object");
		const entries = Object.entries(value).map(([key, of]) => {
			return [key, valueOf(type, { value: of, path: `${path}.${shortened(key)}`, sensitive }, dialect)] as const;
		});
		return Object.fromEntries(entries);
	}
	return valueOf(type, place, dialect);
}

function valueOf(type: ScalarShape | StructureShape, place: Place, dialect: DocumentDialect): unknown {
	if (!("scalar" in type)) return structureOf(type, place, dialect);
	const value = scalarOf(type, place.value, dialect);
	if (value === undefined) throw wrongType(place, allowed(type, dialect));
	if (type.values?.has(value as string) === false) {
		throw new WireError(dialect.invalidInput, constraintMessage(told(place), place.path, enumConstraint(type.values)));
	}
	return value;
}

function scalarOf({ scalar }: ScalarShape, value: unknown, dialect: DocumentDialect): ScalarValue | undefined {
	switch (scalar) {
		case "string":
			// Half a surrogate pair has no UTF-8: it could be kept, and never be given back.
			return typeof value === "string" && value.isWellFormed() ? value : undefined;
		case "boolean":
			return typeof value === "boolean" ? value : undefined;
		case "integer":
		case "long":
			return typeof value === "number" ? wholeNumber(value, scalar) : undefined;
		case "double":
			// Gap: AWS reads NaN and infinities, and refuses them where it stores numbers.
			return typeof value === "number" && Number.isFinite(value) ? value : undefined;
		case "timestamp":
			return dialect.time(value);
		case "blob":
			return dialect.bytes(value);
	}
}

function allowed({ scalar }: ScalarShape, { allowedTime, allowedBytes }: DocumentDialect): string {
	switch (scalar) {
		case "string":
			return "a string, of whole characters";
		case "boolean":
			return "true or false";
		case "integer":
			return "an integer of at most 32 bits";
		case "long":
			return "an integer of at most 53 bits";
		case "double":
			return "a number";
		case "timestamp":
			return allowedTime;
		case "blob":
			return allowedBytes;
	}
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof Uint8Array);
}

function wrongType(place: Place, allowed: string): WireError {
	const what = place.path === "" ? "The body" : `The member ${place.path}`;
	return new WireError("SerializationException", `${what} is ${told(place)}. It must be ${allowed}.`);
}

/** A value as a message tells it. */
function told({ value, sensitive }: Place): string {
	if (sensitive) return "(hidden)";
	if (typeof value === "string") return `'${shortened(value)}'`;
	if (Array.isArray(value)) return "a list";
	if (value instanceof Date) return `the time ${value.toISOString()}`;
	if (value instanceof Uint8Array) return "bytes";
	return isObject(value) ? "an object" : String(value);
}
