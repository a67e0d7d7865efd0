import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../iam/evaluate.ts";
import type { Account, Organization } from "../../model/account.ts";
import type { ManagedPolicy, Role, User } from "../../model/iam.ts";
import { type RecordKind, recordId } from "../../model/records.ts";
import type { Records } from "../inventory.ts";
import { policySetOf } from "./principal-policies.ts";
import type { Principal } from "./principal.ts";

const ACCOUNT_ID = "123456789012";

const ROOT: Principal = {
	type: "Account",
	arn: `arn:aws:iam::${ACCOUNT_ID}:root`,
	principalArn: `arn:aws:iam::${ACCOUNT_ID}:root`,
	userId: ACCOUNT_ID,
	accountId: ACCOUNT_ID,
	tags: [],
};
const USER: Principal = { ...ROOT, type: "User", arn: `arn:aws:iam::${ACCOUNT_ID}:user/ann`, userId: "AIDA", userName: "ann" };
const SESSION: Principal = {
	...ROOT,
	type: "AssumedRole",
	arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/worker/s`,
	userId: "AROA:s",
	roleName: "worker",
	session: { sessionName: "s", issuedAtMs: 0 },
};

test("the account itself may do all, and only service control policies are in its way", () => {
	assert.ok(allowed(ROOT, "ec2:RunInstances"));
	const organization = organizationOf([[allow("*"), deny("ec2:*")]]);
	assert.ok(!allowed(ROOT, "ec2:RunInstances", { organization }));
	assert.ok(allowed(ROOT, "iam:GetUser", { organization }));
});

test("every level of service control policies must allow it", () => {
	const user = userWith({ inlinePolicies: [inline(allow("*"))] });
	assert.ok(allowed(USER, "ec2:RunInstances", { user, organization: organizationOf([[allow("*")], [allow("ec2:*"), allow("iam:*")]]) }));
	assert.ok(!allowed(USER, "sts:AssumeRole", { user, organization: organizationOf([[allow("*")], [allow("ec2:*"), allow("iam:*")]]) }));
	assert.ok(!allowed(USER, "ec2:RunInstances", { user, organization: organizationOf([[allow("*")], []]) }));
});

test("service control policies don't bind the management account", () => {
	const organization = { ...organizationOf([[deny("*")]]), managementAccount: true };
	assert.ok(allowed(ROOT, "ec2:RunInstances", { organization }));
});

test("a user may do what its own policies allow, those of the account attached to it, and those of AWS", () => {
	assert.ok(!allowed(USER, "ec2:RunInstances", { user: userWith({}) }));
	assert.ok(allowed(USER, "ec2:RunInstances", { user: userWith({ inlinePolicies: [inline(allow("ec2:*"))] }) }));
	const attached = userWith({ attachedPolicyArns: [`arn:aws:iam::${ACCOUNT_ID}:policy/team/p`] });
	assert.ok(allowed(USER, "ec2:RunInstances", { user: attached, policy: managed(allow("ec2:*")) }));
	const administrator = userWith({ attachedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] });
	assert.ok(allowed(USER, "ec2:RunInstances", { user: administrator }));
});

test("a user who is gone may do nothing", () => {
	assert.ok(!allowed(USER, "ec2:RunInstances"));
});

test("the default version of a policy counts, and no other", () => {
	const user = userWith({ attachedPolicyArns: [`arn:aws:iam::${ACCOUNT_ID}:policy/team/p`] });
	const policy = managed(allow("ec2:*"), allow("iam:*"));
	assert.ok(allowed(USER, "ec2:RunInstances", { user, policy }));
	assert.ok(!allowed(USER, "iam:GetUser", { user, policy }));
	assert.ok(allowed(USER, "iam:GetUser", { user, policy: { ...policy, defaultVersionId: "v2" } }));
});

test("a policy that is attached and gone is nothing; so is one of the same name on another path, or of another account", () => {
	const arns = [
		`arn:aws:iam::${ACCOUNT_ID}:policy/p`,
		"arn:aws:iam::999999999999:policy/team/p",
		`arn:aws:iam::${ACCOUNT_ID}:policy/team/q`,
	];
	const user = userWith({ attachedPolicyArns: arns });
	assert.ok(!allowed(USER, "ec2:RunInstances", { user, policy: managed(allow("*")) }));
});

test("a boundary leaves what is within it, and one that is gone nothing", () => {
	const permissionsBoundary = `arn:aws:iam::${ACCOUNT_ID}:policy/team/p`;
	const user = userWith({ inlinePolicies: [inline(allow("*"))], permissionsBoundary });
	assert.ok(allowed(USER, "ec2:RunInstances", { user, policy: managed(allow("ec2:*")) }));
	assert.ok(!allowed(USER, "iam:GetUser", { user, policy: managed(allow("ec2:*")) }));
	assert.ok(!allowed(USER, "ec2:RunInstances", { user }));
	const decision = decide(USER, "ec2:RunInstances", { user, policy: managed(deny("ec2:*")) });
	assert.equal(decision.allowed ? undefined : decision.policyArn, permissionsBoundary);
});

test("a role's session may do what its policies allow, within those of the session", () => {
	const role = roleWith({ inlinePolicies: [inline(allow("*"))] });
	assert.ok(allowed(SESSION, "ec2:RunInstances", { role }));
	assert.ok(allowed(sessionWith(allow("ec2:*")), "ec2:RunInstances", { role }));
	assert.ok(!allowed(sessionWith(allow("ec2:*")), "iam:GetUser", { role }));
	assert.ok(!allowed(sessionWith(allow("ec2:*")), "ec2:RunInstances", { role: roleWith({}) }));
});

test("a session's managed policies count as they are when it is used, and one that is gone allows nothing", () => {
	const role = roleWith({ inlinePolicies: [inline(allow("*"))] });
	const session = sessionWith(`arn:aws:iam::${ACCOUNT_ID}:policy/team/p`);
	assert.ok(allowed(session, "ec2:RunInstances", { role, policy: managed(allow("ec2:*")) }));
	assert.ok(!allowed(session, "ec2:RunInstances", { role, policy: managed(allow("iam:*")) }));
	assert.ok(!allowed(session, "ec2:RunInstances", { role }));
	assert.ok(allowed(sessionWith("arn:aws:iam::aws:policy/AmazonEC2FullAccess"), "ec2:RunInstances", { role }));
});

test("the identity of an instance, which has no role, may do nothing", () => {
	const { roleName: _, ...nobody } = SESSION;
	assert.ok(!allowed(nobody, "ec2:RunInstances", { role: roleWith({ inlinePolicies: [inline(allow("*"))] }) }));
});

test("a stored policy that can't be read is not passed over", () => {
	const user = userWith({ inlinePolicies: [inline(allow("*")), inline("{}")] });
	assert.throws(() => decide(USER, "ec2:RunInstances", { user }), /Statement/);
});

test("more policies than are kept are still told apart", () => {
	for (let round = 0; round < 2; round += 1) {
		for (let number = 0; number < 1_500; number += 1) {
			const user = userWith({ inlinePolicies: [inline(allow(`ec2:Action${number}`))] });
			assert.ok(allowed(USER, `ec2:Action${number}`, { user }));
			assert.ok(!allowed(USER, `ec2:Action${number + 1}`, { user }));
		}
	}
});

interface World {
	readonly user?: User;
	readonly role?: Role;
	readonly policy?: ManagedPolicy;
	readonly organization?: Organization;
}

function allowed(principal: Principal, action: string, world: World = {}): boolean {
	return decide(principal, action, world).allowed;
}

function decide(principal: Principal, action: string, { organization, ...things }: World): ReturnType<typeof evaluate> {
	const account: Account = {
		accountId: ACCOUNT_ID,
		region: "us-east-1",
		instanceMetadataDefaults: {},
		...(organization && { organization }),
	};
	const records = Object.fromEntries((Object.keys(recordId) as RecordKind[]).map((kind) => [kind, new Map()])) as unknown as Records;
	for (const [kind, thing] of Object.entries(things)) {
		(records[kind as RecordKind] as Map<string, unknown>).set(recordId[kind as "user"](thing as User), thing);
	}
	return evaluate({ action, resource: "*", context: new Map() }, policySetOf(principal, records, account));
}

function userWith(policies: Partial<User>): User {
	return { userName: "ann", userId: "AIDA", path: "/", accessKeys: [], ...policies };
}

function roleWith(policies: Partial<Role>): Role {
	return { roleName: "worker", roleId: "AROA", path: "/", ...policies };
}

function sessionWith(policy: string): Principal {
	return { ...SESSION, session: { sessionName: "s", issuedAtMs: 0, policies: [policy] } };
}

function managed(...documents: readonly string[]): ManagedPolicy {
	const createDate = "2026-01-01T00:00:00Z";
	const versions = documents.map((policyDocument, index) => ({ versionId: `v${index + 1}`, policyDocument, createDate }));
	return { policyName: "p", policyId: "ANPA", path: "/team/", versions, defaultVersionId: "v1", createDate, updateDate: createDate };
}

function organizationOf(levels: readonly (readonly string[])[]): Organization {
	const policies = levels.map((level) => level.map((policyDocument) => ({ policyName: "s", policyDocument })));
	return { organizationId: "o-1", serviceControlPolicies: policies };
}

function inline(policyDocument: string): { policyName: string; policyDocument: string } {
	return { policyName: "own", policyDocument };
}

function allow(action: string): string {
	return JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: action, Resource: "*" } });
}

function deny(action: string): string {
	return allow(action).replace("Allow", "Deny");
}
