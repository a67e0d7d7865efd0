import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { assertPiecesAgree, type Message, readMessage } from "../../test/fuzz/request-properties.ts";
import { requests } from "../../test/fuzz/requests.ts";
import { BAD_MESSAGES, get, message, put } from "../../test/wire/bad-messages.ts";
import { BODY_MAX_BYTES, HEAD_MAX_BYTES, HEADERS_MAX, INCOMPLETE, readRequest, REFUSED, Request, TARGET_MAX_BYTES } from "./request.ts";

/** What a request without anything particular in it says. */
const PLAIN: Omit<Message, "length"> = {
	method: "GET",
	path: "/",
	host: undefined,
	tokens: [],
	ttls: 0,
	ttl: undefined,
	forwarded: false,
	fromWebPage: false,
	keepAlive: false,
	expectsContinue: false,
};

function read(text: string): ReturnType<typeof readMessage> {
	return readMessage(Buffer.from(text, "latin1"));
}

/** What is accepted: name, text, what it says; all of the text is the message. */
const ACCEPTED: readonly (readonly [name: string, text: string, says: Partial<Message>])[] = [
	["a bare request", get(), {}],
	["HTTP/1.0", message("GET / HTTP/1.0"), {}],
	...["HEAD", "PUT", "POST", "OPTIONS", "DELETE", "PATCH", "TRACE"].map(
		(method) => [method, message(`${method} / HTTP/1.1`), { method }] as const,
	),
	["a path", message("GET /latest/meta-data/ HTTP/1.1"), { path: "/latest/meta-data/" }],
	["runs of slashes", message("GET //latest///x HTTP/1.1"), { path: "//latest///x" }],
	["escapes, which stay", message("GET /a%3Ab%25%20%fF HTTP/1.1"), { path: "/a%3Ab%25%20%fF" }],
	["a query, which goes", message("GET /a?b=/c?d%20 HTTP/1.1"), { path: "/a" }],
	["an empty query", message("GET /a? HTTP/1.1"), { path: "/a" }],
	[
		"every visible character but #",
		message("GET /!\"$%21&'()*+,-./09:;<=>@AZ[\\]^_`az{|}~ HTTP/1.1"),
		{ path: "/!\"$%21&'()*+,-./09:;<=>@AZ[\\]^_`az{|}~" },
	],
	["dots, unresolved", message("GET /a/../b/./c HTTP/1.1"), { path: "/a/../b/./c" }],
	[
		"a target of the greatest length",
		message(`GET /${"a".repeat(TARGET_MAX_BYTES - 1)} HTTP/1.1`),
		{ path: `/${"a".repeat(TARGET_MAX_BYTES - 1)}` },
	],

	["an absolute target", message("GET http://169.254.169.254/latest HTTP/1.1"), { path: "/latest", host: "169.254.169.254" }],
	["one with a port", message("GET http://localhost:1338/a HTTP/1.1"), { path: "/a", host: "localhost:1338" }],
	["one of IPv6", message("GET http://[fd00:ec2::254]:80/a HTTP/1.1"), { path: "/a", host: "[fd00:ec2::254]:80" }],
	["one in capitals", message("GET HTTP://LOCALHOST/A HTTP/1.1"), { path: "/A", host: "LOCALHOST" }],
	["one without a path", message("GET http://a HTTP/1.1"), { path: "/", host: "a" }],
	["one with a query for a path", message("GET http://a?b/c HTTP/1.1"), { path: "/", host: "a" }],
	["one of two slashes", message("GET http://a//b HTTP/1.1"), { path: "//b", host: "a" }],
	["one beside a Host, which counts less", message("GET http://a/ HTTP/1.1", ["Host: b"]), { host: "a" }],
	["one with a URL in its path", message("GET http://a/http://user@b/ HTTP/1.1"), { path: "/http://user@b/", host: "a" }],

	["a Host", get("Host: 169.254.169.254"), { host: "169.254.169.254" }],
	["an empty Host", get("Host:"), { host: "" }],
	["a Host of another case, no space, spaces behind", get("hOST:a \t "), { host: "a" }],
	["a value's inner spaces", get("Host:  a \t b\t"), { host: "a \t b" }],
	["bytes above ASCII in a value", get("User-Agent: na\u00efve \u0080\u00ff"), {}],
	["a header of every character a name may have", get("!#$%&'*+-.^_`|~09AZaz: x"), {}],
	[
		"unknown headers",
		get("X: y", "Accept: */*", "Cookie: a=b", "Range: bytes=0-1", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk", "TE: trailers"),
		{},
	],
	["the greatest number of headers", get(...Array.from({ length: HEADERS_MAX }, (_, i) => `h${i}:`)), {}],
	["a head of the greatest length", get(`X: ${"a".repeat(HEAD_MAX_BYTES - get("X: ").length)}`), {}],

	["keep-alive", get("Connection: keep-alive"), { keepAlive: true }],
	["keep-alive in any case, in a list", get("CONNECTION: te,\tKeep-ALIVE ,x"), { keepAlive: true }],
	["keep-alive in a second header", get("Connection: te", "Connection: keep-alive"), { keepAlive: true }],
	["close", get("Connection: close"), {}],
	["keep-alive and close, which wins", get("Connection: keep-alive, close"), {}],
	["close and keep-alive, likewise", get("Connection: close", "Connection: keep-alive"), {}],
	["words that only contain keep-alive", get("Connection: keep-alivex, xkeep-alive, keep-alive;q=1, keep alive"), {}],
	["keep-alive of HTTP/1.0, which is not honoured", message("GET / HTTP/1.0", ["Connection: keep-alive"]), {}],
	["Proxy-Connection, which is nobody's business", get("Proxy-Connection: keep-alive"), {}],

	["a token", get("X-aws-ec2-metadata-token: AQAEA=="), { tokens: ["AQAEA=="] }],
	["a token in any case, spaces around it", get("x-AWS-EC2-Metadata-Token:\t AQAEA== \t"), { tokens: ["AQAEA=="] }],
	["an empty token", get("X-aws-ec2-metadata-token:"), { tokens: [""] }],
	[
		"tokens in their order",
		get("X-aws-ec2-metadata-token: old", "Host: x", "X-aws-ec2-metadata-token: new"),
		{ tokens: ["old", "new"], host: "x" },
	],
	["eight tokens", get(...Array.from({ length: 8 }, (_, i) => `x-aws-ec2-metadata-token: ${i}`)), { tokens: [..."01234567"] }],
	["a TTL", get("X-aws-ec2-metadata-token-ttl-seconds:  21600 "), { ttls: 1, ttl: "21600" }],
	["two TTLs", get("X-aws-ec2-metadata-token-ttl-seconds: 1", "x-aws-ec2-metadata-token-ttl-seconds: 2"), { ttls: 2, ttl: "2" }],
	[
		"names that only begin or end like them",
		get("X-aws-ec2-metadata-token-: a", "XX-aws-ec2-metadata-token: b", "X-aws-ec2-metadata-toke: c"),
		{},
	],
	["X-Forwarded-For", get("x-forwarded-FOR: 1.2.3.4"), { forwarded: true }],
	["X-Forwarded-For, empty", get("X-Forwarded-For:"), { forwarded: true }],
	["other headers of proxies", get("Forwarded: for=a", "Via: 1.1 a", "X-Forwarded-Host: a", "X-Forwarded-Fo: a", "X-Real-IP: a"), {}],
	["Origin", get("Origin: null"), { fromWebPage: true }],
	["Origin, empty", get("oRIGIN:"), { fromWebPage: true }],
	["Sec-Fetch-Mode alone, which is Node's fetch", get("sec-fetch-MODE: cors"), {}],
	["Sec-Fetch-User", get("Sec-Fetch-User: ?1"), { fromWebPage: true }],
	["Sec-Fetch-Mode beside another", get("sec-fetch-MODE: no-cors", "sec-fetch-SITE: none"), { fromWebPage: true }],
	["a name that only begins like Sec-Fetch-Mode", get("Sec-Fetch-Modes: a"), { fromWebPage: true }],
	["Sec-Fetch- of a length that other headers have", get("Sec-Fetch-Dest: empty"), { fromWebPage: true }],
	["Sec-Fetch-Site beside much else", get("Host: a", "Sec-Fetch-Site: none", "Accept: */*"), { fromWebPage: true, host: "a" }],
	["names that only resemble it", get("Sec-Fetch-: x", "Sec-Fetchx-A: x", "Sec-CH-UA: x", "Origins: x", "Origi: x"), {}],

	["a length of 0", get("Content-Length: 0"), {}],
	["a length of many zeros", get("Content-Length: 0000000000000000000000000"), {}],
	["a PUT with a body", put(["Content-Length: 5"], "hello"), { method: "PUT" }],
	["a PUT with a length in another spelling", put(["content-LENGTH:\t005 \t"], "hello"), { method: "PUT" }],
	["a PUT with a body of the greatest length", put([`Content-Length: ${BODY_MAX_BYTES}`], "x".repeat(BODY_MAX_BYTES)), { method: "PUT" }],
	["a body of any bytes", put(["Content-Length: 8"], "\0\r\n\r\n\xff\n\x7f"), { method: "PUT" }],
	["a POST with a body", message("POST / HTTP/1.0", ["Content-Length: 1"], "x"), { method: "POST" }],
	["an empty chunked body", put(["Transfer-Encoding: chunked"], "0\r\n\r\n"), { method: "PUT" }],
	["chunked in any case", put(["TRANSFER-encoding:\tChunKed"], "0\r\n\r\n"), { method: "PUT" }],
	["Expect: 100-continue", put(["Expect: 100-Continue", "Content-Length: 1"], "x"), { method: "PUT", expectsContinue: true }],
	["Expect without a body", get("Expect: 100-continue"), { expectsContinue: true }],
	["Expect in HTTP/1.0, which knows it not", message("PUT / HTTP/1.0", ["Expect: 100-continue"]), { method: "PUT" }],
	["Expect of something else", get("Expect: 200-ok"), {}],
	[
		"an announced trailer that does not come",
		put(["Trailer: X-Forwarded-For", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
		{ method: "PUT" },
	],
];

describe("readRequest accepts", () => {
	for (const [name, text, says] of ACCEPTED) {
		test(name, () => assert.deepEqual(read(text), { ...PLAIN, ...says, length: text.length }));
	}
});

describe("readRequest refuses", () => {
	for (const [name, text] of BAD_MESSAGES) test(name, () => assert.equal(read(text), REFUSED));
});

describe("readRequest", () => {
	test("leaves alone what follows the message", () => {
		for (const [name, text, says] of ACCEPTED) {
			for (const next of ["GET / HTTP/1.1\r\nHost: b\r\n\r\n", "\r\n", "\0\0", " folded: x\r\n", "0\r\n\r\n"]) {
				assert.deepEqual(read(text + next), { ...PLAIN, ...says, length: text.length }, name);
			}
		}
	});

	test("does not look behind the end it is given", () => {
		const bytes = Buffer.from(get("Host: a"));
		assert.equal(readMessage(bytes, bytes.length - 1), INCOMPLETE);
		assert.equal(readMessage(bytes, 0), INCOMPLETE);
		// A body that is not here yet, though bytes of the request before it still are.
		const stale = Buffer.from(put(["Content-Length: 5"], "hello"));
		for (let missing = 1; missing <= 5; missing++) assert.equal(readMessage(stale, stale.length - missing), INCOMPLETE);
	});

	test("asks for the body to be sent once the head is whole, and not before", () => {
		const bytes = Buffer.from(put(["Expect: 100-continue", "Content-Length: 2"], "ab"));
		const request = new Request();
		const asks = Array.from({ length: bytes.length }, (_, end) => {
			assert.equal(readRequest(bytes, end, request), INCOMPLETE);
			return request.expectsContinue;
		});
		assert.equal(asks.indexOf(true), bytes.length - 2);
	});

	test("keeps nothing of the request before", () => {
		const everything = message("PUT http://a/b HTTP/1.1", [
			"Connection: keep-alive",
			"Expect: 100-continue",
			"X-Forwarded-For: a",
			"Origin: b",
			"Content-Length: 0",
			"X-aws-ec2-metadata-token: a",
			"X-aws-ec2-metadata-token-ttl-seconds: 1",
		]);
		for (const before of [
			everything,
			get("Host: a", "Host: b"),
			put(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], ""),
			"x",
		]) {
			read(before);
			assert.deepEqual(read(get()), { ...PLAIN, length: get().length }, before);
		}
	});

	test("reads every accepted message alike however it is cut, and refuses every other for good", () => {
		for (const [, text] of [...ACCEPTED, ...BAD_MESSAGES.filter(([, text]) => text.length < 2 * HEAD_MAX_BYTES)]) {
			assertPiecesAgree(Buffer.from(text, "latin1"));
		}
	});

	test("reads any message alike however it is cut", () => {
		fc.assert(fc.property(requests(), assertPiecesAgree), { numRuns: 4000 });
	});

	test("refuses a method longer than any at once", () => {
		assert.equal(read("A".repeat(7)), INCOMPLETE);
		assert.equal(read("A".repeat(8)), REFUSED);
	});

	test("refuses a flood at the limit of a head at the latest", () => {
		for (const [name, text] of BAD_MESSAGES) assert.equal(readMessage(Buffer.from(text.slice(0, HEAD_MAX_BYTES), "latin1")), REFUSED, name);
	});
});
