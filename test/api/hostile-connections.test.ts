// What comes over the APIs' socket and is no request, is one of another kind, or never ends.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { BAD_MESSAGES } from "../wire/bad-messages.ts";
import { bodyOf, Client, exchange, header, statusOf } from "../wire/client.ts";
import { startApi } from "./api.ts";
import { ec2Form, type Outgoing, refusalOf, send, signed } from "./signed-request.ts";

const REGIONS = ec2Form("DescribeRegions");

describe("the APIs' socket", async () => {
	const api = await startApi({ after });
	const port = Number(new URL(api.apiUrl).port);
	const assertServed = async () => {
		const { status, body } = await send(api, await signed(api, { body: REGIONS }));
		assert.equal(status, 200, body);
	};

	for (const [name, bytes, status, code] of [
		["a TLS hello", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 400, "MalformedHttpRequestException"],
		["another version of HTTP", "GET / HTTP/9.9\r\n\r\n", 400, "MalformedHttpRequestException"],
		["an unknown method", "LAUNCH / HTTP/1.1\r\n\r\n", 400, "MalformedHttpRequestException"],
		["two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "MalformedHttpRequestException"],
		[
			"a length and chunks",
			"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			400,
			"MalformedHttpRequestException",
		],
		["a chunk of no size", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400, "MalformedHttpRequestException"],
		["a line break in a header", "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", 400, "MalformedHttpRequestException"],
		["40 kB of headers", `GET / HTTP/1.1\r\nX: ${"a".repeat(40_000)}\r\n\r\n`, 431, "RequestHeaderSectionTooLarge"],
		["no host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 401, "AuthFailure"],
		["HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 401, "AuthFailure"],
		["an absolute target", "GET http://other.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 401, "AuthFailure"],
		["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 401, "AuthFailure"],
		["what nobody can expect", "POST / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n", 401, "AuthFailure"],
		["an upgrade", "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n", 401, "AuthFailure"],
	] as const) {
		test(`answers ${name} with ${status} ${code}, as XML`, async () => {
			const answer = await exchange(port, bytes);
			const refusal = refusalOf(parsed(answer));
			assert.deepEqual({ status: refusal.status, code: refusal.code }, { status, code });
		});
	}

	test("answers with nothing but errors that an SDK can read, whatever comes, and goes on", async () => {
		for (const [name, text] of BAD_MESSAGES) assertReadable(await sentAndClosed(port, text), name);
		await assertServed();
	});

	test("survives any bytes", async () => {
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			fc.uint8Array({ maxLength: 100 }).map((end) => Buffer.concat([Buffer.from("POST / HTTP/1.1\r\n"), end])),
			fc
				.uint8Array({ maxLength: 100 })
				.map((end) => Buffer.concat([Buffer.from("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), end])),
		);
		await fc.assert(
			fc.asyncProperty(bytes, async (any) => assertReadable(await sentAndClosed(port, Buffer.from(any)), "any bytes")),
			{ numRuns: 100 },
		);
		await assertServed();
	});

	test("serves a signed request in HTTP/1.0, and two in one piece, in their order", async () => {
		const old = await exchange(port, bytesOf(await signed(api, { body: REGIONS }), "HTTP/1.0"));
		assert.equal(statusOf(old), 200);
		const client = await Client.open(port);
		client.write(bytesOf(await signed(api, { body: REGIONS })) + bytesOf(await signed(api, { body: ec2Form("DescribeVpcs") })));
		assert.match(await client.response(), /<DescribeRegionsResponse /);
		assert.match(await client.response(), /<DescribeVpcsResponse /);
		client.close();
	});

	test("answers no method but GET and POST, signed or not", async () => {
		for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]) {
			const { code, message } = refusalOf(await send(api, await signed(api, { method, body: REGIONS })));
			assert.equal(code, "MalformedQueryString");
			assert.match(message, new RegExp(`'${method}'.*POST or GET`));
		}
		const head = await exchange(port, bytesOf(await signed(api, { method: "HEAD", headers: { connection: "close" } })));
		assert.equal(statusOf(head), 400);
		assert.match(header(head, "x-amzn-RequestId") ?? "", /^[0-9a-f-]{36}$/);
		assert.equal(bodyOf(head), "");
	});

	test("never invites a web page: no answer has a header of CORS", async () => {
		const origin = "http://evil.example";
		const preflight = `OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\nConnection: close\r\n\r\n`;
		const form = `POST / HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\nSec-Fetch-Site: cross-site\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${REGIONS.length}\r\nConnection: close\r\n\r\n${REGIONS}`;
		for (const request of [preflight, form]) {
			const answer = await exchange(port, request);
			assert.equal(statusOf(answer), 401);
			assert.doesNotMatch(answer, /access-control-/i);
		}
		const { status, headers } = await send(api, await signed(api, { body: REGIONS, headers: { origin } }));
		assert.equal(status, 200);
		assert.deepEqual(
			Object.keys(headers).filter((name) => /^(access-control-|server|x-powered-by)/.test(name)),
			[],
		);
	});

	test("ends connections that send nothing, or too slowly, and serves others meanwhile", async () => {
		const clients = await Promise.all(Array.from({ length: 40 }, () => Client.open(port)));
		for (const client of clients.slice(10)) client.write("POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
		const slow = new AbortController();
		const trickle = (async () => {
			for (; !slow.signal.aborted; await pause(100)) for (const client of clients.slice(20)) if (!client.ended) client.write("a");
		})();
		await assertServed();
		const answers = await Promise.all(clients.map((client) => client.rest()));
		slow.abort();
		await trickle;
		for (const answer of answers) if (answer !== "") assert.equal(refusalOf(parsed(answer)).code, "RequestTimeoutException");
		assert.ok(answers.some((answer) => answer !== ""));
		await assertServed();
	});

	test("is none the worse for requests that are broken off", async () => {
		const whole = bytesOf(await signed(api, { body: REGIONS }));
		for (let length = 1; length < whole.length; length += 37) {
			const client = await Client.open(port);
			client.write(whole.slice(0, length));
			client.reset();
		}
		await assertServed();
		assert.doesNotMatch(api.service.log(), /failed|error/i);
	});
});

function bytesOf({ method, target, headers, body }: Outgoing, version = "HTTP/1.1"): string {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const length = body.length === 0 ? "" : `Content-Length: ${body.length}\r\n`;
	return `${method} ${target} ${version}\r\n${lines.join("")}${length}\r\n${body.toString()}`;
}

/** All that comes for bytes behind which the sending half is closed. */
async function sentAndClosed(port: number, bytes: string | Buffer): Promise<string> {
	const client = await Client.open(port);
	client.write(bytes).socket.end();
	const answer = await client.rest();
	client.close();
	return answer;
}

/** Nothing, or errors of AWS's form. */
function assertReadable(answer: string, name: string): void {
	for (let rest = answer; rest !== "";) {
		const end = rest.indexOf("\r\n\r\n") + 4;
		const next = end + Number(header(rest, "Content-Length") ?? Number.NaN);
		assert.ok(next > end || /^HTTP\/1\.1 \d{3} [^]*\r\nx-amzn-RequestId: /.test(rest), `${name}: ${rest.slice(0, 300)}`);
		if (rest.length > end) refusalOf(parsed(rest.slice(0, next)));
		rest = rest.length > end ? rest.slice(next) : "";
	}
}

function parsed(answer: string) {
	const headers = Object.fromEntries(
		answer
			.slice(0, answer.indexOf("\r\n\r\n"))
			.split("\r\n")
			.slice(1)
			.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
	);
	return { status: statusOf(answer), headers, body: bodyOf(answer) };
}
