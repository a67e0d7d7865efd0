import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EC2_INSTANCE_ROLE, CredentialIssuer, type SessionClaims } from "../../identity/role-credentials.ts";
import type { Account } from "../../model/account.ts";
import type { AccessKey, InstanceProfile, Role, User } from "../../model/iam.ts";
import type { Instance } from "../../model/instance.ts";
import { type RecordKind, recordId, type RecordTypes } from "../../model/records.ts";
import type { PresentedCredential } from "../../sigv4/credential.ts";
import { claimantOf } from "./authenticate.ts";
import { Credentials } from "./credentials.ts";
import type { Records } from "../inventory.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const ACCOUNT: Account = { accountId: "123456789012", region: "us-east-1", instanceMetadataDefaults: {} };
const ISSUER = new CredentialIssuer(Buffer.alloc(32, "issuer"));
const CREDENTIALS = new Credentials(Buffer.alloc(32, "keys"), ISSUER, () => ACCOUNT.accountId);
const KEY: AccessKey = { accessKeyId: "AKIAEXAMPLEEXAMPLE22", status: "Active", createDate: "2026-01-01T00:00:00Z" };
const USER: User = { userName: "ann", userId: "AIDAEXAMPLE", path: "/team/", accessKeys: [KEY], tags: [{ key: "team", value: "a" }] };
const ROLE: Role = {
	roleName: "worker",
	roleId: "AROAEXAMPLE",
	path: "/team/",
	tags: [
		{ key: "team", value: "role" },
		{ key: "own", value: "role" },
	],
};
const ROLE_ARN = "arn:aws:iam::123456789012:role/team/worker";
const PROFILE: InstanceProfile = { instanceProfileName: "p", instanceProfileId: "AIPAEXAMPLE", path: "/", roleName: "worker" };
const PROFILE_ARN = "arn:aws:iam::123456789012:instance-profile/p";
const ID = "i-1234567890abcdef0";
const INSTANCE = {
	instanceId: ID,
	state: "running",
	iamInstanceProfile: { arn: PROFILE_ARN, associatedAt: "2026-01-01T00:00:00Z" },
} as Instance;

const KINDS = Object.keys(recordId) as RecordKind[];

type World = { readonly [K in RecordKind]?: readonly RecordTypes[K][] };

const WORLD: World = { account: [ACCOUNT], user: [USER], role: [ROLE], "instance-profile": [PROFILE], instance: [INSTANCE] };

function recordsOf(world: World): Records {
	const of = <K extends RecordKind>(kind: K) => {
		const all = (world[kind] ?? []) as RecordTypes[K][];
		return [kind, new Map(all.map((one) => [recordId[kind](one), one]))] as const;
	};
	return Object.fromEntries(KINDS.map(of)) as unknown as Records;
}

function claimant(
	accessKeyId: string,
	{ sessionToken, world = {}, nowMs = NOW_MS }: { sessionToken?: string; world?: World; nowMs?: number } = {},
) {
	const presented = { accessKeyId, ...(sessionToken !== undefined && { sessionToken }) } as PresentedCredential;
	return claimantOf(presented, CREDENTIALS, recordsOf({ ...WORLD, ...world }), nowMs);
}

/** Credentials with these claims, presented. */
function session(claims: Partial<SessionClaims>, options: { world?: World; nowMs?: number } = {}) {
	const all = { accountId: ACCOUNT.accountId, roleArn: ROLE_ARN, roleId: ROLE.roleId, ...claims };
	const { accessKeyId, sessionToken, secretAccessKey } = ISSUER.issue(all, NOW_MS - 60_000, NOW_MS + 60_000);
	return { secretAccessKey, claimant: claimant(accessKeyId, { sessionToken, ...options }) };
}

const DELIVERED: Partial<SessionClaims> = {
	instanceId: ID,
	instanceArn: `arn:aws:ec2:us-east-1:123456789012:instance/${ID}`,
	delivery: "1.0",
	vpcId: "vpc-1",
	privateIp: "10.0.0.1",
};

describe("a key of the long term", () => {
	test("of the account is the account", () => {
		const { accessKeyId, secretAccessKey } = CREDENTIALS.rootKey;
		const arn = "arn:aws:iam::123456789012:root";
		assert.deepEqual(claimant(accessKeyId), {
			principal: { type: "Account", arn, principalArn: arn, userId: "123456789012", accountId: "123456789012", tags: [] },
			secretAccessKey,
		});
	});

	test("of a user is the user, with the secret that follows from its id or the one that was declared", () => {
		const arn = "arn:aws:iam::123456789012:user/team/ann";
		assert.deepEqual(claimant(KEY.accessKeyId), {
			principal: {
				type: "User",
				arn,
				principalArn: arn,
				userId: "AIDAEXAMPLE",
				accountId: "123456789012",
				userName: "ann",
				tags: USER.tags,
			},
			secretAccessKey: CREDENTIALS.secretOf(KEY.accessKeyId),
		});
		const declared = { ...USER, accessKeys: [{ ...KEY, secretAccessKey: "declared" }] };
		const found = claimant(KEY.accessKeyId, { world: { user: [declared] } });
		assert.ok(typeof found === "object");
		assert.equal(found.secretAccessKey, "declared");
	});

	test("that nobody has, that is inactive, or whose user is gone is unknown", () => {
		assert.equal(claimant("AKIAIOSFODNN7EXAMPLE"), "unknown");
		assert.equal(claimant(""), "unknown");
		const inactive = { ...USER, accessKeys: [{ ...KEY, status: "Inactive" as const }] };
		assert.equal(claimant(KEY.accessKeyId, { world: { user: [inactive] } }), "unknown");
		assert.equal(claimant(KEY.accessKeyId, { world: { user: [] } }), "unknown");
	});

	test("comes without a session token: with one, it is unknown", () => {
		const { sessionToken } = ISSUER.issue({ accountId: ACCOUNT.accountId, roleArn: ROLE_ARN }, NOW_MS, NOW_MS + 1);
		for (const accessKeyId of [KEY.accessKeyId, CREDENTIALS.rootKey.accessKeyId]) {
			for (const token of [sessionToken, "", "x"]) assert.equal(claimant(accessKeyId, { sessionToken: token }), "unknown");
		}
	});

	test("opens nothing where there is no account", () => {
		assert.equal(claimant(CREDENTIALS.rootKey.accessKeyId, { world: { account: [] } }), "unknown");
	});
});

describe("a session", () => {
	test("is its role under the session's name, with the tags of both, the session's first", () => {
		const tags = [{ key: "team", value: "session" }];
		const { claimant: found, secretAccessKey } = session({ sessionName: "s", policies: ["{}"], tags });
		assert.deepEqual(found, {
			principal: {
				type: "AssumedRole",
				arn: "arn:aws:sts::123456789012:assumed-role/worker/s",
				principalArn: ROLE_ARN,
				userId: "AROAEXAMPLE:s",
				accountId: "123456789012",
				roleName: "worker",
				tags: [{ key: "own", value: "role" }, ...tags],
				session: { sessionName: "s", issuedAtMs: NOW_MS - 60_000, policies: ["{}"] },
			},
			secretAccessKey,
		});
	});

	test("of an instance has the instance's name, and tells how it was delivered", () => {
		const { claimant: found } = session(DELIVERED);
		assert.ok(typeof found === "object");
		assert.equal(found.principal.arn, `arn:aws:sts::123456789012:assumed-role/worker/${ID}`);
		const { instanceArn, delivery, vpcId, privateIp } = DELIVERED;
		assert.deepEqual(found.principal.session?.instance, { instanceArn, delivery, vpcId, privateIp });
	});

	test("ends with its time", () => {
		assert.equal(session({ sessionName: "s" }, { nowMs: NOW_MS + 60_000 }).claimant, "expired");
	});

	test("ends with its role, or when another has its name", () => {
		assert.equal(session({ sessionName: "s" }, { world: { role: [] } }).claimant, "unknown");
		assert.equal(session({ sessionName: "s" }, { world: { role: [{ ...ROLE, roleId: "AROAOTHER" }] } }).claimant, "unknown");
		assert.equal(session({ sessionName: "s" }, { world: { role: [{ ...ROLE, path: "/" }] } }).claimant, "unknown");
	});

	test("of another account is nobody's", () => {
		assert.equal(session({ accountId: "999999999999", sessionName: "s" }).claimant, "unknown");
	});

	test("of an instance ends with the instance, its profile, and the role in it", () => {
		const worlds: readonly World[] = [
			{ instance: [] },
			{ instance: [{ ...INSTANCE, state: "terminated" }] },
			{ instance: [{ instanceId: ID, state: "running" } as Instance] },
			{ instance: [{ ...INSTANCE, iamInstanceProfile: { ...INSTANCE.iamInstanceProfile!, arn: `${PROFILE_ARN}2` } }] },
			{ "instance-profile": [] },
			{ "instance-profile": [{ ...PROFILE, roleName: "other" }] },
			{ "instance-profile": [{ ...PROFILE, path: "/other/" }] },
		];
		for (const world of worlds) assert.equal(session(DELIVERED, { world }).claimant, "unknown", JSON.stringify(world));
		for (const state of ["stopping", "stopped", "shutting-down"] as const) {
			const { claimant: found } = session(DELIVERED, { world: { instance: [{ ...INSTANCE, state }] } });
			assert.ok(typeof found === "object", state);
		}
	});

	test("of an instance's own identity is the instance, for as long as it is there", () => {
		const claims = { ...DELIVERED, roleArn: EC2_INSTANCE_ROLE, roleId: undefined };
		const { claimant: found } = session(claims);
		assert.ok(typeof found === "object");
		assert.equal(found.principal.arn, `arn:aws:sts::123456789012:assumed-role/aws:ec2-instance/${ID}`);
		assert.equal(found.principal.roleName, undefined);
		assert.equal(session(claims, { world: { instance: [] } }).claimant, "unknown");
		assert.equal(session(claims, { world: { instance: [{ ...INSTANCE, state: "terminated" }] } }).claimant, "unknown");
	});

	test("of another issuer, or with another key beside it, is nobody's", () => {
		const other = new CredentialIssuer(Buffer.alloc(32, "other")).issue(
			{ accountId: ACCOUNT.accountId, roleArn: ROLE_ARN, sessionName: "s" },
			...([NOW_MS, NOW_MS + 60_000] as const),
		);
		assert.equal(claimant(other.accessKeyId, { sessionToken: other.sessionToken }), "unknown");
		const own = ISSUER.issue({ accountId: ACCOUNT.accountId, roleArn: ROLE_ARN, sessionName: "s" }, NOW_MS, NOW_MS + 60_000);
		assert.equal(claimant(other.accessKeyId, { sessionToken: own.sessionToken }), "unknown");
		assert.equal(claimant(own.accessKeyId), "unknown");
	});
});
