// The published table of categories against the tree: all of the one is in the other, and nothing else.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Snapshot } from "../../src/metadata/snapshot.ts";
import { VERSIONS } from "../../src/metadata/versions.ts";
import type { InstanceSpec } from "../../src/model/launch.ts";
import { childOf, crawl, linesOf, textOf } from "./crawl.ts";
import { launchAlone, MAXIMAL_SPEC, MINIMAL_SPEC, snapshotOf, viewOf } from "./world.ts";

/** A row of the table. */
interface Category {
	/** Below `/{version}/`; a directory ends with a slash. */
	readonly path: string;
	readonly kind: "dir" | "leaf";
	readonly example: string;
	readonly condition: string;
	readonly format: string;
	/** The first version of the index that shows it, and remarks. */
	readonly sinceInIndex: string;
}

const FIXTURE = "test/fixtures/categories.json";
const SPECIFICATION = "../shared/spec/categories.json";

const CATEGORIES = JSON.parse(readFileSync(FIXTURE, "utf8")) as readonly Category[];

/** Rows that the tree below a version does not hold, and why. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
	["/", "the index of versions stands above them all; tested below"],
	["{version}/", "the version itself; tested below"],
	["latest/api/token", "only PUT reaches it: the endpoint answers, before it looks at the tree"],
	["dynamic/instance-identity/dsa2048", "in an old listing, but nobody ever got a value: metadata-endpoint.md §3.3 says 404"],
]);

/** Where the first version is another than the row's, and why. */
const OTHER_SINCE: Readonly<Record<string, readonly [since: string, reason: string]>> = {
	"meta-data/block-device-mapping/": ["2007-12-15", "its first child is of that version, and no directory is empty"],
	"meta-data/network/interfaces/macs/{mac}/local-hostname": ["2011-01-01", "the directory that it stands in is of that version"],
	"meta-data/hibernation/": ["latest", "unknown: only the version that shows everything has it"],
	"meta-data/hibernation/configured": ["latest", "unknown: only the version that shows everything has it"],
	"meta-data/outpost-arn": ["latest", "unknown: only the version that shows everything has it"],
};

/** Rows that are served and stand in no listing (metadata-endpoint.md §8, rows 10 and 18). */
const UNLISTED: readonly string[] = ["dynamic/fws/", "meta-data/network/interfaces/macs/{mac}/network-card-index"];

/** Directories that EC2 lists with another line than their name and a slash, and one leaf that is asked for with a slash. */
const LISTED_AS: Readonly<Record<string, string>> = {
	"meta-data/": "meta-data",
	"dynamic/": "dynamic",
	"meta-data/public-keys/{keyIndex}/": "0=my-public-key",
	"meta-data/managed-ssh-keys/active-keys/{user}/": "ec2-user",
};

/** Whether an instance with nothing to show has it, where the row's condition does not begin with "always". */
const ON_MINIMAL: Readonly<Record<string, boolean>> = {
	"meta-data/local-ipv4": true, // all but IPv6-only instances
	"meta-data/network/interfaces/macs/{mac}/": true,
	"meta-data/network/interfaces/macs/{mac}/local-ipv4s": true,
	"meta-data/network/interfaces/macs/{mac}/network-card": true,
	"meta-data/network/interfaces/macs/{mac}/network-card-index": true,
	"meta-data/network/interfaces/macs/{mac}/subnet-ipv4-cidr-block": true,
	"meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-block": true,
	"meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-blocks": true,
	"meta-data/metrics/": true, // in every capture up to 2023
	"meta-data/metrics/vhostmd": true,
	"meta-data/identity-credentials/ec2/": true, // "same" as their parent, which is always there
	"meta-data/identity-credentials/ec2/info": true,
	"meta-data/identity-credentials/ec2/security-credentials/": true,
	"meta-data/identity-credentials/ec2/security-credentials/ec2-instance": true,
};

const snapshotFor = (spec: InstanceSpec) => snapshotOf(viewOf(launchAlone(spec)));
const MAXIMAL = snapshotFor(MAXIMAL_SPEC);
const MINIMAL = snapshotFor(MINIMAL_SPEC);

/** What the placeholders stand for on each of the two. */
const NAMES: Readonly<Record<string, string>> = {
	"{n}": "1",
	"{role}": "web-role",
	"{tag}": "aws:autoscaling:groupName",
	"{publicIp}": "198.51.100.9",
	"{keyIndex}": "0",
	"{user}": "ec2-user",
	"{fingerprint}": "0123456789abcdef0123456789abcdef01234567",
	"{eiaId}": "eia-bfa21c7904f64a82a21b9f4540169ce1",
	"{egpuId}": "egpu-0123456789abcdef0",
};

const served = CATEGORIES.filter(({ path }) => !ELSEWHERE.has(path));

/** The path of a row on an instance, without a closing slash. */
function pathOf({ path }: Category, snapshot: Snapshot): string {
	const mac = textOf(snapshot.get("/latest/meta-data/mac", "2.0")!);
	return path
		.replace("{mac}", mac)
		.replace("ephemeral{n}", "ephemeral0")
		.replaceAll(/\{\w+\}/g, (placeholder) => NAMES[placeholder] ?? assert.fail(placeholder))
		.replace(/\/$/, "");
}

const at = (snapshot: Snapshot, version: string, path: string) => snapshot.get(`/${version}/${path}`, "2.0");

function sinceOf({ path, sinceInIndex }: Category): string {
	return OTHER_SINCE[path]?.[0] ?? /latest|\d{4}-\d\d-\d\d|1\.0/.exec(sinceInIndex)?.[0] ?? assert.fail(`${path}: ${sinceInIndex}`);
}

test("the table is the specification's", { skip: existsSync(SPECIFICATION) ? false : `${SPECIFICATION} is not in this checkout` }, () => {
	assert.equal(readFileSync(FIXTURE, "utf8"), readFileSync(SPECIFICATION, "utf8"));
});

test("the table has 123 rows, and every exception is one of them", () => {
	const paths = new Set(CATEGORIES.map(({ path }) => path));
	assert.deepEqual([CATEGORIES.length, paths.size], [123, 123]);
	for (const path of [
		...ELSEWHERE.keys(),
		...Object.keys(OTHER_SINCE),
		...UNLISTED,
		...Object.keys(LISTED_AS),
		...Object.keys(ON_MINIMAL),
	]) {
		assert.ok(paths.has(path), path);
	}
	for (const { path, sinceInIndex } of CATEGORIES) {
		assert.ok(OTHER_SINCE[path] === undefined || !sinceInIndex.startsWith(OTHER_SINCE[path][0]), `${path} is no exception`);
	}
});

describe("every row is served by an instance that has everything", () => {
	for (const category of served) {
		test(category.path, () => {
			const path = pathOf(category, MAXIMAL);
			const answer = at(MAXIMAL, "latest", path);
			assert.ok(answer !== undefined);
			assert.equal(at(MAXIMAL, "latest", `${path}/`)?.body, answer.body);

			const parent = `/latest/${path}`.replace(/\/[^/]*$/, "");
			const listedAs = LISTED_AS[category.path] ?? path.slice(path.lastIndexOf("/") + 1) + (category.kind === "dir" ? "/" : "");
			const isListed = linesOf(MAXIMAL.get(parent, "2.0")!).includes(listedAs);
			assert.equal(isListed, !UNLISTED.includes(category.path), `${listedAs} in the listing of ${parent}`);

			if (category.kind === "dir") {
				for (const line of linesOf(answer)) assert.ok(MAXIMAL.get(childOf(`/latest/${path}`, line).path, "2.0") !== undefined, line);
			} else {
				for (const line of linesOf(answer).slice(0, 1)) assert.equal(at(MAXIMAL, "latest", `${path}/${line}`), undefined);
			}
		});
	}
});

describe("every row is shown from its version on, and not before", () => {
	for (const category of served) {
		const since = sinceOf(category);
		test(`${category.path} since ${since}`, () => {
			const path = pathOf(category, MAXIMAL);
			const first = VERSIONS.findIndex((version) => version === since);
			assert.notEqual(first, -1);
			for (const [rank, version] of VERSIONS.entries()) assert.equal(at(MAXIMAL, version, path) !== undefined, rank >= first, version);
		});
	}
});

describe("an instance with nothing to show has what is always there, and nothing else", () => {
	for (const category of served) {
		const { path, condition } = category;
		const isThere = ON_MINIMAL[path] ?? condition.startsWith("always");
		test(`${path} is ${isThere ? "there" : "not"}: ${condition}`, () => {
			assert.equal(at(MINIMAL, "latest", pathOf(category, MINIMAL)) !== undefined, isThere);
		});
	}
});

describe("values look like the examples", () => {
	const IPV4 = String.raw`(\d{1,3}\.){3}\d{1,3}`;
	const IPV6 = String.raw`[0-9a-f:]*:[0-9a-f:]*`;
	const CIDR = String.raw`(${IPV4}|${IPV6})/\d{1,3}`;
	const MOMENT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
	const BASE64 = String.raw`([A-Za-z0-9+/]{76}\n)*[A-Za-z0-9+/]{1,76}={0,2}`;
	const linesLike = (line: string) => new RegExp(String.raw`^${line}(\n${line})*$`);
	const one = (text: string) => new RegExp(`^${text}$`);
	const fieldsLike = (...names: readonly string[]) =>
		new RegExp(String.raw`^\{\n${names.map((name) => `  "${name}" : ("[^"]+"|null|\\[ .+ \\])`).join(",\n")}\n\}$`);
	const CREDENTIALS = fieldsLike("Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration");

	/** A pattern for every format of the table. */
	const FORMATS: Readonly<Record<string, RegExp>> = {
		"12-digit account id": /^\d{12}$/,
		ARN: /^arn:aws:outposts:[a-z0-9-]+:\d{12}:outpost\/op-[0-9a-f]+$/,
		CIDR: one(CIDR),
		"CIDR, newline-separated": linesLike(CIDR),
		FQDN: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
		IPv4: one(IPV4),
		"IPv4 address": one(IPV4),
		"IPv4, newline-separated": linesLike(IPV4),
		"IPv6 address": one(IPV6),
		"IPv6, newline-separated": linesLike(IPV6),
		"JSON array, see section 5.3": /^\[(\n.*)*\]$/,
		"JSON, one line": one(String.raw`\{"noticeTime": "${MOMENT}"\}`),
		"JSON, one line; action terminate|stop|hibernate": one(String.raw`\{"action": "(terminate|stop|hibernate)", "time": "${MOMENT}"\}`),
		MAC: /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/,
		"OpenSSH one-line key + LF": /^ssh-\S+ AAAA\S+ .+\n$/,
		"PEM chain": /^-----BEGIN CERTIFICATE-----/,
		"YYYY-MM-DDTHH:MM:SSZ": one(MOMENT),
		"base64 of BER PKCS#7, 76-char lines, DSA-1024/SHA-1": /^MIAGCSqGSIb3DQEHAqCAMIACAQExCzAJBgUrDgMCGgUAMIAG/,
		"base64 of BER PKCS#7, 76-char lines, RSA-2048/SHA-256": /^MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEF/,
		"base64 of a DER OCSP response": /^MII[A-Za-z0-9+/]+={0,2}$/,
		"base64, 76-char lines, 128-byte RSA-1024 PKCS#1 v1.5 SHA-256 signature": one(BASE64),
		"decimal integer": /^\d+$/,
		"device name": /^(\/dev\/)?[a-z0-9]+$/,
		"device name, usually without /dev/": /^(\/dev\/)?[a-z0-9]+$/,
		"enabled|disabled": /^(enabled|disabled)$/,
		"ids, newline-separated": linesLike("sg-[0-9a-z]+"),
		"names, newline-separated": linesLike("[^\n]+"),
		"newline-separated (inferred)": linesLike("[0-9a-z]{25}"),
		"newline-separated AMI ids (inferred)": linesLike("ami-[0-9a-f]{8,17}"),
		"opaque bytes, Content-Type application/octet-stream": /^#!\/bin\/bash\necho hi$/,
		"plain text enum": /^(Detached|InService|Standby|Terminated|Warmed:(Hibernated|Running|Stopped|Terminated))$/,
		"raw UTF-8 tag value": /^[^\n]+$/,
		"signed key blob": /^#Timestamp=\d+\n([^]*\n)?ssh-\S+ \S+\n[^]+[^\n]$/,
		"true|false": /^(true|false)$/,
	};

	/** Where the format alone says too little, a pattern for the row. */
	const ROWS: Readonly<Record<string, RegExp>> = {
		"dynamic/instance-identity/document": /^\{\n {2}"accountId" : "\d{12}",\n[^]*\n {2}"version" : "2017-09-30"\n\}$/,
		"meta-data/ami-id": /^ami-[0-9a-f]{17}$/,
		"meta-data/ami-manifest-path": /^(\(unknown\)|.+\.manifest\.xml)$/,
		"meta-data/elastic-gpus/associations/{egpuId}":
			/^\{"version_2016_11_30":\{"elastic-gpu-id":"egpu-[0-9a-f]+","connection-config":\{"ipv4-address":"[\d.]+","port":\d+\},"elastic-gpu-type":"eg1\.\w+"\}\}$/,
		"meta-data/elastic-inference/associations/{eiaId}":
			/^\{"version_2018_04_12":\{"elastic-inference-accelerator-id":"eia-[0-9a-f]+","elastic-inference-accelerator-type":"eia1\.\w+"\}\}$/,
		"meta-data/iam/info": fieldsLike("Code", "LastUpdated", "InstanceProfileArn", "InstanceProfileId"),
		"meta-data/iam/security-credentials/{role}": CREDENTIALS,
		"meta-data/identity-credentials/ec2/info": fieldsLike("Code", "LastUpdated", "AccountId"),
		"meta-data/identity-credentials/ec2/security-credentials/ec2-instance": CREDENTIALS,
		"meta-data/instance-action": /^(none|shutdown|bundle-pending)$/,
		"meta-data/instance-id": /^i-[0-9a-f]{17}$/,
		"meta-data/instance-life-cycle": /^(on-demand|spot|scheduled|capacity-block)$/,
		"meta-data/instance-type": /^[a-z0-9]+\.[a-z0-9]+$/,
		"meta-data/kernel-id": /^aki-[0-9a-f]+$/,
		"meta-data/metrics/vhostmd": /^<\?xml version="1\.0" encoding="UTF-8"\?>$/,
		"meta-data/network/interfaces/macs/{mac}/interface-id": /^eni-[0-9a-f]{17}$/,
		"meta-data/network/interfaces/macs/{mac}/subnet-id": /^subnet-[0-9a-z]+$/,
		"meta-data/network/interfaces/macs/{mac}/vpc-id": /^vpc-[0-9a-z]+$/,
		"meta-data/placement/availability-zone": /^us-east-\d[a-f]$/,
		"meta-data/placement/availability-zone-id": /^use\d-az\d$/,
		"meta-data/placement/group-name": /^my-cluster$/,
		"meta-data/placement/host-id": /^h-[0-9a-f]{17}$/,
		"meta-data/placement/region": /^us-east-\d$/,
		"meta-data/profile": /^default-(hvm|paravirtual)$/,
		"meta-data/ramdisk-id": /^ari-[0-9a-f]+$/,
		"meta-data/reservation-id": /^r-[0-9a-f]{17}$/,
		"meta-data/services/domain": /^amazonaws\.com$/,
		"meta-data/services/partition": /^aws$/,
		"meta-data/system": /^(nitro|xen|xen-on-nitro)$/,
	};

	for (const category of served.filter(({ kind }) => kind === "leaf")) {
		test(category.path, () => {
			const pattern = ROWS[category.path] ?? FORMATS[category.format];
			assert.ok(pattern !== undefined, `no pattern for ${category.format}`);
			// An ellipsis stands for what the table leaves out.
			if (!category.example.includes("…")) assert.match(category.example, pattern, "the example");
			assert.match(textOf(at(MAXIMAL, "latest", pathOf(category, MAXIMAL))!), pattern);
		});
	}
});

test("everything that the tree shows is a row, of the same kind", () => {
	const rows = served.map(({ path, kind }) => {
		const pattern = path
			.replace(/\/$/, "")
			.replaceAll(/[.]/g, "\\.")
			.replaceAll(/\{\w+\}/g, (placeholder) => (placeholder === "{n}" ? "\\d+" : "[^/]+"));
		return { pattern: new RegExp(`^${pattern}$`), kind };
	});
	for (const snapshot of [MAXIMAL, MINIMAL]) {
		for (const version of VERSIONS) {
			for (const [path, { kind }] of crawl(snapshot, version)) {
				const below = path.slice(version.length + 2);
				if (below === "") continue;
				assert.ok(
					rows.some((row) => row.kind === kind && row.pattern.test(below)),
					`${path} (${kind})`,
				);
			}
		}
	}
});

test("the index of versions and a version's own listing are as the table has them", () => {
	const [index, version] = CATEGORIES;
	assert.equal(index?.path, "/");
	assert.equal(textOf(MAXIMAL.get("/", "2.0")!).replace(/(?<=2007-03-01\n)[^]*(?=\n2024-04-11)/, "…"), index?.example);
	assert.equal(version?.path, "{version}/");
	for (const path of ["/latest", "/latest/", "/2021-03-23"]) assert.equal(textOf(MAXIMAL.get(path, "2.0")!), version?.example);
});
