import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceFor, callerFacts } from "./caller-facts.ts";
import type { Program } from "./finding.ts";

const PROGRAM: Program = { pid: 7, executable: "/usr/bin/curl", commandLine: "curl -s …", uid: 1000, user: "ann", startedAtMs: 1 };

test("processes of one program are one caller, whatever their numbers", () => {
	const one = callerFacts({ program: PROGRAM }, "curl/7.88.1", "10.0.0.5");
	const other = callerFacts({ program: { ...PROGRAM, pid: 8, startedAtMs: 2 } }, "curl/7.88.1", "10.0.0.6");
	assert.equal(one.key, other.key);
	assert.deepEqual(one.facts, {
		sourceAddress: "10.0.0.5",
		executable: "/usr/bin/curl",
		commandLine: "curl -s …",
		pid: 7,
		user: "ann",
		uid: 1000,
		userAgent: "curl/7.88.1",
		sdk: { name: "curl", version: "7.88.1" },
	});
});

test("another executable, line, user, container, unit or SDK is another caller", () => {
	const keys = [
		callerFacts({ program: PROGRAM }, "curl/7.88.1", "::1"),
		callerFacts({ program: { ...PROGRAM, executable: "/bin/curl" } }, "curl/7.88.1", "::1"),
		callerFacts({ program: { ...PROGRAM, commandLine: "curl" } }, "curl/7.88.1", "::1"),
		callerFacts({ program: { ...PROGRAM, user: "bob" } }, "curl/7.88.1", "::1"),
		callerFacts({ program: { ...PROGRAM, container: { id: "a", runtime: "lxc" } } }, "curl/7.88.1", "::1"),
		callerFacts({ program: { ...PROGRAM, unit: "a.service" } }, "curl/7.88.1", "::1"),
		callerFacts({ program: PROGRAM }, "curl/8.0.0", "::1"),
		callerFacts({ program: PROGRAM }, undefined, "::1"),
	].map(({ key }) => key);
	assert.equal(new Set(keys).size, keys.length);
});

test("who is unknown is told apart by why, user, address and SDK", () => {
	const gone = { unknown: "gone", isLate: true, uid: 1000, user: "ann" } as const;
	const { key, facts } = callerFacts(gone, "secret-token-1", "10.0.0.5");
	assert.deepEqual(facts, { sourceAddress: "10.0.0.5", unknown: "gone", uid: 1000, user: "ann" });
	assert.notEqual(callerFacts(gone, "", "10.0.0.6").key, key);
	assert.notEqual(callerFacts({ ...gone, user: "bob" }, "", "10.0.0.5").key, key);
	assert.equal(callerFacts(gone, "another-token-2", "10.0.0.5").key, key);
});

test("of a program that had ended its name is told, and that there is no more", () => {
	const { key, facts } = callerFacts({ ended: { pid: 7, name: "curl" } }, "curl/7.88.1", "127.0.0.1");
	assert.deepEqual(facts, {
		sourceAddress: "127.0.0.1",
		commandLine: "curl",
		pid: 7,
		unknown: "no more than its name is known: it had ended before it could be looked at",
		userAgent: "curl/7.88.1",
		sdk: { name: "curl", version: "7.88.1" },
	});
	assert.equal(callerFacts({ ended: { pid: 8, name: "curl" } }, "curl/7.88.1", "127.0.0.1").key, key);
	assert.notEqual(callerFacts({ ended: { pid: 7, name: "wget" } }, "curl/7.88.1", "127.0.0.1").key, key);
	assert.notEqual(callerFacts({ program: { ...PROGRAM, commandLine: "curl" } }, "curl/7.88.1", "127.0.0.1").key, key);
	assert.match(adviceFor(callerFacts({ ended: { pid: 7, name: "curl" } }, undefined, "::1").facts), /^curl: get a token first/);
});

function advice(userAgent: string | undefined, executable?: string): string {
	const { facts } = callerFacts({ unknown: "gone" }, userAgent, "::1");
	return adviceFor(executable === undefined ? facts : { ...facts, executable });
}

test("an SDK that knows no IMDSv2 is to be updated to the first version that does", () => {
	assert.equal(advice("aws-sdk-nodejs/2.500.0 linux/v10"), "AWS SDK for JavaScript v2 2.500.0: update aws-sdk to 2.722.0 or later");
	assert.equal(advice("Botocore/1.13.24"), "Botocore 1.13.24: update botocore to 1.13.25 or later");
	assert.equal(advice("Cloud-Init/19.3"), "cloud-init 19.3: update cloud-init to 20.2 or later");
	assert.match(advice("Cloud-Init/20.1"), /falls back to IMDSv1: update cloud-init to 20\.2/);
	assert.match(advice("Boto/2.49.0"), /move to boto3 1\.12\.6/);
});

test("an SDK that knows IMDSv2 is told what makes it fall back", () => {
	assert.match(advice("Botocore/1.13.25"), /^Botocore 1\.13\.25 knows IMDSv2 and falls back .* AWS_EC2_METADATA_V1_DISABLED=true/);
	assert.match(advice("aws-sdk-rust/1.0.0"), /never known IMDSv1/);
	assert.match(advice(undefined, "/usr/bin/node"), /AWS SDK for JavaScript v3/);
});

test("a plain client is told to get a token", () => {
	assert.match(advice("curl/7.88.1"), /^curl 7\.88\.1: get a token first: TOKEN=\$\(curl -sX PUT /);
	assert.match(advice(undefined, "/usr/bin/curl"), /^curl: get a token first/);
	assert.match(advice("Wget/1.21"), /wget -qO- --method=PUT/);
	assert.match(advice("python-requests/2.31.0"), /^Requests 2\.31\.0: it makes its own requests/);
	assert.match(advice("my-agent/1"), /^my-agent\/1: update its AWS SDK, if it has one/);
	assert.match(advice(undefined), /^unknown program: /);
});
