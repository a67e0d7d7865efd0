/** Paths: what a listing leads to is served under every spelling, and nothing else is (metadata-endpoint.md §1.5, §1.7). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isTokenPath } from "../../src/endpoint/token-path.ts";
import type { Snapshot } from "../../src/metadata/snapshot.ts";
import type { InstanceSpec } from "../../src/model/launch.ts";
import { startWorld } from "../wire/world.ts";
import { readMessage } from "./request-properties.ts";

const INSTANCE: InstanceSpec = {
	instanceId: "i-1234567890abcdef0",
	iamInstanceProfile: { name: "demo" },
	keyName: "demo-key",
	userData: "IyEvYmluL3NoCg==",
	monitoring: "enabled",
	metadataOptions: { instanceMetadataTags: "enabled" },
	tags: [
		{ key: "Name", value: "" },
		{ key: "aws:autoscaling:groupName", value: "a" },
		{ key: "a+b=c,d.e_f@g-h", value: "b" },
	],
};

export interface PathTarget {
	readonly inputs: fc.Arbitrary<Buffer>;
	readonly check: (input: Buffer) => void;
}

/** Crawls an instance with most things in it; what that finds is what may be found. */
export async function pathTarget(): Promise<PathTarget> {
	const nowMs = Date.now();
	const world = await startWorld([INSTANCE], nowMs);
	const snapshot = world.replica.tenant(INSTANCE.instanceId)?.snapshot(nowMs);
	await world.close();
	assert.ok(snapshot !== undefined);
	const served = crawl(snapshot);
	return { inputs: pathInputs([...served.keys()]), check: (input) => assertServedAsListed(input, snapshot, served) };
}

/** Canonical path (segments joined by one slash, none at the ends) → body. */
type Served = ReadonlyMap<string, string>;

/** What listings lead to, and the documented aliases that they don't (§8, rows 10 and 18). */
function crawl(snapshot: Snapshot): Served {
	const served = new Map<string, string>();
	function tell(path: string): string[] {
		const body = snapshot.get(`/${path}`, "1.0")?.body;
		assert.ok(body !== undefined, `/${path} is listed and not served`);
		served.set(path, body);
		return body.split("\n");
	}
	function visit(directory: string): void {
		for (const name of tell(directory)) {
			// "0=demo-key" is the directory "0" (§1.7).
			const [, index] = /^(\d+)=/.exec(name) ?? [];
			if (index !== undefined || name.endsWith("/")) visit(`${directory}/${index ?? name.slice(0, -1)}`);
			else tell(`${directory}/${name}`);
			if (name === "network-card") tell(`${directory}/network-card-index`);
		}
	}
	for (const version of tell("")) {
		for (const name of tell(version)) {
			// Directly below a version nothing shows whether it is a directory.
			if (name === "user-data") tell(`${version}/${name}`);
			else visit(`${version}/${name}`);
			if (name === "dynamic") for (const alias of ["fws", "fws/instance-monitoring"]) tell(`${version}/dynamic/${alias}`);
		}
	}
	return served;
}

function assertServedAsListed(input: Buffer, snapshot: Snapshot, served: Served): void {
	const message = readMessage(Buffer.concat([Buffer.from("GET "), input, Buffer.from(" HTTP/1.1\r\n\r\n")]));
	// What is no request never comes to be a path.
	if (typeof message === "number" || !input.toString("latin1").startsWith(message.path)) return;
	const { path } = message;
	const segments = path
		.split("/")
		.filter((segment) => segment !== "")
		.map(decoded);
	const canonical = segments.some((segment) => segment === undefined || segment.includes("/")) ? undefined : segments.join("/");
	for (const delivery of ["1.0", "2.0", "1.0"] as const) {
		const body = snapshot.get(path, delivery)?.body;
		const expected = canonical === undefined ? undefined : served.get(canonical);
		if (delivery === "1.0") assert.equal(body, expected, path);
		else assert.equal(body === undefined, expected === undefined, path);
	}
	assert.equal(isTokenPath(path), canonical === "latest/api/token" && !path.endsWith("/"), path);
}

/** A segment in the words of URLs, `undefined` where its bytes are no UTF-8. */
function decoded(segment: string): string | undefined {
	try {
		return decodeURIComponent(segment);
	} catch {
		return undefined;
	}
}

function pathInputs(known: readonly string[]): fc.Arbitrary<Buffer> {
	const segment = fc.oneof(
		fc.constantFrom(
			"",
			".",
			"..",
			"%2e",
			"%2F",
			"%00",
			"%ff%fe",
			"%25",
			"%252e",
			"latest",
			"api",
			"token",
			"meta-data",
			"x",
			"0",
			"0=demo-key",
		),
		fc.string({ unit: fc.constantFrom(..."a-:%2fF.0"), maxLength: 4 }),
	);
	const change = fc.record({
		at: fc.nat(20),
		kind: fc.constantFrom("escape", "insert", "drop", "slash", "upper", "repeat"),
		segment,
		nat: fc.nat(255),
	});
	const near = fc
		.record({
			path: fc.oneof(
				{ weight: 3, arbitrary: fc.constantFrom(...known) },
				{ weight: 1, arbitrary: fc.constantFrom("latest/api/token", "latest/api/token", "2021-03-23/api/token", "latest/api") },
			),
			changes: fc.array(change, { maxLength: 3 }),
			closing: fc.constantFrom("", "", "/", "//", "?a=/b", "/?", "/x"),
		})
		.map(({ path, changes, closing }) => {
			const segments = path.split("/");
			for (const { at, kind, segment, nat } of changes) {
				const index = at % segments.length;
				const old = segments[index] ?? "";
				if (kind === "escape") segments[index] = escapeAt(old, nat);
				else if (kind === "insert") segments.splice(index, 0, segment);
				else if (kind === "drop") segments.splice(index, 1);
				else if (kind === "slash") segments.splice(index, 2, `${old}%2F${segments[index + 1] ?? ""}`);
				else if (kind === "upper") segments[index] = old.toUpperCase();
				else segments.splice(index, 0, old);
			}
			return Buffer.from(`/${segments.join("/")}${closing}`, "latin1");
		});
	const far = fc.array(segment, { maxLength: 5 }).map((segments) => Buffer.from(`/${segments.join("/")}`, "latin1"));
	return fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: far });
}

function escapeAt(text: string, nat: number): string {
	const at = text === "" ? 0 : nat % text.length;
	const hex = (text.charCodeAt(at) || 0x41).toString(16).padStart(2, "0");
	return `${text.slice(0, at)}%${nat % 2 === 0 ? hex : hex.toUpperCase()}${text.slice(at + 1)}`;
}
