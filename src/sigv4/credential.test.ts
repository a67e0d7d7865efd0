import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type CredentialProblem, type PresentedCredential, readCredential } from "./credential.ts";
import type { SignedRequest } from "./signed-request.ts";

const SIGNATURE = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
const CREDENTIAL = "AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request";
const DATE: Header = ["X-Amz-Date", "20150830T123600Z"];

type Header = readonly [string, string];

function withHeaders(...headers: Header[]): SignedRequest {
	return { method: "POST", target: "/", headers, body: new Uint8Array() };
}

function authorized(value: string, ...headers: Header[]): SignedRequest {
	return withHeaders(["Host", "localhost"], ["Authorization", value], ...headers);
}

function authorization(parts: { credential?: string; signedHeaders?: string; signature?: string } = {}): string {
	const { credential = CREDENTIAL, signedHeaders = "host;x-amz-date", signature = SIGNATURE } = parts;
	return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

const QUERY: Readonly<Record<string, string>> = {
	"X-Amz-Algorithm": "AWS4-HMAC-SHA256",
	"X-Amz-Credential": CREDENTIAL,
	"X-Amz-Date": "20150830T123600Z",
	"X-Amz-Expires": "60",
	"X-Amz-SignedHeaders": "host",
	"X-Amz-Signature": SIGNATURE,
};

/** A presigned request with some parameters others, or, if `undefined`, not there. */
function presigned(changes: Readonly<Record<string, string | undefined>> = {}, more = ""): SignedRequest {
	const parameters = Object.entries({ ...QUERY, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined);
	const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
	return { ...withHeaders(["Host", "localhost"]), method: "GET", target: `/?Action=X&${query}${more}` };
}

function accepted(request: SignedRequest): PresentedCredential {
	const credential = readCredential(request);
	assert.ok(!("problem" in credential), JSON.stringify(credential));
	return credential;
}

function refused(request: SignedRequest, problem: CredentialProblem["problem"], message: RegExp | string): void {
	const found = readCredential(request);
	assert.ok("problem" in found, "a credential was read");
	assert.equal(found.problem, problem);
	if (typeof message === "string") assert.equal(found.message, message);
	else assert.match(found.message, message);
}

describe("a credential in the Authorization header", () => {
	test("is read with all its parts", () => {
		assert.deepEqual(accepted(authorized(authorization(), DATE, ["x-amz-security-token", "token=="])), {
			form: "header",
			accessKeyId: "AKIDEXAMPLE",
			scope: { date: "20150830", region: "us-east-1", service: "ec2" },
			signedHeaders: ["host", "x-amz-date"],
			signature: SIGNATURE,
			sessionToken: "token==",
			signedAtMs: Date.parse("2015-08-30T12:36:00Z"),
			amzDate: "20150830T123600Z",
		});
	});

	test("has no session token when there is none", () => {
		assert.ok(!("sessionToken" in accepted(authorized(authorization(), DATE))));
	});

	test("may separate its parts with commas alone, blanks alone, and in any order", () => {
		const parts = [`Credential=${CREDENTIAL}`, "SignedHeaders=host;x-amz-date", `Signature=${SIGNATURE}`];
		const expected = accepted(authorized(authorization(), DATE));
		for (const separator of [",", " ", ",  ", " , "]) {
			for (const order of [parts, parts.toReversed()]) {
				assert.deepEqual(accepted(authorized(`AWS4-HMAC-SHA256 ${order.join(separator)}`, DATE)), expected);
			}
		}
	});

	test("names of signed headers are read without regard to case", () => {
		const credential = accepted(authorized(authorization({ signedHeaders: "Host;X-Amz-Date" }), DATE));
		assert.deepEqual(credential.signedHeaders, ["host", "x-amz-date"]);
	});

	test("takes its date from the Date header only when X-Amz-Date is absent", () => {
		const date: Header = ["Date", "Mon, 31 Aug 2015 01:02:03 GMT"];
		assert.equal(accepted(authorized(authorization(), date)).amzDate, "20150831T010203Z");
		assert.equal(accepted(authorized(authorization(), date, DATE)).amzDate, "20150830T123600Z");
		refused(authorized(authorization(), date, ["X-Amz-Date", date[1]]), "malformed", /^Date must be in ISO-8601/);
	});

	test("names every part that is missing, as AWS does", () => {
		refused(
			authorized("AWS4-HMAC-SHA256"),
			"incomplete",
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. " +
				"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
		);
		refused(authorized(authorization({ signature: "" }), DATE), "incomplete", "Authorization header requires 'Signature' parameter.");
		refused(authorized(authorization({ credential: "" }), DATE), "incomplete", "Authorization header requires 'Credential' parameter.");
		refused(
			authorized(authorization({ signedHeaders: "" }), DATE),
			"incomplete",
			"Authorization header requires 'SignedHeaders' parameter.",
		);
		refused(authorized(authorization()), "incomplete", /^Authorization header requires existence of either/);
	});

	test("is missing when neither the header nor the query has one", () => {
		refused(withHeaders(["Host", "localhost"], DATE), "missing", "Request is missing Authentication Token");
		refused({ ...withHeaders(), target: "/?Action=X&X-Amz-Date=20150830T123600Z" }, "missing", /./);
	});

	test("of another algorithm is refused, and only what begins as AWS's is shown", () => {
		refused(
			authorized(authorization().replace("SHA256", "SHA25"), DATE),
			"malformed",
			"Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now).",
		);
		for (const value of ["Basic dXNlcjpwYXNz", "Bearer secret-token", "secret-token", ""]) {
			refused(authorized(value, DATE), "malformed", "Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now).");
		}
	});

	test("twice, or beside a presigned query, is refused", () => {
		refused(authorized(authorization(), DATE, ["authorization", authorization()]), "malformed", /2 'Authorization' headers; allowed: 1/);
		const both = { ...presigned(), headers: [["authorization", authorization()], DATE] as const };
		refused(both, "malformed", "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
	});

	test("with a date or a session token twice is refused", () => {
		refused(authorized(authorization(), DATE, DATE), "malformed", /2 'x-amz-date' headers/);
		const token: Header = ["X-Amz-Security-Token", "t"];
		refused(authorized(authorization(), DATE, token, token), "malformed", /2 'x-amz-security-token' headers/);
		const date: Header = ["Date", "Sun, 30 Aug 2015 12:36:00 GMT"];
		refused(authorized(authorization(), date, date), "malformed", /^Date must be/);
	});

	test("with a date that is none is refused", () => {
		const message = "Date must be in ISO-8601 'basic format'. Got '2015-08-30'. See http://en.wikipedia.org/wiki/ISO_8601";
		refused(authorized(authorization(), ["X-Amz-Date", "2015-08-30"]), "malformed", message);
		refused(authorized(authorization(), ["Date", "2015-08-30"]), "malformed", message);
	});

	test("with a part twice, or one that is no pair, is refused", () => {
		refused(authorized(`${authorization()}, Signature=${SIGNATURE}`, DATE), "malformed", /a part more than once/);
		refused(authorized(`${authorization()}, Signature`, DATE), "malformed", /not a valid key=value pair/);
		refused(authorized(`${authorization()}, =x`, DATE), "malformed", /not a valid key=value pair/);
	});

	test("whose scope is not of five parts that are there is refused", () => {
		for (const credential of [
			"AKIDEXAMPLE",
			"AKIDEXAMPLE/20150830/us-east-1/ec2",
			`${CREDENTIAL}/`,
			"/20150830/us-east-1/ec2/aws4_request",
			`${"A".repeat(129)}/20150830/us-east-1/ec2/aws4_request`,
		]) {
			refused(authorized(authorization({ credential }), DATE), "malformed", /^Credential must have exactly 5 slash-delimited elements/);
		}
		for (const credential of ["A//us-east-1/ec2/aws4_request", `A/20150830/${"r".repeat(65)}/ec2/aws4_request`]) {
			refused(authorized(authorization({ credential }), DATE), "malformed", /^Credential's date, region, service and terminator/);
		}
		refused(
			authorized(authorization({ credential: "A/20150830/us-east-1/ec2/aws5" }), DATE),
			"malformed",
			"Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
		);
	});

	test("whose list of headers is not one of names is refused", () => {
		refused(authorized(authorization({ signedHeaders: "host;host" }), DATE), "malformed", /a header more than once/);
		refused(authorized(authorization({ signedHeaders: "Host;host" }), DATE), "malformed", /a header more than once/);
		refused(authorized(authorization({ signedHeaders: "host;" }), DATE), "malformed", /lists ''; allowed: names/);
		refused(authorized(authorization({ signedHeaders: "host;x:y" }), DATE), "malformed", /lists 'x:y'; allowed: names/);
		const many = Array.from({ length: 101 }, (_, i) => `x-${i}`).join(";");
		refused(authorized(authorization({ signedHeaders: many }), DATE), "malformed", /lists 101 headers; allowed: 100/);
	});

	test("of absurd length is refused", () => {
		refused(authorized(authorization({ signature: "f".repeat(9000) }), DATE), "malformed", /characters; allowed: 8192/);
	});
});

describe("a credential in the query", () => {
	test("is read with all its parts", () => {
		assert.deepEqual(accepted(presigned({ "X-Amz-Security-Token": "to+k/en==" })), {
			form: "presigned",
			accessKeyId: "AKIDEXAMPLE",
			scope: { date: "20150830", region: "us-east-1", service: "ec2" },
			signedHeaders: ["host"],
			signature: SIGNATURE,
			sessionToken: "to+k/en==",
			signedAtMs: Date.parse("2015-08-30T12:36:00Z"),
			amzDate: "20150830T123600Z",
			expiresInSeconds: 60,
		});
	});

	test("names every parameter that is missing, as AWS does", () => {
		refused(
			presigned({ "X-Amz-Signature": undefined, "X-Amz-Date": undefined }),
			"incomplete",
			"AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-Date'. " +
				"Re-examine the query-string parameters.",
		);
		for (const name of ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders"]) {
			refused(presigned({ [name]: undefined }), "incomplete", new RegExp(`must include '${name}'`));
			refused(presigned({ [name]: "" }), "incomplete", new RegExp(`must include '${name}'`));
		}
	});

	test("lives 1 to 604800 seconds, or has not said how long", () => {
		assert.equal(accepted(presigned({ "X-Amz-Expires": "1" })).expiresInSeconds, 1);
		assert.equal(accepted(presigned({ "X-Amz-Expires": "604800" })).expiresInSeconds, 604_800);
		assert.ok(!("expiresInSeconds" in accepted(presigned({ "X-Amz-Expires": undefined }))));
		for (const expires of ["0", "604801", "-1", "1.5", "1e3", "", "x", " 60", "9".repeat(400)]) {
			refused(
				presigned({ "X-Amz-Expires": expires }),
				"malformed",
				/^X-Amz-Expires is '.*'; allowed: a number of seconds from 1 to 604800\.$/,
			);
		}
	});

	test("with one of its parameters twice is refused, however that is spelled", () => {
		for (const name of [...Object.keys(QUERY), "X-Amz-Security-Token"]) {
			const request = presigned({ "X-Amz-Security-Token": "t" }, `&${name.replace("A", "%41")}=1`);
			refused(request, "malformed", `The query string has '${name}' more than once; allowed: 1.`);
		}
	});

	test("of another algorithm, date or form is refused", () => {
		refused(presigned({ "X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256" }), "malformed", /'AWS4-ECDSA-P256-SHA256' \(only/);
		refused(presigned({ "X-Amz-Date": "Sun, 30 Aug 2015 12:36:00 GMT" }), "malformed", /^Date must be/);
		refused(presigned({ "X-Amz-SignedHeaders": "host\nx" }), "malformed", /lists 'host\?x'; allowed: names/);
		refused(presigned({ "X-Amz-Credential": CREDENTIAL.replace("ec2", "ec2\n") }), "malformed", /visible ASCII/);
		refused(presigned({ "X-Amz-Credential": "a".repeat(9000) }), "malformed", /characters; allowed: 8192/);
		refused(presigned({}, "&a=%zz"), "malformed", /^Illegal hex character/);
	});
});

describe("readCredential", () => {
	test("never throws, and never shows more than 64 characters of what it got", () => {
		const word = fc.oneof(
			fc.string({ unit: "binary" }),
			fc.constantFrom(
				"AWS4-HMAC-SHA256",
				"Credential=",
				CREDENTIAL,
				"SignedHeaders=host;x-amz-date",
				`Signature=${SIGNATURE}`,
				",",
				" ",
				"/",
			),
			fc.constantFrom("%", "%41", "&", "=", ...Object.entries(QUERY).map(([name, value]) => `&${name}=${value}`)),
		);
		const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));
		const name = fc.oneof(fc.constantFrom("authorization", "x-amz-date", "Date", "host", "x-amz-security-token"), fc.string());
		const requests = fc.record({
			method: fc.string(),
			target: fc.oneof(
				text,
				text.map((query) => `/?${query}`),
			),
			headers: fc.array(fc.tuple(name, fc.oneof(text, fc.constant("20150830T123600Z")))),
			body: fc.uint8Array(),
		});
		fc.assert(
			fc.property(requests, (request) => {
				const found = readCredential(request);
				if ("problem" in found) assert.ok(found.message.length < 600, found.message);
				else assert.equal(typeof found.signedAtMs, "number");
			}),
			{ numRuns: 2000 },
		);
	});
});
