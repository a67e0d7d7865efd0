import assert from "node:assert/strict";
import { test } from "node:test";
import { arnMatches } from "./arn-match.ts";
import { globOf } from "./glob.ts";

const MATCHES: readonly (readonly [pattern: string, arn: string, matches: boolean])[] = [
	["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/a", true],
	["arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a/b", true],
	["arn:aws:iam::?:role/*", "arn:aws:iam::12:role/a", false],
	["arn:aws:someservice:*:1:finance/*", "arn:aws:someservice:us-east-2:9:store/abc:1:finance/document.txt", false],
	["arn:aws:sns:*:*:topic:*", "arn:aws:sns:us-east-1:1:topic:a:b", true],
	["arn:aws:sns:*:*:*", "arn:aws:sns:us-east-1:1:topic:a:b", true],
	["arn:*:*:*:*:*", "arn:aws:iam::1:role/a", true],
	["*:*:*:*:*:*", "arn:aws:iam::1:role/a", true],
	["arn:aws:iam::*", "arn:aws:iam::1:role/a", false],
	["*", "arn:aws:iam::1:role/a", false],
	["arn:aws:iam::*:*", "arn:aws:iam::1", false],
	["*:*:*:*:*:*", "", false],
];

test("an ARN is matched part by part, and what has fewer than six parts is none", () => {
	for (const [pattern, arn, matches] of MATCHES) assert.equal(arnMatches(globOf(pattern), arn), matches, `${pattern} ~ ${arn}`);
});
