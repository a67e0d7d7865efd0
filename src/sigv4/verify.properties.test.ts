// What two signers of other people's sign is accepted, and nothing that differs from it.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { formatAmzDate } from "./amz-date.ts";
import { type PresentedCredential, readCredential } from "./credential.ts";
import type { SignedRequest } from "./signed-request.ts";
import { verifySignature } from "./verify.ts";

/** aws4 has no types of its own. */
interface Aws4 {
	sign(request: Aws4Request, keys: Keys): { readonly path: string; readonly headers: Readonly<Record<string, string | number>> };
}
interface Aws4Request {
	readonly method: string;
	readonly path: string;
	readonly host: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	readonly service: string;
	readonly region: string;
	readonly signQuery: boolean;
}

const require = createRequire(import.meta.url);
const aws4 = require("aws4") as Aws4;

interface Keys {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken?: string;
}

/** What somebody wants to ask, before it is signed. */
interface Question {
	readonly method: string;
	/** Encoded once, as it stands on the request line. */
	readonly path: string;
	readonly query: Readonly<Record<string, string | string[]>>;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	readonly keys: Keys;
	readonly region: string;
	readonly service: string;
	readonly signedAtMs: number;
}

const text = fc.string({ unit: "binary", maxLength: 12 }).map((value) => value.toWellFormed());
// aws4 drops parameters without a name, and loses one with the name of every object's prototype.
const parameterName = text.filter((name) => name !== "" && name !== "__proto__" && !name.toLowerCase().startsWith("x-amz-"));
const segment = fc.oneof({ weight: 4, arbitrary: text.map(encodeURIComponent) }, fc.constantFrom("", ".", "..", "%2F", "a'(b)*!;:@$,="));
const headerValue = fc
	.array(fc.oneof(fc.stringMatching(/^[!-~]{1,8}$/), fc.constantFrom(" ", "   ", "\t")), { maxLength: 6 })
	.map((words) => words.join(""));
const keys = fc.oneof(
	fc.record({ accessKeyId: fc.stringMatching(/^AKIA[A-Z2-7]{16}$/), secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/) }),
	fc.record({
		accessKeyId: fc.stringMatching(/^ASIA[A-Z2-7]{16}$/),
		secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
		sessionToken: fc.stringMatching(/^[A-Za-z0-9/+]{1,80}={0,2}$/),
	}),
);
const questions: fc.Arbitrary<Question> = fc.record({
	method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
	path: fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`),
	query: fc.dictionary(parameterName, fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 })), { maxKeys: 4 }),
	headers: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), headerValue, { maxKeys: 4 }),
	body: text,
	keys,
	region: fc.constantFrom("us-east-1", "eu-central-2", "us-gov-west-1"),
	service: fc.constantFrom("ec2", "sts", "monitoring"),
	signedAtMs: fc.integer({ min: 0, max: 4e9 }).map((second) => second * 1000),
});

type Signer = (question: Question, form: PresentedCredential["form"]) => Promise<SignedRequest>;

const HOST = "127.0.0.1:1339";

async function signWithSmithy(question: Question, form: PresentedCredential["form"]): Promise<SignedRequest> {
	const { keys: credentials, region, service, method, path, body, signedAtMs } = question;
	const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
	const headers = { ...question.headers, host: HOST };
	const plain = { method, protocol: "http:", hostname: "127.0.0.1", port: 1339, path, query: question.query, headers, body };
	const signingDate = new Date(signedAtMs);
	const signed =
		form === "header" ? await signer.sign(plain, { signingDate }) : await signer.presign(plain, { signingDate, expiresIn: 60 });
	const query = Object.entries(signed.query ?? {}).flatMap(([name, value]) =>
		[value ?? ""].flat().map((each) => `${encodeURIComponent(name)}=${encodeURIComponent(each)}`),
	);
	const target = query.length === 0 ? path : `${path}?${query.join("&")}`;
	return { method, target, headers: Object.entries(signed.headers), body: Buffer.from(body) };
}

function signWithAws4(question: Question, form: PresentedCredential["form"]): Promise<SignedRequest> {
	const { keys: credentials, region, service, method, body } = question;
	const date = formatAmzDate(question.signedAtMs);
	const parameters = Object.entries(question.query).flatMap(([name, value]) =>
		[value].flat().map((each) => `${encodeURIComponent(name)}=${encodeURIComponent(each)}`),
	);
	if (form === "presigned") parameters.push(`X-Amz-Date=${date}`, "X-Amz-Expires=60");
	const path = parameters.length === 0 ? question.path : `${question.path}?${parameters.join("&")}`;
	const sent = form === "header" ? { ...question.headers, "X-Amz-Date": date } : question.headers;
	const signed = aws4.sign(
		{ method, path, host: HOST, headers: sent, body, service, region, signQuery: form === "presigned" },
		credentials,
	);
	const headers = Object.entries(signed.headers).map(([name, value]) => [name, String(value)] as const);
	return Promise.resolve({ method, target: signed.path, headers, body: Buffer.from(body) });
}

const SIGNERS: Readonly<Record<string, Signer>> = { "@smithy/signature-v4": signWithSmithy, aws4: signWithAws4 };

interface Changed {
	readonly request?: SignedRequest;
	readonly secretAccessKey?: string;
	readonly region?: string;
	readonly service?: string;
}

/** `accepted`, or the problem, of a request signed for this question, or of another one that claims to be it. */
function outcome(question: Question, request: SignedRequest, changed: Changed = {}): string {
	const received = changed.request ?? request;
	const credential = readCredential(received);
	if ("problem" in credential) return credential.problem;
	const { region = question.region, service = question.service, secretAccessKey = question.keys.secretAccessKey } = changed;
	const expected = { nowMs: question.signedAtMs, region, service };
	return verifySignature(received, credential, secretAccessKey, expected)?.problem ?? "accepted";
}

/** The same query in other spellings: capitals, signs for spaces, what need not be encoded, another order. */
function respelled(target: string): string {
	const [path, query] = target.split("?", 2) as [string, string | undefined];
	if (query === undefined) return target;
	const spelled = query.replace(/%[0-9A-Fa-f]{2}/g, (escape) => (escape === "%20" ? "+" : escape.toLowerCase()));
	return `${path}?${spelled
		.replaceAll(/(?<!%.)e=/g, "%65=")
		.split("&")
		.toReversed()
		.join("&")}`;
}

for (const [name, sign] of Object.entries(SIGNERS)) {
	for (const form of ["header", "presigned"] as const) {
		describe(`${name}, ${form}`, () => {
			test("whatever it signs is accepted, and says who signed it", async () => {
				await fc.assert(
					fc.asyncProperty(questions, async (question) => {
						const request = await sign(question, form);
						assert.equal(outcome(question, request), "accepted");
						const credential = readCredential(request) as PresentedCredential;
						assert.equal(credential.form, form);
						assert.equal(credential.accessKeyId, question.keys.accessKeyId);
						assert.equal(credential.sessionToken, question.keys.sessionToken);
						assert.equal(credential.signedAtMs, question.signedAtMs);
						assert.equal(credential.expiresInSeconds, form === "presigned" ? 60 : undefined);
						const headers = request.headers.map(([header, value]) => [header.toUpperCase(), `  ${value}\t`] as const).toReversed();
						const sameAgain = { ...request, target: respelled(request.target), headers };
						assert.equal(outcome(question, request, { request: sameAgain }), "accepted", sameAgain.target);
					}),
					{ numRuns: 300 },
				);
			});

			test("no other method, path, query, header, body, secret, region, service or token is accepted in its place", async () => {
				await fc.assert(
					fc.asyncProperty(questions, fc.nat(), async (question, at) => {
						const request = await sign(question, form);
						const [path, query] = request.target.split("?", 2) as [string, string | undefined];
						const changes: Changed[] = [
							{ request: { ...request, method: request.method === "GET" ? "POST" : "GET" } },
							{ request: { ...request, method: request.method.toLowerCase() } },
							{ request: { ...request, target: [`${path}/other`, ...(query === undefined ? [] : [query])].join("?") } },
							{ request: { ...request, target: `${request.target}${query === undefined ? "?" : "&"}DryRun=false` } },
							{ request: { ...request, target: [`${path}%00`, ...(query === undefined ? [] : [query])].join("?") } },
							{ request: { ...request, body: Buffer.concat([request.body, Buffer.from([0])]) } },
							{ secretAccessKey: `${question.keys.secretAccessKey}x` },
							{ region: "us-west-2" },
							{ service: "iam" },
							...changedHeaders(request),
							...(query === undefined ? [] : changedParameters(request, path, query, at)),
						];
						for (const change of changes) assert.notEqual(outcome(question, request, change), "accepted", JSON.stringify(change));
					}),
					{ numRuns: 150 },
				);
			});
		});
	}
}

/** For each signed header, the request without it, with it twice, and with another value. */
function changedHeaders(request: SignedRequest): Changed[] {
	const { signedHeaders } = readCredential(request) as PresentedCredential;
	return request.headers.flatMap(([name, value], at) => {
		if (!signedHeaders.includes(name.toLowerCase())) return [];
		const [before, after] = [request.headers.slice(0, at), request.headers.slice(at + 1)];
		return [
			{ request: { ...request, headers: [...before, ...after] } },
			{ request: { ...request, headers: [...request.headers, [name, value] as const] } },
			{ request: { ...request, headers: [...before, [name, `${value}0`] as const, ...after] } },
		];
	});
}

/** The request without one of its parameters, with it twice, and with another value. */
function changedParameters(request: SignedRequest, path: string, query: string, at: number): Changed[] {
	const parameters = query.split("&");
	const parameter = parameters[at % parameters.length]!;
	const others = parameters.toSpliced(at % parameters.length, 1);
	const lists = [others, [...parameters, parameter], [...others, `${parameter}0`]];
	return lists.map((list) => ({ request: { ...request, target: `${path}?${list.join("&")}` } }));
}

describe("verifySignature", () => {
	test("never throws, whatever the request and whatever is said to have signed it", () => {
		const junk = fc.string({ unit: "binary" });
		const header = fc.tuple(fc.oneof(fc.constantFrom("host", "X-Amz-Date", "x-amz-content-sha256"), junk), junk);
		const requests = fc.record({ method: junk, target: junk, headers: fc.array(header), body: fc.uint8Array() });
		const credentials: fc.Arbitrary<PresentedCredential> = fc.record({
			form: fc.constantFrom("header", "presigned"),
			accessKeyId: junk,
			scope: fc.record({ date: fc.constant("20150830"), region: fc.constant("us-east-1"), service: fc.constant("ec2") }),
			signedHeaders: fc.array(fc.oneof(fc.constantFrom("host", "x-amz-date", "x-amz-content-sha256"), junk)),
			signature: fc.oneof(junk, fc.stringMatching(/^[0-9a-f]{64}$/)),
			signedAtMs: fc.constant(Date.parse("2015-08-30T12:36:00Z")),
			amzDate: fc.constant("20150830T123600Z"),
		});
		fc.assert(
			fc.property(requests, credentials, junk, (request, credential, secret) => {
				const expected = { nowMs: credential.signedAtMs, region: "us-east-1", service: "ec2" };
				assert.notEqual(verifySignature(request, credential, secret, expected), undefined);
			}),
			{ numRuns: 1000 },
		);
	});
});
