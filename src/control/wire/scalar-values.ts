// A parameter's text, and the value that it stands for.
import type { ScalarShape } from "./service-shapes.ts";

/** A value as the generated types have it. */
export type ScalarValue = string | number | boolean | Date | Uint8Array;

/** @returns `undefined` for a text that stands for no value. */
export function scalarValue(text: string, { scalar, values }: ScalarShape): ScalarValue | undefined {
	switch (scalar) {
		case "string":
			return values === undefined || values.has(text) ? text : undefined;
		case "boolean":
			return BOOLEANS.get(text);
		case "integer":
		case "long":
			return WHOLE_NUMBER.test(text) ? wholeNumber(Number(text), scalar) : undefined;
		case "double":
			return DECIMAL_NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
		case "timestamp":
			return timestamp(text);
		case "blob":
			return blob(text);
	}
}

/** The number, if it is one that an `integer` or a `long` can be. A long of more than 53 bits would be another number here. */
export function wholeNumber(number: number, scalar: "integer" | "long"): number | undefined {
	const [min, max] = scalar === "integer" ? [INTEGER_MIN, INTEGER_MAX] : [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
	// Adding 0 makes -0 an ordinary zero.
	return Number.isInteger(number) && number >= min && number <= max ? number + 0 : undefined;
}

/** The time so many seconds after the beginning of 1970: in the years 0 to 9999, as the texts of times have them. */
export function epochTime(seconds: number): Date | undefined {
	const ms = Math.round(seconds * 1000);
	return ms >= YEAR_0_MS && ms < YEAR_10000_MS ? new Date(ms) : undefined;
}

/**
 * What is allowed where a text was given that stands for no value, to follow "The value must be".
 *
 * @returns `undefined` where that is too much to tell.
 */
export function allowedInsteadOf(text: string, { scalar, values }: ScalarShape): string | undefined {
	switch (scalar) {
		case "string":
			return values === undefined || values.size > MOST_VALUES_TOLD ? undefined : oneOf([...values]);
		case "boolean":
			return "true or false";
		case "integer":
			return WHOLE_NUMBER.test(text) ? `an integer between ${INTEGER_MIN} and ${INTEGER_MAX}` : "an integer";
		case "long":
			return WHOLE_NUMBER.test(text) ? "an integer of at most 53 bits" : "an integer";
		case "double":
			return "a number";
		case "timestamp":
			return "a time such as 2026-01-31T12:00:00Z";
		case "blob":
			return "base64";
	}
}

/** `'a'`; `either 'a' or 'b'`; `one of 'a', 'b' or 'c'`. */
export function oneOf(values: readonly string[]): string {
	const all = values.map((value) => `'${value}'`);
	const last = all.pop() ?? "";
	return all.length === 0 ? last : `${all.length === 1 ? "either" : "one of"} ${all.join(", ")} or ${last}`;
}

const MOST_VALUES_TOLD = 10;

/** Every client of AWS writes them so; what EC2 makes of `True` or `1` is documented nowhere. */
const BOOLEANS = new Map([
	["true", true],
	["false", false],
]);

const INTEGER_MIN = -(2 ** 31);
const INTEGER_MAX = 2 ** 31 - 1;
const WHOLE_NUMBER = /^-?\d+$/;
const DECIMAL_NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const YEAR_0_MS = Date.UTC(-1, 12);
const YEAR_10000_MS = Date.UTC(9999, 12);

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** ISO 8601 with a zone: without one, a time would be another on each machine. `Date.parse` takes the 31st of February for the 3rd of March. */
function timestamp(text: string): Date | undefined {
	const [, year, month, day] = TIMESTAMP.exec(text) ?? [];
	if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined;
	const date = new Date(text);
	return year === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

/** Buffer skips what isn't base64, so only what comes back the same was. */
function blob(text: string): Uint8Array | undefined {
	const bytes = Buffer.from(text, "base64");
	return bytes.toString("base64") === text ? new Uint8Array(bytes) : undefined;
}
