import assert from "node:assert/strict";
import { test } from "node:test";
import { authorizationMessage, denialReason } from "./denial.ts";
import { type Denial, evaluate, type PolicyLayer } from "./evaluate.ts";
import { parsePolicy } from "./policy.ts";

const ACTION = "ec2:RunInstances";

test("the reason names the layer, and the boundary that denies", () => {
	const reason = (layer: PolicyLayer, explicitDeny: boolean, policyArn?: string) =>
		denialReason({ allowed: false, explicitDeny, layer, policyArn, matched: [] }, ACTION);
	assert.equal(reason("identity", true), "with an explicit deny in an identity-based policy");
	assert.equal(reason("identity", false), "because no identity-based policy allows the ec2:RunInstances action");
	assert.equal(
		reason("boundary", true, "arn:aws:iam::123456789012:policy/p"),
		"with an explicit deny in a permissions boundary: arn:aws:iam::123456789012:policy/p",
	);
	assert.equal(reason("boundary", false), "because no permissions boundary allows the ec2:RunInstances action");
	assert.equal(reason("service-control", true), "with an explicit deny in a service control policy");
	assert.equal(reason("service-control", false), "because no service control policy allows the ec2:RunInstances action");
	assert.equal(reason("session", true), "with an explicit deny in a session policy");
	assert.equal(reason("session", false), "because no session policy allows the ec2:RunInstances action");
	assert.equal(reason("resource", true), "with an explicit deny in a resource-based policy");
});

const RESOURCE = "arn:aws:ec2:us-east-1:123456789012:instance/*";
const CONTEXT = new Map([
	["ec2:MetadataHttpTokens", ["optional"]],
	["aws:TagKeys", ["b", "a"]],
	["ec2:MetadataHttpPutResponseHopLimit", ["1"]],
	["ec2:Absent", []],
]);

function denialOf(...statements: object[]): Denial {
	const identity = [parsePolicy({ Version: "2012-10-17", Statement: statements }, "identity")];
	const decision = evaluate({ action: ACTION, resource: RESOURCE, context: CONTEXT }, { serviceControl: [], identity });
	assert.ok(!decision.allowed);
	return decision;
}

test("the message of an explicit deny has AWS's structure, byte for byte", () => {
	const decision = denialOf(
		{ Effect: "Allow", Action: "*", Resource: "*" },
		{
			Sid: "RequireImdsV2",
			Effect: "Deny",
			Action: "ec2:RunInstances",
			Resource: "arn:aws:ec2:*:*:instance/*",
			Condition: { StringNotEquals: { "ec2:MetadataHttpTokens": "required" } },
		},
	);
	const principal = { id: "AIDAEXAMPLE", name: "admin", arn: "arn:aws:iam::123456789012:user/admin" };
	assert.equal(
		authorizationMessage({ decision, request: { action: ACTION, resource: RESOURCE, context: CONTEXT }, principal }),
		'{"allowed":false,"explicitDeny":true,' +
			'"matchedStatements":{"items":[{"statementId":"RequireImdsV2","effect":"DENY","principals":{"items":[{"value":"AIDAEXAMPLE"}]},' +
			'"principalGroups":{"items":[]},' +
			'"actions":{"items":[{"value":"ec2:RunInstances"}]},"resources":{"items":[{"value":"arn:aws:ec2:*:*:instance/*"}]},' +
			'"conditions":{"items":[{"key":"ec2:MetadataHttpTokens","values":{"items":[{"value":"required"}]}}]}}]},' +
			'"failures":{"items":[]},' +
			'"context":{"principal":{"id":"AIDAEXAMPLE","name":"admin","arn":"arn:aws:iam::123456789012:user/admin"},"action":"RunInstances",' +
			'"resource":"arn:aws:ec2:us-east-1:123456789012:instance/*",' +
			'"conditions":{"items":[{"key":"aws:TagKeys","values":{"items":[{"value":"b"},{"value":"a"}]}},' +
			'{"key":"ec2:MetadataHttpPutResponseHopLimit","values":{"items":[{"value":"1"}]}},' +
			'{"key":"ec2:MetadataHttpTokens","values":{"items":[{"value":"optional"}]}}]}}}',
	);
});

test("an implicit deny has no statements, and a session no name", () => {
	const principal = { id: "AROAEXAMPLE:i-1", arn: "arn:aws:sts::123456789012:assumed-role/R/i-1" };
	assert.equal(
		authorizationMessage({
			decision: denialOf({ Effect: "Allow", Action: "s3:*", Resource: "*" }),
			request: { action: "ec2:DescribeInstances", resource: "*", context: new Map() },
			principal,
		}),
		'{"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},"failures":{"items":[]},' +
			'"context":{"principal":{"id":"AROAEXAMPLE:i-1","arn":"arn:aws:sts::123456789012:assumed-role/R/i-1"},' +
			'"action":"DescribeInstances","resource":"*","conditions":{"items":[]}}}',
	);
});

test("every statement that denies is told", () => {
	const deny = (Sid: string) => ({ Sid, Effect: "Deny", Action: "*", Resource: "*" });
	const { matched } = denialOf(deny("One"), { ...deny("Other"), Action: "s3:*" }, deny("Two"));
	assert.deepEqual(
		matched.map(({ sid }) => sid),
		["One", "Two"],
	);
});
