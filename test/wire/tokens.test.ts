/** Session tokens as clients meet them (metadata-endpoint.md §1.8); their cryptography is src/token/'s. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VERSIONS } from "../../src/metadata/versions.ts";
import { FIXED } from "./answers.ts";
import { bodyOf, Client, exchange, header, request, statusLine, statusOf } from "./client.ts";
import {
	ANOTHER,
	ask,
	clock,
	INSTANCE_ID,
	OPTIONAL,
	REQUIRED,
	service,
	START_MS,
	TOKEN_PATH,
	tokenOf,
	TTL,
	TTL_HEADER,
	withToken,
} from "./scene.ts";
import { startService } from "./service.ts";

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
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, TTL, TTL), FIXED[400]);
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, `${TTL_HEADER}: x`, TTL), FIXED[400]);
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
		const instanceId = ANOTHER;
		const own = await startService({ clock, instances: [{ instanceId, metadataOptions: { httpTokens: "required" } }] });
		const port = own.portOf(instanceId);
		const token = bodyOf(await exchange(port, request(`PUT ${TOKEN_PATH}`, [TTL])));
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
		const instanceId = ANOTHER;
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
