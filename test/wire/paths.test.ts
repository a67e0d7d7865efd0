/** Which spellings lead where (metadata-endpoint.md §1.5–1.7). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VERSIONS } from "../../src/metadata/versions.ts";
import { FIXED } from "./answers.ts";
import { bodyOf, statusOf } from "./client.ts";
import { ask, INSTANCE_ID, OPTIONAL, tokenOf, withToken } from "./scene.ts";

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

	test("role credentials of a session and of a plain GET are two sets", async () => {
		const path = "/latest/meta-data/iam/security-credentials/demo";
		const token = await tokenOf(OPTIONAL);
		const [v1, v2] = [await ask(OPTIONAL, `GET ${path}`), await ask(OPTIONAL, `GET ${path}`, withToken(token))];
		assert.notEqual(bodyOf(v1), bodyOf(v2));
		assert.equal(bodyOf(await ask(OPTIONAL, `GET ${path}`)), bodyOf(v1));
		assert.equal(bodyOf(await ask(OPTIONAL, `GET ${path}`, withToken(token))), bodyOf(v2));
	});
});
