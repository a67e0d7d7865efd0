/** The conformance vectors 1–9 and 13–15 of metadata-endpoint.md §9: over real sockets, and to the byte where the page gives bytes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Instance } from "../../src/model/instance.ts";
import { FIXED, NOT_FOUND_PAGE, wire } from "./answers.ts";
import { bodyOf, exchange, header, statusOf } from "./client.ts";
import {
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
	USER_DATA,
	withToken,
	XFF,
} from "./scene.ts";

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

describe("vectors of §9", () => {
	test("vector 4: X-Forwarded-For and the wrong token paths", async () => {
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}`, TTL, XFF), FIXED[403]);
		assert.equal(await ask(OPTIONAL, `GET ${INSTANCE_ID}`, withToken(await tokenOf(OPTIONAL)), XFF), FIXED[403]);
		assert.equal(await ask(OPTIONAL, `PUT ${TOKEN_PATH}/`, TTL), FIXED[403]);
		assert.equal(await ask(OPTIONAL, "PUT /2021-03-23/api/token", TTL), FIXED[403]);
		assert.equal(await ask(OPTIONAL, `GET ${TOKEN_PATH}`), FIXED["405 on the token path"]);
	});

	test("vector 5: with tokens required nobody without one learns which paths there are", async () => {
		assert.equal(await ask(REQUIRED, "GET /"), FIXED[401]);
		assert.equal(await ask(REQUIRED, "GET /latest/nothing"), FIXED[401]);
		const token = await tokenOf(REQUIRED);
		assert.equal(await ask(REQUIRED, "GET /latest/nothing", withToken(token)), FIXED[404]);
		assert.equal(bodyOf(await ask(REQUIRED, `GET ${INSTANCE_ID}`, withToken(token))), REQUIRED);
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

	test("vector 7: the listing of a version has three lines and no slashes", async () => {
		for (const path of ["/latest", "/latest/", "//latest/"])
			assert.equal(bodyOf(await ask(OPTIONAL, `GET ${path}`)), "dynamic\nmeta-data\nuser-data");
		assert.equal(bodyOf(await ask(PLAIN, "GET /latest")), "dynamic\nmeta-data");
		assert.match(bodyOf(await ask(OPTIONAL, "GET /latest//meta-data")), /^ami-id\nami-launch-index\n/);
		assert.equal(bodyOf(await ask(OPTIONAL, `GET ${INSTANCE_ID}/`)), OPTIONAL);
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
			assert.equal(await ask(DISABLED, line, TTL), FIXED[403], line);
		}
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

	test("vector 14: a spot notice appears in the listing and as a value at once", async () => {
		const get = (path: string) => ask(SPOT, `GET /latest/meta-data/${path}`);
		assert.equal(await get("spot/instance-action"), FIXED[404]);
		assert.doesNotMatch(bodyOf(await get("")), /^spot/m);
		let before: Instance | undefined;
		await service.change(SPOT, (instance) => {
			before = instance;
			const spotInterruption = { action: "terminate", time: "2026-01-02T03:06:05Z" } as const;
			return { ...instance, lastModifiedTime: "2026-01-02T03:04:07Z", spotInterruption };
		});
		assert.match(bodyOf(await get("")), /^spot\/$/m);
		assert.equal(bodyOf(await get("spot")), "instance-action\ntermination-time");
		const notice = await get("spot/instance-action");
		assert.equal(bodyOf(notice), '{"action": "terminate", "time": "2026-01-02T03:06:05Z"}');
		assert.equal(header(notice, "Content-Type"), "text/plain");
		assert.equal(header(notice, "Last-Modified"), "Fri, 02 Jan 2026 03:04:07 GMT");
		assert.equal(header(await get("instance-id"), "Last-Modified"), DATE);
		await service.change(SPOT, (instance) => before ?? instance);
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
