import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePolicy, PolicyError } from "./policy.ts";
import type { PolicyKind } from "./policy-kind.ts";

const ALLOW = { Effect: "Allow", Action: "ec2:RunInstances", Resource: "*" };
const TRUST = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };

function errorsOf(document: string | object, kind: PolicyKind = "identity"): readonly string[] {
	try {
		parsePolicy(document, kind);
		return [];
	} catch (error) {
		if (!(error instanceof PolicyError)) throw error;
		assert.equal(error.message, error.errors.join("\n"));
		return error.errors;
	}
}

function errorsOfStatement(statement: object, kind?: PolicyKind): readonly string[] {
	return errorsOf({ Version: "2012-10-17", Statement: [statement] }, kind);
}

test("a policy is read into its statements", () => {
	const document = {
		Version: "2012-10-17",
		Id: "an id",
		Statement: [
			{
				Sid: "P1",
				Effect: "Deny",
				NotAction: ["ec2:*", "EC2:Run?nstances"],
				NotResource: "arn:aws:s3:::bucket/${aws:username}/*",
				Condition: {
					"ForAllValues:StringLikeIfExists": { "aws:TagKeys": ["a*", "b"] },
					NumericEquals: { "K:n": [2, "3.0"] },
					Null: { "k:x": true },
				},
			},
			ALLOW,
		],
	};
	const policy = parsePolicy(JSON.stringify(document), "identity");
	assert.deepEqual(policy, {
		version: "2012-10-17",
		statements: [
			{
				sid: "P1",
				effect: "Deny",
				actions: { negated: true, patterns: ["ec2:*", "EC2:Run?nstances"] },
				resources: { negated: true, patterns: ["arn:aws:s3:::bucket/${aws:username}/*"] },
				principals: undefined,
				conditions: [
					{ operator: "StringLike", qualifier: "ForAllValues", ifExists: true, key: "aws:TagKeys", values: ["a*", "b"] },
					{ operator: "NumericEquals", qualifier: undefined, ifExists: false, key: "K:n", values: ["2", "3.0"] },
					{ operator: "Null", qualifier: undefined, ifExists: false, key: "k:x", values: ["true"] },
				],
			},
			{
				sid: "",
				effect: "Allow",
				actions: { negated: false, patterns: ["ec2:RunInstances"] },
				resources: { negated: false, patterns: ["*"] },
				principals: undefined,
				conditions: [],
			},
		],
	});
	assert.deepEqual(parsePolicy(document, "identity"), policy);
});

test("a trust policy has principals and no resources", () => {
	const statement = { ...TRUST, Principal: { Service: ["ec2.amazonaws.com"], AWS: "123456789012" } };
	const [read] = parsePolicy({ Version: "2008-10-17", Statement: statement }, "trust").statements;
	assert.equal(read?.resources, undefined);
	assert.deepEqual(read?.principals, {
		negated: false,
		entries: [
			{ type: "Service", value: "ec2.amazonaws.com" },
			{ type: "AWS", value: "123456789012" },
		],
	});
});

test("what AWS takes is taken", () => {
	const statements = [
		{ ...ALLOW, Action: "*" },
		{ ...ALLOW, Action: "*:*" },
		{ ...ALLOW, Action: ["execute-api:Invoke", "s3:Get*", "ec2:?unInstances"] },
		{
			...ALLOW,
			Resource: ["*", "arn:aws:s3:::b/*", "arn:aws-cn:ec2:*:*:instance/*", "arn:*:ssm-sap:*:*:*", "arn:aws:medialive:*", "arn:aws:sqs"],
		},
		{ ...ALLOW, Sid: "" },
		{ ...ALLOW, Condition: {} },
		{ ...ALLOW, Condition: { StringEquals: {} } },
		{ ...ALLOW, Condition: { "ForAnyValue:Null": { "aws:TagKeys": "false" } } },
		{ ...ALLOW, Condition: { StringEquals: { "oidc.example.com/id/1:sub": "system:serviceaccount:a:b" } } },
	];
	for (const statement of statements) assert.deepEqual(errorsOfStatement(statement), [], JSON.stringify(statement));
	const principals = [
		"*",
		{ AWS: "*" },
		{ AWS: ["arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:assumed-role/R/i-1", "AROAEXAMPLEEXAMPLEAAA"] },
		{ Service: ["ec2.amazonaws.com.cn"], Federated: "arn:aws:iam::123456789012:saml-provider/P", CanonicalUser: "0a".repeat(32) },
	];
	for (const Principal of principals) assert.deepEqual(errorsOfStatement({ ...TRUST, Principal }, "trust"), [], JSON.stringify(Principal));
	assert.deepEqual(errorsOf({ Statement: [ALLOW] }), []);
	assert.deepEqual(
		errorsOf({
			Statement: [
				{ ...ALLOW, Sid: "" },
				{ ...ALLOW, Sid: "" },
			],
		}),
		[],
	);
	for (const kind of ["boundary", "session", "service-control"] as const) assert.deepEqual(errorsOf({ Statement: ALLOW }, kind), []);
});

test("an error of a document names the place, the value and what is allowed", () => {
	for (const [document, expected] of [
		["{", /^the policy is not JSON: /],
		["[]", /^\[\] is no policy; allowed: an object such as /],
		['"x"', /^"x" is no policy; /],
		["{}", /^Statement: is missing; allowed: a statement, or a list of statements$/],
		[{ Statement: [] }, /^Statement: is empty; /],
		[{ Statement: ["x"] }, /^Statement\[0\]: "x" is not a statement; /],
		[{ Statement: null }, /^Statement: null is not a statement; /],
		[{ Version: "2013-01-01", Statement: ALLOW }, /^Version: "2013-01-01" is not a version; allowed: 2012-10-17, 2008-10-17$/],
		[{ Version: null, Statement: ALLOW }, /^Version: null is not a version/],
		[{ Id: 1, Statement: ALLOW }, /^Id: 1 is not allowed; allowed: text$/],
		[{ statement: [], Statement: ALLOW }, /^statement: is not an element of an identity-based policy; allowed: Version, Id, Statement$/],
		[
			{
				Statement: [
					{ ...ALLOW, Sid: "A" },
					{ ...ALLOW, Sid: "A" },
				],
			},
			/^Statement\[1\] \(Sid "A"\), Sid: "A" stands above already; each is allowed once/,
		],
		[
			`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Effect": "Deny"}}`,
			/^Statement\.Effect: stands twice in its object$/,
		],
	] as const) {
		const errors = errorsOf(document);
		assert.equal(errors.length, 1, JSON.stringify(document));
		assert.match(errors[0] ?? "", expected);
	}
});

const STATEMENT_ERRORS: readonly (readonly [change: object, expected: RegExp])[] = [
	[{ Effect: undefined }, /^Statement\[0\], Effect: is missing; allowed: Allow, Deny$/],
	[{ Effect: "allow" }, /^Statement\[0\], Effect: "allow" is not an effect; allowed: Allow, Deny$/],
	[{ Sid: "P1", Effect: 1 }, /^Statement\[0\] \(Sid "P1"\), Effect: 1 is not an effect/],
	[{ Sid: "a b" }, /^Statement\[0\] \(Sid "a b"\), Sid: "a b" is not allowed; allowed: letters and digits of ASCII$/],
	[{ Sid: 7 }, /^Statement\[0\], Sid: 7 is not allowed/],
	[{ Action: undefined }, /^Statement\[0\], Action: is missing; a statement has either Action or NotAction$/],
	[{ NotAction: "ec2:*" }, /^Statement\[0\], Action: stands beside NotAction; /],
	[{ Action: [] }, /^Statement\[0\], Action: \[\] is not allowed; allowed: \*, or a service and a name such as ec2:RunInstances/],
	[{ Action: { a: 1 } }, /^Statement\[0\], Action: \{"a":1\} is not allowed/],
	[{ Action: ["ec2:*", 1] }, /^Statement\[0\], Action: \["ec2:\*",1\] is not allowed/],
	[{ Action: "RunInstances" }, /^Statement\[0\], Action: "RunInstances" is not allowed/],
	[{ Action: "ec2:Run:Instances" }, /"ec2:Run:Instances" is not allowed/],
	[{ Action: "e*2:Run" }, /"e\*2:Run" is not allowed/],
	[{ Action: "ec2:" }, /"ec2:" is not allowed/],
	[{ Action: ["ec2:Ok", "ec2:Run Instances"] }, /^Statement\[0\], Action: "ec2:Run Instances" is not allowed/],
	[{ Resource: undefined }, /^Statement\[0\], Resource: is missing; a statement has either Resource or NotResource$/],
	[{ NotResource: "*" }, /^Statement\[0\], Resource: stands beside NotResource/],
	[
		{ Resource: "instance/i-1" },
		/^Statement\[0\], Resource: "instance\/i-1" is not allowed; allowed: \*, or an ARN such as arn:aws:ec2:\*:\*:instance\/\*$/,
	],
	[{ Resource: "" }, /Resource: "" is not allowed/],
	[{ Resource: ["*", "arn:aws"] }, /Resource: "arn:aws" is not allowed/],
	[
		{ Principal: "*" },
		/^Statement\[0\], Principal: is not an element of a statement in an identity-based policy; allowed: Sid, Effect, Resource, /,
	],
	[{ Conditions: {} }, /^Statement\[0\], Conditions: is not an element/],
	[{ Condition: [] }, /^Statement\[0\], Condition: \[\] is no map; /],
	[{ Condition: { StringEquals: "x" } }, /^Statement\[0\], Condition\.StringEquals: "x" is no map; /],
	[
		{ Condition: { StringEqual: {} } },
		/^Statement\[0\], Condition\.StringEqual: is not a condition operator; allowed: StringEquals, .*ArnNotLike, /,
	],
	[{ Condition: { stringequals: {} } }, /Condition\.stringequals: is not a condition operator/],
	[{ Condition: { NullIfExists: {} } }, /Condition\.NullIfExists: is not a condition operator/],
	[{ Condition: { "ForSomeValues:StringLike": {} } }, /Condition\.ForSomeValues:StringLike: is not a condition operator/],
	[{ Condition: { constructor: {} } }, /Condition\.constructor: is not a condition operator/],
	[
		{ Condition: { Bool: { SecureTransport: true } } },
		/^Statement\[0\], Condition\.Bool: "SecureTransport" is not a condition key; allowed: a prefix and a name/,
	],
	[
		{ Condition: { Bool: { "k:a": "yes" } } },
		/^Statement\[0\], Condition\.Bool\.k:a: "yes" is not allowed; allowed: true or false, or a list of it$/,
	],
	[{ Condition: { Null: { "k:a": 1 } } }, /Condition\.Null\.k:a: 1 is not allowed; allowed: true or false/],
	[{ Condition: { StringEquals: { "k:a": null } } }, /Condition\.StringEquals\.k:a: null is not allowed; allowed: text/],
	[{ Condition: { StringEquals: { "k:a": ["b", { c: 1 }] } } }, /Condition\.StringEquals\.k:a: \{"c":1\} is not allowed/],
	[{ Condition: { NumericLessThan: { "k:a": "two" } } }, /k:a: "two" is not allowed; allowed: a number such as 2 or 2\.5/],
	[{ Condition: { NumericLessThanIfExists: { "k:a": "${k:b}" } } }, /k:a: "\$\{k:b\}" is not allowed; allowed: a number/],
	[{ Condition: { DateLessThan: { "k:a": "tomorrow" } } }, /k:a: "tomorrow" is not allowed; allowed: a date such as /],
	[{ Condition: { IpAddress: { "k:a": "10.0.0.0/33" } } }, /k:a: "10\.0\.0\.0\/33" is not allowed; allowed: an IP address or a CIDR block/],
	[{ Condition: { BinaryEquals: { "k:a": "?" } } }, /k:a: "\?" is not allowed; allowed: base64/],
];

test("an error of a statement names the statement, the element, the value and what is allowed", () => {
	for (const [change, expected] of STATEMENT_ERRORS) {
		const errors = errorsOfStatement(JSON.parse(JSON.stringify({ ...ALLOW, ...change })) as object);
		assert.equal(errors.length, 1, `${JSON.stringify(change)}: ${errors.join()}`);
		assert.match(errors[0] ?? "", expected);
	}
});

const TRUST_ERRORS: readonly (readonly [change: object, expected: RegExp])[] = [
	[{ Principal: undefined }, /^Statement\[0\], Principal: is missing; a statement has either Principal or NotPrincipal$/],
	[
		{ Resource: "*" },
		/^Statement\[0\], Resource: is not an element of a statement in a trust policy; allowed: Sid, Effect, Principal, NotPrincipal, /,
	],
	[{ Action: "*" }, /^Statement\[0\], Action: "\*" is not allowed; allowed: actions of STS, such as sts:AssumeRole$/],
	[{ Action: "ec2:RunInstances" }, /Action: "ec2:RunInstances" is not allowed/],
	[
		{ Principal: "ec2.amazonaws.com" },
		/^Statement\[0\], Principal: "ec2\.amazonaws\.com" is not a principal; allowed: "\*", or a map such as /,
	],
	[{ Principal: {} }, /Principal: \{\} is not a principal/],
	[
		{ Principal: { Users: "*" } },
		/^Statement\[0\], Principal\.Users: is not a kind of principal; allowed: AWS, Service, Federated, CanonicalUser$/,
	],
	[{ Principal: { constructor: "*" } }, /Principal\.constructor: is not a kind of principal/],
	[{ Principal: { AWS: [] } }, /^Statement\[0\], Principal\.AWS: \[\] is not allowed; allowed: \*, an account such as 123456789012/],
	[{ Principal: { AWS: "arn:aws:iam::123456789012:user/*" } }, /Principal\.AWS: "arn:aws:iam::123456789012:user\/\*" is not allowed/],
	[{ Principal: { AWS: "1234" } }, /Principal\.AWS: "1234" is not allowed/],
	[{ Principal: { Service: "EC2" } }, /Principal\.Service: "EC2" is not allowed; allowed: \*, or a service such as ec2\.amazonaws\.com$/],
	[{ Principal: undefined, NotPrincipal: { AWS: "123456789012" } }, /^Statement\[0\], NotPrincipal: is only allowed with the effect Deny$/],
];

test("an error of a trust policy does so too", () => {
	for (const [change, expected] of TRUST_ERRORS) {
		const errors = errorsOfStatement(JSON.parse(JSON.stringify({ ...TRUST, ...change })) as object, "trust");
		assert.equal(errors.length, 1, `${JSON.stringify(change)}: ${errors.join()}`);
		assert.match(errors[0] ?? "", expected);
	}
});

test("all errors are told at once, and a long value is cut", () => {
	const document = { Version: "1", Statement: [{ Sid: "One", Effect: "Maybe", Action: "x".repeat(500) }, 7] };
	const errors = errorsOf(document);
	assert.deepEqual(
		errors.map((error) => error.slice(0, error.indexOf(":"))),
		[
			"Version",
			'Statement[0] (Sid "One"), Effect',
			'Statement[0] (Sid "One"), Action',
			'Statement[0] (Sid "One"), Resource',
			"Statement[1]",
		],
	);
	assert.ok(errors.every((error) => error.length < 300));
});

test("a policy of a hundred thousand levels is refused like any other", () => {
	const deep = "[".repeat(100_000) + "]".repeat(100_000);
	for (const text of [deep, `{"Statement": {"Effect": ${deep}}}`, `{"Statement": {"Condition": {"Bool": {"k:a": [${deep}]}}}}`]) {
		assert.match(errorsOf(text).join("\n"), /\[\[/);
	}
});

test("whatever a policy holds, it is read or refused", () => {
	const shape = {
		Version: "2012-10-17",
		Statement: [{ ...ALLOW, Sid: "A", Condition: { StringLike: { "k:a": ["b"] }, Bool: { "k:c": true } } }],
	};
	const text = JSON.stringify(shape);
	const piece = fc.oneof(fc.string(), fc.constantFrom('"', "{", "}", "[]", "{}", "null", "*", ":", ",", '"__proto__":', "1e999"));
	const damaged = fc
		.record({ at: fc.nat(text.length), cut: fc.nat(12), piece })
		.map(({ at, cut, piece }) => text.slice(0, at) + piece + text.slice(at + cut));
	fc.assert(
		fc.property(fc.oneof(damaged, fc.json()), fc.constantFrom<PolicyKind>("identity", "trust"), (document, kind) => {
			for (const error of errorsOf(document, kind)) assert.ok(error.length > 10);
		}),
		{ numRuns: 2_000 },
	);
	fc.assert(fc.property(fc.object(), (document) => void errorsOf(document)));
});
