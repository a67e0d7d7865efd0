import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { formatAmzDate } from "./amz-date.ts";
import { readCredential } from "./credential.ts";
import type { SignedRequest } from "./signed-request.ts";
import { MAX_SKEW_MS, type SignatureProblem, verifySignature } from "./verify.ts";

const KEY_ID = "AKIDEXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const DATE = "20150830T123600Z";
const SIGNED_AT_MS = Date.parse("2015-08-30T12:36:00Z");
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

type Header = readonly [string, string];

function verify(request: SignedRequest, nowMs = SIGNED_AT_MS, secret = SECRET, service = "service"): SignatureProblem | undefined {
	const credential = readCredential(request);
	assert.ok(!("problem" in credential), JSON.stringify(credential));
	return verifySignature(request, credential, secret, { nowMs, region: "us-east-1", service });
}

function refused(found: SignatureProblem | undefined, problem: SignatureProblem["problem"], message: string): void {
	assert.deepEqual(found, { problem, message });
}

const MISMATCH =
	"The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/** What a request was signed with, written down line by line: nothing is computed, so a mistake of ours can't be made twice. */
interface Signing {
	readonly method?: string;
	readonly target?: string;
	readonly headers: readonly Header[];
	readonly signedHeaders: string;
	readonly body?: string;
	readonly canonical: readonly string[];
	readonly date?: string;
	readonly scope?: string;
}

/** HMAC of a canonical request that a test spells out. */
function signatureOf(canonical: readonly string[], date: string, scope: string): string {
	const sha256 = createHash("sha256").update(canonical.join("\n")).digest("hex");
	let key: Buffer | string = `AWS4${SECRET}`;
	for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
	return createHmac("sha256", key).update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256}`).digest("hex");
}

function sign({ method = "GET", target = "/", body = "", date = DATE, ...signing }: Signing): SignedRequest {
	const scope = signing.scope ?? `${date.slice(0, 8)}/us-east-1/service/aws4_request`;
	const signature = signatureOf(signing.canonical, date, scope);
	const authorization = `AWS4-HMAC-SHA256 Credential=${KEY_ID}/${scope}, SignedHeaders=${signing.signedHeaders}, Signature=${signature}`;
	return { method, target, headers: [...signing.headers, ["Authorization", authorization]], body: Buffer.from(body) };
}

const HOST: Header = ["Host", "example.amazonaws.com"];
const AMZ_DATE: Header = ["X-Amz-Date", DATE];

/** The plainest signed request, with some headers more or others signed. */
function vanilla(extra: readonly Header[] = [], changes: Partial<Signing> = {}): SignedRequest {
	const date = changes.date ?? DATE;
	return sign({
		headers: [HOST, ["X-Amz-Date", date], ...extra],
		signedHeaders: "host;x-amz-date",
		canonical: ["GET", "/", "", "host:example.amazonaws.com", `x-amz-date:${date}`, "", "host;x-amz-date", EMPTY_SHA256],
		...changes,
	});
}

/** A presigned GET; `undefined` for a life that it does not tell. */
function presigned(expires: string | undefined, headers: readonly Header[] = []): SignedRequest {
	const scope = "20150830/us-east-1/service/aws4_request";
	const query = [
		"Action=Describe",
		"X-Amz-Algorithm=AWS4-HMAC-SHA256",
		`X-Amz-Credential=${KEY_ID}%2F${scope.replaceAll("/", "%2F")}`,
		`X-Amz-Date=${DATE}`,
		...(expires === undefined ? [] : [`X-Amz-Expires=${expires}`]),
		"X-Amz-SignedHeaders=host",
	].join("&");
	const signature = signatureOf(["GET", "/", query, "host:example.amazonaws.com", "", "host", EMPTY_SHA256], DATE, scope);
	return { method: "GET", target: `/?${query}&X-Amz-Signature=${signature}`, headers: [HOST, ...headers], body: new Uint8Array() };
}

describe("AWS's signature test suite", () => {
	function vector(
		name: string,
		signature: string,
		request: Partial<SignedRequest>,
		extraHeaders: readonly Header[] = [],
		signed?: string,
	): void {
		test(name, () => {
			const signedHeaders = signed ?? "host;x-amz-date";
			const scope = "20150830/us-east-1/service/aws4_request";
			const authorization = `AWS4-HMAC-SHA256 Credential=${KEY_ID}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
			const headers = [HOST, ...extraHeaders, AMZ_DATE, ["Authorization", authorization]] as const;
			assert.equal(verify({ method: "GET", target: "/", body: new Uint8Array(), headers, ...request }), undefined);
		});
	}
	const token =
		"AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd" +
		"QrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz" +
		"+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

	vector("get-vanilla", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", {});
	vector("get-vanilla-query-order-key-case", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500", {
		target: "/?Param2=value2&Param1=value1",
	});
	vector("get-unreserved", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f", {
		target: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	});
	vector("get-slash-dot-slash", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", { target: "/./" });
	vector("get-relative-relative", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", {
		target: "/example1/example2/../..",
	});
	vector("get-vanilla-utf8-query", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04", { target: "/?ሴ=bar" });
	vector("get-utf8", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85", { target: "/ሴ" });
	vector("get-space", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741", { target: "/example space/" });
	vector("post-vanilla", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", { method: "POST" });
	vector(
		"get-header-value-trim",
		"acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
		{},
		[
			["My-Header1", " value1"],
			["My-Header2", ' "a   b   c"'],
		],
		"host;my-header1;my-header2;x-amz-date",
	);
	vector(
		"get-header-key-duplicate",
		"c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
		{},
		[
			["My-Header1", "value2"],
			["My-Header1", "value2"],
			["My-Header1", "value1"],
		],
		"host;my-header1;x-amz-date",
	);
	vector(
		"post-x-www-form-urlencoded",
		"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
		{ method: "POST", body: Buffer.from("Param1=value1") },
		[["Content-Type", "application/x-www-form-urlencoded"]],
		"content-type;host;x-amz-date",
	);
	vector(
		"post-sts-header-before",
		"85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
		{ method: "POST" },
		[["X-Amz-Security-Token", token]],
		"host;x-amz-date;x-amz-security-token",
	);

	test("the IAM User Guide's ListUsers", () => {
		const authorization =
			"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, " +
			"Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
		const request = {
			method: "GET",
			target: "/?Action=ListUsers&Version=2010-05-08",
			headers: [
				["Host", "iam.amazonaws.com"],
				["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"],
				AMZ_DATE,
				["Authorization", authorization],
			],
			body: new Uint8Array(),
		} as const;
		assert.equal(verify(request, SIGNED_AT_MS, SECRET, "iam"), undefined);
	});
});

describe("the signature", () => {
	test("of another secret is refused, before and after the right one was seen", () => {
		refused(verify(vanilla(), SIGNED_AT_MS, "another"), "mismatch", MISMATCH);
		assert.equal(verify(vanilla()), undefined);
		refused(verify(vanilla(), SIGNED_AT_MS, "another"), "mismatch", MISMATCH);
		assert.equal(verify(vanilla()), undefined);
	});

	test("is refused with any digit changed, cut, added or in capitals", () => {
		const request = vanilla();
		const authorization = request.headers.at(-1)![1];
		function withAuthorization(value: string): SignedRequest {
			return { ...request, headers: [...request.headers.slice(0, -1), ["Authorization", value]] };
		}
		assert.equal(verify(withAuthorization(authorization)), undefined);
		for (let at = authorization.length - 64; at < authorization.length; at++) {
			const digit = authorization[at] === "0" ? "1" : "0";
			refused(verify(withAuthorization(authorization.slice(0, at) + digit + authorization.slice(at + 1))), "mismatch", MISMATCH);
		}
		const start = authorization.slice(0, -64);
		const signature = authorization.slice(-64);
		for (const changed of [signature.slice(0, -1), `${signature}0`, `0${signature}`, signature.toUpperCase(), "x", "é".repeat(64)]) {
			refused(verify(withAuthorization(start + changed)), "mismatch", MISMATCH);
		}
	});

	test("of a header that did not come is refused, even if it was signed as empty", () => {
		const signedHeaders = "host;x-amz-date;x-empty";
		const canonical = ["GET", "/", "", "host:example.amazonaws.com", `x-amz-date:${DATE}`, "x-empty:", "", signedHeaders, EMPTY_SHA256];
		assert.equal(verify(vanilla([["X-Empty", " "]], { signedHeaders, canonical })), undefined);
		refused(verify(vanilla([], { signedHeaders, canonical })), "mismatch", MISMATCH);
	});

	test("may cover its headers in any order", () => {
		const signedHeaders = "x-amz-date;host";
		const canonical = ["GET", "/", "", `x-amz-date:${DATE}`, "host:example.amazonaws.com", "", signedHeaders, EMPTY_SHA256];
		assert.equal(verify(vanilla([], { signedHeaders, canonical })), undefined);
	});

	test("may take its date from a Date header", () => {
		const date: Header = ["Date", "Sun, 30 Aug 2015 12:36:00 GMT"];
		const canonical = ["GET", "/", "", `date:${date[1]}`, "host:example.amazonaws.com", "", "date;host", EMPTY_SHA256];
		assert.equal(verify(sign({ headers: [HOST, date], signedHeaders: "date;host", canonical })), undefined);
	});
});

describe("the time of a signature", () => {
	test("may be 15 minutes off either way, and not a millisecond more", () => {
		assert.equal(verify(vanilla(), SIGNED_AT_MS + MAX_SKEW_MS), undefined);
		assert.equal(verify(vanilla(), SIGNED_AT_MS - MAX_SKEW_MS), undefined);
		refused(
			verify(vanilla(), SIGNED_AT_MS + MAX_SKEW_MS + 1),
			"expired",
			"Signature expired: 20150830T123600Z is now earlier than 20150830T123600Z (20150830T125100Z - 15 min.)",
		);
		refused(
			verify(vanilla(), SIGNED_AT_MS - MAX_SKEW_MS - 1),
			"not-yet-valid",
			"Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)",
		);
	});

	test("of a presigned request counts from then until its life is over", () => {
		for (const [expires, lifeMs] of [
			["1", 1000],
			["604800", 604_800_000],
		] as const) {
			const request = presigned(expires);
			assert.equal(verify(request, SIGNED_AT_MS - MAX_SKEW_MS), undefined);
			assert.equal(verify(request, SIGNED_AT_MS + lifeMs), undefined);
			assert.equal(verify(request, SIGNED_AT_MS - MAX_SKEW_MS - 1)?.problem, "not-yet-valid");
			assert.equal(verify(request, SIGNED_AT_MS + lifeMs + 1)?.problem, "expired");
		}
		refused(
			verify(presigned("60"), SIGNED_AT_MS + 61_000),
			"expired",
			"Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T123701Z - 60 sec.)",
		);
	});

	test("of a presigned request that does not say how long it lives counts 15 minutes", () => {
		assert.equal(verify(presigned(undefined), SIGNED_AT_MS + MAX_SKEW_MS), undefined);
		assert.equal(verify(presigned(undefined), SIGNED_AT_MS + MAX_SKEW_MS + 1)?.problem, "expired");
	});

	test("must be of the scope's day", () => {
		const [date, nowMs] = [formatAmzDate(SIGNED_AT_MS + 86_400_000), SIGNED_AT_MS + 86_400_000];
		assert.equal(verify(vanilla([], { date }), nowMs), undefined);
		refused(
			verify(vanilla([], { date, scope: "20150830/us-east-1/service/aws4_request" }), nowMs),
			"scope",
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150830' != '20150831', from '20150831T123600Z'.",
		);
	});
});

describe("the scope of a signature", () => {
	test("must be of the region and the service asked", () => {
		const region = verify(vanilla([], { scope: "20150830/eu-west-1/service/aws4_request" }));
		refused(region, "scope", "Credential should be scoped to a valid region, not 'eu-west-1'.");
		const service = verify(vanilla([], { scope: "20150830/us-east-1/s3/aws4_request" }));
		refused(service, "scope", "Credential should be scoped to correct service: 'service'.");
		const both = verify(vanilla([], { scope: "20150830/Us-east-1/Service/aws4_request" }));
		const messages =
			"Credential should be scoped to a valid region, not 'Us-east-1'. Credential should be scoped to correct service: 'service'.";
		refused(both, "scope", messages);
	});
});

describe("the headers of a signature", () => {
	test("must be signed: host, the date, and all of x-amz-", () => {
		const withoutHost = ["GET", "/", "", `x-amz-date:${DATE}`, "", "x-amz-date", EMPTY_SHA256];
		refused(
			verify(vanilla([], { signedHeaders: "x-amz-date", canonical: withoutHost })),
			"unsigned-header",
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
		);
		const withoutDate = ["GET", "/", "", "host:example.amazonaws.com", "", "host", EMPTY_SHA256];
		refused(
			verify(vanilla([], { signedHeaders: "host", canonical: withoutDate })),
			"unsigned-header",
			"'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.",
		);
		const rfcDate: Header = ["Date", "Sun, 30 Aug 2015 12:36:00 GMT"];
		refused(
			verify(sign({ headers: [HOST, rfcDate], signedHeaders: "host", canonical: withoutDate })),
			"unsigned-header",
			"'date' must be a 'SignedHeader' in the AWS Authorization.",
		);
		for (const name of ["X-Amz-Security-Token", "X-Amz-Target", "X-Amz-Content-Sha256", "x-amz-anything"]) {
			const message = `'${name.toLowerCase()}' must be a 'SignedHeader' in the AWS Authorization.`;
			refused(verify(vanilla([[name, EMPTY_SHA256]])), "unsigned-header", message);
			refused(verify(presigned("60", [[name, EMPTY_SHA256]])), "unsigned-header", message);
		}
	});

	test("need not be signed where real signers don't", () => {
		const unsigned: Header[] = [
			["User-Agent", "aws-cli/2"],
			["X-Amz-User-Agent", "aws-sdk-js/2"],
			["X-Amzn-Trace-Id", "Root=1"],
			["amz-sdk-invocation-id", "1"],
			["Content-Type", "application/x-www-form-urlencoded"],
			["Content-Length", "0"],
			["Expect", "100-continue"],
			["Date", "whenever"],
		];
		assert.equal(verify(vanilla(unsigned)), undefined);
		assert.equal(verify(presigned("60", unsigned)), undefined);
	});
});

describe("the body", () => {
	const signedHeaders = "host;x-amz-content-sha256;x-amz-date";

	function withHash(claimed: string, hashSigned: string, body: string): SignedRequest {
		const lines = ["host:example.amazonaws.com", `x-amz-content-sha256:${claimed}`, `x-amz-date:${DATE}`];
		const canonical = ["POST", "/", "", ...lines, "", signedHeaders, hashSigned];
		return vanilla([["x-amz-content-sha256", claimed]], { method: "POST", body, signedHeaders, canonical });
	}

	test("is hashed here, and a hash that came along must be the same", () => {
		const body = "Action=DescribeInstances";
		const sha256 = createHash("sha256").update(body).digest("hex");
		const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
		assert.equal(verify(withHash(sha256, sha256, body)), undefined);
		refused(verify(withHash(sha256, sha256, `${body}2`)), "body-hash", message);
		refused(verify(withHash(sha256.toUpperCase(), sha256, body)), "body-hash", message);
		for (const claimed of ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ""]) {
			refused(verify(withHash(claimed, claimed, body)), "body-hash", message);
		}
	});

	test("of a presigned request is signed, too", () => {
		refused(verify({ ...presigned("60"), body: Buffer.from("Action=TerminateInstances") }), "mismatch", MISMATCH);
	});
});
