/** Who is answered with what: the tables of metadata-endpoint.md §1.4 and §1.9, on instances with tokens optional, required, and disabled. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FIXED } from "./answers.ts";
import { bodyOf, Client, exchange, header, request, statusOf } from "./client.ts";
import {
	ANOTHER,
	ask,
	clock,
	DATE,
	DISABLED,
	INSTANCE_ID,
	OPTIONAL,
	PLAIN,
	REQUIRED,
	service,
	SPOT,
	START_MS,
	TOKEN_PATH,
	tokenOf,
	TTL,
	TTL_HEADER,
	withToken,
	XFF,
} from "./scene.ts";
import { startService, until } from "./service.ts";

/** What a request is answered with by each of the three instances. */
interface Row {
	readonly line: string;
	readonly headers?: readonly string[];
	readonly optional: string;
	readonly required: string;
}

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
			{ ...onToken("PUT", "200"), headers: [TTL] },
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
					[TOKEN_PATH, [TTL], "200"],
					[`/${TOKEN_PATH}`, [TTL], "200"],
					["/latest//api///token", [TTL], "200"],
					["/latest/%61pi/toke%6E", [TTL], "200"],
					[`${TOKEN_PATH}?x=/`, [TTL], "200"],
					[TOKEN_PATH, [], "400"],
					[TOKEN_PATH, [TTL, withToken("garbage")], "200"],
					[TOKEN_PATH, [TTL, XFF], "403"],
					[TOKEN_PATH, [TTL, "X-Forwarded-For:"], "403"],
					[TOKEN_PATH, [TTL, "x-FORWARDED-for: a", XFF], "403"],
					[TOKEN_PATH, [XFF], "403"],
					[INSTANCE_ID, [XFF], "403"],
					[`${TOKEN_PATH}/`, [TTL], "403"],
					[`${TOKEN_PATH}//`, [TTL], "403"],
					[`${TOKEN_PATH}/`, [], "403"],
					["/2021-03-23/api/token", [TTL], "403"],
					["/2021-03-23/api/token/", [TTL], "403"],
					["/1.0/api/token", [TTL], "403"],
					["/nonsense/api/token", [TTL], "403"],
					["/api/token", [TTL], "403"],
					["/LATEST/api/token", [TTL], "403"],
					["/latest/api", [TTL], "405 OPTIONS, HEAD, GET"],
					["/latest/api/Token", [TTL], "405 OPTIONS, HEAD, GET"],
					["/latest/api/token/x", [TTL], "405 OPTIONS, HEAD, GET"],
					["//latest/api/token/x", [TTL], "405 OPTIONS, HEAD, GET"],
					["/latest/api%2Ftoken", [TTL], "405 OPTIONS, HEAD, GET"],
					["/latest%2Fapi/token", [TTL], "405 OPTIONS, HEAD, GET"],
					["/latest/./api/token/.", [TTL], "405 OPTIONS, HEAD, GET"],
					["/", [TTL], "405 OPTIONS, HEAD, GET"],
				] as const
			).map(([path, headers, answer]) => ({ line: `PUT ${path}`, headers, optional: answer, required: answer })),
		));
});

describe("who asks (S1)", () => {
	test("an instance that is gone, or stopped, gets no byte on the connections it had, nor on new ones", async () => {
		const instanceId = ANOTHER;
		const own = await startService({ clock, instances: [{ instanceId }] });
		const kept = await Client.open(own.portOf(instanceId));
		assert.equal(statusOf(await kept.write(request("GET /", ["Connection: keep-alive"])).response()), 200);
		await own.change(instanceId, (before) => ({ ...before, state: "terminated" }));
		assert.equal(await kept.write(request("GET /", ["Connection: keep-alive"])).rest(), "");
		for (const bytes of [
			request("GET /"),
			request(`PUT ${TOKEN_PATH}`, [TTL]),
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
	const instanceId = ANOTHER;
	const own = await startService({ clock, instances: [{ instanceId, metadataOptions: { httpTokens: "required" } }] });
	const ask = (line: string, ...headers: string[]) => exchange(own.portOf(instanceId), request(line, headers));
	const token = bodyOf(await ask(`PUT ${TOKEN_PATH}`, TTL));
	await ask("GET /");
	await ask("GET /", withToken(token));
	await ask("GET /", withToken("x"));
	await ask("GET /nothing", withToken(token));
	await ask("POST /");
	await ask(`PUT ${TOKEN_PATH}`);
	await ask("PUT /", XFF);
	await exchange(own.portOf(instanceId), "x\r\n");
	assert.deepEqual(own.requests.summary(), {
		tokens: 1,
		withToken: 2,
		withoutToken: 0,
		rejectedWithoutToken: 1,
		refused: { 400: 2, 401: 2, 403: 1, 404: 1, 405: 1, 503: 0 },
	});
	assert.equal(own.endpoint.counts.accepted, 9);
});
