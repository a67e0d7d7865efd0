import { shortened } from "./wire-error.ts";
import type { WireRequest } from "./protocol.ts";

/** A media type, and all the ways to write it. */
export interface MediaType {
	readonly name: string;
	readonly pattern: RegExp;
}

/**
 * What is wrong with what a request says of the type of its body; nothing for one without a body.
 *
 * @param allowed the first of them is the one that a message recommends.
 */
export function contentTypeProblem({ headers, body }: WireRequest, allowed: readonly [MediaType, ...MediaType[]]): string | undefined {
	if (body.length === 0) return undefined;
	// Gap: AWS reads gzip of some operations, such as a large PutMetricData; whatever that says is refused here.
	const [, encoding] = headers.find(([name]) => name.toLowerCase() === "content-encoding") ?? [];
	if (encoding !== undefined && encoding.trim() !== "identity") {
		return `The content encoding '${shortened(encoding)}' is not supported. Send the body as it is.`;
	}
	const contentTypes = headers.filter(([name]) => name.toLowerCase() === "content-type").map(([, value]) => value.trim());
	const [contentType] = contentTypes;
	if (contentType === undefined) return `A request with a body must say its content type: ${allowed[0].name}.`;
	if (contentTypes.length === 1 && allowed.some(({ pattern }) => pattern.test(contentType))) return undefined;
	return `The content type '${shortened(contentTypes.join(", "))}' is not supported. Use ${allowed[0].name} in UTF-8.`;
}

/** A media type whose text can be in UTF-8 only. */
export function utf8MediaType(name: string): MediaType {
	const charset = '(?:;[ \\t]*charset[ \\t]*=[ \\t]*(?:utf-?8|"utf-?8")[ \\t]*)?';
	return { name, pattern: new RegExp(`^${name.replaceAll(/[.+]/g, "\\$&")}[ \\t]*${charset};?$`, "i") };
}

/** @returns `undefined` for bytes that are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		// The decoder says no more than that it isn't.
		return undefined;
	}
}
