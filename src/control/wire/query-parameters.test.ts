import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MAX_PARAMETER_NAME_LENGTH, MAX_PARAMETERS, readQueryParameters } from "./query-parameters.ts";
import { WireError } from "./wire-error.ts";
import type { WireRequest } from "./protocol.ts";

const FORM = "application/x-www-form-urlencoded";

function post(body: string | Uint8Array, contentType: string | undefined = FORM, target = "/"): WireRequest {
	return { method: "POST", target, headers: [["Content-Type", contentType]], body: Buffer.from(body) };
}

function parametersOf(request: WireRequest): Record<string, string> {
	return Object.fromEntries(readQueryParameters(request));
}

test("a space is a plus sign, as the CLI has it, or %20, as the SDKs have it", () => {
	assert.deepEqual(parametersOf(post("A=a+b%20c&B=1%2B1")), { A: "a b c", B: "1+1" });
});

test("a value may contain =, be empty, or not be there", () => {
	assert.deepEqual(parametersOf(post("A=b==&B=&C&")), { A: "b==", B: "", C: "" });
});

test("UTF-8 is read, percent-encoded or as it is", () => {
	assert.deepEqual(parametersOf(post("A=%F0%9F%90%A7&B=🐧&C=%EF%BB%BF")), { A: "🐧", B: "🐧", C: "\ufeff" });
});

test("a byte order mark is part of the name, like any other character", () => {
	assert.deepEqual(parametersOf(post("\ufeffA=1")), { "\ufeffA": "1" });
});

test("a query string and a body make one request", () => {
	assert.deepEqual(parametersOf(post("B=2", FORM, "/?A=1")), { A: "1", B: "2" });
	assert.deepEqual(parametersOf({ method: "GET", target: "/?A=1&B=2", headers: [], body: Buffer.alloc(0) }), { A: "1", B: "2" });
});

test("the parameters that carry a signature are left out of the query string, and of nothing else", () => {
	const signature = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb&X-Amz-Date=d&X-Amz-Expires=60&X-Amz-SignedHeaders=host";
	const target = `/?A=1&${signature}&X-Amz-Security-Token=t&X-Amz-Signature=00`;
	assert.deepEqual(parametersOf({ method: "GET", target, headers: [], body: Buffer.alloc(0) }), { A: "1" });
	assert.deepEqual(parametersOf(post("X-Amz-Signature=00")), { "X-Amz-Signature": "00" });
	assert.deepEqual(parametersOf(post("", FORM, "/?AWSAccessKeyId=a")), { AWSAccessKeyId: "a" });
});

describe("a form's content type may be", () => {
	for (const contentType of [`${FORM}; charset=utf-8`, `${FORM};charset=UTF-8`, `${FORM}; charset="utf-8"`, FORM.toUpperCase()]) {
		test(contentType, () => assert.deepEqual(parametersOf(post("A=1", contentType)), { A: "1" }));
	}
});

describe("refused:", () => {
	const cases: Record<string, { request: WireRequest; message: RegExp; code?: string }> = {
		"a bad escape": { request: post("Name=%zz"), message: /^The parameter Name is not percent-encoded UTF-8\.$/ },
		"half an escape": { request: post("Name=%4"), message: /^The parameter Name is not percent-encoded UTF-8\.$/ },
		"escapes that are no UTF-8": { request: post("Name=%FF"), message: /^The parameter Name is not percent-encoded UTF-8\.$/ },
		"a surrogate in UTF-8": { request: post("Name=%ED%A0%80"), message: /^The parameter Name is not percent-encoded UTF-8\.$/ },
		"a bad escape in a name": { request: post("%=a"), message: /^A parameter's name is not percent-encoded UTF-8\.$/ },
		"bytes that are no UTF-8": { request: post(new Uint8Array([0x41, 0x3d, 0xff])), message: /^The body is not UTF-8\.$/ },
		"a parameter twice": { request: post("A=1&B=2&A=1"), message: /^The parameter A is given more than once\.$/ },
		"a parameter twice, once encoded": { request: post("Tag.1=1&Tag%2E1=2"), message: /^The parameter Tag\.1 is given more than once\.$/ },
		"a parameter in query string and body": { request: post("A=1", FORM, "/?A=1"), message: /^The parameter A is given more than once\.$/ },
		"a parameter without a name": { request: post("=1"), message: /^A parameter has no name\.$/ },
		"a name that is too long": {
			request: post(`${"a".repeat(MAX_PARAMETER_NAME_LENGTH + 1)}=1`),
			message: /^The parameter name 'a{200}…' is longer than 500 characters\.$/,
		},
		"a control character": {
			request: post("Name=a%00b"),
			message: /^The value of the parameter Name contains U\+0000, which is not allowed\.$/,
			code: "InvalidParameterValue",
		},
		"another content type": {
			request: post("{}", "application/json"),
			message: /^The content type 'application\/json' is not supported\. Use application\/x-www-form-urlencoded in UTF-8\.$/,
		},
		"another charset": { request: post("A=1", `${FORM}; charset=iso-8859-1`), message: /charset=iso-8859-1' is not supported/ },
		"a body without a content type": {
			request: { method: "POST", target: "/", headers: [], body: Buffer.from("A=1") },
			message: /^A request with a body must say its content type/,
		},
		"two content types": {
			request: {
				...post("A=1"),
				headers: [
					["content-type", FORM],
					["Content-Type", FORM],
				],
			},
			message: /is not supported/,
		},
		"another method": { request: { ...post("A=1"), method: "PUT" }, message: /^The method 'PUT' is not supported\. Use POST or GET\.$/ },
		"too many parameters": {
			request: post(Array.from({ length: MAX_PARAMETERS + 1 }, (_, index) => `P${index}=`).join("&")),
			message: /^A request can have no more than 10000 parameters\.$/,
		},
		"ten megabytes of nothing": {
			request: post("&".repeat(10 * 2 ** 20)),
			message: /^A request can have no more than 10000 parameters\.$/,
		},
	};
	for (const [name, { request, message, code = "MalformedQueryString" }] of Object.entries(cases)) {
		test(name, () => assert.throws(() => readQueryParameters(request), { name: "WireError", code, message, status: 400 }));
	}
});

test("as many parameters as allowed are read", () => {
	const names = Array.from({ length: MAX_PARAMETERS }, (_, index) => `P${index}`);
	assert.equal(readQueryParameters(post(names.join("&"))).size, MAX_PARAMETERS);
});

test("whatever is encoded as a form is read as it was", () => {
	const text = fc.string({ unit: "grapheme" });
	const parameters = fc.dictionary(
		text.filter((name) => name !== ""),
		text,
		{ noNullPrototype: true },
	);
	fc.assert(
		fc.property(parameters, fc.boolean(), (record, byPlus) => {
			const body = byPlus
				? new URLSearchParams(record).toString()
				: Object.entries(record)
						.map((pair) => pair.map(encodeURIComponent).join("="))
						.join("&");
			assert.deepEqual([...readQueryParameters(post(body))], Object.entries(record));
		}),
	);
});

test("of any bytes at all, either parameters or a WireError come", () => {
	const bytes = fc.oneof(
		fc.uint8Array(),
		fc.string({ unit: fc.constantFrom(..."&=%+.AF0é\0\n") }).map((text) => Buffer.from(text)),
	);
	fc.assert(
		fc.property(bytes, (body) => {
			try {
				readQueryParameters(post(body));
			} catch (error) {
				assert.ok(error instanceof WireError);
			}
		}),
	);
});
