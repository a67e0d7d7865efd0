import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccessRequest } from "./access-request.ts";
import { evaluate, type PolicySet } from "./evaluate.ts";
import { parsePolicy, type Policy } from "./policy.ts";

const INSTANCE = "arn:aws:ec2:us-east-1:123456789012:instance/i-1";
const ROLE = "arn:aws:iam::123456789012:role/R";
const USER = { accountId: "123456789012", arns: ["arn:aws:iam::123456789012:user/alice"] };

function policyOf(...statements: object[]): Policy {
	return parsePolicy({ Version: "2012-10-17", Statement: statements }, "identity");
}

function allow(action: string | string[], rest: object = {}): Policy {
	return policyOf({ Effect: "Allow", Action: action, Resource: "*", ...rest });
}

function deny(action: string, rest: object = {}): Policy {
	return policyOf({ Effect: "Deny", Action: action, Resource: "*", ...rest });
}

function trust(effect: "Allow" | "Deny", principal: object): Policy {
	return parsePolicy({ Version: "2012-10-17", Statement: { Effect: effect, Principal: principal, Action: "sts:AssumeRole" } }, "trust");
}

function requestOf(action: string, resource: string, context: Record<string, string[]> = {}): AccessRequest {
	return { action, resource, context: new Map(Object.entries(context)) };
}

const RUN = requestOf("ec2:RunInstances", INSTANCE);

/** "allowed", or "explicit identity" and the like. */
function outcome(policies: Partial<PolicySet>, request = RUN): string {
	const decision = evaluate(request, { serviceControl: [], identity: [], ...policies });
	return decision.allowed ? "allowed" : `${decision.explicitDeny ? "explicit" : "implicit"} ${decision.layer}`;
}

test("nothing is allowed that no policy allows", () => {
	assert.equal(outcome({}), "implicit identity");
	assert.equal(outcome({ identity: [allow("ec2:StopInstances")] }), "implicit identity");
	assert.equal(outcome({ identity: [allow("ec2:StopInstances"), allow("ec2:Run*")] }), "allowed");
});

test("a deny anywhere outweighs every allow", () => {
	const all = allow("*");
	const no = deny("ec2:*");
	const boundary = (policy: Policy) => ({ arn: "arn:aws:iam::123456789012:policy/b", policy });
	assert.equal(outcome({ identity: [all, no] }), "explicit identity");
	assert.equal(outcome({ identity: [no, all] }), "explicit identity");
	assert.equal(outcome({ identity: [all], serviceControl: [[all], [all, no]] }), "explicit service-control");
	assert.equal(outcome({ identity: [all], boundary: boundary(no) }), "explicit boundary");
	assert.equal(outcome({ identity: [all], session: [all, no] }), "explicit session");
	assert.equal(outcome({ serviceControl: [[]], boundary: boundary(no), session: [no], identity: [no] }), "explicit boundary");
});

test("each level of service control policies, the boundary and the session must allow it", () => {
	const all = allow("*");
	const other = allow("s3:*");
	const boundary = (policy: Policy) => ({ arn: "arn:aws:iam::123456789012:policy/b", policy });
	assert.equal(outcome({ identity: [all], serviceControl: [[all], [other, all], [all]] }), "allowed");
	assert.equal(outcome({ identity: [all], serviceControl: [[all], [other]] }), "implicit service-control");
	assert.equal(outcome({ identity: [all], serviceControl: [[]] }), "implicit service-control");
	assert.equal(outcome({ identity: [all], boundary: boundary(all) }), "allowed");
	assert.equal(outcome({ identity: [all], boundary: boundary(other) }), "implicit boundary");
	assert.equal(outcome({ identity: [all], session: [other, all] }), "allowed");
	assert.equal(outcome({ identity: [all], session: [] }), "implicit session");
	assert.equal(outcome({ serviceControl: [[all]], boundary: boundary(all), session: [all] }), "implicit identity");
});

test("a decision tells the boundary that denied, and the statements", () => {
	const arn = "arn:aws:iam::123456789012:policy/b";
	const policies = { serviceControl: [], identity: [allow("*")] };
	const denial = evaluate(RUN, {
		...policies,
		boundary: { arn, policy: policyOf({ Sid: "No", Effect: "Deny", Action: "*", Resource: "*" }) },
	});
	assert.ok(!denial.allowed);
	assert.equal(denial.policyArn, arn);
	assert.deepEqual(
		denial.matched.map(({ sid }) => sid),
		["No"],
	);
	const silent = evaluate(RUN, { ...policies, boundary: { arn, policy: allow("s3:*") } });
	assert.ok(!silent.allowed);
	assert.equal(silent.policyArn, undefined);
	assert.deepEqual(silent.matched, []);
});

test("a resource's policy that names somebody allows it; one that names the account does not by itself", () => {
	const request = { ...requestOf("sts:AssumeRole", ROLE), principal: USER };
	const resource = [trust("Allow", { AWS: USER.arns })];
	assert.equal(outcome({ resource }, request), "allowed");
	assert.equal(outcome({ resource: [trust("Allow", { AWS: USER.accountId })] }, request), "implicit identity");
	assert.equal(outcome({ resource, identity: [deny("sts:*")] }, request), "explicit identity");
	assert.equal(outcome({ resource, session: [allow("ec2:*")] }, request), "implicit session");
	assert.equal(outcome({ resource: [...resource, trust("Deny", { AWS: USER.accountId })] }, request), "explicit resource");
	assert.equal(outcome({ resource }, requestOf("sts:AssumeRole", ROLE)), "implicit identity");
});

const ACTIONS: readonly (readonly [element: object, action: string, matches: boolean])[] = [
	[{ Action: "ec2:runinstances" }, "ec2:RunInstances", true],
	[{ Action: "EC2:Run*" }, "ec2:runInstances", true],
	[{ Action: "ec2:?unInstances" }, "ec2:RunInstances", true],
	[{ Action: "ec2:Run" }, "ec2:RunInstances", false],
	[{ Action: ["s3:*", "ec2:*"] }, "ec2:RunInstances", true],
	[{ Action: "*" }, "ec2:RunInstances", true],
	[{ NotAction: "ec2:*" }, "ec2:RunInstances", false],
	[{ NotAction: ["iam:*", "EC2:RUN*"] }, "ec2:RunInstances", false],
	[{ NotAction: "iam:*" }, "ec2:RunInstances", true],
];

test("an action is matched in any case and with wildcards; NotAction matches all others", () => {
	for (const [element, action, matches] of ACTIONS) {
		const identity = [policyOf({ Effect: "Allow", Resource: "*", ...element })];
		assert.equal(outcome({ identity }, requestOf(action, "*")) === "allowed", matches, JSON.stringify(element));
	}
});

const RESOURCES: readonly (readonly [element: object, resource: string, matches: boolean])[] = [
	[{ Resource: "*" }, "*", true],
	[{ Resource: "*" }, INSTANCE, true],
	[{ Resource: INSTANCE }, INSTANCE, true],
	[{ Resource: INSTANCE }, "*", false],
	[{ Resource: "arn:aws:ec2:*:*:instance/*" }, INSTANCE, true],
	[{ Resource: "arn:aws:ec2:*:*:instance/*" }, "*", false],
	[{ Resource: "arn:aws:ec2:*:*:instance/*" }, "arn:aws:ec2:us-east-1:123456789012:volume/vol-1", false],
	[{ Resource: INSTANCE.toUpperCase().replace("ARN:AWS", "arn:aws") }, INSTANCE, false],
	[{ Resource: "arn:aws:ec2:us-east-1:*" }, INSTANCE, true],
	[{ Resource: "arn:aws:ec2:us-east-1" }, INSTANCE, true],
	[{ Resource: "arn:aws:ec2" }, INSTANCE, true],
	[{ Resource: "arn:aws:s3" }, INSTANCE, false],
	[{ Resource: "arn:aws:ec2:*:instance/i-1" }, INSTANCE, false],
	[{ Resource: "arn:aws:ec2:*:*:*/i-?" }, INSTANCE, true],
	[{ Resource: "arn:aws:sns:*:1:topic/*" }, "arn:aws:sns:us-east-1:2:queue:1:topic/a/b", true],
	[{ Resource: "arn:aws:sns:*:1:topic/?" }, "arn:aws:sns:us-east-1:1:topic/a/b", false],
	[{ Resource: ["arn:aws:s3:::x", INSTANCE] }, INSTANCE, true],
	[{ NotResource: INSTANCE }, INSTANCE, false],
	[{ NotResource: ["arn:aws:s3:::x", "arn:aws:ec2:*"] }, INSTANCE, false],
	[{ NotResource: "arn:aws:s3:::x" }, INSTANCE, true],
	[{ Resource: "arn:aws:ec2:*:*:instance/${ec2:InstanceID}" }, INSTANCE, true],
	[{ Resource: "arn:aws:ec2:*:*:instance/${ec2:Absent}" }, INSTANCE, false],
	[{ Resource: "arn:aws:ec2:*:*:instance/${ec2:Absent, 'i-1'}" }, INSTANCE, true],
	[{ Resource: "arn:aws:ec2:*:*:instance/${*}" }, INSTANCE, false],
	[{ NotResource: "arn:aws:ec2:*:*:instance/${ec2:Absent}" }, INSTANCE, true],
];

test("a resource is matched in its own case, wildcards cross colons and slashes; NotResource matches all others", () => {
	for (const [element, resource, matches] of RESOURCES) {
		const identity = [policyOf({ Effect: "Allow", Action: "*", ...element })];
		const request = requestOf("ec2:RunInstances", resource, { "EC2:instanceid": ["i-1"] });
		assert.equal(outcome({ identity }, request) === "allowed", matches, `${JSON.stringify(element)} ~ ${resource}`);
	}
});

test("variables stand for themselves in a policy of 2008-10-17, or of no version", () => {
	const Statement = {
		Effect: "Allow",
		Action: "*",
		Resource: "arn:aws:iam::1:user/${aws:username}",
		Condition: { StringEquals: { "k:a": "${aws:username}" } },
	};
	const outcomes = (resource: string, value: string) =>
		["2012-10-17", "2008-10-17", undefined].map((Version) => {
			const document = JSON.stringify({ Version, Statement });
			const request = requestOf("iam:GetUser", resource, { "aws:username": ["alice"], "k:a": [value] });
			return outcome({ identity: [parsePolicy(document, "identity")] }, request) === "allowed";
		});
	assert.deepEqual(outcomes("arn:aws:iam::1:user/alice", "alice"), [true, false, false]);
	assert.deepEqual(outcomes("arn:aws:iam::1:user/${aws:username}", "${aws:username}"), [false, true, true]);
});

test("all operators and all keys of a condition must hold", () => {
	const identity = [allow("*", { Condition: { StringEquals: { "k:a": "1", "k:b": "2" }, NumericLessThan: { "k:c": "3" } } })];
	const met = { "k:a": ["1"], "K:B": ["2"], "k:C": ["2.5"] };
	assert.equal(outcome({ identity }, requestOf("a:b", "*", met)), "allowed");
	for (const change of [{ "k:a": ["2"] }, { "K:B": ["1"] }, { "k:C": ["3"] }, { "k:C": [] }]) {
		assert.equal(outcome({ identity }, requestOf("a:b", "*", { ...met, ...change })), "implicit identity", JSON.stringify(change));
	}
});
