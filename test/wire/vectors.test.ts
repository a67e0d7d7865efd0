/** The conformance vectors 1–9 and 13–15 of metadata-endpoint.md §9 and the tables of §1, over real sockets and to the byte. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VERSIONS } from "../../src/metadata/versions.ts";
import { bodyOf, Client, exchange, header, request, statusLine, statusOf } from "./client.ts";
import { startService, until } from "./service.ts";

const START_MS = Date.parse("2026-01-02T03:04:05Z");
const DATE = "Fri, 02 Jan 2026 03:04:05 GMT";

const OPTIONAL = "i-0000000000000000a";
const REQUIRED = "i-0000000000000000b";
const DISABLED = "i-0000000000000000c";
const PLAIN = "i-0000000000000000d";
const SPOT = "i-0000000000000000e";
const USER_DATA = Buffer.from("#!/bin/sh\necho h\u00e9\n\0\xff\r\n\r\n", "latin1");

const clock = { nowMs: START_MS };
const role = { iamInstanceProfile: { name: "demo" } };
const service = await startService({
	clock,
	instances: [
		{ instanceId: OPTIONAL, ...role, keyName: "demo-key", userData: USER_DATA.toString("base64") },
		{ instanceId: REQUIRED, ...role, userData: "eA==", metadataOptions: { httpTokens: "required" } },
		{ instanceId: DISABLED, ...role, metadataOptions: { httpEndpoint: "disabled" } },
		{ instanceId: PLAIN },
		{ instanceId: SPOT, instanceLifecycle: "spot", tags: [{ key: "aws:autoscaling:groupName", value: "my-asg \u00e9" }] },
	],
});

const INSTANCE_ID = "/latest/meta-data/instance-id";
const TOKEN_PATH = "/latest/api/token";
const TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds";
const XFF = "X-Forwarded-For: 1.2.3.4";

const NOT_FOUND_PAGE = [
	'<?xml version="1.0" encoding="iso-8859-1"?>',
	'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"',
	'\t\t "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">',
	'<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">',
	" <head>",
	"  <title>404 - Not Found</title>",
	" </head>",
	" <body>",
	"  <h1>404 - Not Found</h1>",
	" </body>",
	"</html>",
	"",
].join("\n");

function ask(instanceId: string, line: string, ...headers: string[]): Promise<string> {
	return exchange(service.portOf(instanceId), request(line, headers));
}

async function tokenOf(instanceId: string, ttlSeconds = 21_600): Promise<string> {
	return bodyOf(await ask(instanceId, `PUT ${TOKEN_PATH}`, `${TTL_HEADER}: ${ttlSeconds}`));
}

function withToken(token: string): string {
	return `X-aws-ec2-metadata-token: ${token}`;
}

/** A response's bytes: lines end with CRLF, the body follows the empty one. */
function wire(lines: readonly string[], body = ""): string {
	return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Every fixed answer, as §1.2 shows it, and as the endpoint gives it on a connection that closes. */
const FIXED = {
	400: wire([
		"HTTP/1.1 400 Bad Request",
		"Content-Length: 0",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
		"Content-Type: text/plain",
	]),
	401: wire([
		"HTTP/1.1 401 Unauthorized",
		"Content-Length: 0",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
		"Content-Type: text/plain",
	]),
	403: wire([
		"HTTP/1.1 403 Forbidden",
		"Content-Length: 0",
		"Content-Type: text/plain",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
	]),
	404: wire(
		["HTTP/1.1 404 Not Found", "Content-Type: text/html", "Content-Length: 339", `Date: ${DATE}`, "Server: EC2ws", "Connection: close"],
		NOT_FOUND_PAGE,
	),
	"405 on the token path": notAllowed("OPTIONS, PUT"),
	"405 elsewhere": notAllowed("OPTIONS, HEAD, GET"),
} as const;

function notAllowed(allow: string): string {
	return wire([
		"HTTP/1.1 405 Not Allowed",
		`Allow: ${allow}`,
		"Content-Length: 0",
		`Date: ${DATE}`,
		"Server: EC2ws",
		"Connection: close",
		"Content-Type: text/plain",
	]);
}

describe("responses, byte for byte (§1.2, §1.11)", () => {
	test("a GET without a token (vector 1): no TTL header, the value without a newline", async () => {
		assert.equal(
			await ask(OPTIONAL, `GET ${INSTANCE_ID}`),
			wire(
				[
					"HTTP/1.1 200 OK",
					"Content-Type: text/plain",
					"Accept-Ranges: none",
					`Last-Modified: ${DATE}`,
					"Content-Length: 19",
					`Date: ${DATE}`,
					"Server: EC2ws",
					"Connection: close",
				],
				OPTIONAL,
			),
		);
	});

	test("a GET with a token: the seconds it has left come first", async () => {
		const token = await tokenOf(OPTIONAL);
		clock.nowMs += 17_000;
		const response = await ask(OPTIONAL, `GET ${INSTANCE_ID}`, withToken(token));
		clock.nowMs = START_MS;
		assert.equal(
			response,
			wire(
				[
					"HTTP/1.1 200 OK",
					"X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 21583",
					"Content-Type: text/plain",
					"Accept-Ranges: none",
					`Last-Modified: ${DATE}`,
					"Content-Length: 19",
					"Date: Fri, 02 Jan 2026 03:04:22 GMT",
					"Server: EC2ws",
					"Connection: close",
				],
				OPTIONAL,
			),
		);
	});

	test("a token (vector 2): 56 characters, their TTL, and no Last-Modified or Accept-Ranges", async () => {
		const response = await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, `${TTL_HEADER}: 60`);
		const token = bodyOf(response);
		assert.match(token, /^AQAEA[A-Za-z0-9_-]{49}==$/);
		assert.equal(
			response,
			wire(
				[
					"HTTP/1.1 200 OK",
					"X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60",
					"Content-Length: 56",
					`Date: ${DATE}`,
					"Server: EC2ws",
					"Connection: close",
					"Content-Type: text/plain",
				],
				token,
			),
		);
	});

	test("user data: octets as they are, under the type for them", async () => {
		assert.equal(
			await ask(OPTIONAL, "GET /latest/user-data"),
			wire(
				[
					"HTTP/1.1 200 OK",
					"Content-Type: application/octet-stream",
					"Accept-Ranges: none",
					`Last-Modified: ${DATE}`,
					`Content-Length: ${USER_DATA.length}`,
					`Date: ${DATE}`,
					"Server: EC2ws",
					"Connection: close",
				],
				USER_DATA.toString("latin1"),
			),
		);
	});

	test("each refusal", async () => {
		assert.equal(NOT_FOUND_PAGE.length, 339);
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`), FIXED[400]);
		assert.equal(await exchange(service.portOf(OPTIONAL), "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"), FIXED[400]);
		assert.equal(await ask(REQUIRED, `GET ${INSTANCE_ID}`), FIXED[401]);
		assert.equal(await ask(DISABLED, `GET ${INSTANCE_ID}`), FIXED[403]);
		assert.equal(await ask(OPTIONAL, "GET /latest/meta-data/nothing"), FIXED[404]);
		assert.equal(await ask(OPTIONAL, `GET ${TOKEN_PATH}`), FIXED["405 on the token path"]);
		assert.equal(await ask(OPTIONAL, `POST ${INSTANCE_ID}`), FIXED["405 elsewhere"]);
	});

	test("HEAD gets what GET gets but for the body (vector 8)", async () => {
		const token = await tokenOf(OPTIONAL);
		for (const headers of [[], [withToken(token)]]) {
			for (const path of ["/", INSTANCE_ID, "/latest/user-data", "/latest/meta-data/", "/latest/nothing"]) {
				const get = await ask(OPTIONAL, `GET ${path}`, ...headers);
				assert.equal(await ask(OPTIONAL, `HEAD ${path}`, ...headers), get.slice(0, get.indexOf("\r\n\r\n") + 4), path);
			}
		}
		assert.equal(header(await ask(OPTIONAL, `HEAD ${INSTANCE_ID}`), "Content-Length"), "19");
		assert.equal(header(await ask(OPTIONAL, "HEAD /latest/nothing"), "Content-Length"), "339");
		assert.equal(await ask(REQUIRED, `HEAD ${INSTANCE_ID}`), FIXED[401]);
		assert.equal(await ask(OPTIONAL, `HEAD ${TOKEN_PATH}`), FIXED["405 on the token path"]);
	});

	test("Date follows the clock from second to second, Last-Modified stays", async () => {
		for (const aheadMs of [999, 1000, 59_000, 0]) {
			clock.nowMs = START_MS + aheadMs;
			const response = await ask(OPTIONAL, `GET ${INSTANCE_ID}`);
			assert.equal(header(response, "Date"), new Date(START_MS + aheadMs).toUTCString());
			assert.equal(header(response, "Last-Modified"), DATE);
		}
		clock.nowMs = START_MS;
	});

	test("conditions, ranges, codings and Accept change nothing", async () => {
		const plain = await ask(OPTIONAL, `GET ${INSTANCE_ID}`);
		const headers = [
			`If-Modified-Since: ${DATE}`,
			'If-None-Match: "x"',
			"Range: bytes=0-3",
			"Accept-Encoding: gzip",
			"Accept: application/json",
		];
		assert.equal(await ask(OPTIONAL, `GET ${INSTANCE_ID}`, ...headers), plain);
	});
});

describe("connections (§1.3)", () => {
	const kept = FIXED[401].replace("Connection: close\r\n", "");

	/** Requests of every status, with the response on a connection that stays open. */
	const everyStatus: readonly (readonly [instanceId: string, line: string, headers: string[], status: number])[] = [
		[OPTIONAL, `GET ${INSTANCE_ID}`, [], 200],
		[OPTIONAL, `HEAD ${INSTANCE_ID}`, [], 200],
		[OPTIONAL, `PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 60`], 200],
		[OPTIONAL, `OPTIONS ${INSTANCE_ID}`, [], 200],
		[OPTIONAL, `PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 0`], 400],
		[REQUIRED, `GET ${INSTANCE_ID}`, [], 401],
		[DISABLED, `GET ${INSTANCE_ID}`, [], 403],
		[OPTIONAL, "GET /nothing", [], 404],
		[OPTIONAL, "HEAD /nothing", [], 404],
		[OPTIONAL, `GET ${TOKEN_PATH}`, [], 405],
	];

	for (const [instanceId, line, headers, status] of everyStatus) {
		test(`${line} (${status}) closes unless asked to stay, and then says nothing of it`, async () => {
			const closing = await ask(instanceId, line, ...headers);
			assert.equal(statusOf(closing), status);
			assert.equal(header(closing, "Connection"), "close");

			const client = await Client.open(service.portOf(instanceId));
			const head = line.startsWith("HEAD") ? "HEAD" : "GET";
			for (let time = 0; time < 3; time++) {
				const staying = await client.write(request(line, [...headers, "Connection: keep-alive"])).response(head);
				const withoutToken = (text: string) => text.replace(/AQAEA.*/, "");
				assert.equal(withoutToken(staying), withoutToken(closing.replace("Connection: close\r\n", "")));
				assert.equal(client.ended, false);
			}
			client.close();
		});
	}

	const stays: readonly string[][] = [
		["Connection: keep-alive"],
		["connection: Keep-Alive"],
		["CONNECTION:KEEP-ALIVE"],
		["Connection:\tkeep-alive \t"],
		["Connection: TE, keep-alive"],
		["Connection: keep-alive,Upgrade", "Upgrade: h2c"],
		["Connection: TE", "Connection: keep-alive"],
		["Connection: ,, keep-alive ,"],
	];
	for (const headers of stays) {
		test(`stays open for ${JSON.stringify(headers)}`, async () => {
			const client = await Client.open(service.portOf(REQUIRED));
			for (let time = 0; time < 2; time++) {
				assert.equal(await client.write(request(`GET ${INSTANCE_ID}`, headers)).response(), kept);
			}
			client.close();
		});
	}

	const closes: readonly string[][] = [
		[],
		["Connection: close"],
		["Connection: keep-alive, close"],
		["Connection: close, keep-alive"],
		["Connection: keep-alive", "Connection: close"],
		["Connection: CLOSE", "Connection: keep-alive"],
		["Connection: keep-alivex"],
		["Connection: xkeep-alive"],
		["Connection: keep-alive; timeout=5"],
		['Connection: "keep-alive"'],
		["Connection:"],
		["Connection: upgrade", "Upgrade: websocket"],
		["Proxy-Connection: keep-alive"],
		["Keep-Alive: timeout=5"],
	];
	for (const headers of closes) {
		test(`closes for ${JSON.stringify(headers)}`, async () => {
			assert.equal(await ask(REQUIRED, `GET ${INSTANCE_ID}`, ...headers), FIXED[401]);
		});
	}

	test("HTTP/1.0 is served in HTTP/1.1's words and closed, whatever it asks", async () => {
		const expected = await ask(OPTIONAL, `GET ${INSTANCE_ID}`);
		for (const headers of ["", "Connection: keep-alive\r\n", "Connection: close\r\n", "Host: 10.0.0.1\r\nConnection: Keep-Alive\r\n"]) {
			const bytes = `GET ${INSTANCE_ID} HTTP/1.0\r\n${headers}\r\n`;
			assert.equal(await exchange(service.portOf(OPTIONAL), bytes), expected);
		}
	});

	test("what is served on a kept connection is what a new one would get, request after request", async () => {
		const client = await Client.open(service.portOf(OPTIONAL));
		const alive = "Connection: keep-alive";
		const token = bodyOf(await client.write(request(`PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 60`, alive])).response());
		const ask = (path: string, ...headers: string[]) => client.write(request(`GET ${path}`, [alive, ...headers])).response();
		assert.equal(bodyOf(await ask(INSTANCE_ID, withToken(token))), OPTIONAL);
		// Nothing of the request before is left: no token, no X-Forwarded-For.
		assert.equal(header(await ask(INSTANCE_ID), "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), undefined);
		assert.equal(statusOf(await ask(INSTANCE_ID, withToken(token), XFF)), 403);
		assert.equal(header(await ask(INSTANCE_ID, withToken(token)), "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), "60");
		assert.equal(statusOf(await ask(INSTANCE_ID, withToken("nonsense"))), 401);
		assert.equal(statusOf(await ask("/nothing")), 404);
		const last = await client.write(request(`GET ${INSTANCE_ID}`)).rest();
		assert.equal(header(last, "Connection"), "close");
		assert.equal(bodyOf(last), OPTIONAL);
		client.close();
	});

	for (const host of ["Host: anything.example", "Host:", "Host: a b c", "X-No: host"]) {
		test(`any Host will do where web pages are not guarded against: ${host}`, async () => {
			const open = await startService({ instances: [{ instanceId: PLAIN }], webPageGuard: false });
			const response = await exchange(open.portOf(PLAIN), `GET ${INSTANCE_ID} HTTP/1.1\r\n${host}\r\n\r\n`);
			assert.equal(bodyOf(response), PLAIN);
		});
	}

	const bodies: readonly (readonly [name: string, headers: string[], body: string])[] = [
		["no length", [], ""],
		["Content-Length: 0", ["Content-Length: 0"], ""],
		["an empty chunked body (s3fs)", ["Transfer-Encoding: chunked"], "0\r\n\r\n"],
		["a small body, which is ignored", ["Content-Length: 9"], '{"a": 1}\n'],
		["a body that looks like a request", ["Content-Length: 22"], "GET /x HTTP/1.1\r\n\r\nabc"],
	];
	for (const [name, headers, body] of bodies) {
		test(`a token PUT may have ${name}`, async () => {
			const bytes = request(`PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 60`, ...headers]) + body;
			const response = await exchange(service.portOf(REQUIRED), bytes);
			assert.equal(statusLine(response), "HTTP/1.1 200 OK");
			assert.equal(bodyOf(response).length, 56);
		});
	}
});

/** What a request is answered with by each of the three instances. */
interface Row {
	readonly line: string;
	readonly headers?: readonly string[];
	readonly optional: string;
	readonly required: string;
}

const LISTING_OF_LATEST = "dynamic\nmeta-data\nuser-data";
const TTL_OK = `${TTL_HEADER}: 60`;

async function assertRows(rows: readonly Row[]): Promise<void> {
	for (const { line, headers = [], optional, required } of rows) {
		const what = [line, ...headers].join(" + ");
		for (const [instanceId, expected] of [
			[OPTIONAL, optional],
			[REQUIRED, required],
		] as const) {
			const response = await exchange(service.portOf(instanceId), request(line, headers));
			const allow = header(response, "Allow");
			assert.equal(
				allow === undefined ? String(statusOf(response)) : `${statusOf(response)} ${allow}`,
				expected,
				`${what} of ${instanceId}`,
			);
			const isFixed = Object.values(FIXED).some((fixed) => (line.startsWith("HEAD") ? fixed.startsWith(response) : fixed === response));
			assert.ok(expected.startsWith("200") || isFixed, `${what}: ${response}`);
		}
		// A disabled endpoint says 403 to everything (§1.9, step 1; vector 9).
		assert.equal(await exchange(service.portOf(DISABLED), request(line, headers)), FIXED[403], what);
	}
}

describe("methods (§1.4), on an instance with tokens optional, required, and with the endpoint disabled", () => {
	const onToken = (method: string, answer: string): Row => ({ line: `${method} ${TOKEN_PATH}`, optional: answer, required: answer });
	const elsewhere = (method: string, path: string, optional: string, required = optional): Row => ({
		line: `${method} ${path}`,
		optional,
		required,
	});
	const tokenAllow = "405 OPTIONS, PUT";
	const allow = "405 OPTIONS, HEAD, GET";

	test("on the token path", () =>
		assertRows([
			onToken("GET", tokenAllow),
			onToken("HEAD", tokenAllow),
			{ ...onToken("PUT", "200"), headers: [TTL_OK] },
			onToken("POST", tokenAllow),
			onToken("OPTIONS", "200 OPTIONS, PUT"),
			onToken("DELETE", tokenAllow),
			onToken("PATCH", tokenAllow),
			onToken("TRACE", tokenAllow),
		]));

	for (const path of [INSTANCE_ID, "/", "/latest/nothing"]) {
		test(`on ${path}`, () =>
			assertRows([
				elsewhere("GET", path, path === "/latest/nothing" ? "404" : "200", "401"),
				elsewhere("HEAD", path, path === "/latest/nothing" ? "404" : "200", "401"),
				elsewhere("PUT", path, allow),
				elsewhere("POST", path, allow),
				elsewhere("OPTIONS", path, "200 OPTIONS, HEAD, GET"),
				elsewhere("DELETE", path, allow),
				elsewhere("PATCH", path, allow),
				elsewhere("TRACE", path, allow),
			]));
	}

	test("other methods, and methods in another case, are no requests", async () => {
		for (const method of ["get", "put", "Get", "CONNECT", "PROPFIND", "BREW", "GETS", "QUERY"]) {
			for (const instanceId of [OPTIONAL, REQUIRED, DISABLED]) assert.equal(await ask(instanceId, `${method} /`), FIXED[400], method);
		}
	});
});

describe("the order of decisions (§1.9), on all three", () => {
	test("a GET or HEAD: token, X-Forwarded-For and path", async () => {
		const mine = { [OPTIONAL]: await tokenOf(OPTIONAL), [REQUIRED]: await tokenOf(REQUIRED) };
		const foreign = await tokenOf(PLAIN);
		const expired = { [OPTIONAL]: await tokenOf(OPTIONAL, 1), [REQUIRED]: await tokenOf(REQUIRED, 1) };
		clock.nowMs += 1000;
		const modes = [OPTIONAL, REQUIRED] as const;
		for (const method of ["GET", "HEAD"]) {
			for (const [path, found] of [
				[INSTANCE_ID, 200],
				["/", 200],
				["/latest", 200],
				["/latest/user-data", 200],
				["/nothing", 404],
				["/2020-01-01/meta-data", 404],
				["/latest/api", 404],
				["/latest/api/token/", 404],
				["/2021-03-23/api/token", 404],
			] as const) {
				for (const instanceId of modes) {
					const without = instanceId === OPTIONAL ? found : 401;
					const cases: [headers: string[], status: number, ttl?: string][] = [
						[[], without],
						[[withToken(mine[instanceId])], found, "21599"],
						[[withToken(foreign)], 401],
						[[withToken(expired[instanceId])], 401],
						[[withToken("garbage")], 401],
						[[withToken("")], 401],
						[[withToken(mine[instanceId]), XFF], 403],
						[[withToken("garbage"), XFF], 403],
						[[withToken(mine[instanceId]), "x-forwarded-for:"], 403],
						[[XFF], without],
						[[`${TTL_HEADER}: 60`], without],
					];
					for (const [headers, status, ttl] of cases) {
						const response = await ask(instanceId, `${method} ${path}`, ...headers);
						assert.equal(statusOf(response), status, `${instanceId} ${method} ${path} ${headers}`);
						assert.equal(header(response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), status === 200 ? ttl : undefined);
					}
				}
				for (const headers of [[], [withToken(mine[OPTIONAL])], [XFF], [withToken("garbage"), XFF]]) {
					assert.equal(await ask(DISABLED, `${method} ${path}`, ...headers), FIXED[403].replace(DATE, "Fri, 02 Jan 2026 03:04:06 GMT"));
				}
			}
		}
		clock.nowMs = START_MS;
	});

	test("a PUT: X-Forwarded-For, then the path, then the TTL", () =>
		assertRows(
			(
				[
					[TOKEN_PATH, [TTL_OK], "200"],
					[`/${TOKEN_PATH}`, [TTL_OK], "200"],
					["/latest//api///token", [TTL_OK], "200"],
					["/latest/%61pi/toke%6E", [TTL_OK], "200"],
					[`${TOKEN_PATH}?x=/`, [TTL_OK], "200"],
					[TOKEN_PATH, [], "400"],
					[TOKEN_PATH, [TTL_OK, withToken("garbage")], "200"],
					[TOKEN_PATH, [TTL_OK, XFF], "403"],
					[TOKEN_PATH, [TTL_OK, "X-Forwarded-For:"], "403"],
					[TOKEN_PATH, [TTL_OK, "x-FORWARDED-for: a", XFF], "403"],
					[TOKEN_PATH, [XFF], "403"],
					[INSTANCE_ID, [XFF], "403"],
					[`${TOKEN_PATH}/`, [TTL_OK], "403"],
					[`${TOKEN_PATH}//`, [TTL_OK], "403"],
					[`${TOKEN_PATH}/`, [], "403"],
					["/2021-03-23/api/token", [TTL_OK], "403"],
					["/2021-03-23/api/token/", [TTL_OK], "403"],
					["/1.0/api/token", [TTL_OK], "403"],
					["/nonsense/api/token", [TTL_OK], "403"],
					["/api/token", [TTL_OK], "403"],
					["/LATEST/api/token", [TTL_OK], "403"],
					["/latest/api", [TTL_OK], "405 OPTIONS, HEAD, GET"],
					["/latest/api/Token", [TTL_OK], "405 OPTIONS, HEAD, GET"],
					["/latest/api/token/x", [TTL_OK], "405 OPTIONS, HEAD, GET"],
					["/latest/api%2Ftoken", [TTL_OK], "405 OPTIONS, HEAD, GET"],
					["/latest%2Fapi/token", [TTL_OK], "405 OPTIONS, HEAD, GET"],
					["/latest/./api/token/.", [TTL_OK], "405 OPTIONS, HEAD, GET"],
					["/", [TTL_OK], "405 OPTIONS, HEAD, GET"],
				] as const
			).map(([path, headers, answer]) => ({ line: `PUT ${path}`, headers, optional: answer, required: answer })),
		));

	test("vector 4: X-Forwarded-For and the wrong token paths", async () => {
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, TTL_OK, XFF), FIXED[403]);
		assert.equal(await ask(OPTIONAL, `GET ${INSTANCE_ID}`, withToken(await tokenOf(OPTIONAL)), XFF), FIXED[403]);
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}/`, TTL_OK), FIXED[403]);
		assert.equal(await ask(OPTIONAL, "PUT /2021-03-23/api/token", TTL_OK), FIXED[403]);
		assert.equal(await ask(OPTIONAL, `GET ${TOKEN_PATH}`), FIXED["405 on the token path"]);
	});

	test("vector 5: with tokens required nobody without one learns which paths there are", async () => {
		assert.equal(await ask(REQUIRED, "GET /"), FIXED[401]);
		assert.equal(await ask(REQUIRED, "GET /latest/nothing"), FIXED[401]);
		const token = await tokenOf(REQUIRED);
		assert.equal(await ask(REQUIRED, "GET /latest/nothing", withToken(token)), FIXED[404]);
		assert.equal(bodyOf(await ask(REQUIRED, `GET ${INSTANCE_ID}`, withToken(token))), REQUIRED);
	});

	test("vector 9: a disabled endpoint answers every method and path with an empty 403", async () => {
		for (const line of [
			`GET ${INSTANCE_ID}`,
			"GET /nothing",
			`PUT ${TOKEN_PATH}`,
			"HEAD /",
			"OPTIONS /",
			"POST /",
			"DELETE /",
			"TRACE /",
		]) {
			assert.equal(await ask(DISABLED, line, TTL_OK), FIXED[403], line);
		}
	});
});

describe("tokens (§1.8)", () => {
	const allowed: readonly (readonly [value: string, ttl: string])[] = [
		["1", "1"],
		["60", "60"],
		["21600", "21600"],
		["  60", "60"],
		["60 \t ", "60"],
		["060", "60"],
	];
	for (const [value, ttl] of allowed) {
		test(`a TTL of ${JSON.stringify(value)} is granted (vector 3)`, async () => {
			const response = await ask(REQUIRED, `PUT ${TOKEN_PATH}`, `x-AWS-ec2-Metadata-Token-TTL-Seconds:${value}`);
			assert.equal(statusOf(response), 200);
			assert.equal(header(response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), ttl);
			const got = await ask(REQUIRED, `GET ${INSTANCE_ID}`, withToken(bodyOf(response)));
			assert.equal(header(got, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), ttl);
		});
	}

	const refused = [
		"0",
		"00",
		"-1",
		"21601",
		"30000",
		"99999999999999999999",
		"abc",
		"",
		" ",
		"1.5",
		"60.0",
		"+60",
		"0x10",
		"1e2",
		"60,60",
		"60 60",
		"60s",
		"\u00b2",
		"\u0661",
		'"60"',
		"NaN",
	];
	for (const value of refused) {
		test(`a TTL of ${JSON.stringify(value)} is refused with 400 (vector 3)`, async () => {
			assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, `${TTL_HEADER}: ${value}`), FIXED[400]);
		});
	}

	test("no TTL, and two of them, are refused with 400", async () => {
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`), FIXED[400]);
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, TTL_OK, TTL_OK), FIXED[400]);
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, `${TTL_HEADER}: x`, TTL_OK), FIXED[400]);
	});

	test("vector 6: a token of one second opens for 999 milliseconds, and 401 follows", async () => {
		const token = await tokenOf(REQUIRED, 1);
		clock.nowMs += 999;
		const response = await ask(REQUIRED, `GET ${INSTANCE_ID}`, withToken(token));
		assert.equal(header(response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), "1");
		clock.nowMs += 1;
		const late = await ask(REQUIRED, `GET ${INSTANCE_ID}`, withToken(token));
		clock.nowMs = START_MS;
		assert.equal(late, FIXED[401].replace(DATE, "Fri, 02 Jan 2026 03:04:06 GMT"));
	});

	test("the seconds left count down, also on one kept connection and beside other tokens", async () => {
		const long = await tokenOf(OPTIONAL, 100);
		const short = await tokenOf(OPTIONAL, 50);
		const client = await Client.open(service.portOf(OPTIONAL));
		const left: (string | undefined)[] = [];
		for (const [token, aheadMs] of [
			[long, 0],
			[short, 0],
			[long, 999],
			[long, 1001],
			[short, 1001],
			[short, 49_999],
			[short, 50_000],
			[long, 99_999],
			[long, 100_000],
		] as const) {
			clock.nowMs = START_MS + aheadMs;
			const response = await client.write(request(`GET ${INSTANCE_ID}`, [withToken(token), "Connection: keep-alive"])).response();
			left.push(header(response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds") ?? statusLine(response));
		}
		client.close();
		clock.nowMs = START_MS;
		assert.deepEqual(left, ["100", "50", "100", "99", "49", "1", "HTTP/1.1 401 Unauthorized", "1", "HTTP/1.1 401 Unauthorized"]);
	});

	test("of several tokens any valid one opens, and the one that lasts longest is told", async () => {
		const old = withToken(await tokenOf(REQUIRED, 60));
		const fresh = withToken(await tokenOf(REQUIRED, 120));
		const bad = withToken("x".repeat(56));
		for (const [headers, ttl] of [
			[[old, fresh], "120"],
			[[fresh, old], "120"],
			[[bad, old], "60"],
			[[old, bad], "60"],
			[[withToken(""), bad, old, bad], "60"],
			[[bad, bad], undefined],
			[[withToken(""), withToken("")], undefined],
		] as const) {
			const response = await ask(REQUIRED, `GET ${INSTANCE_ID}`, ...headers);
			assert.equal(statusOf(response), ttl === undefined ? 401 : 200);
			assert.equal(header(response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), ttl);
		}
		// Two in one header are one value that is no token.
		const [, token] = old.split(": ");
		assert.equal(await ask(REQUIRED, `GET ${INSTANCE_ID}`, `${old}, ${token}`), FIXED[401]);
	});

	test("spaces around a token are not part of it; anything else is", async () => {
		const token = await tokenOf(REQUIRED);
		for (const value of [`${token} `, `  ${token}`, `\t${token}\t `]) {
			assert.equal(statusOf(await ask(REQUIRED, `GET ${INSTANCE_ID}`, `x-aws-ec2-METADATA-token:${value}`)), 200, JSON.stringify(value));
		}
		for (const value of [
			`"${token}"`,
			`${token}=`,
			token.slice(0, -1),
			token.slice(0, -2),
			token.toLowerCase(),
			`${token.slice(0, 20)} ${token.slice(20)}`,
			`${token}\u00a0`,
			token.replace("A", "B"),
		]) {
			assert.equal(await ask(REQUIRED, `GET ${INSTANCE_ID}`, withToken(value)), FIXED[401], JSON.stringify(value));
		}
	});

	test("a token opens every version's paths, and lives on while the endpoint is disabled, but dies with a stop", async () => {
		const instanceId = "i-0000000000000000f";
		const own = await startService({ clock, instances: [{ instanceId, metadataOptions: { httpTokens: "required" } }] });
		const port = own.portOf(instanceId);
		const token = bodyOf(await exchange(port, request(`PUT ${TOKEN_PATH}`, [TTL_OK])));
		const get = (path: string) => exchange(port, request(`GET ${path}`, [withToken(token)]));
		for (const version of VERSIONS) assert.equal(bodyOf(await get(`/${version}/meta-data/instance-id`)), instanceId, version);
		const endpoint = (httpEndpoint: "enabled" | "disabled") =>
			own.change(instanceId, (before) => ({ ...before, appliedMetadataOptions: { ...before.appliedMetadataOptions, httpEndpoint } }));
		await endpoint("disabled");
		assert.equal(await get(INSTANCE_ID), FIXED[403]);
		await endpoint("enabled");
		assert.equal(statusOf(await get(INSTANCE_ID)), 200);
		await own.change(instanceId, (before) => ({ ...before, state: "stopped" }));
		assert.equal(await get(INSTANCE_ID), "", "a stopped instance asks nothing");
		await own.change(instanceId, (before) => ({ ...before, state: "running", tokenGeneration: before.tokenGeneration + 1 }));
		assert.equal(await get(INSTANCE_ID), FIXED[401]);
	});

	test("tokens become required, and optional again, from one request to the next", async () => {
		const instanceId = "i-0000000000000000f";
		const own = await startService({ clock, instances: [{ instanceId }] });
		const client = await Client.open(own.portOf(instanceId));
		const get = async () => statusOf(await client.write(request(`GET ${INSTANCE_ID}`, ["Connection: keep-alive"])).response());
		const set = (httpTokens: "optional" | "required") =>
			own.change(instanceId, (before) => ({ ...before, appliedMetadataOptions: { ...before.appliedMetadataOptions, httpTokens } }));
		assert.equal(await get(), 200);
		await set("required");
		assert.equal(await get(), 401);
		await set("optional");
		assert.equal(await get(), 200);
		client.close();
	});
});

describe("paths (§1.5–1.7)", () => {
	const same: readonly (readonly string[])[] = [
		["/", "//", "///", "/?query", "http://169.254.169.254", "http://169.254.169.254/", "http://169.254.169.254?query"],
		[
			"/latest",
			"/latest/",
			"//latest/",
			"/latest//",
			"/%6catest",
			"/latest?x=/y",
			"http://[fd00:ec2::254]/latest",
			"HTTP://localhost:80//latest/",
		],
		["/latest/meta-data/", "/latest/meta-data", "/latest//meta-data", "//latest/meta-data/", "///latest///meta-data///"],
		[
			INSTANCE_ID,
			`${INSTANCE_ID}/`,
			`/${INSTANCE_ID}`,
			`${INSTANCE_ID}//`,
			"/latest/meta%2ddata/instance%2Did",
			`http://1.2.3.4:1338${INSTANCE_ID}`,
		],
		["/latest/meta-data/iam/security-credentials", "/latest/meta-data/iam/security-credentials/"],
		["/latest/meta-data/network/interfaces/macs", "/latest/meta-data/network/interfaces/macs/"],
		["/latest/user-data", "/latest/user-data/"],
		["/latest/dynamic/instance-identity/document", "/latest/dynamic/instance-identity/document/"],
	];
	for (const [first = "", ...others] of same) {
		test(`${first} answers under all its spellings: ${others.join(" ")}`, async () => {
			const expected = await ask(OPTIONAL, `GET ${first}`);
			assert.equal(statusOf(expected), 200);
			for (const path of others) assert.equal(await ask(OPTIONAL, `GET ${path}`), expected, path);
		});
	}

	test("vector 7: the listing of a version has three lines and no slashes", async () => {
		for (const path of ["/latest", "/latest/", "//latest/"]) assert.equal(bodyOf(await ask(OPTIONAL, `GET ${path}`)), LISTING_OF_LATEST);
		assert.equal(bodyOf(await ask(PLAIN, "GET /latest")), "dynamic\nmeta-data");
		assert.match(bodyOf(await ask(OPTIONAL, "GET /latest//meta-data")), /^ami-id\nami-launch-index\n/);
		assert.equal(bodyOf(await ask(OPTIONAL, `GET ${INSTANCE_ID}/`)), OPTIONAL);
	});

	test("the index of versions, one a line", async () => {
		const index = bodyOf(await ask(OPTIONAL, "GET /"));
		assert.equal(index, VERSIONS.join("\n"));
		assert.ok(index.startsWith("1.0\n2007-01-19\n") && index.endsWith("\n2024-04-11\nlatest"));
	});

	test("what is not there is 404: below a leaf, dots, another case, an unknown version, an escaped slash", async () => {
		const paths = [
			"/latest/meta-data/ami-id/foo",
			"/latest/meta-data/./ami-id",
			"/latest/meta-data/../meta-data/ami-id",
			"/latest/meta-data/%2e/ami-id",
			"/latest/%2e%2e/latest/meta-data/ami-id",
			"/latest/meta-data/%252e",
			"/latest/meta-data/Ami-Id",
			"/LATEST",
			"/2020-01-01/meta-data/",
			"/latest/meta-data%2Fami-id",
			"/%2Flatest",
			"/latest/api",
			"/latest/api/",
			"/latest/meta-data/tags",
			"/latest/meta-data/spot",
			"/latest/meta-data/__proto__",
			"/constructor",
			"/latest/meta-data/%FF%FE",
			"/1.0/dynamic",
			`/${"a".repeat(1023)}`,
		];
		for (const path of paths) assert.equal(await ask(OPTIONAL, `GET ${path}`), FIXED[404], path);
	});

	test("escapes that are none, or stand for control characters, and fragments are refused with 400", async () => {
		const paths = [
			"/%",
			"/%4",
			"/%zz",
			"/%4g/",
			"/%%41",
			"/latest/%00",
			"/%0d%0a",
			"/%7F",
			"/latest?%",
			"/latest#x",
			`/${"a".repeat(1024)}`,
		];
		for (const path of paths) assert.equal(await ask(OPTIONAL, `GET ${path}`), FIXED[400], path);
	});

	test("vector 13: without a profile there is no iam/", async () => {
		const lines = (text: string) => bodyOf(text).split("\n");
		assert.ok(lines(await ask(OPTIONAL, "GET /latest/meta-data/")).includes("iam/"));
		assert.equal(statusOf(await ask(OPTIONAL, "GET /latest/meta-data/iam/info")), 200);
		assert.equal(bodyOf(await ask(OPTIONAL, "GET /latest/meta-data/iam/security-credentials/")), "demo");
		assert.ok(!lines(await ask(PLAIN, "GET /latest/meta-data/")).includes("iam/"));
		for (const path of ["iam", "iam/", "iam/info", "iam/security-credentials/", "iam/security-credentials/demo"]) {
			assert.equal(await ask(PLAIN, `GET /latest/meta-data/${path}`), FIXED[404], path);
		}
	});

	test("role credentials of a session and of a plain GET are two sets", async () => {
		const path = "/latest/meta-data/iam/security-credentials/demo";
		const token = await tokenOf(OPTIONAL);
		const [v1, v2] = [await ask(OPTIONAL, `GET ${path}`), await ask(OPTIONAL, `GET ${path}`, withToken(token))];
		assert.notEqual(bodyOf(v1), bodyOf(v2));
		assert.equal(bodyOf(await ask(OPTIONAL, `GET ${path}`)), bodyOf(v1));
		assert.equal(bodyOf(await ask(OPTIONAL, `GET ${path}`, withToken(token))), bodyOf(v2));
	});

	test("vector 14: a spot notice appears in the listing and as a value at once", async () => {
		const get = (path: string) => ask(SPOT, `GET /latest/meta-data/${path}`);
		assert.equal(await get("spot/instance-action"), FIXED[404]);
		assert.doesNotMatch(bodyOf(await get("")), /^spot/m);
		const before = header(await get("events/maintenance/scheduled"), "Last-Modified");
		await service.change(SPOT, (instance) => ({
			...instance,
			lastModifiedTime: "2026-01-02T03:04:07Z",
			spotInterruption: { action: "terminate", time: "2026-01-02T03:06:05Z" },
		}));
		assert.match(bodyOf(await get("")), /^spot\/$/m);
		assert.equal(bodyOf(await get("spot")), "instance-action\ntermination-time");
		const notice = await get("spot/instance-action");
		assert.equal(bodyOf(notice), '{"action": "terminate", "time": "2026-01-02T03:06:05Z"}');
		assert.equal(header(notice, "Content-Type"), "text/plain");
		assert.equal(header(notice, "Last-Modified"), "Fri, 02 Jan 2026 03:04:07 GMT");
		assert.notEqual(header(await get("events/maintenance/scheduled"), "Last-Modified"), before);
		assert.equal(header(await get("instance-id"), "Last-Modified"), DATE);
		await service.change(SPOT, ({ spotInterruption: _, ...instance }) => instance);
		assert.equal(await get("spot/instance-action"), FIXED[404]);
		assert.doesNotMatch(bodyOf(await get("")), /^spot/m);
	});

	test("vector 15: tags come and go while it runs; their keys work raw and percent-encoded", async () => {
		const get = (path: string) => ask(SPOT, `GET /latest/meta-data/${path}`);
		const set = (instanceMetadataTags: "enabled" | "disabled") =>
			service.change(SPOT, (before) => ({ ...before, appliedMetadataOptions: { ...before.appliedMetadataOptions, instanceMetadataTags } }));
		const spellings = ["aws:autoscaling:groupName", "aws%3Aautoscaling%3AgroupName", "aws%3aautoscaling:group%4eame/"];
		assert.equal(await get("tags/instance"), FIXED[404]);
		await set("enabled");
		assert.match(bodyOf(await get("")), /^tags\/$/m);
		assert.equal(bodyOf(await get("tags/")), "instance/");
		assert.equal(bodyOf(await get("tags/instance")), "aws:autoscaling:groupName");
		for (const key of spellings) {
			const value = await get(`tags/instance/${key}`);
			assert.equal(Buffer.from(bodyOf(value), "latin1").toString(), "my-asg \u00e9", key);
			assert.equal(header(value, "Content-Length"), "9");
		}
		assert.equal(await get("tags/instance/aws%253Aautoscaling%253AgroupName"), FIXED[404]);
		await service.change(SPOT, (before) => ({ ...before, tags: [{ key: "Empty", value: "" }] }));
		const empty = await get("tags/instance/Empty");
		assert.equal(statusOf(empty), 200);
		assert.equal(header(empty, "Content-Length"), "0");
		await set("disabled");
		for (const path of ["tags", "tags/instance", ...spellings.map((key) => `tags/instance/${key}`)])
			assert.equal(await get(path), FIXED[404]);
		assert.doesNotMatch(bodyOf(await get("")), /^tags/m);
	});
});

describe("who asks (S1)", () => {
	test("an instance that is gone, or stopped, gets no byte on the connections it had, nor on new ones", async () => {
		const instanceId = "i-0000000000000000f";
		const own = await startService({ clock, instances: [{ instanceId }] });
		const kept = await Client.open(own.portOf(instanceId));
		assert.equal(statusOf(await kept.write(request("GET /", ["Connection: keep-alive"])).response()), 200);
		await own.change(instanceId, (before) => ({ ...before, state: "terminated" }));
		assert.equal(await kept.write(request("GET /", ["Connection: keep-alive"])).rest(), "");
		for (const bytes of [
			request("GET /"),
			request(`PUT ${TOKEN_PATH}`, [TTL_OK]),
			"nonsense\r\n\r\n",
			request("PUT /", ["Expect: 100-continue", "Content-Length: 5"]),
		]) {
			assert.equal(await exchange(own.portOf(instanceId), bytes), "", bytes);
		}
		await own.remove(instanceId);
		assert.equal(await exchange(own.portOf(instanceId), request("GET /")), "");
		assert.equal(own.endpoint.counts.unknownCaller, 6);
		kept.close();
		await until(() => own.endpoint.open === 0, "all connections closed");
	});

	test("no header makes one instance another", async () => {
		const headers = [
			"Forwarded: for=10.0.0.1",
			"X-Real-IP: 10.0.0.1",
			`X-Instance-ID: ${SPOT}`,
			`X-Instance-Id-Signature: x`,
			"X-Tenant-ID: a",
			"Via: 1.1 proxy",
			`Host: ${SPOT}`.replace("Host", "X-Forwarded-Host"),
		];
		assert.equal(bodyOf(await ask(OPTIONAL, `GET ${INSTANCE_ID}`, ...headers)), OPTIONAL);
		const proxied = await exchange(service.portOf(OPTIONAL), `PROXY TCP4 10.0.0.1 10.0.0.2 1 80\r\n${request(`GET ${INSTANCE_ID}`)}`);
		assert.equal(proxied, FIXED[400]);
	});
});

test("requests are counted for what they were", async () => {
	const instanceId = "i-0000000000000000f";
	const own = await startService({ clock, instances: [{ instanceId, metadataOptions: { httpTokens: "required" } }] });
	const ask = (line: string, ...headers: string[]) => exchange(own.portOf(instanceId), request(line, headers));
	const token = bodyOf(await ask(`PUT ${TOKEN_PATH}`, TTL_OK));
	await ask("GET /");
	await ask("GET /", withToken(token));
	await ask("GET /", withToken("x"));
	await ask("GET /nothing", withToken(token));
	await ask("POST /");
	await ask(`PUT ${TOKEN_PATH}`);
	await ask("PUT /", XFF);
	await exchange(own.portOf(instanceId), "x\r\n");
	assert.deepEqual(own.endpoint.responder.counts, {
		tokens: 1,
		withToken: 2,
		withoutToken: 0,
		rejectedWithoutToken: 1,
		refused: { 400: 2, 401: 2, 403: 1, 404: 1, 405: 1 },
	});
	assert.equal(own.endpoint.counts.accepted, 9);
});
