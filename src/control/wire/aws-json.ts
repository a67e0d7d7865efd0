import { type DocumentDialect, decodeDocument } from "./document-input.ts";
import { documentInvocation, malformed, unknownOperation } from "./document-request.ts";
import { parseJson } from "./json-document.ts";
import { jsonObject } from "./json-output.ts";
import { contentTypeProblem, utf8MediaType } from "./request-body.ts";
import { epochTime, scalarValue } from "./scalar-values.ts";
import { shortened } from "./wire-error.ts";
import type { DocumentService } from "./document-service.ts";
import type { ErrorDocument } from "./error-document.ts";
import type { Answering, Invocation, Protocol, WireRequest } from "./protocol.ts";

/** AWS's JSON: an operation in a header, objects in and out (control-apis.md §2.11, §2.12). */
export function awsJson(version: "1.0" | "1.1", service: DocumentService): Protocol {
	const { shapes, errors } = service;
	const dialect: DocumentDialect = {
		time,
		allowedTime: "a time: the seconds since 1970, or a text such as 2026-01-31T12:00:00Z",
		bytes,
		allowedBytes: "base64",
		invalidInput: service.invalidInput,
		missing: service.missing,
	};
	return {
		...jsonAnswering(version, errors),
		name: version === "1.0" ? "awsJson1_0" : "awsJson1_1",
		read: (request) => readJsonRequest(request, service, dialect),
		encodeOutput: (operation, output) => {
			const shape = shapes.operations.get(operation)?.output;
			return JSON.stringify(shape === undefined ? {} : jsonObject(shape, output ?? {}));
		},
	};
}

export function jsonAnswering(version: "1.0" | "1.1", { members, headers }: ErrorDocument): Answering {
	return {
		contentType: `application/x-amz-json-${version}`,
		encodeError: (failure) => JSON.stringify(members(failure)),
		...(headers && { errorHeaders: headers }),
	};
}

function readJsonRequest(request: WireRequest, { shapes, target }: DocumentService, dialect: DocumentDialect): Invocation {
	if (request.method !== "POST") throw malformed(`The method '${shortened(request.method)}' is not supported. Use POST.`);
	const targets = request.headers.filter(([name]) => name.toLowerCase() === "x-amz-target").map(([, value]) => value.trim());
	const [named = "", second] = targets;
	if (second !== undefined || !named.startsWith(`${target}.`)) throw unknownOperation(targets.join(", "));
	return documentInvocation(shapes, named.slice(target.length + 1), (input) => {
		const problem = contentTypeProblem(request, MEDIA_TYPES);
		if (problem !== undefined) throw malformed(problem);
		// AWS: nothing at all is an object without members.
		return decodeDocument(input, request.body.length === 0 ? {} : parseJson(request.body), dialect);
	});
}

/** AWS: its services take each other's version, and what people write by hand. */
const MEDIA_TYPES = [
	utf8MediaType("application/x-amz-json-1.0"),
	utf8MediaType("application/x-amz-json-1.1"),
	utf8MediaType("application/json"),
] as const;

/** AWS: seconds. Quirk: texts are read, too: who writes a request by hand writes those. */
function time(value: unknown): Date | undefined {
	if (typeof value === "number") return epochTime(value);
	return typeof value === "string" ? (scalarValue(value, { scalar: "timestamp" }) as Date | undefined) : undefined;
}

function bytes(value: unknown): Uint8Array | undefined {
	return typeof value === "string" ? (scalarValue(value, { scalar: "blob" }) as Uint8Array | undefined) : undefined;
}
