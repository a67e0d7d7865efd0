import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ConfigurationError } from "./configuration-error.ts";
import { parseDeclaration, planText, readDeclaration } from "./declaration-file.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);

/** What is wrong with a text, by all means that find it. */
function problemsOf(text: string) {
	try {
		planText(text, "openimds.yaml", new Map(), NOW_MS);
		return [];
	} catch (error) {
		assert.ok(error instanceof ConfigurationError, String(error));
		return error.problems;
	}
}

/** Texts with ‸ where the problem is, the field that it is in, and what the message says. */
const REFUSED: readonly (readonly [text: string, field: string, message: RegExp])[] = [
	// Unknown fields
	[
		"‸instnaces: []",
		"instnaces",
		/^is not a field here \(did you mean instances\?\); allowed: account, snapshots, images, policies, users, roles/,
	],
	["account: { ‸regoin: us-east-1 }", "account.regoin", /did you mean region\?/],
	["instances: [{ ‸image: ami-1 }]", "instances[0].image", /^is not a field here \(did you mean imageId\?\)$/],
	["instances: [{ ‸InstanceType: t3.micro }]", "instances[0].InstanceType", /did you mean instanceType\?/],
	["instances: [{ ‸instance_type: t3.micro }]", "instances[0].instance_type", /did you mean instanceType\?/],
	["instances: [{ ‸securityGroups: [sg-1] }]", "instances[0].securityGroups", /did you mean securityGroupIds\?/],
	["instances: [{ ‸xyz: 1 }]", "instances[0].xyz", /^is not a field here; allowed: instanceId, state, .*, endpointBindings, lightsail$/],
	["instances: [{ metadataOptions: { ‸state: applied } }]", "instances[0].metadataOptions.state", /allowed: httpEndpoint, httpTokens/],
	["instances: [{ ‸constructor: {} }]", "instances[0].constructor", /is not a field here/],
	["instances: [{ ‸__proto__: {} }]", "instances[0].__proto__", /is not a field here/],
	["instances: [{ ‸<<: {} }]", 'instances[0]["<<"]', /is not a field here/],
	[
		"account: { instanceMetadataDefaults: { ‸httpTokn: optional } }",
		"account.instanceMetadataDefaults.httpTokn",
		/\(did you mean httpTokens\?\); allowed: httpEndpoint/,
	],

	// Missing fields
	["roles: [‸{ path: / }]", "roles[0].roleName", /^is missing; allowed: 1 to 64 letters/],
	["instances: [{ spotInterruption: ‸{ action: stop } }]", "instances[0].spotInterruption.time", /^is missing; allowed: a moment in UTC/],
	["vpcs:\n  - ‸vpcId: vpc-1", "vpcs[0].cidrBlocks", /^is missing; allowed: a list of 1 to 5$/],

	// Wrong types
	["‸[]", "", /^a list of 0 is not allowed; allowed: a map$/],
	["‸hello", "", /^"hello" is not allowed; allowed: a map$/],
	["instances: ‸{}", "instances", /^a map is not allowed; allowed: a list of at most 65536$/],
	["instances: ‸", "instances", /^is empty; allowed: a list/],
	["instances: [‸web]", "instances[0]", /^"web" is not allowed; allowed: a map$/],
	["instances: [{ metadataOptions: ‸[] }]", "instances[0].metadataOptions", /^a list of 0 is not allowed; allowed: a map$/],
	[
		"account: { accountId: ‸123456789012 }",
		"account.accountId",
		/^123456789012 is a number, not text; put it in quotes; allowed: 12 digits in quotes$/,
	],
	["instances: [{ tags: { Version: ‸1.10 } }]", "instances[0].tags.Version", /^1\.1 is a number, not text; put it in quotes/],
	["instances: [{ tags: { Live: ‸true } }]", "instances[0].tags.Live", /^true is a boolean, not text; put it in quotes/],
	["instances: [{ amiLaunchIndex: ‸'0' }]", "instances[0].amiLaunchIndex", /^"0" is not allowed; allowed: a whole number from 0/],
	[
		"instances: [{ associatePublicIpAddress: ‸yes }]",
		"instances[0].associatePublicIpAddress",
		/^"yes" is not allowed; allowed: true, false$/,
	],
	["instances: [{ endpointListen: [‸1338] }]", "instances[0].endpointListen[0]", /^1338 is a number/],

	// Bad values
	[
		"instances:\n  - metadataOptions:\n      httpTokens: ‸maybe",
		"instances[0].metadataOptions.httpTokens",
		/^"maybe" is not allowed; allowed: optional, required$/,
	],
	["instances: [{ metadataOptions: { httpEndpoint: ‸true } }]", "instances[0].metadataOptions.httpEndpoint", /allowed: enabled, disabled$/],
	[
		"instances: [{ metadataOptions: { httpPutResponseHopLimit: ‸0 } }]",
		"instances[0].metadataOptions.httpPutResponseHopLimit",
		/^0 is not allowed; allowed: a whole number from 1 to 64$/,
	],
	[
		"instances: [{ metadataOptions: { httpPutResponseHopLimit: ‸65 } }]",
		"instances[0].metadataOptions.httpPutResponseHopLimit",
		/from 1 to 64$/,
	],
	[
		"instances: [{ metadataOptions: { httpPutResponseHopLimit: ‸1.5 } }]",
		"instances[0].metadataOptions.httpPutResponseHopLimit",
		/from 1 to 64$/,
	],
	[
		"instances: [{ metadataOptions: { httpPutResponseHopLimit: ‸.inf } }]",
		"instances[0].metadataOptions.httpPutResponseHopLimit",
		/from 1 to 64$/,
	],
	["account: { accountId: ‸'123' }", "account.accountId", /^"123" is not allowed; allowed: 12 digits/],
	["account: { region: ‸Virginia }", "account.region", /allowed: a Region's name, such as us-east-1$/],
	[
		"account: { instanceMetadataDefaults: { httpTokens: ‸no-preference } }",
		"account.instanceMetadataDefaults.httpTokens",
		/allowed: optional, required$/,
	],
	["instances: [{ instanceId: ‸web }]", "instances[0].instanceId", /^"web" is not allowed; allowed: "i-" and letters or digits/],
	["instances: [{ instanceId: ‸i-../x }]", "instances[0].instanceId", /allowed: "i-"/],
	['instances: [{ imageId: ‸"ami-1\\n" }]', "instances[0].imageId", /^"ami-1\\n" is not allowed/],
	["instances: [{ instanceType: ‸big }]", "instances[0].instanceType", /such as t3\.micro$/],
	["instances: [{ launchTime: ‸yesterday }]", "instances[0].launchTime", /such as 2026-01-31T12:00:00Z$/],
	["instances: [{ launchTime: ‸2026-02-30T00:00:00Z }]", "instances[0].launchTime", /a moment in UTC/],
	["instances: [{ launchTime: ‸2026-01-31T12:00:00+01:00 }]", "instances[0].launchTime", /a moment in UTC/],
	["instances: [{ launchTime: ‸2026-01-31 }]", "instances[0].launchTime", /a moment in UTC/],
	[
		"instances: [{ autoScalingTargetState: ‸Pending }]",
		"instances[0].autoScalingTargetState",
		/allowed: Detached, InService, .*Warmed:Terminated$/,
	],
	["instances: [{ state: ‸terminated }]", "instances[0].state", /allowed: running, stopped$/],
	[
		'instances: [{ tags: { Name: ‸"a\\nb" } }]',
		"instances[0].tags.Name",
		/^"a\\nb" is not allowed; allowed: up to 256 characters on one line/,
	],
	['instances: [{ tags: { ‸"a\\u0000b": x } }]', 'instances[0].tags["a\\u0000b"]', /allowed: 1 to 128 characters/],
	['instances: [{ tags: { Name: ‸"\\uD800" } }]', "instances[0].tags.Name", /is not allowed/],
	[`instances: [{ tags: { Name: ‸${"x".repeat(257)} } }]`, "instances[0].tags.Name", /^"x{60}…" is not allowed/],
	[
		`instances: [{ tags: ‸[${Array.from({ length: 51 }, (_, n) => `{ key: k${n}, value: x }`).join()}] }]`,
		"instances[0].tags",
		/^a list of 51 is not allowed; allowed: a list of at most 50$/,
	],
	[
		"instances: [{ tags: [{ key: a, value: x }, { key: ‸a, value: y }] }]",
		"instances[0].tags[1].key",
		/^"a" is given twice; allowed: once$/,
	],
	[
		"instances: [{ endpointListen: ‸localhost }]",
		"instances[0].endpointListen",
		/^"localhost" is not allowed; allowed: HOST:PORT; the host an IP address/,
	],
	["instances: [{ endpointListen: ‸'127.0.0.1:65536' }]", "instances[0].endpointListen", /the port 0 to 65535/],
	["instances: [{ endpointListen: ['127.0.0.1:1', ‸'::1:1338'] }]", "instances[0].endpointListen[1]", /IPv6 in brackets/],
	["instances: [{ endpointListen: ‸'127.0.0.1:1338=i-1' }]", "instances[0].endpointListen", /HOST:PORT/],
	[
		"instances: [{ endpointBindings: [{ interface: ‸'a b' }] }]",
		"instances[0].endpointBindings[0].interface",
		/the name of a network interface/,
	],
	["instances: [{ endpointBindings: [{ interface: ‸'../lo' }] }]", "instances[0].endpointBindings[0].interface", /1 to 15 letters/],
	[
		"instances: [{ endpointBindings: [{ networkNamespace: ‸'a/../b' }] }]",
		"instances[0].endpointBindings[0].networkNamespace",
		/allowed: an absolute path, or a name in \/run\/netns$/,
	],
	[
		"instances: [{ endpointBindings: [{ sourceAddresses: [10.0.0.1, ‸10.0.0.0/24] }] }]",
		"instances[0].endpointBindings[0].sourceAddresses[1]",
		/allowed: an IPv4 or IPv6 address$/,
	],
	[
		"instances: [{ endpointBindings: [‸{}] }]",
		"instances[0].endpointBindings[0]",
		/^binds nothing; allowed: interface, networkNamespace or/,
	],
	[
		"instances: [{ endpointBindings: [{ bridgePort: ‸tap0, sourceAddresses: [10.0.0.1] }] }]",
		"instances[0].endpointBindings[0].bridgePort",
		/needs the bridge that it is a port of; add interface$/,
	],
	[
		"instances: [{ endpointBindings: [{ interface: a, networkNamespace: ‸b }] }]",
		"instances[0].endpointBindings[0].networkNamespace",
		/^may not be given beside interface/,
	],
	["instances: [{ ipv6Addresses: [‸fe80::1%eth0] }]", "instances[0].ipv6Addresses[0]", /allowed: an IPv6 address without a zone$/],
	["instances: [{ privateIpAddress: ‸10.0.0.256 }]", "instances[0].privateIpAddress", /allowed: an IPv4 address$/],
	[
		"instances: [{ networkInterfaces: [{ macAddress: ‸'01:00:5e:00:00:01' }] }]",
		"instances[0].networkInterfaces[0].macAddress",
		/not a multicast address/,
	],
	["instances: [{ networkInterfaces: ‸[] }]", "instances[0].networkInterfaces", /allowed: a list of 1 to 64$/],
	[
		"instances: [{ networkInterfaces: [{ ipv4Prefixes: [‸10.0.0.0/27] }] }]",
		"instances[0].networkInterfaces[0].ipv4Prefixes[0]",
		/an IPv4 block of \/28/,
	],
	["instances: [{ placement: { partitionNumber: ‸8, groupName: g } }]", "instances[0].placement.partitionNumber", /from 1 to 7$/],
	[
		"instances: [{ elasticGpus: [{ elasticGpuId: egpu-1, elasticGpuType: eg1.medium, ipv4Address: 10.0.0.1, port: ‸70000 }] }]",
		"instances[0].elasticGpus[0].port",
		/from 1 to 65535$/,
	],
	[
		"instances: [{ userDataBase64: ‸'a' }]",
		"instances[0].userDataBase64",
		/^the value \(not shown\) is not allowed; allowed: base64 of at most 16384 bytes$/,
	],
	[
		`instances: [{ userData: ‸${"x".repeat(16_385)} }]`,
		"instances[0].userData",
		/^the value \(not shown\) is not allowed; allowed: text of at most 16384 bytes$/,
	],
	["roles: [{ roleName: ‸.. }]", "roles[0].roleName", /^"\.\." is not allowed; allowed: 1 to 64 letters/],
	["roles: [{ roleName: ‸a/b }]", "roles[0].roleName", /allowed: 1 to 64 letters/],
	["roles: [{ roleName: a, path: ‸team }]", "roles[0].path", /begins and ends with \//],
	[
		"roles: [{ roleName: a, assumeRolePolicyDocument: { Statement: { Effect: ‸allow, Principal: '*', Action: 'sts:*' } } }]",
		"roles[0].assumeRolePolicyDocument.Statement.Effect",
		/^"allow" is not an effect; allowed: Allow, Deny$/,
	],
	["roles: [{ roleName: a, maxSessionDurationSeconds: ‸900 }]", "roles[0].maxSessionDurationSeconds", /from 3600 to 43200$/],
	[
		"roles: [{ roleName: a, managedPolicyArns: [‸ReadOnlyAccess] }]",
		"roles[0].managedPolicyArns[0]",
		/allowed: the ARN of a managed policy/,
	],
	[
		"roles: [{ roleName: a, managedPolicyArns: ['arn:aws:iam::aws:policy/X', ‸'arn:aws:iam::aws:policy/X'] }]",
		"roles[0].managedPolicyArns[1]",
		/^is given twice; allowed: once$/,
	],
	["users: [{ userName: ‸a b }]", "users[0].userName", /allowed: 1 to 64 letters/],
	[
		"users: [{ userName: a, accessKeys: [{ accessKeyId: ‸AKIA, secretAccessKey: x }] }]",
		"users[0].accessKeys[0].accessKeyId",
		/^the value \(not shown\) is not allowed; allowed: the access key's id/,
	],
	[
		"users: [{ userName: a, accessKeys: ‸[{ accessKeyId: AKIAIOSFODNN7EXAMPLE }] }]".replace("‸[{", "[‸{"),
		"users[0].accessKeys[0].secretAccessKey",
		/^is missing; allowed: the secret access key/,
	],
	["snapshots: [{ snapshotId: ‸vol-1 }]", "snapshots[0].snapshotId", /allowed: "snap-" and letters or digits/],
	["snapshots: [{ snapshotId: snap-1, volumeSizeGib: ‸0 }]", "snapshots[0].volumeSizeGib", /from 1 to 65536$/],
	[
		"images: [{ imageId: ami-1, blockDeviceMappings: [{ deviceName: sda, virtualName: swap, ebs: ‸{} }] }]",
		"images[0].blockDeviceMappings[0].ebs",
		/^may not be given beside virtualName/,
	],

	// Policies
	["policies: [{ policyName: a, policyDocument: ‸[] }]", "policies[0].policyDocument", /allowed: a policy: a map, or a text in JSON$/],
	["policies: [‸{ policyName: a }]", "policies[0].policyDocument", /^is missing; allowed: a policy: a map/],
	["policies: [{ policyName: a, policyDocument: ‸{} }]", "policies[0].policyDocument.Statement", /^is missing; allowed: a statement/],
	["policies: [{ policyName: a, policyDocument: ‸'{' }]", "policies[0].policyDocument", /^the policy is not JSON: /],
	[
		`policies: [{ policyName: a, policyDocument: ‸'{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Effect":"Deny"}}' }]`,
		"policies[0].policyDocument",
		/^Statement\.Effect: stands twice in its object$/,
	],
	[
		"policies:\n  - policyName: a\n    policyDocument:\n      Version: ‸2012-10-18\n      Statement: { Effect: Allow, Action: '*', Resource: '*' }",
		"policies[0].policyDocument.Version",
		/^"2012-10-18" is not a version; allowed: 2012-10-17, 2008-10-17$/,
	],
	[
		"policies:\n  - policyName: a\n    policyDocument:\n      Statement:\n        - { Effect: Allow, Action: '*', Resource: '*' }\n        - Sid: P1\n          Effect: Deny\n          Action: ec2:RunInstances\n          Resource: '*'\n          Condition:\n            StringEqual: ‸{ 'ec2:Region': us-east-1 }",
		"policies[0].policyDocument.Statement[1].Condition.StringEqual",
		/^is not a condition operator; allowed: StringEquals, /,
	],
	[
		"policies: [{ policyName: a, policyDocument: { Statement: { Effect: Allow, Action: '*', Resource: '*', Condition: { NumericLessThan: { 'ec2:MetadataHttpPutResponseHopLimit': ‸many } } } } }]",
		'policies[0].policyDocument.Statement.Condition.NumericLessThan["ec2:MetadataHttpPutResponseHopLimit"]',
		/^"many" is not allowed; allowed: /,
	],
	[
		"policies: [{ policyName: a, policyDocument: { Statement: [{ Effect: Allow, Action: [ec2:Run, ‸Run], Resource: '*' }] } }]".replace(
			"[ec2:Run, ‸Run]",
			"‸[ec2:Run, Run]",
		),
		"policies[0].policyDocument.Statement[0].Action",
		/^"Run" is not allowed; allowed: \*, or a service and a name/,
	],
	[
		"policies: [{ policyName: a, policyDocument: { Statement: [‸{ Effect: Allow, Action: '*' }] } }]",
		"policies[0].policyDocument.Statement[0]",
		/^Resource: is missing; a statement has either Resource or NotResource$/,
	],
	[
		"policies: [{ policyName: a, policyDocument: { Statement: [‸1] } }]",
		"policies[0].policyDocument.Statement[0]",
		/^1 is not a statement/,
	],
	[
		"users: [{ userName: a, policies: [{ policyName: p, policyDocument: { Statement: { Effect: Allow, Action: '*', Resource: '*', Principal: ‸'*' } } }] }]",
		"users[0].policies[0].policyDocument.Statement.Principal",
		/^is not an element of a statement in an identity-based policy/,
	],
	[
		"roles: [{ roleName: a, assumeRolePolicyDocument: { Statement: { Effect: Allow, Action: 'sts:*', Principal: '*', Resource: ‸'*' } } }]",
		"roles[0].assumeRolePolicyDocument.Statement.Resource",
		/^is not an element of a statement in a trust policy/,
	],
	[
		`policies: [{ policyName: a, policyDocument: ‸{ Statement: { Effect: Allow, Action: '*', Resource: 'arn:aws:s3:::${"x".repeat(6_200)}' } } }]`,
		"policies[0].policyDocument",
		/^6\d{3} characters of policies are too many; allowed: 6144, white space not counted$/,
	],
	[
		`users: [{ userName: a, policies: ‸[${["p", "q"].map((name) => `{ policyName: ${name}, policyDocument: { Statement: { Effect: Allow, Action: '*', Resource: 'arn:aws:s3:::${"x".repeat(1_000)}' } } }`).join()}] }]`,
		"users[0].policies",
		/^2\d{3} characters of policies are too many; allowed: 2048/,
	],
	[
		'roles: [{ roleName: a, policies: [{ policyName: p, policyDocument: ‸\'{}\' }, { policyName: q, policyDocument: \'{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}\' }] }]',
		"roles[0].policies[0].policyDocument",
		/^Statement: is missing/,
	],
	[
		'policies: [{ policyName: a, policyDocument: ‸{ Statement: { Effect: Allow, Action: "*", Resource: "arn:aws:s3:::\\u2028" } } }]',
		"policies[0].policyDocument",
		/^holds a character that no policy may have; allowed: those of Latin-1/,
	],
	[
		'policies: [{ policyName: a, policyDocument: { Statement: { Effect: ‸"\\x9b2J", Action: "*", Resource: "*" } } }]',
		"policies[0].policyDocument.Statement.Effect",
		/^"\\u009b2J" is not an effect/,
	],

	// Organizations
	[
		"account: { organization: { organizationId: ‸o-1 } }",
		"account.organization.organizationId",
		/allowed: "o-" and 10 to 32 lower-case letters or digits$/,
	],
	[
		"account: { organization: { serviceControlPolicies: ‸{} } }",
		"account.organization.serviceControlPolicies",
		/^a map is not allowed; allowed: a list of policies, or a list of such lists from the root to the account$/,
	],
	[
		"account: { organization: { serviceControlPolicies: [{ policyName: a, policyDocument: { Statement: { Effect: ‸no, Action: '*', Resource: '*' } } }] } }",
		"account.organization.serviceControlPolicies[0].policyDocument.Statement.Effect",
		/allowed: Allow, Deny$/,
	],
	[
		"account: { organization: { serviceControlPolicies: [[{ policyName: a, policyDocument: { Statement: { Effect: ‸no, Action: '*', Resource: '*' } } }]] } }",
		"account.organization.serviceControlPolicies[0][0].policyDocument.Statement.Effect",
		/allowed: Allow, Deny$/,
	],
	[
		"account: { organization: { serviceControlPolicies: [‸[]] } }",
		"account.organization.serviceControlPolicies[0]",
		/allowed: a list of 1 to 10$/,
	],
	[
		"account: { organization: { declarativePolicy: { ec2_attributes: { instance_metadata_defaults: { http_tokens: { '@@assign': ‸no-preference } } } } } }",
		'account.organization.declarativePolicy.ec2_attributes.instance_metadata_defaults.http_tokens["@@assign"]',
		/allowed: no_preference, optional, required$/,
	],
	[
		"account: { organization: { declarativePolicy: { ec2_attributes: { instance_metadata_defaults: { http_tokens: ‸required } } } } }",
		"account.organization.declarativePolicy.ec2_attributes.instance_metadata_defaults.http_tokens",
		/^"required" is not allowed; allowed: a map$/,
	],
	...["0", "'0'", "65", "'-2'", "1.5", "' 4'"].map(
		(limit) =>
			[
				`account: { organization: { declarativePolicy: { ec2_attributes: { instance_metadata_defaults: { http_put_response_hop_limit: { '@@assign': ‸${limit} } } } } } }`,
				'account.organization.declarativePolicy.ec2_attributes.instance_metadata_defaults.http_put_response_hop_limit["@@assign"]',
				/allowed: a whole number from 1 to 64, or -1 for no preference$/,
			] as const,
	),
	["instanceProfiles: [{ instanceProfileName: p, roles: ‸[a, b] }]", "instanceProfiles[0].roles", /a list of at most 1$/],
	["keyPairs: [{ keyName: ‸' a', publicKey: 'ssh-ed25519 AAAAAAAAAAAAAAAAAAAA' }]", "keyPairs[0].keyName", /no space at either end$/],
	[
		"keyPairs: [{ keyName: a, publicKey: ‸'-----BEGIN OPENSSH PRIVATE KEY-----' }]",
		"keyPairs[0].publicKey",
		/^the value \(not shown\) is not allowed; allowed: a public key/,
	],
	["subnets: [{ subnetId: subnet-1, cidrBlock: ‸10.0.0.1/24 }]", "subnets[0].cidrBlock", /with zeros after the prefix/],
	["subnets: [{ subnetId: subnet-1, cidrBlock: ‸2001:db8::/64 }]", "subnets[0].cidrBlock", /an IPv4 block/],
	["securityGroups: [{ groupId: sg-1, groupName: ‸sg-2 }]", "securityGroups[0].groupName", /not beginning with sg-$/],
	["images: [{ imageId: ami-1, imdsSupport: ‸v1.0 }]", "images[0].imdsSupport", /allowed: v2\.0$/],
	[
		"images: [{ imageId: ami-1, blockDeviceMappings: [{ deviceName: sda, virtualName: ‸ami }] }]",
		"images[0].blockDeviceMappings[0].virtualName",
		/ephemeral0 to ephemeral23, swap$/,
	],

	// Contradictions within a thing
	["instances: [{ userData: a, userDataBase64: ‸YQ== }]", "instances[0].userDataBase64", /^may not be given beside userData/],
	[
		"instances: [{ publicIpAddress: 1.2.3.4, associatePublicIpAddress: ‸false }]",
		"instances[0].associatePublicIpAddress",
		/^is false, but publicIpAddress is given/,
	],
	["instances: [{ iamInstanceProfile: ‸{} }]", "instances[0].iamInstanceProfile", /allowed: the name or the ARN of an instance profile/],
	["instances: [{ placement: { partitionNumber: ‸1 } }]", "instances[0].placement.partitionNumber", /^needs a placement group/],
	[
		"instances: [{ scheduledEvents: [{ eventId: instance-event-1, code: instance-stop, description: x, notBefore: 2026-01-02T00:00:00Z, notAfter: ‸2026-01-01T00:00:00Z }] }]",
		"instances[0].scheduledEvents[0].notAfter",
		/^is before notBefore/,
	],
	[
		"instances: [{ spotInterruption: ‸{ action: stop, time: 2026-01-01T00:00:00Z } }]",
		"instances[0].spotInterruption",
		/only given to Spot Instances/,
	],
	["instances: [{ subnetId: ‸subnet-1, networkInterfaces: [{}] }]", "instances[0].subnetId", /beside networkInterfaces/],
	[
		"instances: [{ tags: { ‸a/b: c }, metadataOptions: { instanceMetadataTags: enabled } }]",
		'instances[0].tags["a/b"]',
		/not a valid tag key/,
	],
	[
		"instances: [{ networkInterfaces: [{}, { deviceIndex: ‸0 }] }]",
		"instances[0].networkInterfaces[1].deviceIndex",
		/another interface's already/,
	],

	// Contradictions between things
	["instances: [{ imageId: ‸ami-1 }]", "instances[0].imageId", /^no image "ami-1"; known: ami-/],
	[
		"instances: [{}, { networkInterfaces: [{ subnetId: ‸subnet-1 }] }]",
		"instances[1].networkInterfaces[0].subnetId",
		/^no subnet "subnet-1"; known: subnet-/,
	],
	["instances: [{ securityGroupIds: [‸sg-1] }]", "instances[0].securityGroupIds[0]", /^no security group "sg-1"/],
	["instances: [{ keyName: ‸k }]", "instances[0].keyName", /^no key pair "k"; none is declared$/],
	["instances: [{ iamInstanceProfile: ‸web }]", "instances[0].iamInstanceProfile", /^no instance profile "web"/],
	["instanceProfiles: [{ instanceProfileName: p, roles: [‸r] }]", "instanceProfiles[0].roles[0]", /^no role "r"; none is declared$/],
	[
		"instances: [{ instanceId: i-1 }, { instanceId: ‸i-1 }]",
		"instances[1].instanceId",
		/^"i-1" is declared twice, first in instances\[0\]; allowed: once$/,
	],
	["roles: [{ roleName: a }, { roleName: ‸a }]", "roles[1].roleName", /^"a" is declared twice, first in roles\[0\]/],
	["images: [{ imageId: ami-1 }, { imageId: ‸ami-1 }]", "images[1].imageId", /declared twice/],
	[
		"instances: [{ privateIpAddress: 172.31.0.9 }, { privateIpAddress: ‸172.31.0.9 }]",
		"instances[1].privateIpAddress",
		/^172\.31\.0\.9 is i-\w+'s already/,
	],
	[
		"instances: [{ privateIpAddress: ‸10.0.0.9 }]",
		"instances[0].privateIpAddress",
		/^10\.0\.0\.9 is not in the subnet's 172\.31\.0\.0\/20/,
	],
	[
		"instances: [{ tags: { Name: a }, endpointListen: '127.0.0.1:1338' }, { tags: { Name: b }, endpointListen: ‸'localhost:1338' }]",
		"instances[1].endpointListen",
		/^127\.0\.0\.1:1338 of b is taken by 127\.0\.0\.1:1338 of a; allowed: another port, or 0 for any$/,
	],
	[
		"instances: [{ tags: { Name: a }, endpointBindings: [{ interface: tap0 }] }, { endpointBindings: [{ interface: b }, ‸{ interface: tap0, sourceAddresses: [10.0.0.1] }] }]",
		"instances[1].endpointBindings[1]",
		/^10\.0\.0\.1 at interface tap0 of i-\w+ is taken by interface tap0 of a; allowed: an interface, a namespace or an address of its own$/,
	],
	["instances: [{ lightsail: ‸{ name: Web-1, blueprintId: wordpress } }]", "instances[0].lightsail.bundleId", /^is missing/],
	["instances: [{ lightsail: { name: ‸'Web 1', blueprintId: wordpress, bundleId: nano_3_0 } }]", "instances[0].lightsail.name", /2 to 255/],
	[
		"instances: [{ lightsail: { name: Web-1, blueprintId: ‸slackware, bundleId: nano_3_0 } }]",
		"instances[0].lightsail.blueprintId",
		/^no blueprint "slackware"; known: amazon_linux_2023, amazon_linux_2, /,
	],
	[
		"instances: [{ lightsail: { name: Web-1, blueprintId: wordpress, bundleId: ‸nano } }]",
		"instances[0].lightsail.bundleId",
		/^no bundle "nano"; known: nano_3_0, /,
	],
	[
		"instances: [{ lightsail: { name: Web-1, blueprintId: windows_server_2022, bundleId: ‸micro_3_0 } }]",
		"instances[0].lightsail.bundleId",
		/^"micro_3_0" is for LINUX_UNIX, but blueprint windows_server_2022 needs one for WINDOWS, such as micro_win_3_0$/,
	],
	[
		"instances: [{ lightsail: { name: Web-1, blueprintId: wordpress, bundleId: ‸nano_ipv6_3_0 } }]",
		"instances[0].lightsail.bundleId",
		/^"nano_ipv6_3_0" does not have a public IPv4 address; the address type is dualstack$/,
	],
	[
		"instances: [{ instanceType: ‸t3.nano, lightsail: { name: Web-1, blueprintId: wordpress, bundleId: nano_3_0 } }]",
		"instances[0].instanceType",
		/^may not be given beside lightsail, whose bundleId says it; leave out instanceType$/,
	],
	[
		"instances: [{ instanceId: i-1, lightsail: { name: Web-1, blueprintId: wordpress, bundleId: nano_3_0 } }, { lightsail: { name: ‸Web-1, blueprintId: mean, bundleId: nano_3_0 } }]",
		"instances[1].lightsail.name",
		/^"Web-1" is the name of i-1 already; allowed: another name$/,
	],
	[
		"instances: [{ endpointListen: '0.0.0.0:1338' }, { endpointListen: ['127.0.0.1:0', ‸'127.0.0.1:1338'] }]",
		"instances[1].endpointListen[1]",
		/is taken by 0\.0\.0\.0:1338/,
	],
	[
		"instances: [{ placement: { availabilityZone: ‸eu-west-1a } }]",
		"instances[0].placement.availabilityZone",
		/^no subnet in zone "eu-west-1a"/,
	],
	["subnets: [{ subnetId: subnet-1, vpcId: ‸vpc-1, cidrBlock: 10.0.0.0/24 }]", "subnets[0].vpcId", /^no VPC "vpc-1"; known: vpc-/],
	[
		"subnets: [{ subnetId: subnet-1, cidrBlock: ‸10.0.0.0/24 }]",
		"subnets[0].cidrBlock",
		/is not in the blocks of vpc-\w+; allowed: a part of 172\.31\.0\.0\/16$/,
	],
	["subnets: [{ subnetId: subnet-1, cidrBlock: ‸172.31.0.0/24 }]", "subnets[0].cidrBlock", /overlaps subnet subnet-/],
	["subnets: [‸{ subnetId: subnet-1 }]", "subnets[0]", /^has no addresses; allowed: cidrBlock, ipv6CidrBlocks or both$/],
	[
		"subnets: [{ subnetId: subnet-1, availabilityZone: ‸us-west-1a, cidrBlock: 172.31.128.0/24 }]",
		"subnets[0].availabilityZone",
		/not in the account's Region; allowed: us-east-1a/,
	],
	[
		"securityGroups: [{ groupId: sg-1, groupName: a }, { groupId: sg-2, groupName: ‸a }]",
		"securityGroups[1].groupName",
		/^"a" is the name of sg-1 in vpc-/,
	],
	["securityGroups: [{ groupId: sg-1, groupName: a, vpcId: ‸vpc-9 }]", "securityGroups[0].vpcId", /^no VPC "vpc-9"/],
	[
		"account: { instanceMetadataDefaults: { httpTokensEnforced: enabled } }\ninstances: [‸{}]",
		"instances[0].metadataOptions.httpTokens",
		/httpTokensEnforced/,
	],

	[
		"account: { organization: { declarativePolicy: { ec2_attributes: { instance_metadata_defaults: { http_tokens_enforced: { '@@assign': enabled } } } } } }\ninstances: [‸{}]",
		"instances[0].metadataOptions.httpTokens",
		/httpTokensEnforced/,
	],
	[
		"images: [{ imageId: ami-1, blockDeviceMappings: [{ deviceName: sda, ebs: { snapshotId: ‸snap-1 } }] }]",
		"images[0].blockDeviceMappings[0].ebs.snapshotId",
		/^no snapshot "snap-1"; none is declared$/,
	],
	[
		"snapshots: [{ snapshotId: snap-2 }]\ninstances: [{ blockDeviceMappings: [{ deviceName: sda, ebs: { snapshotId: ‸snap-1 } }] }]",
		"instances[0].blockDeviceMappings[0].ebs.snapshotId",
		/^no snapshot "snap-1"; known: snap-2$/,
	],
	[
		"users: [{ userName: a, managedPolicyArns: [‸'arn:aws:iam::123456789012:policy/p'] }]\npolicies: [{ policyName: p, path: /x/, policyDocument: { Statement: { Effect: Deny, Action: '*', Resource: '*' } } }]",
		"users[0].managedPolicyArns[0]",
		/^no policy "arn:aws:iam::123456789012:policy\/p"; known: arn:aws:iam::123456789012:policy\/x\/p$/,
	],
	[
		"roles: [{ roleName: a, permissionsBoundary: ‸'arn:aws:iam::aws:policy/NoSuchPolicy' }]",
		"roles[0].permissionsBoundary",
		/^no policy "arn:aws:iam::aws:policy\/NoSuchPolicy"; none is declared$/,
	],
	["users: [{ userName: a }, { userName: ‸a }]", "users[1].userName", /^"a" is declared twice, first in users\[0\]/],
	[
		"users: [{ userName: a, accessKeys: [{ accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: x }, { accessKeyId: ‸AKIAIOSFODNN7EXAMPLE, secretAccessKey: y }] }]",
		"users[0].accessKeys[1].accessKeyId",
		/^is given twice; allowed: once$/,
	],

	// The text itself
	["instances: []\n‸instances: []", "instances", /^is given twice; allowed: once$/],
	["instances: [{ tags: { a: b, ‸a: c } }]", "instances[0].tags.a", /^is given twice; allowed: once$/],
	["instances: []\n‸---\ninstances: []", "", /^a second document begins here; allowed: one$/],
	["instances: [{ userData: ‸!secret abc }]", "", /^a tag that has no meaning here/],
	["instances: ‸*nobody", "instances", /^an alias without an anchor before it/],
	["instances:\n‸\t- {}", "", /^not YAML: /],
	["instances: [{}\n‸roles: []", "", /^not YAML: /],
	["a: ‸b: c", "", /^not YAML: Nested mappings/],
	["? ‸[a]\n: b", "", /^not YAML: A name must be text$/],
	['instances: [{ tags: { a: "x‸\u0007" } }]', "", /^a control character \(0x07\) is not allowed/],
];

describe("a configuration is refused with place, field and what is allowed:", () => {
	for (const [marked, field, message] of REFUSED) {
		test(marked.replaceAll("\n", "⏎").slice(0, 120), () => {
			const before = marked.slice(0, marked.indexOf("‸")).split("\n");
			const problems = problemsOf(marked.replace("‸", ""));
			assert.equal(problems.length, 1, JSON.stringify(problems));
			const [problem] = problems;
			assert.match(problem?.message ?? "", message);
			assert.deepEqual(
				{ file: problem?.file, field: problem?.field, line: problem?.line, column: problem?.column },
				{ file: "openimds.yaml", field, line: before.length, column: Number(before.at(-1)?.length) + 1 },
			);
		});
	}
});

test("all problems are told, in the order of the file, one a line", () => {
	const text =
		"account: { accountId: 1 }\ninstances:\n  - nope: 1\n    state: gone\n    nay: 2\n  - state: gone\n  - state: stopped\n    state: running\n";
	const lines = [
		"account.accountId",
		"instances[0].nope",
		"instances[0].state",
		"instances[0].nay",
		"instances[1].state",
		"instances[2].state",
	];
	assert.deepEqual(
		problemsOf(text).map(({ field }) => field),
		lines,
	);
	assert.throws(() => parseDeclaration(text, "openimds.yaml"), {
		message:
			/^openimds\.yaml:1:23: account\.accountId: 1 is a number.*\nopenimds\.yaml:3:5: instances\[0\]\.nope: .*\n.*\n.*\n.*\nopenimds\.yaml:8:5: instances\[2\]\.state: is given twice; allowed: once$/,
	});
	assert.equal(problemsOf(`instances: [${"{ imageId: ami-1 },".repeat(3)}]`).length, 3);
});

test("the value is told beside the message, unless it may be a secret", () => {
	assert.equal(problemsOf("instances: [{ state: gone }]")[0]?.value, '"gone"');
	assert.equal(problemsOf("instances: [{ userData: 5 }]")[0]?.value, undefined);
});

test("secrets are in no message, however a file is wrong", () => {
	const secret = "CANARY";
	const texts = [
		`roles: [{ roleName: a, credentials: { accessKeyId: ${secret}, secretAccessKey: '${secret} ', sessionToken: [${secret}] } }]`,
		`roles: [{ roleName: a, credentials: ${secret} }]`,
		`roles: [{ roleName: a, credential: ${secret} }]`,
		`instances: [{ userData: ${secret}, userDataBase64: ${secret}AA }]`,
		`instances: [{ userdata: ${secret} }]`,
		`instances: { userData: ${secret} }`,
		`userData: |${secret}\n  ${secret}\n`,
		`roles: [{ credentials: { secretAccessKey: "${secret}\\q" } }]`,
		`roles: [{ credentials: { secretAccessKey: !${secret} x } }]`,
		`roles: [{ credentials: { secretAccessKey: "${secret} }]\n`,
		`roles:\n  credentials:\n secretAccessKey: ${secret}\n`,
		`keyPairs: [{ keyName: a, publicKey: '-----BEGIN ${secret}' }]`,
		`users: [{ userName: a, accessKeys: [{ accessKeyId: ${secret}, secretAccessKey: '${secret} ' }] }]`,
		`users: [{ userName: a, accessKeys: { secretAccessKey: ${secret} } }]`,
		`users: [{ userName: a, accessKeys: [${Array.from({ length: 2 }, () => `{ accessKeyId: ${secret}${secret}${secret}, secretAccessKey: x }`).join()}] }]`,
		`users: [${["a", "b"].map((name) => `{ userName: ${name}, accessKeys: [{ accessKeyId: ${secret}${secret}${secret}, secretAccessKey: x }] }`).join()}]`,
	];
	for (const text of texts) {
		const problems = problemsOf(text);
		assert.ok(problems.length > 0, text);
		assert.doesNotMatch(JSON.stringify(problems) + new ConfigurationError(problems).message, /CANARY/, text);
	}
});

test("short forms stand for what they are short for", () => {
	const text = `
instances:
  - tags: { Name: web, constructor: x, "10": y }
    userData: "häl\\r\\n"
    iamInstanceProfile: web
    endpointListen: localhost:0
    launchTime: 2026-01-31T12:00:00.999Z
    networkInterfaces: [{ macAddress: "02:AA:00:00:00:0F", ipv6Addresses: ["2001:0DB8::1"] }]
  - tags: [{ key: b, value: "" }, { key: a, value: x }]
    userDataBase64: |
      AAEC
      /w==
    iamInstanceProfile: arn:aws:iam::123456789012:instance-profile/team/web
    endpointListen: ["[0:0::1]:80"]
`;
	const [first, second] = parseDeclaration(text, "x").instances ?? [];
	assert.deepEqual(
		new Set(first?.tags),
		new Set([
			{ key: "Name", value: "web" },
			{ key: "constructor", value: "x" },
			{ key: "10", value: "y" },
		]),
	);
	assert.equal(Buffer.from(first?.userData ?? "", "base64").toString(), "häl\r\n");
	assert.deepEqual(first?.iamInstanceProfile, { name: "web" });
	assert.deepEqual(first?.endpointListen, ["127.0.0.1:0"]);
	assert.equal(first?.launchTime, "2026-01-31T12:00:00Z");
	assert.deepEqual(first?.networkInterfaces, [{ macAddress: "02:aa:00:00:00:0f", ipv6Addresses: ["2001:db8::1"] }]);
	assert.deepEqual(second?.tags, [
		{ key: "b", value: "" },
		{ key: "a", value: "x" },
	]);
	assert.deepEqual(second?.userData, "AAEC/w==");
	assert.ok(second !== undefined && !("userDataBase64" in second));
	assert.deepEqual(second.iamInstanceProfile, { arn: "arn:aws:iam::123456789012:instance-profile/team/web" });
	assert.deepEqual(second.endpointListen, ["[::1]:80"]);
});

test("JSON is read as well, with tabs and Windows line ends", () => {
	const json = JSON.stringify({ instances: [{ tags: { Name: "web" } }] }, null, "\t").replaceAll("\n", "\r\n");
	assert.equal(parseDeclaration(json, "x").instances?.length, 1);
	assert.deepEqual(
		problemsOf('{\r\n\t"instances": [\r\n\t\t{ "state": "gone" }\r\n\t]\r\n}').map(({ line, column }) => [line, column]),
		[[3, 14]],
	);
});

test("one anchor serves many instances, but aliases can't explode", () => {
	const many = `instances:\n  - tags: { Name: a }\n    metadataOptions: &options { httpTokens: required }\n${"  - metadataOptions: *options\n".repeat(500)}`;
	assert.equal(parseDeclaration(many, "x").instances?.length, 501);
	const levels = [..."bcdefghi"].map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]`);
	assert.match(problemsOf(`a: &a [x]\n${levels.join("\n")}`)[0]?.message ?? "", /^its aliases stand for too much/);
	assert.match(problemsOf("[".repeat(100_000))[0]?.message ?? "", /nested too deeply/);
	assert.match(problemsOf(`${"[".repeat(40)}${"]".repeat(40)}`)[0]?.message ?? "", /nested too deeply/);
	assert.ok(problemsOf("instances: &a [*a]").length > 0);
});

describe("a file that can't be used is refused with a sentence:", () => {
	const folder = mkdtempSync(join(tmpdir(), "openimds-config-"));
	after(() => rmSync(folder, { recursive: true }));
	const refused = (name: string, message: string) =>
		assert.throws(() => readDeclaration(join(folder, name)), { name: "ConfigurationError", message: `${join(folder, name)}: ${message}` });
	const written = (name: string, content: string | Buffer) => {
		writeFileSync(join(folder, name), content);
		return name;
	};

	test("one that is not there", () => refused("nothing.yaml", "there is no such file"));
	test("a folder", () => refused("", "is a folder; allowed: a file"));
	test("one that is too large", () => {
		truncateSync(join(folder, written("large.yaml", "")), 16 * 1024 * 1024 + 1);
		refused("large.yaml", "is larger than 16 MiB");
	});
	test("one that is not UTF-8", () =>
		refused(written("latin1.yaml", Buffer.from("# für\n", "latin1")), "is not UTF-8 text; save it as UTF-8"));
	test("an empty one", () => refused(written("empty.yaml", "# nothing yet\n"), "is empty; the smallest configuration is: instances: [{}]"));
	test("but not one with a byte order mark", () => {
		assert.equal(readDeclaration(join(folder, written("bom.yaml", "\ufeffinstances: [{}]"))).instances?.length, 1);
	});
});
