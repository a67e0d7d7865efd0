import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { anySpec } from "../../test/categories/any-instance.ts";
import { childOf, cloudInitPaths, crawl, linesOf, textOf } from "../../test/categories/crawl.ts";
import { launchAlone, MAXIMAL_SPEC, newWorld, snapshotOf, viewOf } from "../../test/categories/world.ts";
import type { InstanceSpec } from "../model/launch.ts";
import type { Snapshot } from "./snapshot.ts";
import { VERSIONS } from "./versions.ts";

const WORLD = newWorld();
/** All versions of a tree are many paths: fewer instances, each looked at as a whole. */
const RUNS = { numRuns: 40 };
const DATED = VERSIONS.filter((version) => version !== "latest");

const snapshotFor = (spec: InstanceSpec): Snapshot => snapshotOf(viewOf(launchAlone(spec, WORLD), WORLD));
const MAXIMAL = snapshotFor(MAXIMAL_SPEC);

/** What is served without standing in a listing (metadata-endpoint.md §8, rows 10 and 18), and since when. */
const ALIASES: readonly (readonly [alias: RegExp, since: string])[] = [
	[/^dynamic\/fws(\/instance-monitoring)?$/, "2009-04-04"],
	[/^meta-data\/network\/interfaces\/macs\/[^/]+\/network-card-index$/, "2021-01-03"],
];

/** The version and the rest of a path as the client means it: decoded once a segment, without runs of slashes and a closing one. */
function meant(path: string): readonly [version: string, rest: string] {
	const [version = "", ...rest] = path
		.split("/")
		.filter((segment) => segment !== "")
		.map(decodeURIComponent);
	// A slash within a segment separates nothing.
	return [version, rest.map((segment) => segment.replaceAll("/", "\0")).join("/")];
}

describe("listings", () => {
	test("in every version of the index, every listed child is there, no directory is empty, and all are sorted", () => {
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const snapshot = snapshotFor(spec);
				for (const version of VERSIONS) {
					for (const [path, { kind, answer }] of crawl(snapshot, version)) {
						if (kind === "leaf") continue;
						const lines = linesOf(answer);
						assert.ok(lines.length > 0 && lines.every((line) => line !== ""), `${path} is empty`);
						assert.deepEqual(lines, lines.toSorted(), path);
						assert.equal(new Set(lines).size, lines.length, path);
					}
				}
			}),
			RUNS,
		);
	});

	test("a path is a directory or a leaf, the same in every version: nothing is below a leaf", () => {
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const snapshot = snapshotFor(spec);
				const kinds = new Map([...crawl(snapshot, "latest")].map(([path, { kind }]) => [path, kind]));
				for (const version of DATED) {
					for (const [path, { kind }] of crawl(snapshot, version)) assert.equal(kind, kinds.get(path.replace(`/${version}`, "/latest")));
				}
				for (const [path, kind] of kinds) {
					if (kind === "leaf")
						for (const below of ["x", "0", "instance-id"]) assert.equal(snapshot.get(`${path}/${below}`, "2.0"), undefined);
				}
			}),
			RUNS,
		);
	});

	test("each version shows what those before it show, and latest all; no other version is there", () => {
		fc.assert(
			fc.property(anySpec(WORLD), (spec) => {
				const snapshot = snapshotFor(spec);
				let before: ReadonlySet<string> = new Set();
				for (const version of VERSIONS) {
					const paths = new Set([...crawl(snapshot, version).keys()].map((path) => path.slice(version.length + 1)));
					assert.ok(before.isSubsetOf(paths), version);
					before = paths;
				}
			}),
			RUNS,
		);
		for (const version of ["", "1", "1.00", "Latest", "latest ", "2007-01-18", "2022-07-09", "2026-01-01", "version", "..", "meta-data"]) {
			if (version !== "") assert.equal(MAXIMAL.get(`/${version}`, "2.0"), undefined, version);
			assert.equal(MAXIMAL.get(`/${version}/meta-data/instance-id`, "2.0"), undefined, version);
		}
	});

	test("the root is the index of versions, ascending, latest last", () => {
		for (const path of ["/", "//", ""]) assert.deepEqual(linesOf(MAXIMAL.get(path, "2.0")!), VERSIONS);
	});

	test("right below a version nothing has a slash, and what isn't there isn't listed", () => {
		assert.equal(textOf(MAXIMAL.get("/latest", "1.0")!), "dynamic\nmeta-data\nuser-data");
		assert.equal(textOf(MAXIMAL.get("/2008-09-01/", "1.0")!), "meta-data\nuser-data");
		const plain = snapshotFor({ instanceId: "i-1" });
		assert.equal(textOf(plain.get("/latest/", "1.0")!), "dynamic\nmeta-data");
		assert.equal(plain.get("/latest/user-data", "1.0"), undefined);
		assert.equal(snapshotFor({ instanceId: "i-1", userData: "" }).get("/latest/user-data", "1.0"), undefined);
	});

	test("public-keys shows index and name, and the index alone is the path", () => {
		const snapshot = snapshotFor({ instanceId: "i-1", keyName: "0=odd key/name" });
		assert.equal(textOf(snapshot.get("/latest/meta-data/public-keys/", "1.0")!), "0=0=odd key/name");
		assert.equal(textOf(snapshot.get("/latest/meta-data/public-keys/0", "1.0")!), "openssh-key");
		for (const path of ["0=0=odd%20key%2Fname", "0=", "1", "00", "odd key"]) {
			assert.equal(snapshot.get(`/latest/meta-data/public-keys/${path}`, "1.0"), undefined, path);
		}
	});
});

describe("clients", () => {
	/** A tag whose key reads as `{number}={text}` is taken for a key pair; EC2 allows it, and so its own tree fails there, too. */
	const readsAsKeyPair = ({ tags = [] }: InstanceSpec) => tags.some(({ key }) => /^[+-]?\d+=/.test(key));

	test("cloud-init's crawl finds everything it asks for, in every version", () => {
		fc.assert(
			fc.property(
				anySpec(WORLD).filter((spec) => !readsAsKeyPair(spec)),
				(spec) => {
					const snapshot = snapshotFor(spec);
					const listingOf = (path: string) => textOf(snapshot.get(path, "2.0") ?? assert.fail(`404: ${path}`));
					for (const version of DATED) for (const path of cloudInitPaths(listingOf, version)) listingOf(path);
				},
			),
			RUNS,
		);
	});

	test("cloud-init's crawl meets the key pair, each interface and each tag on its way", () => {
		const asked = cloudInitPaths((path) => textOf(MAXIMAL.get(path, "2.0")!), "2021-03-23");
		for (const path of ["public-keys/0/openssh-key", "network/interfaces/macs/", "tags/instance/aws:autoscaling:groupName", "iam/info"]) {
			assert.ok(asked.includes(`/2021-03-23/meta-data/${path}`), path);
		}
	});
});

describe("what no listing leads to", () => {
	const encoded = (text: string) => `%${text.charCodeAt(0).toString(16)}`;

	/** Segments that stand for something elsewhere, or in another program. */
	const STRAY = [".", "..", "%2e", "%2e%2e", "%2E.", "x", "%00", "%20", "meta-data", "latest", "0", "_index", "__proto__"];

	/** Ways to write a segment that mean another, or the same. */
	const REWRITTEN: readonly ((segment: string) => string)[] = [
		(segment) => segment.slice(0, -1),
		(segment) => `${segment}%20`,
		(segment) => `${segment}/..`,
		(segment) => `${segment}x`,
		(segment) => segment.toUpperCase(),
		(segment) => segment.slice(1) + segment.slice(0, 1),
		(segment) => encoded(segment) + segment.slice(1),
		(segment) => encodeURIComponent(encoded(segment)) + segment.slice(1),
		() => "",
	];

	/** Paths that are nearly one that exists, or that are one after all. */
	function neighbours(path: string, at: number, stray: string): readonly string[] {
		const segments = path.split("/").slice(1);
		const index = at % segments.length;
		const join = (parts: readonly string[]) => `/${parts.join("/")}`;
		return [
			...[...STRAY, encodeURIComponent(stray)].map((segment) => join(segments.toSpliced(index + 1, 0, segment))),
			...REWRITTEN.map((rewrite) => join(segments.with(index, rewrite(segments[index] ?? "")))),
			join(segments.slice(0, index)),
			join(segments.toSpliced(index, 1)),
			join(segments.toReversed()),
			`${join(segments.slice(0, index + 1))}%2F${segments.slice(index + 1).join("/")}`,
			`${path};`,
			`${path}?`,
			`${path}%3F`,
			`${path}/${segments.at(-1)}`,
			path.replaceAll("/", "\\"),
			path.replace(/^\/[^/]+/, "/2020-01-01"),
		];
	}

	test("is not served, the documented aliases apart", () => {
		const rank = (version: string) => VERSIONS.findIndex((each) => each === version);
		const versions = fc.constantFrom("latest", "2021-03-23", "2009-04-04", "1.0");
		const strays = fc.string({ unit: "binary-ascii", maxLength: 4 });
		fc.assert(
			fc.property(anySpec(WORLD), versions, fc.nat(9), strays, (spec, version, at, stray) => {
				const snapshot = snapshotFor(spec);
				const listings = new Map<string, ReadonlyMap<string, unknown>>(VERSIONS.map((each) => [each, crawl(snapshot, each)]));
				const isThere = (version: string, rest: string): boolean => {
					const listed = listings.get(version);
					if (version === "" || listed?.has(rest === "" ? `/${version}` : `/${version}/${rest}`) === true) return true;
					const [, since] = ALIASES.find(([alias]) => alias.test(rest)) ?? [];
					if (since === undefined || rank(version) < rank(since)) return false;
					if (rest.startsWith("dynamic/")) return spec.monitoring !== undefined;
					return listed?.has(`/${version}/${rest.replace(/\/[^/]*$/, "")}`) === true;
				};
				for (const path of listings.get(version)?.keys() ?? []) {
					for (const near of neighbours(path, at, stray)) {
						assert.equal(snapshot.get(near, "2.0") !== undefined, isThere(...meant(near)), near);
					}
				}
			}),
			RUNS,
		);
	});

	test("the aliases say what what they stand for says", () => {
		const macs = "/latest/meta-data/network/interfaces/macs";
		for (const line of linesOf(MAXIMAL.get(macs, "2.0")!)) {
			const { path } = childOf(macs, line);
			assert.ok(!linesOf(MAXIMAL.get(path, "2.0")!).includes("network-card-index"));
			assert.equal(textOf(MAXIMAL.get(`${path}/network-card-index`, "2.0")!), textOf(MAXIMAL.get(`${path}/network-card`, "2.0")!));
		}
		assert.equal(textOf(MAXIMAL.get("/latest/dynamic", "2.0")!), "instance-identity/");
		assert.equal(textOf(MAXIMAL.get("/latest/dynamic/fws/", "2.0")!), "instance-monitoring");
		assert.equal(textOf(MAXIMAL.get("/latest/dynamic/fws/instance-monitoring", "2.0")!), "disabled");
		const unmonitored = snapshotFor({ instanceId: "i-1" });
		assert.equal(unmonitored.get("/latest/dynamic/fws", "2.0"), undefined);
	});

	test("the token path and dsa2048 are among it", () => {
		for (const path of ["/latest/api", "/latest/api/", "/latest/api/token", "/latest/dynamic/instance-identity/dsa2048"]) {
			assert.equal(MAXIMAL.get(path, "2.0"), undefined, path);
		}
	});
});
