// The protocols that services are spoken to in, as bytes.

import assert from "node:assert/strict";
import { cbor } from "@smithy/core/cbor";
import { type Answer, FORM, type Refusal, refusalOf, type Unsigned } from "./signed-request.ts";

/** A service in one of its protocols. */
export interface Speaker {
	readonly name: string;
	/** In scopes of signatures. */
	readonly service: string;
	/** An operation that takes and gives little. */
	readonly harmless: string;
	/** The service's words for the same findings. */
	readonly words: Words;
	/** What asks for an operation, with nothing or with a body as it is. */
	request(operation: string, body?: string | Buffer): Unsigned;
	/** What an answer says, if it is one as every SDK reads it. */
	read(answer: Answer): unknown;
	refusal(answer: Answer): Refusal;
}

interface Words {
	readonly missing: readonly [code: string, status: number];
	readonly unknown: readonly [code: string, status: number];
	readonly mismatch: readonly [code: string, status: number];
	readonly denied: readonly [code: string, status: number];
	readonly noOperation: string;
}

const QUERY_WORDS: Omit<Words, "noOperation"> = {
	missing: ["MissingAuthenticationToken", 403],
	unknown: ["InvalidClientTokenId", 403],
	mismatch: ["SignatureDoesNotMatch", 403],
	denied: ["AccessDenied", 403],
};

const JSON_WORDS: Words = {
	missing: ["MissingAuthenticationTokenException", 400],
	unknown: ["UnrecognizedClientException", 400],
	mismatch: ["InvalidSignatureException", 400],
	denied: ["AccessDeniedException", 400],
	noOperation: "UnknownOperationException",
};

const GRANITE = "GraniteServiceVersion20100801";

export const CLOUDWATCH_JSON: Speaker = {
	...jsonSpeaker("1.0", GRANITE),
	name: "CloudWatch in JSON",
	service: "monitoring",
	harmless: "ListMetrics",
	words: { ...QUERY_WORDS, noOperation: "UnknownOperationException" },
};

export const CLOUDWATCH_CBOR: Speaker = {
	name: "CloudWatch in CBOR",
	service: "monitoring",
	harmless: "ListMetrics",
	words: { ...QUERY_WORDS, noOperation: "UnknownOperationException" },
	request: (operation, body = Buffer.from("a0", "hex")) => ({
		path: `/service/${GRANITE}/operation/${operation}`,
		headers: {
			"smithy-protocol": "rpc-v2-cbor",
			"content-type": "application/cbor",
			accept: "application/cbor",
			"x-amzn-query-mode": "true",
		},
		body,
	}),
	read: ({ headers, bytes }) => {
		assert.equal(headers["content-type"], "application/cbor");
		assert.equal(headers["smithy-protocol"], "rpc-v2-cbor");
		return cbor.deserialize(bytes) as unknown;
	},
	refusal: (answer) => documentRefusal(answer, CLOUDWATCH_CBOR.read(answer)),
};

export const CLOUDWATCH_FORM: Speaker = {
	name: "CloudWatch in forms",
	service: "monitoring",
	harmless: "ListMetrics",
	words: { ...QUERY_WORDS, noOperation: "InvalidAction" },
	request: (operation, more = "") => ({
		headers: { "content-type": FORM },
		body: Buffer.concat([Buffer.from(`Action=${operation}&Version=2010-08-01`), Buffer.from(more)]),
	}),
	read: ({ headers, body }) => {
		assert.equal(headers["content-type"], "text/xml");
		return body;
	},
	refusal: refusalOf,
};

export const LIGHTSAIL: Speaker = {
	...jsonSpeaker("1.1", "Lightsail_20161128"),
	name: "Lightsail",
	service: "lightsail",
	harmless: "GetRegions",
	words: JSON_WORDS,
};

export const OPENIMDS: Speaker = {
	...jsonSpeaker("1.0", "OpenIMDS_20261122"),
	name: "OpenIMDS's own service",
	service: "openimds",
	harmless: "DescribeTransition",
	words: JSON_WORDS,
};

export const SPEAKERS = [CLOUDWATCH_JSON, CLOUDWATCH_CBOR, CLOUDWATCH_FORM, LIGHTSAIL, OPENIMDS] as const;

/** A service of JSON that need not be here. */
export function jsonSpeaker(version: "1.0" | "1.1", target: string): Pick<Speaker, "request" | "read" | "refusal"> {
	const read = ({ headers, body }: Answer): unknown => {
		assert.equal(headers["content-type"], `application/x-amz-json-${version}`);
		return JSON.parse(body);
	};
	return {
		request: (operation, body = "{}") => ({
			headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${target}.${operation}` },
			body,
		}),
		read,
		refusal: (answer) => documentRefusal(answer, read(answer)),
	};
}

/** What JSON and CBOR say of an error. A code in the header is the one that clients take. */
function documentRefusal({ status, headers }: Answer, document: unknown): Refusal {
	const { __type: type = "", message = "" } = document as { readonly __type?: string; readonly message?: string };
	assert.match(type, /^(?:com\.amazonaws\.cloudwatch#)?[A-Za-z.]+$/);
	assert.match(String(headers["x-amzn-requestid"]), /^[0-9a-f-]{36}$/);
	assert.doesNotMatch(message, /<html|\bat \w+ \(|node:internal|\.ts:\d/i);
	const [code, fault] = String(headers["x-amzn-query-error"] ?? "").split(";");
	if (code === "") return { status, code: type, message };
	assert.equal(fault, status < 500 ? "Sender" : "Receiver");
	return { status, code: code ?? "", message };
}
