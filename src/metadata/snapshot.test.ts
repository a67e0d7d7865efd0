import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { anySpec } from "../../test/categories/any-instance.ts";
import { crawl, textOf } from "../../test/categories/crawl.ts";
import { IDENTITY_KEYS, ISSUER, launchAlone, MAXIMAL_SPEC, newWorld, NOW_MS, snapshotOf, viewOf } from "../../test/categories/world.ts";
import type { CredentialIssuer } from "../identity/role-credentials.ts";
import type { InstanceSpec } from "../model/launch.ts";
import { epochMs } from "../model/timestamp.ts";
import { pathSegments } from "./snapshot.ts";
import { VERSIONS } from "./versions.ts";

const WORLD = newWorld();

const snapshotFor = (spec: InstanceSpec) => snapshotOf(viewOf(launchAlone(spec, WORLD), WORLD));

function explore(spec: InstanceSpec) {
	const snapshot = snapshotFor(spec);
	return { snapshot, found: crawl(snapshot, "latest") };
}

const valueEndsAsGiven = (path: string) => path === "/latest/user-data" || path.includes("/tags/instance/");

describe("one path, many spellings", () => {
	interface Way {
		readonly slashes: number;
		readonly escaped: boolean;
		readonly upperCase: boolean;
	}
	const ways: fc.Arbitrary<readonly Way[]> = fc.array(
		fc.record({ slashes: fc.integer({ min: 1, max: 3 }), escaped: fc.boolean(), upperCase: fc.boolean() }),
		{ minLength: 16, maxLength: 16 },
	);

	/** The same path with runs of slashes, every other character escaped, and a closing slash or more. */
	function respelled(path: string, how: readonly Way[], closing: number): string {
		const escape = (character: string, at: number) => (at % 2 === 0 ? `%${character.charCodeAt(0).toString(16)}` : character);
		const segments = path.split("/").slice(1);
		const written = segments.map((segment, index) => {
			const { slashes, escaped, upperCase } = how[index]!;
			const text = escaped ? segment.replace(/./g, escape) : segment;
			return "/".repeat(slashes) + (upperCase ? text.replace(/%../g, (each) => each.toUpperCase()) : text);
		});
		return written.join("") + "/".repeat(closing);
	}

	test("they all lead to the same value, a leaf's to the same answer", () => {
		fc.assert(
			fc.property(anySpec(WORLD), ways, fc.integer({ min: 0, max: 3 }), (spec, how, closing) => {
				const { snapshot, found } = explore(spec);
				for (const [path, { kind, answer }] of found) {
					const spelling = respelled(path, how, closing);
					const other = snapshot.get(spelling, "2.0");
					assert.ok(other !== undefined, spelling);
					if (kind === "leaf") assert.equal(other, answer);
					assert.deepEqual([other.head, other.body], [answer.head, answer.body]);
				}
			}),
			{ numRuns: 50 },
		);
	});

	test("a leaf has the same answer in every version that shows it", () => {
		const snapshot = snapshotFor(MAXIMAL_SPEC);
		const latest = crawl(snapshot, "latest");
		for (const version of VERSIONS) {
			for (const [path, { kind, answer }] of crawl(snapshot, version)) {
				if (kind === "leaf") assert.equal(answer, latest.get(path.replace(`/${version}`, "/latest"))?.answer);
			}
		}
	});

	test("segments are decoded once, and a slash that comes of it separates nothing", () => {
		assert.deepEqual(pathSegments("//latest//meta-data///x/"), ["latest", "meta-data", "x"]);
		assert.deepEqual(pathSegments("/a%2Fb/%252F/%c3%a9/%2e%2E"), ["a/b", "%2F", "é", ".."]);
		assert.deepEqual(pathSegments("/"), []);
		const snapshot = snapshotFor(MAXIMAL_SPEC);
		for (const path of ["/latest%2Fmeta-data", "/latest/meta-data%2finstance-id", "/latest/meta-data/%69nstance-id%2F", "/%256catest"]) {
			assert.equal(snapshot.get(path, "2.0"), undefined, path);
		}
		assert.equal(textOf(snapshot.get("/latest/meta-data/tags/instance/aws%3Aautoscaling%3AgroupName", "2.0")!), "my-group");
	});
});

describe("an answer", () => {
	test("says its own length in bytes, its type, and when it was refreshed: not after now, not before the launch", () => {
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const { found } = explore(spec);
				const launchMs = epochMs(spec.launchTime ?? "2026-01-02T03:04:05Z");
				for (const [path, { answer }] of found) {
					const [, type, date, length] =
						/^Content-Type: (\S+)\r\nAccept-Ranges: none\r\nLast-Modified: (\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)\r\nContent-Length: (\d+)\r\n$/.exec(
							answer.head,
						) ?? [];
					assert.equal(type, path === "/latest/user-data" ? "application/octet-stream" : "text/plain", path);
					assert.equal(Number(length), Buffer.byteLength(answer.body, "latin1"), path);
					const refreshedMs = Date.parse(date ?? "");
					assert.ok(refreshedMs >= launchMs && refreshedMs <= NOW_MS, `${path}: ${date}`);
				}
			}),
			{ numRuns: 50 },
		);
	});

	test("ends without a newline, public keys and what somebody else wrote apart", () => {
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const { found } = explore(spec);
				for (const [path, { answer }] of found) {
					if (path.endsWith("/openssh-key")) assert.match(answer.body, /[^\n]\n$/, path);
					else if (!valueEndsAsGiven(path)) assert.doesNotMatch(answer.body, /[\r\n]$/, path);
				}
			}),
			{ numRuns: 50 },
		);
	});

	test("is never empty, tags apart", () => {
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const { found } = explore(spec);
				for (const [path, { answer }] of found) if (!path.includes("/tags/instance/")) assert.notEqual(answer.body, "", path);
			}),
			{ numRuns: 50 },
		);
	});

	test("holds tag values and user data byte for byte", () => {
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const { tags = [], userData = "", metadataOptions } = spec;
				const snapshot = snapshotFor(spec);
				const bytesAt = (path: string) => {
					const found = snapshot.get(path, "1.0");
					return found && Buffer.from(found.body, "latin1");
				};
				assert.deepEqual(bytesAt("/latest/user-data") ?? Buffer.alloc(0), Buffer.from(userData, "base64"));
				for (const { key, value } of tags) {
					const shown = metadataOptions?.instanceMetadataTags === "enabled" ? Buffer.from(value) : undefined;
					assert.deepEqual(bytesAt(`/latest/meta-data/tags/instance/${key}`), shown, key);
					assert.deepEqual(bytesAt(`/latest/meta-data/tags/instance/${encodeURIComponent(key)}/`), shown, key);
				}
			}),
		);
		const tags = ["", " ", "\n", "héllo", "𝄞", "\0", "a\r\nb", "%00"].map((value, index) => ({ key: `k${index}`, value }));
		const snapshot = snapshotFor({ instanceId: "i-1", metadataOptions: { instanceMetadataTags: "enabled" }, tags });
		for (const { key, value } of tags) assert.equal(textOf(snapshot.get(`/latest/meta-data/tags/instance/${key}`, "2.0")!), value);
	});
});

describe("the two deliveries", () => {
	test("differ for credentials that are issued, and give the same answer otherwise", () => {
		const issued = /\/security-credentials\/(ec2-instance|web-role)$/;
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const { snapshot, found } = explore(spec);
				for (const [path, { kind, answer }] of found) {
					const other = snapshot.get(path, "1.0")!;
					if (issued.test(path)) {
						const [one, two] = [answer, other].map((each) => JSON.parse(textOf(each)) as Record<string, string>);
						for (const field of ["AccessKeyId", "SecretAccessKey", "Token"]) assert.notEqual(one?.[field], two?.[field]);
						for (const field of ["Code", "Type", "LastUpdated", "Expiration"]) assert.equal(one?.[field], two?.[field]);
					} else if (!path.includes("/security-credentials/") && kind === "leaf") {
						assert.equal(other, answer, path);
					} else {
						assert.deepEqual([other.head, other.body], [answer.head, answer.body], path);
					}
				}
			}),
			{ numRuns: 50 },
		);
	});
});

describe("what it costs", () => {
	/** A snapshot that counts what it signs and issues. */
	function counting() {
		const counts = { signed: 0, issued: 0 };
		const identityKeys = {
			...IDENTITY_KEYS,
			get rsa2048() {
				counts.signed++;
				return IDENTITY_KEYS.rsa2048;
			},
		};
		const issuer = {
			issue: (...claims: Parameters<CredentialIssuer["issue"]>) => {
				counts.issued++;
				return ISSUER.issue(...claims);
			},
		} as CredentialIssuer;
		return { counts, snapshot: snapshotOf({ ...viewOf(launchAlone(MAXIMAL_SPEC, WORLD), WORLD), identityKeys, issuer }) };
	}

	test("nothing is signed or issued before somebody asks for it, not even by listing it", () => {
		const { counts, snapshot } = counting();
		assert.match(textOf(snapshot.get("/latest/dynamic/instance-identity/", "1.0")!), /^rsa2048$/m);
		assert.equal(textOf(snapshot.get("/latest/meta-data/iam/security-credentials/", "1.0")!), "web-role");
		snapshot.get("/latest/dynamic/instance-identity/document", "1.0");
		assert.deepEqual(counts, { signed: 0, issued: 0 });
	});

	test("a signature is made once, however many spellings, versions and deliveries ask; credentials once a delivery", () => {
		const { counts, snapshot } = counting();
		for (let i = 0; i < 2000; i++) {
			for (const delivery of ["1.0", "2.0"] as const) {
				for (const version of ["latest", "2021-03-23", "2012-01-12"]) {
					snapshot.get(`/${version}${"/".repeat(1 + (i % 300))}dynamic/instance-identity/rsa2048${"/".repeat(i % 7)}`, delivery);
					snapshot.get(`/${version}/meta-data/iam/security-credentials${"/".repeat(1 + (i % 300))}web-role`, delivery);
				}
			}
		}
		assert.deepEqual(counts, { signed: 1, issued: 2 });
	});

	test("the spellings that it remembers are bounded in number and length", () => {
		setFlagsFromString("--expose-gc");
		const collect = runInNewContext("gc") as () => void;
		const heapUsed = () => {
			collect();
			return process.memoryUsage().heapUsed;
		};
		const snapshot = snapshotFor(MAXIMAL_SPEC);
		const ask = (path: string) => {
			for (const delivery of ["1.0", "2.0"] as const) {
				// As a socket gives it: a string of its own.
				assert.ok(snapshot.get(Buffer.from(path).toString("latin1"), delivery) !== undefined);
				assert.equal(snapshot.get(Buffer.from(`${path}/none`).toString("latin1"), delivery), undefined);
			}
		};
		ask("/latest/meta-data/instance-id");
		const before = heapUsed();
		const grownBytes = (spellings: number, spelling: (i: number) => string) => {
			for (let i = 0; i < spellings; i++) ask(spelling(i));
			return heapUsed() - before;
		};
		const long = grownBytes(400, (i) => `${"/".repeat(7000 + i)}latest/meta-data/instance-id`);
		assert.ok(long < 1024 * 1024, `${long} bytes`);
		const many = grownBytes(20_000, (i) => `${"/".repeat(1 + (i % 141))}latest/meta-data/instance-id${"/".repeat(i % 143)}`);
		assert.ok(many < 1024 * 1024, `${many} bytes`);
		ask("/latest/meta-data/instance-id"); // so that it lives until here
	});
});
