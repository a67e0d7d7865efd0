import assert from "node:assert/strict";
import { test } from "node:test";
import { globMatches } from "./glob.ts";
import { replacedGlob, replacedText } from "./variables.ts";

const CONTEXT = new Map([
	["aws:username", ["alice"]],
	["aws:principaltag/cost center", ["a*?$"]],
	["aws:tagkeys", ["one", "two"]],
	["aws:empty", []],
	["aws:blank", [""]],
	["aws:tricky", ["${aws:username}"]],
]);

const TEXTS: Readonly<Record<string, string | undefined>> = {
	plain: "plain",
	"home/${aws:username}/x": "home/alice/x",
	"${AWS:UserName}": "alice",
	"${ aws:username }": "alice",
	"${aws:username}${aws:username}": "alicealice",
	"${aws:PrincipalTag/Cost Center}": "a*?$",
	"${aws:username, 'nobody'}": "alice",
	"${aws:absent, 'nobody'}": "nobody",
	"${aws:absent,'nobody'}": "nobody",
	"${aws:absent, ''}": "",
	"${aws:absent, '${aws:username}'}": "${aws:username}",
	"${aws:absent}": undefined,
	"a${aws:absent}b${aws:username}": undefined,
	"${aws:tagkeys}": undefined,
	"${aws:tagkeys, 'many'}": "many",
	"${aws:empty}": undefined,
	"${aws:blank}": "",
	"${aws:tricky}": "${aws:username}",
	"${*}${?}${$}": "*?$",
	"${$}{aws:username}": "${aws:username}",
	"${aws:username": "${aws:username",
	"${}": "${}",
	"$aws:username": "$aws:username",
};

test("variables are replaced, once, and what has no value equals nothing", () => {
	for (const [text, replaced] of Object.entries(TEXTS)) assert.equal(replacedText(text, CONTEXT), replaced, text);
});

test("in a policy of the older version they stand for themselves", () => {
	for (const text of Object.keys(TEXTS)) assert.equal(replacedText(text, undefined), text);
});

test("a wildcard that comes with a variable is a character", () => {
	const matches = (pattern: string, text: string) => globMatches(replacedGlob(pattern, CONTEXT) ?? [], text);
	assert.equal(matches("x-${aws:PrincipalTag/Cost Center}-*", "x-a*?$-y"), true);
	assert.equal(matches("x-${aws:PrincipalTag/Cost Center}-*", "x-abc$-y"), false);
	assert.equal(matches("${*}", "a"), false);
	assert.equal(matches("${*}", "*"), true);
	assert.equal(matches("?${?}*", "a?bc"), true);
	assert.equal(matches("${aws:absent, '*'}", "a"), false);
	assert.equal(replacedGlob("*${aws:absent}", CONTEXT), undefined);
});
