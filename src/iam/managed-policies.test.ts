import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "./evaluate.ts";
import { AWS_MANAGED_POLICIES, awsManagedPolicy } from "./managed-policies.ts";
import { parsePolicy } from "./policy.ts";

function allows(policyName: string, action: string): boolean {
	const { document } = awsManagedPolicy(`arn:aws:iam::aws:policy/${policyName}`) ?? assert.fail(policyName);
	const request = { action, resource: "*", context: new Map() };
	return evaluate(request, { serviceControl: [], identity: [parsePolicy(document, "identity")] }).allowed;
}

test("every managed policy is a policy, under its own ARN", () => {
	for (const each of AWS_MANAGED_POLICIES) {
		parsePolicy(JSON.stringify(each.document), "identity");
		assert.equal(awsManagedPolicy(`arn:aws-cn:iam::aws:policy${each.path}${each.policyName}`), each);
	}
	assert.equal(new Set(AWS_MANAGED_POLICIES.map(({ policyName }) => policyName)).size, AWS_MANAGED_POLICIES.length);
});

test("another ARN is no managed policy", () => {
	for (const arn of [
		"arn:aws:iam::123456789012:policy/AdministratorAccess",
		"arn:aws:iam::aws:policy/administratoraccess",
		"arn:aws:iam::aws:policy/service-role/AdministratorAccess",
		"AdministratorAccess",
	]) {
		assert.equal(awsManagedPolicy(arn), undefined, arn);
	}
});

test("they allow what their names say", () => {
	assert.ok(allows("AdministratorAccess", "iam:CreateUser"));
	assert.ok(allows("PowerUserAccess", "ec2:RunInstances"));
	assert.ok(allows("PowerUserAccess", "iam:ListRoles"));
	assert.ok(!allows("PowerUserAccess", "iam:CreateUser"));
	assert.ok(allows("ReadOnlyAccess", "ec2:DescribeInstances"));
	assert.ok(!allows("ReadOnlyAccess", "ec2:RunInstances"));
	assert.ok(allows("AmazonEC2FullAccess", "ec2:RunInstances"));
	assert.ok(!allows("AmazonEC2FullAccess", "iam:PassRole"));
	assert.ok(!allows("AmazonEC2FullAccess", "iam:CreateServiceLinkedRole"));
	assert.ok(allows("AmazonEC2ReadOnlyAccess", "cloudwatch:GetMetricStatistics"));
	assert.ok(!allows("AmazonEC2ReadOnlyAccess", "ec2:StartInstances"));
	assert.ok(allows("IAMFullAccess", "iam:CreateUser"));
	assert.ok(!allows("IAMFullAccess", "ec2:DescribeInstances"));
	assert.ok(allows("IAMReadOnlyAccess", "iam:GetRole"));
	assert.ok(!allows("IAMReadOnlyAccess", "iam:CreateRole"));
	assert.ok(allows("AmazonSSMManagedInstanceCore", "ssmmessages:OpenDataChannel"));
	assert.ok(!allows("AmazonSSMManagedInstanceCore", "ssm:SendCommand"));
});
