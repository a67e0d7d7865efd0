import * as v from "valibot";
import { distinct, fields, isMap, list, required, text } from "./field.ts";

const KEY = text(128);
const VALUE = text(256, 0);

const TAG_LIST = v.pipe(
	list(fields({ key: required(KEY, "1 to 128 characters."), value: required(VALUE, "Up to 256 characters.") }), 50),
	distinct("key"),
);

/** Tags in their order: `{Name: web}` is short for `[{key: Name, value: web}]`. */
export const TAGS = v.union(
	[
		TAG_LIST,
		v.pipe(
			v.custom<Record<string, unknown>>(isMap, "a map"),
			v.metadata({ type: "object", additionalProperties: { type: "string" } }),
			// Not v.record: it passes over keys such as "constructor".
			v.rawTransform(({ dataset, addIssue, NEVER }) => {
				const { success, output, issues } = v.safeParse(
					TAG_LIST,
					Object.entries(dataset.value).map(([key, value]) => ({ key, value })),
				);
				for (const { message, path, input, expected } of issues ?? [])
					addIssue({ message, path, input, ...(expected === null ? {} : { expected }) });
				return success ? output : NEVER;
			}),
		),
	],
	"a map of keys and values, or a list of {key, value}",
);
