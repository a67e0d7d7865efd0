import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { awsQuery } from "./aws-query.ts";
import { ec2Query } from "./ec2-query.ts";
import { loadProtocols } from "./load-protocols.ts";
import { shapesOf } from "./service-shapes.ts";
import { WireError } from "./wire-error.ts";
import type { Invocation, WireRequest } from "./protocol.ts";

const EC2 = (await loadProtocols("ec2")).form!;
const IAM = (await loadProtocols("iam")).form!;

function post(body: string): WireRequest {
	return { method: "POST", target: "/", headers: [["content-type", "application/x-www-form-urlencoded"]], body: Buffer.from(body) };
}

function ec2(body: string): Invocation {
	return EC2.read(post(`Version=2016-11-15&Action=${body}`));
}

function iam(body: string): Invocation {
	return IAM.read(post(`Version=2010-05-08&Action=${body}`));
}

const NAMED = "Action=DescribeInstances";

describe("what is asked for:", () => {
	test("an operation, by its name", () => assert.equal(ec2("DescribeInstances").operation, "DescribeInstances"));

	test("its input is not looked at before it is decoded", () => {
		const { decodeInput } = ec2("DescribeInstances&Bogus=1");
		assert.throws(decodeInput, { code: "UnknownParameter", message: "The parameter Bogus is not recognized" });
	});

	for (const [body, code, message] of [
		["", "MissingAction", "The request must contain the parameter Action"],
		["Action=&Version=2016-11-15", "MissingAction", "The request must contain the parameter Action"],
		[NAMED, "MissingParameter", "The request must contain the parameter Version"],
		[`${NAMED}&Version=2099-01-01`, "NoSuchVersion", "The requested version (2099-01-01) of service AmazonEC2 does not exist"],
		["Action=Bogus&Version=2016-11-15", "InvalidAction", "The action Bogus is not valid for this web service."],
		["Action=constructor&Version=2016-11-15", "InvalidAction", "The action constructor is not valid for this web service."],
		["Action=describeInstances&Version=2016-11-15", "InvalidAction", "The action describeInstances is not valid for this web service."],
		["Action=CreateFleet&Version=2016-11-15", "UnsupportedOperation", "The operation CreateFleet is not supported by OpenIMDS."],
	] as const) {
		test(`EC2: ${body || "nothing"}`, () => assert.throws(() => EC2.read(post(body)), { name: "WireError", code, message }));
	}

	for (const [body, code, message] of [
		["Action=GetRole", "InvalidAction", "Could not find operation GetRole for version NO_VERSION_SPECIFIED"],
		["Action=GetRole&Version=2016-11-15", "InvalidAction", "Could not find operation GetRole for version 2016-11-15"],
		["Action=Bogus&Version=2010-05-08", "InvalidAction", "Could not find operation Bogus for version 2010-05-08"],
		["Action=CreateGroup&Version=2010-05-08", "UnsupportedOperation", "The operation CreateGroup is not supported by OpenIMDS."],
	] as const) {
		test(`IAM: ${body}`, () => assert.throws(() => IAM.read(post(body)), { name: "WireError", code, message }));
	}
});

describe("EC2's lists:", () => {
	test("are in the order of their indices, whatever order they come in", () => {
		const { decodeInput } = ec2("DescribeInstances&InstanceId.10=c&InstanceId.2=b&InstanceId.1=a");
		assert.deepEqual(decodeInput(), { InstanceIds: ["a", "b", "c"] });
	});

	test("may have as many items as allowed", () => {
		const ids = Array.from({ length: 1000 }, (_, index) => `&InstanceId.${10 * (index + 1)}=i-${index}`);
		assert.equal((ec2(`DescribeInstances${ids.join("")}`).decodeInput() as { InstanceIds: unknown[] }).InstanceIds.length, 1000);
	});
});

describe("EC2 refuses", () => {
	const tooMany = Array.from({ length: 1001 }, (_, index) => `&InstanceId.${index + 1}=i`).join("");
	const run = "RunInstances&MinCount=1&MaxCount=1";
	const indices = "Use an index between 1 and 10000.";
	const unknown = (name: string): string => `The parameter ${name} is not recognized`;
	for (const [name, body, code, message] of [
		[
			"an index beyond all bounds",
			"CreateTags&Tag.999999999.Key=a",
			"InvalidParameterValue",
			`Invalid index '999999999' in the parameter Tag.999999999.Key. ${indices}`,
		],
		[
			"an index of 0",
			"DescribeInstances&InstanceId.0=i",
			"InvalidParameterValue",
			`Invalid index '0' in the parameter InstanceId.0. ${indices}`,
		],
		[
			"an index with a leading zero",
			"DescribeInstances&InstanceId.01=i",
			"InvalidParameterValue",
			`Invalid index '01' in the parameter InstanceId.01. ${indices}`,
		],
		[
			"a list with too many items",
			`DescribeInstances${tooMany}`,
			"InvalidParameterValue",
			"The parameter InstanceId can have no more than 1000 items.",
		],
		[
			"a list without an index",
			"DescribeInstances&InstanceId=i",
			"InvalidParameterValue",
			"The parameter InstanceId is a list. Number its items, as in InstanceId.1.",
		],
		[
			"an empty list",
			"DescribeInstances&InstanceId=",
			"InvalidParameterValue",
			"The parameter InstanceId is a list. Number its items, as in InstanceId.1.",
		],
		["an index that is a name", "DescribeInstances&InstanceId.a=i", "UnknownParameter", unknown("InstanceId.a")],
		["a list as IAM has it", "DescribeInstances&InstanceId.member.1=i", "UnknownParameter", unknown("InstanceId.member.1")],
		["a name of the API that isn't the wire's", "DescribeInstances&InstanceIds.1=i", "UnknownParameter", unknown("InstanceIds.1")],
		["a name in other letters", "DescribeInstances&instanceId.1=i", "UnknownParameter", unknown("instanceId.1")],
		["an unknown member", `${run}&MetadataOptions.Bogus=a`, "UnknownParameter", unknown("MetadataOptions.Bogus")],
		["a member of every object", `${run}&MetadataOptions.__proto__=a`, "UnknownParameter", unknown("MetadataOptions.__proto__")],
		["a name that ends in a dot", `${run}&MetadataOptions.=a`, "UnknownParameter", unknown("MetadataOptions.")],
		["an access key in a parameter", `${run}&AWSAccessKeyId=a`, "UnknownParameter", unknown("AWSAccessKeyId")],
		[
			"a value for a structure",
			`${run}&MetadataOptions=required`,
			"InvalidParameterValue",
			"The parameter MetadataOptions is a structure. Give its members, as in MetadataOptions.HttpTokens.",
		],
		[
			"a value for a structure in a list",
			"CreateTags&Tag.1=a",
			"InvalidParameterValue",
			"The parameter Tag.1 is a structure. Give its members, as in Tag.1.Key.",
		],
		[
			"members of a value",
			`${run}&ImageId.Value=a`,
			"InvalidParameterValue",
			"The parameter ImageId.Value is not allowed: ImageId is a single value.",
		],
		["depth without end", `CreateTags&${"Tag.1.".repeat(80)}Key=a`, "UnknownParameter", unknown(`${"Tag.1.".repeat(80)}Key`)],
		[
			"what is missing",
			"ModifyInstanceMetadataOptions&HttpTokens=required",
			"MissingParameter",
			"The request must contain the parameter InstanceId",
		],
		["a missing list", "TerminateInstances", "MissingParameter", "The request must contain the parameter InstanceId"],
		[
			"what is missing in a structure in a list",
			`${run}&ElasticGpuSpecification.2.Type=a&ElasticInferenceAccelerator.3.Count=1`,
			"MissingParameter",
			"The request must contain the parameter ElasticInferenceAccelerator.3.Type",
		],
		[
			"no integer",
			"DescribeInstances&MaxResults=ten",
			"InvalidParameterValue",
			"Invalid value 'ten' for MaxResults. The value must be an integer.",
		],
		[
			"an empty integer",
			"DescribeInstances&MaxResults=",
			"InvalidParameterValue",
			"Invalid value '' for MaxResults. The value must be an integer.",
		],
		[
			"a fraction",
			"DescribeInstances&MaxResults=5.0",
			"InvalidParameterValue",
			"Invalid value '5.0' for MaxResults. The value must be an integer.",
		],
		[
			"an integer of more than 32 bits",
			"DescribeInstances&MaxResults=2147483648",
			"InvalidParameterValue",
			"Invalid value '2147483648' for MaxResults. The value must be an integer between -2147483648 and 2147483647.",
		],
		[
			"a long of more than 53 bits",
			"CopyImage&SnapshotCopyCompletionDurationMinutes=9007199254740992",
			"InvalidParameterValue",
			"Invalid value '9007199254740992' for SnapshotCopyCompletionDurationMinutes. The value must be an integer of at most 53 bits.",
		],
		[
			"a hop limit that is no integer",
			`${run}&MetadataOptions.HttpPutResponseHopLimit=abc`,
			"InvalidParameterValue",
			"Invalid value 'abc' for HttpPutResponseHopLimit. The value must be an integer.",
		],
		[
			"a number that is none",
			"CreateLaunchTemplate&LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Min=0x1",
			"InvalidParameterValue",
			"Invalid value '0x1' for LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Min. The value must be a number.",
		],
		[
			"an endless number",
			"CreateLaunchTemplate&LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Min=1e999",
			"InvalidParameterValue",
			"Invalid value '1e999' for LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Min. The value must be a number.",
		],
		[
			"another spelling of true",
			"DescribeInstances&DryRun=True",
			"InvalidParameterValue",
			"Invalid value 'True' for DryRun. The value must be true or false.",
		],
		[
			"a day that isn't",
			"ModifyInstanceEventStartTime&NotBefore=2026-02-29T00:00:00Z",
			"InvalidParameterValue",
			"Invalid value '2026-02-29T00:00:00Z' for NotBefore. The value must be a time such as 2026-01-31T12:00:00Z.",
		],
		[
			"a time without a zone",
			"ModifyInstanceEventStartTime&NotBefore=2026-02-28T00:00:00",
			"InvalidParameterValue",
			"Invalid value '2026-02-28T00:00:00' for NotBefore. The value must be a time such as 2026-01-31T12:00:00Z.",
		],
		[
			"a month that isn't",
			"ModifyInstanceEventStartTime&NotBefore=2026-13-01T00:00:00Z",
			"InvalidParameterValue",
			"Invalid value '2026-13-01T00:00:00Z' for NotBefore. The value must be a time such as 2026-01-31T12:00:00Z.",
		],
		[
			"no base64",
			"ImportKeyPair&PublicKeyMaterial=a*b",
			"InvalidParameterValue",
			"Invalid value 'a*b' for PublicKeyMaterial. The value must be base64.",
		],
		[
			"base64 with bits too many",
			"ImportKeyPair&PublicKeyMaterial=YW%3D%3D",
			"InvalidParameterValue",
			"Invalid value 'YW==' for PublicKeyMaterial. The value must be base64.",
		],
		[
			"user data that is no base64, and tells none of it",
			"ModifyInstanceAttribute&UserData.Value=hunter2",
			"InvalidParameterValue",
			"Invalid BASE64 encoding of user data",
		],
		[
			"HttpEndpoint",
			"ModifyInstanceMetadataOptions&HttpEndpoint=",
			"InvalidParameterValue",
			"A value of '' is not valid for HttpEndpoint. Specify either 'enabled' or 'disabled' and try again.",
		],
		[
			"HttpTokens",
			`${run}&MetadataOptions.HttpTokens=bogus`,
			"InvalidParameterValue",
			"A value of 'bogus' is not valid for HttpTokens. Specify either 'optional' or 'required' and try again.",
		],
		[
			"HttpProtocolIpv6",
			"ModifyInstanceMetadataOptions&HttpProtocolIpv6=yes",
			"InvalidParameterValue",
			"A value of 'yes' is not valid for HttpProtocolIpv6. Specify either 'enabled' or 'disabled' and try again.",
		],
		[
			"InstanceMetadataTags",
			"CreateLaunchTemplate&LaunchTemplateData.MetadataOptions.InstanceMetadataTags=on",
			"InvalidParameterValue",
			"A value of 'on' is not valid for InstanceMetadataTags. Specify either 'enabled' or 'disabled' and try again.",
		],
		[
			"HttpTokens of the account",
			"ModifyInstanceMetadataDefaults&HttpTokens=Required",
			"InvalidParameterValue",
			"A value of 'Required' is not valid for HttpTokens. Specify one of 'optional', 'required' or 'no-preference' and try again.",
		],
		["an instance type", `${run}&InstanceType=t9.huge`, "InvalidParameterValue", "Invalid value 't9.huge' for InstanceType."],
		[
			"a value of few",
			`${run}&Placement.Tenancy=mine`,
			"InvalidParameterValue",
			"Invalid value 'mine' for Placement.Tenancy. The value must be one of 'dedicated', 'default' or 'host'.",
		],
		[
			"a value of one",
			"RegisterImage&ImdsSupport=v3.0",
			"InvalidParameterValue",
			"Invalid value 'v3.0' for ImdsSupport. The value must be 'v2.0'.",
		],
		[
			"a value that never ends, and tells a little of it",
			`DescribeInstances&MaxResults=${"9".repeat(5000)}x`,
			"InvalidParameterValue",
			`Invalid value '${"9".repeat(200)}…' for MaxResults. The value must be an integer.`,
		],
	] as const) {
		test(name, () => assert.throws(() => ec2(body).decodeInput(), { name: "WireError", code, message }));
	}
});

describe("IAM refuses", () => {
	const tags = "CreateRole&RoleName=r&AssumeRolePolicyDocument=d&Tags";
	const failed = (value: string, place: string, constraint: string): string =>
		`1 validation error detected: Value ${value} at '${place}' failed to satisfy constraint: ${constraint}`;
	for (const [name, body, message] of [
		["what is missing", "GetRole", failed("null", "roleName", "Member must not be null")],
		["what is missing in a list", `${tags}.member.1.Key=a`, failed("null", "tags.member.1.value", "Member must not be null")],
		[
			"a value of few",
			"UpdateAccessKey&AccessKeyId=a&Status=On",
			failed("'On'", "status", "Member must satisfy enum value set: [Active, Expired, Inactive]"),
		],
		["no integer", "ListRoles&MaxItems=x", failed("'x'", "maxItems", "Member must be an integer")],
		["an unknown parameter", "ListRoles&Bogus=x", "The parameter Bogus is not recognized"],
		["a list as EC2 has it", `${tags}.1.Key=a`, "The parameter Tags.1.Key is not recognized"],
		["a list whose items are named otherwise", `${tags}.item.1.Key=a`, "The parameter Tags.item.1.Key is not recognized"],
		["a list without an index", `${tags}.member=a`, "The parameter Tags is a list. Number its items, as in Tags.member.1."],
		["a list with a value", `${tags}=a`, "The parameter Tags is a list. Number its items, as in Tags.member.1."],
		[
			"an index beyond all bounds",
			`${tags}.member.99999.Key=a`,
			"Invalid index '99999' in the parameter Tags.member.99999.Key. Use an index between 1 and 10000.",
		],
	] as const) {
		test(name, () => assert.throws(() => iam(body).decodeInput(), { name: "WireError", code: "ValidationError", message }));
	}
});

test("a sensitive value isn't told", () => {
	const shapes = shapesOf({
		name: "vault",
		version: "1",
		xmlNamespace: "",
		operations: { Lock: { input: "LockRequest", output: null } },
		structures: { LockRequest: { Key: { type: "blob", sensitive: true }, Number: { type: "integer", sensitive: true } } },
		enums: {},
		unsupportedOperations: [],
	});
	for (const protocol of [ec2Query(shapes), awsQuery(shapes)]) {
		for (const parameter of ["Key=hunter2!", "Number=hunter2"]) {
			assert.throws(protocol.read(post(`Action=Lock&Version=1&${parameter}`)).decodeInput, /^WireError: (?!.*hunter2).*\(hidden\)/);
		}
	}
});

test("IAM takes a list without items", () => {
	assert.deepEqual(iam("UntagRole&RoleName=r&TagKeys=").decodeInput(), { RoleName: "r", TagKeys: [] });
});

describe("a time may have", () => {
	for (const [name, text, iso] of [
		["no seconds", "2026-11-22T08:00Z", "2026-11-22T08:00:00.000Z"],
		["parts of a second", "2024-02-29T08:00:00.123456Z", "2024-02-29T08:00:00.123Z"],
		["another zone", "2026-11-22T08:00:00%2B01:30", "2026-11-22T06:30:00.000Z"],
	] as const) {
		test(name, () => {
			const { decodeInput } = ec2(`ModifyInstanceEventStartTime&InstanceId=i&InstanceEventId=e&NotBefore=${text}`);
			assert.deepEqual(decodeInput(), { InstanceId: "i", InstanceEventId: "e", NotBefore: new Date(iso) });
		});
	}
});

test("of any parameters at all, either an input or a WireError comes", () => {
	const operation = fc.constantFrom("RunInstances", "CreateTags", "CreateLaunchTemplate", "DescribeInstances", "ModifyInstanceAttribute");
	const names =
		"Tag TagSpecification Key Value Filter Name MetadataOptions HttpTokens LaunchTemplateData UserData NetworkInterface Ipv6Addresses InstanceId MaxResults member __proto__";
	const segment = fc.constantFrom("", "0", "1", "2", "10000", "10001", "-1", "1e3", ...names.split(" "));
	const parameter = fc.tuple(fc.array(segment, { minLength: 1, maxLength: 8 }), fc.oneof(fc.string({ unit: "grapheme" }), segment));
	fc.assert(
		fc.property(operation, fc.array(parameter, { maxLength: 6 }), (action, parameters) => {
			const form = new Map(parameters.map(([segments, value]) => [segments.join("."), value]));
			try {
				const { decodeInput } = ec2(`${action}&${new URLSearchParams([...form]).toString()}`);
				assert.equal(Object.getPrototypeOf(decodeInput()), Object.prototype);
			} catch (error) {
				assert.ok(error instanceof WireError, String(error));
			}
		}),
		{ numRuns: 2000 },
	);
});
