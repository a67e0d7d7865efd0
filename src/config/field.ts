// What the fields of a configuration file may hold. The message of every check is what is allowed, in words: schema-findings.ts
// puts the value and its place before it. A check that says a whole sentence is a `contradiction`.

import * as v from "valibot";
import { type Timestamp, timestamp } from "../model/timestamp.ts";
import { shown } from "./shown-value.ts";

/** A field that may be left out. */
export function optional<const S extends v.GenericSchema>(schema: S, description: string) {
	return v.exactOptional(v.pipe(schema, v.description(description)));
}

/** A field that must be there. */
export function required<const S extends v.GenericSchema>(schema: S, description: string) {
	return v.pipe(schema, v.description(description));
}

/** A map of these fields and no others. */
export function fields<const E extends v.ObjectEntries>(entries: E) {
	const names = Object.keys(entries).join(", ");
	const allowed = ({ expected, path }: v.StrictObjectIssue) =>
		expected === "never" ? names : allowedIn(entries[String(path?.at(-1)?.key)]);
	// Without the first check, a list would pass for a map without fields.
	return v.pipe(v.custom<Record<string, unknown>>(isMap, "a map"), v.strictObject(entries, allowed));
}

/** Text that matches a pattern. */
export function matching(pattern: RegExp, allowed: string) {
	return v.pipe(v.string(allowed), v.regex(pattern, allowed));
}

/** One line of text, which can break no listing and no header. */
export function text(maxLength: number, minLength = 1) {
	return matching(
		new RegExp(`^[^\\p{Cc}\\u2028\\u2029\\ud800-\\udfff]{${minLength},${maxLength}}$`, "u"),
		`${minLength === 0 ? "up" : minLength} to ${maxLength} characters on one line, no control characters`,
	);
}

/** A resource's id. Not all guides write hexadecimal digits: `ami-0123456789example` is one. */
export function id(prefix: string) {
	return matching(new RegExp(`^${prefix}-[0-9A-Za-z]{1,64}$`), `"${prefix}-" and letters or digits, such as ${prefix}-1234567890abcdef0`);
}

/** A whole number. */
export function integer(min: number, max: number) {
	const allowed = `a whole number from ${min} to ${max}`;
	return v.pipe(v.number(allowed), v.integer(allowed), v.minValue(min, allowed), v.maxValue(max, allowed));
}

/** One of these words. */
export function oneOf<const T extends readonly string[]>(...words: T) {
	return v.picklist(words, words.join(", "));
}

/** `true` or `false`. */
export function flag() {
	return v.boolean("true, false");
}

/** A list of no more than so many. */
export function list<const S extends v.GenericSchema>(item: S, maxLength: number, minLength = 0) {
	const allowed = minLength === 0 ? `a list of at most ${maxLength}` : `a list of ${minLength} to ${maxLength}`;
	return v.pipe(v.array(item, allowed), v.minLength(minLength, allowed), v.maxLength(maxLength, allowed));
}

/** A moment, to the second; fractions are cut off. */
export function moment() {
	const allowed = "a moment in UTC, such as 2026-01-31T12:00:00Z";
	return v.pipe(
		v.string(allowed),
		v.check((input) => readMoment(input) !== undefined, allowed),
		v.metadata({ format: "date-time" }),
		v.transform((input) => readMoment(input) ?? input),
	);
}

/** Bytes in base64; line breaks are taken out. */
export function base64(maxBytes: number) {
	const allowed = `base64 of at most ${maxBytes} bytes`;
	return v.pipe(
		v.string(allowed),
		v.check((input) => isBase64(withoutSpace(input)) && Buffer.byteLength(withoutSpace(input), "base64") <= maxBytes, allowed),
		v.transform(withoutSpace),
	);
}

/** What contradicts what; `path` leads from the checked value to the contradiction. */
export interface Contradiction {
	readonly path: readonly (string | number)[];
	readonly message: string;
}

/** Refuses values that contradict themselves. */
export function consistent<T>(contradictionsIn: (value: T) => readonly Contradiction[]): v.RawCheckAction<T> {
	return v.rawCheck<T>(({ dataset, addIssue }) => {
		if (!dataset.typed) return;
		for (const { path, message } of contradictionsIn(dataset.value)) {
			const items = path.map((key) => ({ type: "unknown" as const, origin: "value" as const, input: undefined, key, value: undefined }));
			const [first, ...rest] = items;
			addIssue(first === undefined ? { message } : { message, path: [first, ...rest] });
		}
	});
}

/** Refuses a list in which two have the same in one field. */
export function distinct<T extends readonly object[]>(field: keyof T[number] & string): v.RawCheckAction<T> {
	return consistent<T>((items) => {
		const values = items.map((item: Partial<Record<string, unknown>>) => item[field]);
		return values.flatMap((value, index) =>
			value === undefined || values.indexOf(value) === index
				? []
				: [{ path: [index, field], message: `${shown(value)} is given twice; allowed: once` }],
		);
	});
}

/** Whether a value came from a YAML or JSON map. */
export function isMap(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a field would say of something that is surely wrong. */
function allowedIn(schema: v.GenericSchema | undefined): string {
	return (schema && v.safeParse(schema, undefined).issues?.[0].message) ?? "";
}

function readMoment(input: string): Timestamp | undefined {
	const [, seconds] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)$/.exec(input) ?? [];
	const ms = seconds === undefined ? Number.NaN : Date.parse(`${seconds}Z`);
	// There and back again: JavaScript takes the 30th of February for a day in March.
	return Number.isNaN(ms) || timestamp(ms) !== `${seconds}Z` ? undefined : timestamp(ms);
}

function isBase64(input: string): boolean {
	return input.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(input);
}

function withoutSpace(input: string): string {
	return input.replaceAll(/\s+/g, "");
}
