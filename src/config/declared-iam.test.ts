import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Account, effectiveDefaults } from "../model/account.ts";
import type { ManagedPolicy, Role, User } from "../model/iam.ts";
import type { Image, Snapshot } from "../model/image.ts";
import type { Instance } from "../model/instance.ts";
import type { Stored } from "../model/records.ts";
import { parseDeclaration } from "./declaration-file.ts";
import { Contradictions, plan } from "./plan.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const NOW = "2026-01-31T12:00:00Z";
const LATER_MS = NOW_MS + 3_600_000;
const LATER = "2026-01-31T13:00:00Z";

type Records = ReadonlyMap<string, Stored>;

function applied(yaml: string, existing: Records = new Map(), nowMs = NOW_MS): Records {
	const records = new Map(existing);
	for (const { key, value } of plan(parseDeclaration(yaml, "x"), existing, "configuration", nowMs)) {
		if (value === undefined) records.delete(key);
		else records.set(key, JSON.parse(JSON.stringify(value)) as Stored);
	}
	return records;
}

function recordOf<T>(records: Records, key: string): T {
	return records.get(key)?.record as T;
}

const READ = '{ Version: "2012-10-17", Statement: { Effect: Allow, Action: "ec2:Describe*", Resource: "*" } }';
const READ_JSON = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}}';

describe("a declared user", () => {
	const USER = `
policies: [{ policyName: read, path: /team/, policyDocument: ${READ} }]
users:
  - userName: alice
    policies: [{ policyName: own, policyDocument: ${READ} }]
    managedPolicyArns: ["arn:aws:iam::123456789012:policy/team/read", "arn:aws:iam::aws:policy/AmazonS3FullAccess"]
    permissionsBoundary: arn:aws:iam::aws:policy/PowerUserAccess
    tags: { team: a }
    accessKeys: [{ accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: abc }]
`;

	test("is stored with all that was left out", () => {
		const { userId, ...user } = recordOf<User>(applied(USER), "user/alice");
		assert.match(userId, /^AIDA[A-Z2-7]{17}$/);
		assert.deepEqual(user, {
			userName: "alice",
			path: "/",
			createDate: NOW,
			accessKeys: [{ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "abc", status: "Active", createDate: NOW }],
			permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess",
			tags: [{ key: "team", value: "a" }],
			inlinePolicies: [{ policyName: "own", policyDocument: READ_JSON }],
			attachedPolicyArns: ["arn:aws:iam::123456789012:policy/team/read", "arn:aws:iam::aws:policy/AmazonS3FullAccess"],
		});
	});

	test("keeps its dates, and a new key has its own", () => {
		const before = applied(USER);
		const second = "{ accessKeyId: AKIAI44QH8DHBEXAMPLE, secretAccessKey: def, status: Inactive }";
		const after = recordOf<User>(applied(USER.replace("abc }", `abc }, ${second}`), before, LATER_MS), "user/alice");
		assert.equal(after.createDate, NOW);
		assert.deepEqual(
			after.accessKeys.map(({ createDate, status }) => [createDate, status]),
			[
				[NOW, "Active"],
				[LATER, "Inactive"],
			],
		);
	});

	test("can't have an access key of another, whoever made that", () => {
		const theirs = new Map([...applied(USER)].map(([key, { record }]): [string, Stored] => [key, { origin: "api", record }]));
		const yaml = "users: [{ userName: bob, accessKeys: [{ accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: x }] }]";
		assert.throws(() => applied(yaml, theirs), {
			name: "Contradictions",
			message: "users.0.accessKeys.0.accessKeyId: is an access key of alice already; allowed: one of its own",
		});
	});
});

test("a declared role has what IAM knows of it, and its trust policy may be JSON", () => {
	const trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}';
	const yaml = `
roles:
  - roleName: web
    description: Serves
    maxSessionDurationSeconds: 7200
    policies: [{ policyName: own, policyDocument: ${READ} }]
    managedPolicyArns: []
    tags: { team: a }
    assumeRolePolicyDocument: '${trust}'
`;
	const records = applied(yaml);
	const { roleId: _, ...role } = recordOf<Role>(records, "role/web");
	assert.deepEqual(role, {
		roleName: "web",
		path: "/",
		createDate: NOW,
		description: "Serves",
		maxSessionDurationSeconds: 7_200,
		tags: [{ key: "team", value: "a" }],
		assumeRolePolicyDocument: JSON.parse(trust) as unknown,
		inlinePolicies: [{ policyName: "own", policyDocument: READ_JSON }],
		attachedPolicyArns: [],
	});
	assert.equal(recordOf<Role>(applied("roles: [{ roleName: web }]", records, LATER_MS), "role/web").createDate, NOW);
});

describe("a declared policy", () => {
	const policyOf = (records: Records) => recordOf<ManagedPolicy>(records, "policy/p");
	const text = '{ "Statement":\n  { "Effect": "Deny", "Action": "*", "Resource": "*" } }';
	const block = `policies:\n  - policyName: p\n    policyDocument: |\n      ${text.replace("\n", "\n      ")}\n`;

	test("has one version, with JSON as it was given or as YAML means it", () => {
		const { policyId, ...policy } = policyOf(applied(block));
		assert.match(policyId, /^ANPA[A-Z2-7]{17}$/);
		assert.deepEqual(policy, {
			policyName: "p",
			path: "/",
			createDate: NOW,
			updateDate: NOW,
			versions: [{ versionId: "v1", policyDocument: text, createDate: NOW }],
			defaultVersionId: "v1",
		});
		assert.equal(policyOf(applied(`policies: [{ policyName: p, policyDocument: ${READ} }]`)).versions[0]?.policyDocument, READ_JSON);
	});

	test("may have any amount of white space", () => {
		const wide = text.replace("\n", " ".repeat(7_000));
		const yaml = `policies: [{ policyName: p, policyDocument: '${wide}' }]\nusers: [{ userName: a, policies: [{ policyName: p, policyDocument: '${wide}' }] }]`;
		assert.equal(policyOf(applied(yaml)).versions[0]?.policyDocument, wide);
	});

	test("is of a later date once its document is another", () => {
		const before = applied(block);
		const renamed = policyOf(applied(block.replace("policyName: p", "policyName: p\n    description: d"), before, LATER_MS));
		assert.deepEqual([renamed.updateDate, renamed.versions[0]?.createDate, renamed.description], [NOW, NOW, "d"]);
		const changed = policyOf(applied(block.replace("Deny", "Allow"), before, LATER_MS));
		assert.deepEqual([changed.createDate, changed.updateDate, changed.versions[0]?.createDate], [NOW, LATER, LATER]);
	});

	test("with another document takes the place of the versions that the APIs made", () => {
		const before = applied(block);
		const { origin, record } = before.get("policy/p")!;
		const made = policyOf(before);
		const second = {
			...made,
			versions: [...made.versions, { versionId: "v2", policyDocument: READ_JSON, createDate: NOW }],
			defaultVersionId: "v2",
		};
		const api = new Map([...before, ["policy/p", { origin, declared: record, record: second }] as const]);
		assert.equal(policyOf(applied(block, api, LATER_MS)).defaultVersionId, "v2");
		const after = policyOf(applied(block.replace("Deny", "Allow"), api, LATER_MS));
		assert.deepEqual([after.defaultVersionId, after.versions.length], ["v1", 1]);
	});

	test("is attached by the ARN of its account and partition, whoever made it", () => {
		const china = "account: { region: cn-north-1 }\n";
		const yaml = (arn: string) => `users: [{ userName: a, managedPolicyArns: ['${arn}'] }]`;
		const theirs = new Map([...applied(block)].map(([key, { record }]): [string, Stored] => [key, { origin: "api", record }]));
		assert.ok(applied(china + block + yaml("arn:aws-cn:iam::123456789012:policy/p")).has("user/a"));
		assert.throws(() => applied(china + block + yaml("arn:aws:iam::123456789012:policy/p")), Contradictions);
		assert.ok(applied(yaml("arn:aws:iam::123456789012:policy/p"), theirs).has("user/a"));
		assert.throws(() => applied(yaml("arn:aws:iam::999999999999:policy/p"), theirs), Contradictions);
	});
});

describe("a declared organization", () => {
	const accountOf = (organization: string) => recordOf<Account>(applied(`account:\n  organization: ${organization}\n`), "account/default");

	test("has its policies by level, and a list of policies is one level", () => {
		const policy = (name: string) => `{ policyName: ${name}, policyDocument: ${READ} }`;
		const names = (policies: string) =>
			accountOf(`{ serviceControlPolicies: ${policies} }`).organization?.serviceControlPolicies.map((level) =>
				level.map(({ policyName }) => policyName),
			);
		assert.deepEqual(names(`[${policy("a")}, ${policy("b")}]`), [["a", "b"]]);
		assert.deepEqual(names(`[[${policy("a")}], [${policy("a")}, ${policy("b")}]]`), [["a"], ["a", "b"]]);
		assert.deepEqual(names("[]"), []);
		const { organization } = accountOf(`{ serviceControlPolicies: [${policy("a")}] }`);
		assert.equal(organization?.serviceControlPolicies[0]?.[0]?.policyDocument, READ_JSON);
	});

	test("has an id and no policies where nothing else is said", () => {
		const { organization } = accountOf("{ managementAccount: true }");
		assert.match(organization?.organizationId ?? "", /^o-[0-9a-f]{17}$/);
		assert.deepEqual({ ...organization, organizationId: "" }, { organizationId: "", managementAccount: true, serviceControlPolicies: [] });
		assert.ok(!("organization" in recordOf<Account>(applied("account: {}"), "account/default")));
	});

	test("decides the metadata defaults with a declarative policy, in place of the account's own", () => {
		const yaml = `
account:
  instanceMetadataDefaults: { httpTokens: optional, httpEndpoint: disabled }
  organization:
    declarativePolicy:
      {"ec2_attributes":{"instance_metadata_defaults":{
        "http_tokens":{"@@assign":"required"},
        "http_put_response_hop_limit":{"@@assign":"4"},
        "http_endpoint":{"@@assign":"no_preference"},
        "instance_metadata_tags":{"@@assign":"enabled"},
        "http_tokens_enforced":{"@@assign":"enabled"}},
       "exception_message":{"@@assign":"Ask us."}}}
instances: [{ instanceId: i-1 }]
`;
		const records = applied(yaml);
		const account = recordOf<Account>(records, "account/default");
		const instanceMetadataDefaults = {
			httpTokens: "required",
			httpPutResponseHopLimit: 4,
			instanceMetadataTags: "enabled",
			httpTokensEnforced: "enabled",
		};
		assert.deepEqual(account.organization?.declarativePolicy, { instanceMetadataDefaults, exceptionMessage: "Ask us." });
		assert.deepEqual(effectiveDefaults(account), instanceMetadataDefaults);
		assert.deepEqual(recordOf<Instance>(records, "instance/i-1").metadataOptions, {
			httpEndpoint: "enabled",
			httpTokens: "required",
			httpPutResponseHopLimit: 4,
			httpProtocolIpv6: "disabled",
			instanceMetadataTags: "enabled",
		});
	});

	test("takes hop limits as numbers and as digits", () => {
		const limitOf = (limit: string) =>
			accountOf(
				`{ declarativePolicy: { ec2_attributes: { instance_metadata_defaults: { http_put_response_hop_limit: { '@@assign': ${limit} } } } } }`,
			).organization?.declarativePolicy?.instanceMetadataDefaults.httpPutResponseHopLimit;
		assert.deepEqual(["64", "'64'", "1", "-1", "'-1'"].map(limitOf), [64, 64, 1, undefined, undefined]);
	});
});

test("a declared snapshot has a volume and a date of its own, and images can be made of it", () => {
	const yaml = `
snapshots: [{ snapshotId: snap-0123456789example }]
images:
  - imageId: ami-1
    description: golden
    tags: { team: a }
    blockDeviceMappings: [{ deviceName: /dev/xvda, ebs: { snapshotId: snap-0123456789example, deleteOnTermination: false } }]
instances: [{ instanceId: i-1, imageId: ami-1 }]
`;
	const records = applied(yaml);
	const { volumeId, ...snapshot } = recordOf<Snapshot>(records, "snapshot/snap-0123456789example");
	assert.match(volumeId, /^vol-[0-9a-f]{17}$/);
	assert.deepEqual(snapshot, { snapshotId: "snap-0123456789example", startTime: NOW, volumeSizeGib: 8, description: "" });
	const image = recordOf<Image>(records, "image/ami-1");
	assert.deepEqual([image.description, image.tags], ["golden", [{ key: "team", value: "a" }]]);
	assert.deepEqual(recordOf<Instance>(records, "instance/i-1").blockDeviceMappings, image.blockDeviceMappings);
	const later = applied(yaml.replace("example }", "example, description: root }"), records, LATER_MS);
	assert.equal(recordOf<Snapshot>(later, "snapshot/snap-0123456789example").startTime, NOW);
});
