// The real clients are the judge: what they send is decoded to what they were given, and what is encoded they understand.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ec2 from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import * as lightsail from "@aws-sdk/client-lightsail";
import * as sts from "@aws-sdk/client-sts";
import { SmithyRpcV2CborProtocol } from "@smithy/core/cbor";
import fc from "fast-check";
import cloudwatchModel from "../models/cloudwatch.json" with { type: "json" };
import ec2Model from "../models/ec2.json" with { type: "json" };
import iamModel from "../models/iam.json" with { type: "json" };
import lightsailModel from "../models/lightsail.json" with { type: "json" };
import stsModel from "../models/sts.json" with { type: "json" };
import { loadProtocols } from "./load-protocols.ts";
import { type MemberShape, shapesOf, type ScalarShape, type ServiceShapes, type StructureShape } from "./service-shapes.ts";
import { WireError } from "./wire-error.ts";
import type { Answering, Protocol } from "./protocol.ts";

type Answer = { readonly output?: object | undefined; readonly failure?: { code: string; message: string; status: number } };

const REQUEST_ID = "59dbff89-35bd-4eac-99ed-be587EXAMPLE";

/** A client, and what it speaks. */
type Speaker = "ec2" | "iam" | "sts" | "lightsail" | "cloudwatch in JSON" | "cloudwatch in CBOR" | "cloudwatch in forms";

const { form: EC2 } = await loadProtocols("ec2");
const { form: IAM } = await loadProtocols("iam");
const { form: STS } = await loadProtocols("sts");
const { json: LIGHTSAIL } = await loadProtocols("lightsail");
const CLOUDWATCH = await loadProtocols("cloudwatch");

const SPEAKERS: Readonly<Record<Speaker, { readonly protocol: Protocol; readonly sdk: object; readonly shapes: ServiceShapes }>> = {
	ec2: { protocol: EC2!, sdk: ec2, shapes: shapesOf(ec2Model) },
	iam: { protocol: IAM!, sdk: iam, shapes: shapesOf(iamModel) },
	sts: { protocol: STS!, sdk: sts, shapes: shapesOf(stsModel) },
	lightsail: { protocol: LIGHTSAIL!, sdk: lightsail, shapes: shapesOf(lightsailModel) },
	"cloudwatch in JSON": { protocol: CLOUDWATCH.json!, sdk: cloudwatch, shapes: shapesOf(cloudwatchModel) },
	"cloudwatch in CBOR": { protocol: CLOUDWATCH.cbor!, sdk: cloudwatch, shapes: shapesOf(cloudwatchModel) },
	"cloudwatch in forms": { protocol: CLOUDWATCH.form!, sdk: cloudwatch, shapes: shapesOf(cloudwatchModel) },
};

let speaker: Speaker = "ec2";
let answer: Answer = {};
let received: { operation: string; input: object } | undefined;

/** Decodes what comes, and answers what the test says. */
const server = createServer((request, response) => {
	void (async () => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
		const { protocol } = SPEAKERS[speaker];
		try {
			const { operation, decodeInput } = protocol.read({
				method: request.method ?? "",
				target: request.url ?? "",
				headers,
				body: Buffer.concat(chunks),
			});
			received = { operation, input: decodeInput() };
			response.writeHead(answer.failure?.status ?? 200, headersOf(protocol, answer.failure));
			response.end(
				answer.failure === undefined
					? protocol.encodeOutput(operation, answer.output, REQUEST_ID)
					: protocol.encodeError(answer.failure, REQUEST_ID),
			);
		} catch (error) {
			if (!(error instanceof WireError)) throw error;
			response.writeHead(error.status, headersOf(protocol, error));
			response.end(protocol.encodeError(error, REQUEST_ID));
		}
	})();
});

function headersOf({ contentType, headers, errorHeaders }: Answering, failure: Answer["failure"]): Record<string, string> {
	return { "content-type": contentType, ...headers, ...(failure && errorHeaders?.(failure)) };
}

let clients: Record<Speaker, Client>;

interface Client {
	send(command: object): Promise<object>;
	destroy(): void;
}

before(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const options = {
		endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		region: "us-east-1",
		credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
		maxAttempts: 1,
	};
	clients = {
		ec2: new ec2.EC2Client(options),
		iam: new iam.IAMClient(options),
		sts: new sts.STSClient(options),
		lightsail: new lightsail.LightsailClient(options),
		"cloudwatch in JSON": new cloudwatch.CloudWatchClient(options),
		"cloudwatch in CBOR": new cloudwatch.CloudWatchClient({ ...options, protocol: SmithyRpcV2CborProtocol }),
		"cloudwatch in forms": new cloudwatch.CloudWatchClient({ ...options, protocol: queryProtocol(options) }),
	};
});

after(() => {
	for (const client of Object.values(clients)) client.destroy();
	server.close();
});

/** The Query protocol of the SDK, as CloudWatch's clients had it before they spoke JSON: other clients have it still. */
function queryProtocol(options: object): NonNullable<cloudwatch.CloudWatchClientConfig["protocol"]> {
	const { config } = new sts.STSClient(options);
	return config.protocol.constructor as NonNullable<cloudwatch.CloudWatchClientConfig["protocol"]>;
}

/** Sends an operation with the service's own client. */
async function send(name: Speaker, operation: string, input: object, answered: Answer): Promise<object> {
	const commands = new Map<string, unknown>(Object.entries(SPEAKERS[name].sdk));
	const Command = commands.get(`${operation}Command`) as new (input: object) => object;
	speaker = name;
	answer = answered;
	received = undefined;
	const { $metadata: _, ...output } = (await clients[name].send(new Command(input))) as { $metadata: unknown };
	return output;
}

/** What an input becomes, and what an output. */
async function there(name: Speaker, operation: string, input: object, output: object | undefined): Promise<void> {
	const understood = await send(name, operation, input, { output });
	assert.equal(received?.operation, operation);
	assert.deepEqual(received?.input, input);
	assert.deepEqual(understood, output ?? {});
}
const NASTY = "<b> & \"q\" 'a' ]]> &amp; \r\n\tline\n 🐧 e\u0301  two  spaces ";

describe("what EC2's client sends and gets is what was meant:", () => {
	test("RunInstances", () =>
		there(
			"ec2",
			"RunInstances",
			{
				ImageId: "ami-0123456789abcdef0",
				MinCount: 2,
				MaxCount: 3,
				InstanceType: "t3.micro",
				UserData: "IyEvYmluL3NoCg==",
				SecurityGroupIds: ["sg-1", "sg-2"],
				SecurityGroups: ["default"],
				IamInstanceProfile: { Name: "app" },
				Placement: { AvailabilityZone: "us-east-1a", PartitionNumber: 2, Tenancy: "dedicated" },
				BlockDeviceMappings: [
					{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 8, DeleteOnTermination: false } },
					{ DeviceName: "/dev/xvdb", NoDevice: "" },
				],
				NetworkInterfaces: [
					{
						DeviceIndex: 0,
						Groups: ["sg-3"],
						Ipv6Addresses: [{ Ipv6Address: "fd00::1", IsPrimaryIpv6: true }],
						PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.9", Primary: true }],
						AssociatePublicIpAddress: true,
					},
				],
				TagSpecifications: [
					{
						ResourceType: "instance",
						Tags: [
							{ Key: "Name", Value: NASTY },
							{ Key: "empty", Value: "" },
						],
					},
					{ ResourceType: "volume", Tags: [{ Key: "🔑", Value: "a=b&c=d%20+e" }] },
				],
				MetadataOptions: {
					HttpTokens: "required",
					HttpPutResponseHopLimit: 2,
					HttpEndpoint: "enabled",
					HttpProtocolIpv6: "disabled",
					InstanceMetadataTags: "enabled",
				},
				InstanceMarketOptions: {
					MarketType: "spot",
					SpotOptions: { MaxPrice: "0.05", ValidUntil: new Date("2026-11-22T08:00:00.000Z"), InstanceInterruptionBehavior: "stop" },
				},
				LaunchTemplate: { LaunchTemplateName: "web", Version: "$Latest" },
				PrivateDnsNameOptions: { HostnameType: "resource-name" },
				ClientToken: "ac85eb57",
				DryRun: false,
			},
			{
				ReservationId: "r-1",
				OwnerId: "123456789012",
				Groups: [],
				Instances: [
					{
						InstanceId: "i-1234567890abcdef0",
						State: { Code: 0, Name: "pending" },
						PublicDnsName: "",
						StateTransitionReason: "",
						LaunchTime: new Date("2026-11-22T08:00:00.000Z"),
						SecurityGroups: [{ GroupId: "sg-1", GroupName: "default" }],
						Tags: [{ Key: "Name", Value: NASTY }],
						ProductCodes: [],
						SourceDestCheck: true,
						MetadataOptions: {
							State: "pending",
							HttpTokens: "required",
							HttpPutResponseHopLimit: 1,
							HttpEndpoint: "enabled",
							HttpProtocolIpv6: "disabled",
							InstanceMetadataTags: "disabled",
						},
						NetworkInterfaces: [{ NetworkInterfaceId: "eni-1", Ipv6Addresses: [], Attachment: { DeviceIndex: 0, Status: "attaching" } }],
					},
				],
			},
		));

	test("DescribeInstances", () =>
		there(
			"ec2",
			"DescribeInstances",
			{
				Filters: [
					{ Name: "metadata-options.http-tokens", Values: ["optional", "required"] },
					{ Name: "tag:Name", Values: ["*"] },
				],
				MaxResults: 5,
				NextToken: "b3Blbg==",
			},
			{ Reservations: [], NextToken: "a" },
		));

	test("DescribeImages", () =>
		there(
			"ec2",
			"DescribeImages",
			{ ImageIds: ["ami-1"], Owners: ["self", "amazon"], ExecutableUsers: ["all"], IncludeDeprecated: true },
			{
				Images: [
					{
						ImageId: "ami-1",
						ImdsSupport: "v2.0",
						State: "available",
						Public: false,
						BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-1", VolumeSize: 8 } }],
						Tags: [],
					},
				],
			},
		));

	test("CreateLaunchTemplate", () =>
		there(
			"ec2",
			"CreateLaunchTemplate",
			{
				LaunchTemplateName: "web",
				VersionDescription: "first",
				LaunchTemplateData: {
					RamDiskId: "ari-1",
					MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
					TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "b" }] }],
					InstanceRequirements: { VCpuCount: { Min: 1 }, MemoryMiB: { Min: 512 }, MemoryGiBPerVCpu: { Min: 0.5, Max: 8 } },
				},
				TagSpecifications: [{ ResourceType: "launch-template", Tags: [{ Key: "a", Value: "b" }] }],
				ClientToken: "once",
			},
			{ LaunchTemplate: { LaunchTemplateId: "lt-1", DefaultVersionNumber: 1, CreateTime: new Date(0) }, Warning: { Errors: [] } },
		));

	test("CreateTags, which gives nothing", () =>
		there(
			"ec2",
			"CreateTags",
			{
				Resources: ["i-1", "ami-1"],
				Tags: [
					{ Key: NASTY, Value: "" },
					{ Key: "", Value: "x" },
				],
			},
			undefined,
		));

	test("ImportKeyPair and ModifyInstanceAttribute, with bytes", async () => {
		await there("ec2", "ImportKeyPair", { KeyName: "k", PublicKeyMaterial: new Uint8Array([0, 255, 10, 13]) }, { KeyPairId: "key-1" });
		await there(
			"ec2",
			"ModifyInstanceAttribute",
			{ InstanceId: "i-1", Groups: ["sg-1"], UserData: { Value: new Uint8Array(0) } },
			undefined,
		);
	});

	test("DescribeInstanceAttribute, whose attribute isn't set", () =>
		there("ec2", "DescribeInstanceAttribute", { InstanceId: "i-1", Attribute: "userData" }, { InstanceId: "i-1", UserData: {} }));
});

describe("what the clients of IAM and STS send and get is what was meant:", () => {
	test("ListRoles", () =>
		there(
			"iam",
			"ListRoles",
			{ PathPrefix: "/app/", MaxItems: 10 },
			{
				Roles: [
					{
						Path: "/",
						RoleName: "app",
						RoleId: "AROA1",
						Arn: "arn:aws:iam::1:role/app",
						CreateDate: new Date("2026-11-22T08:00:00Z"),
						AssumeRolePolicyDocument: "%7B%7D",
						Tags: [],
					},
				],
				IsTruncated: false,
			},
		));

	test("CreateRole, with tags", () =>
		there(
			"iam",
			"CreateRole",
			{
				RoleName: "app",
				AssumeRolePolicyDocument: '{"Statement":[]}\n',
				Tags: [
					{ Key: "a", Value: NASTY },
					{ Key: "b", Value: "" },
				],
			},
			{ Role: { RoleName: "app" } },
		));

	test("DeleteRole, which gives nothing", () => there("iam", "DeleteRole", { RoleName: "app" }, undefined));

	test("SimulatePrincipalPolicy", () =>
		there(
			"iam",
			"SimulatePrincipalPolicy",
			{
				PolicySourceArn: "arn:aws:iam::1:role/app",
				ActionNames: ["ec2:RunInstances", "ec2:CreateTags"],
				ResourceArns: [],
				ContextEntries: [{ ContextKeyName: "ec2:MetadataHttpTokens", ContextKeyValues: ["required"], ContextKeyType: "string" }],
			},
			{
				EvaluationResults: [
					{
						EvalActionName: "ec2:RunInstances",
						EvalDecision: "explicitDeny",
						MatchedStatements: [{ SourcePolicyId: "p", StartPosition: { Line: 1, Column: 2 } }],
						EvalDecisionDetails: { "IAM Policy": "allowed", "<other>": "implicitDeny" },
					},
				],
				IsTruncated: true,
				Marker: "m",
			},
		));

	test("AssumeRole", () =>
		there(
			"sts",
			"AssumeRole",
			{
				RoleArn: "arn:aws:iam::1:role/app",
				RoleSessionName: "s",
				DurationSeconds: 900,
				PolicyArns: [{ arn: "arn:aws:iam::aws:policy/x" }],
				Tags: [{ Key: "a", Value: "b" }],
				TransitiveTagKeys: ["a"],
			},
			{
				Credentials: { AccessKeyId: "ASIA1", SecretAccessKey: "s/+=", SessionToken: "t", Expiration: new Date("2026-11-22T08:00:00Z") },
				AssumedRoleUser: { AssumedRoleId: "AROA1:s", Arn: "arn" },
				PackedPolicySize: 6,
			},
		));

	test("GetCallerIdentity, which takes nothing", () =>
		there("sts", "GetCallerIdentity", {}, { UserId: "AIDA1", Account: "1", Arn: "arn" }));
});

describe("what the clients of CloudWatch and Lightsail send and get is what was meant:", () => {
	const since = new Date("2026-11-21T00:00:00.000Z");
	for (const name of ["cloudwatch in JSON", "cloudwatch in CBOR", "cloudwatch in forms"] as const) {
		test(`GetMetricData, ${name}`, () =>
			there(
				name,
				"GetMetricData",
				{
					MetricDataQueries: [
						{
							Id: "calls",
							MetricStat: {
								Metric: { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: [{ Name: "InstanceId", Value: "i-1" }] },
								Period: 300,
								Stat: "Sum",
							},
							ReturnData: false,
						},
						{ Id: "filled", Expression: "FILL(calls, 0)", Label: NASTY },
					],
					StartTime: since,
					EndTime: new Date("2026-11-22T00:00:00.000Z"),
					ScanBy: "TimestampAscending",
				},
				{
					MetricDataResults: [{ Id: "filled", Label: NASTY, Timestamps: [since], Values: [0.1], StatusCode: "Complete" }],
					Messages: [],
				},
			));

		test(`PutMetricData, which gives nothing, ${name}`, () =>
			there(
				name,
				"PutMetricData",
				{ Namespace: "Own", MetricData: [{ MetricName: "m", Value: -0.5, Timestamp: since, Values: [1, 2.5e300], StorageResolution: 1 }] },
				undefined,
			));

		test(`DescribeAlarms, with a fraction of a second, ${name}`, () =>
			there(name, "DescribeAlarms", {}, { MetricAlarms: [{ AlarmName: "a", StateUpdatedTimestamp: new Date(1_795_219_200_123) }] }));
	}

	test("GetInstance", () =>
		there("lightsail", "GetInstance", { instanceName: "Web-1" }, { instance: { name: "Web-1", createdAt: new Date(1_570_635_023_124) } }));

	test("GetBundles, which need be told nothing", () =>
		there("lightsail", "GetBundles", {}, { bundles: [{ price: 3.5, ramSizeInGb: 0.5 }] }));
});

describe("an error is one that the client can tell:", () => {
	for (const [name, operation, input] of [
		["ec2", "DescribeInstances", {}],
		["iam", "GetRole", { RoleName: "app" }],
		["sts", "GetCallerIdentity", {}],
		["lightsail", "GetInstance", { instanceName: "Web-1" }],
		["cloudwatch in JSON", "ListMetrics", {}],
		["cloudwatch in CBOR", "ListMetrics", {}],
		["cloudwatch in forms", "ListMetrics", {}],
	] as const) {
		test(name, async () => {
			const failure = { code: "UnauthorizedOperation", message: `You are <not> authorized & ${NASTY}`, status: 403 };
			await assert.rejects(send(name, operation, input, { failure }), (error: ClientError) => {
				assert.equal(error.name, failure.code);
				assert.equal(error.message, failure.message);
				assert.equal(error.$metadata.httpStatusCode, failure.status);
				return true;
			});
		});
	}

	test("one that IAM's model knows is of its own class", async () => {
		const failure = { code: "NoSuchEntity", message: "The role with name app cannot be found.", status: 404 };
		await assert.rejects(send("iam", "GetRole", { RoleName: "app" }, { failure }), iam.NoSuchEntityException);
	});

	for (const name of ["cloudwatch in JSON", "cloudwatch in CBOR", "cloudwatch in forms"] as const) {
		test(`one that CloudWatch's model knows by another code is of its own class, ${name}`, async () => {
			const failure = { code: "InvalidParameterCombination", message: "Both.", status: 400 };
			await assert.rejects(send(name, "ListMetrics", {}, { failure }), (error: ClientError & { readonly Error?: object }) => {
				assert.ok(error instanceof cloudwatch.InvalidParameterCombinationException);
				assert.equal(error.message, "Both.");
				return true;
			});
		});
	}

	test("Lightsail's have a code", async () => {
		const failure = { code: "NotFoundException", message: "The Instance does not exist: Web-1", status: 400 };
		await assert.rejects(send("lightsail", "GetInstance", { instanceName: "Web-1" }, { failure }), (error: lightsail.NotFoundException) => {
			assert.ok(error instanceof lightsail.NotFoundException);
			assert.equal(error.code, "NotFoundException");
			return true;
		});
	});

	test("a fault of ours is the receiver's", async () => {
		const failure = { code: "InternalFailure", message: "", status: 500 };
		await assert.rejects(send("sts", "GetCallerIdentity", {}, { failure }), (error: ClientError) => {
			assert.equal(error.Type, "Receiver");
			return true;
		});
	});
});

interface ClientError extends Error {
	readonly $metadata: { readonly httpStatusCode: number };
	readonly Type?: string;
}

test("a list whose items leave gaps has none", async () => {
	// The client counts an item without members, but sends nothing of it.
	await send("ec2", "CreateTags", { Resources: ["i-1"], Tags: [{}, { Key: "a", Value: "b" }, {}, { Key: "c", Value: "d" }] }, {});
	assert.deepEqual((received?.input as ec2.CreateTagsRequest | undefined)?.Tags, [
		{ Key: "a", Value: "b" },
		{ Key: "c", Value: "d" },
	]);
});

describe("anything that the model allows goes there and back:", () => {
	for (const name of Object.keys(SPEAKERS) as Speaker[]) {
		const operations = [...SPEAKERS[name].shapes.operations];
		const exchange = fc.constantFrom(...operations).chain(([operation, { input, output }]) =>
			fc.record({
				operation: fc.constant(operation),
				input: structureOf(input, name, true),
				output: output === undefined ? fc.constant(undefined) : structureOf(output, name, false),
			}),
		);
		test(name, () =>
			fc.assert(
				fc.asyncProperty(exchange, ({ operation, input, output }) => there(name, operation, input, output)),
				{ numRuns: 150 },
			),
		);
	}
});

/** Any structure with at least one member, if it has any: clients send nothing of one without. */
function structureOf(shape: StructureShape, name: Speaker, asInput: boolean): fc.Arbitrary<object> {
	const members = shape.members.filter(({ type }) => "scalar" in type || type.members.length > 0);
	const optional = fc.subarray(members, { minLength: Math.min(1, members.length), maxLength: Math.min(6, members.length) });
	// An idempotency token is made up by the client where there is none.
	const present = members.filter((member) => asInput && (member.required || member.name === "ClientToken"));
	return optional.chain((some) =>
		fc.record(Object.fromEntries([...present, ...some].map((member) => [member.name, memberOf(member, name, asInput)])), {
			noNullPrototype: true,
		}),
	);
}

function memberOf({ type, list, map }: MemberShape, name: Speaker, asInput: boolean): fc.Arbitrary<unknown> {
	const value = "scalar" in type ? scalarOf(type, name) : structureOf(type, name, asInput);
	// EC2's clients send nothing of an empty list.
	if (list !== undefined) return fc.array(value, { minLength: asInput && name === "ec2" ? 1 : 0, maxLength: 3 });
	return map ? fc.dictionary(textOf(), value, { minKeys: 1, maxKeys: 3, noNullPrototype: true }) : value;
}

const WHOLE_SECONDS: ReadonlySet<Speaker> = new Set(["iam", "sts"]);

function scalarOf({ scalar, values }: ScalarShape, name: Speaker): fc.Arbitrary<unknown> {
	switch (scalar) {
		case "string":
			return values === undefined ? textOf() : fc.constantFrom(...values);
		case "boolean":
			return fc.boolean();
		case "integer":
			return fc.integer();
		case "long":
			return fc.maxSafeInteger();
		case "double":
			return fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
		case "timestamp":
			return fc
				.date({ min: new Date("1000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true })
				.map((date) => (WHOLE_SECONDS.has(name) ? new Date(Math.floor(date.getTime() / 1000) * 1000) : date));
		case "blob":
			return fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes));
	}
}

/** What XML can carry, and likes to lose. The client takes a text of nothing but white space and line ends for an empty one. */
function textOf(): fc.Arbitrary<string> {
	const grapheme = fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 });
	return fc
		.string({ unit: fc.oneof(grapheme, fc.constantFrom(..."<>&;'\"\r\n\t %+=.")), maxLength: 20 })
		.filter((text) => text.trim() !== "" || !text.includes("\n"));
}
