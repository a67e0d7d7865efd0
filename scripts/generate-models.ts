/**
 * `npm run models`: writes what the AWS SDK knows of the operations below into src/control/models/, so that no SDK is needed at run time:
 * the shapes that src/control/wire/ walks (*.json) and the types of inputs and outputs (*.ts). With `-- --check` it only tells whether
 * they are current. What a service could do besides comes as a list of names, so that we can answer for what we lack.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ec2 from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import * as lightsail from "@aws-sdk/client-lightsail";
import * as sts from "@aws-sdk/client-sts";
import { NormalizedSchema } from "@smithy/core/schema";
import type { Member, GeneratedModel } from "../src/control/models/service-model.ts";

const FOLDER = "src/control/models";
/** A longer list of values is no use as a type: it grows with every release of the SDK. */
const LONGEST_UNION = 40;

const SERVICES: readonly Service[] = [
	{
		name: "ec2",
		sdk: ec2,
		version: "2016-11-15",
		xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
		operations: `
			RunInstances DescribeInstances ModifyInstanceMetadataOptions GetInstanceMetadataDefaults ModifyInstanceMetadataDefaults
			DescribeInstanceStatus StartInstances StopInstances RebootInstances TerminateInstances ModifyInstanceAttribute
			DescribeInstanceAttribute ModifyInstanceEventStartTime DescribeInstanceCreditSpecifications CreateTags DeleteTags DescribeTags
			RegisterImage CreateImage CopyImage DescribeImages ModifyImageAttribute DescribeImageAttribute ResetImageAttribute DeregisterImage
			CreateSnapshot DescribeSnapshots DeleteSnapshot CreateLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate
			DescribeLaunchTemplates DescribeLaunchTemplateVersions DeleteLaunchTemplate DeleteLaunchTemplateVersions GetLaunchTemplateData
			AssociateIamInstanceProfile DisassociateIamInstanceProfile ReplaceIamInstanceProfileAssociation
			DescribeIamInstanceProfileAssociations ImportKeyPair CreateKeyPair DescribeKeyPairs DeleteKeyPair DescribeRegions
			DescribeAvailabilityZones DescribeInstanceTypes DescribeVpcs DescribeSubnets DescribeSecurityGroups DescribeNetworkInterfaces
			DescribeVolumes DescribeAccountAttributes DescribeSpotInstanceRequests`,
	},
	{
		name: "iam",
		sdk: iam,
		version: "2010-05-08",
		xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		operations: `
			CreateRole GetRole ListRoles DeleteRole UpdateAssumeRolePolicy PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy
			AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies PutRolePermissionsBoundary DeleteRolePermissionsBoundary TagRole
			UntagRole ListRoleTags CreatePolicy GetPolicy GetPolicyVersion ListPolicies ListPolicyVersions CreatePolicyVersion
			DeletePolicyVersion SetDefaultPolicyVersion DeletePolicy CreateInstanceProfile GetInstanceProfile ListInstanceProfiles
			ListInstanceProfilesForRole AddRoleToInstanceProfile RemoveRoleFromInstanceProfile DeleteInstanceProfile CreateUser GetUser
			ListUsers DeleteUser PutUserPolicy GetUserPolicy ListUserPolicies DeleteUserPolicy AttachUserPolicy DetachUserPolicy
			ListAttachedUserPolicies PutUserPermissionsBoundary DeleteUserPermissionsBoundary TagUser UntagUser CreateAccessKey
			ListAccessKeys UpdateAccessKey DeleteAccessKey SimulatePrincipalPolicy`,
	},
	{
		name: "sts",
		sdk: sts,
		version: "2011-06-15",
		xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		operations: "GetCallerIdentity AssumeRole DecodeAuthorizationMessage",
	},
	{
		name: "cloudwatch",
		sdk: cloudwatch,
		version: "2010-08-01",
		xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
		operations: `
			GetMetricStatistics GetMetricData ListMetrics PutMetricData PutMetricAlarm DescribeAlarms DeleteAlarms SetAlarmState
			DescribeAlarmsForMetric`,
		queryCompatible: true,
	},
	{
		name: "lightsail",
		sdk: lightsail,
		version: "2016-11-28",
		xmlNamespace: "",
		operations: `
			UpdateInstanceMetadataOptions GetInstance GetInstances GetInstanceState CreateInstances StartInstance StopInstance RebootInstance
			DeleteInstance GetOperation GetOperations GetOperationsForResource GetInstanceMetricData GetBlueprints GetBundles GetRegions`,
	},
];

/**
 * A number is a 32-bit integer unless it is here: the SDK's schemas don't tell numbers apart. Compared with botocore's models
 * (1.43.11), which do. `*` is any member, or any structure.
 */
const NUMBER_TYPES: Record<string, "long" | "double"> = {
	"CopyImageRequest.SnapshotCopyCompletionDurationMinutes": "long",
	"Snapshot.FullSnapshotSizeInBytes": "long",
	"LaunchTemplate.DefaultVersionNumber": "long",
	"LaunchTemplate.LatestVersionNumber": "long",
	"*.VersionNumber": "long",
	"MemoryInfo.SizeInMiB": "long",
	"InstanceStorageInfo.TotalSizeInGB": "long",
	"DiskInfo.SizeInGB": "long",
	"MemoryGiBPerVCpuRequest.*": "double",
	"MemoryGiBPerVCpu.*": "double",
	"TotalLocalStorageGBRequest.*": "double",
	"TotalLocalStorageGB.*": "double",
	"NetworkBandwidthGbpsRequest.*": "double",
	"NetworkBandwidthGbps.*": "double",
	"ProcessorInfo.SustainedClockSpeedInGhz": "double",
	"*.BaselineThroughputInMBps": "double",
	"*.MaximumThroughputInMBps": "double",
	"NetworkCardInfo.BaselineBandwidthInGbps": "double",
	"NetworkCardInfo.PeakBandwidthInGbps": "double",
	"GpuDeviceInfo.GpuPartitionSize": "double",
	"Datapoint.*": "double",
	"StatisticSet.*": "double",
	"MetricDatum.Value": "double",
	"MetricDatum.Values": "double",
	"MetricDatum.Counts": "double",
	"MetricDataResult.Values": "double",
	"*.Threshold": "double",
	"Bundle.price": "double",
	"*.ramSizeInGb": "double",
	"MetricDatapoint.*": "double",
};

/** Members that OpenIMDS does without. */
const LEFT_OUT: ReadonlySet<string> = new Set([
	// Entities of Application Signals: a map in a request, which nothing else has, of an operation that refuses whatever it is given.
	"PutMetricDataInput.EntityMetricData",
]);

const TYPES: Record<string, string> = {
	string: "string",
	boolean: "boolean",
	integer: "number",
	long: "number",
	double: "number",
	timestamp: "Date",
	blob: "Uint8Array",
};

for (const service of SERVICES) {
	const model = modelOf(service);
	await put(`${FOLDER}/${service.name}.json`, jsonText(model));
	await put(`${FOLDER}/${service.name}.ts`, typesText(model, `@aws-sdk/client-${service.name} ${versionOf(service.name)}`));
}
// OpenIMDS's own service: its model is written by hand.
const own = JSON.parse(readFileSync(`${FOLDER}/openimds.json`, "utf8")) as GeneratedModel;
await put(`${FOLDER}/openimds.ts`, typesText(own, `${FOLDER}/openimds.json`));

interface Service {
	readonly name: string;
	readonly sdk: object;
	readonly version: string;
	readonly xmlNamespace: string;
	/** Those that OpenIMDS answers. */
	readonly operations: string;
	/** Whether it speaks JSON, and errors have the codes of the Query protocol nonetheless. */
	readonly queryCompatible?: boolean;
}

function modelOf(service: Service): GeneratedModel {
	const exported = new Map<string, unknown>(Object.entries(service.sdk));
	const declared = declarationsOf(service.name);
	const structures: Record<string, Record<string, Member>> = {};
	const enums: Record<string, string> = {};
	const directions = new Map<string, Set<Direction>>();
	const schemas = new Map<string, NormalizedSchema>();

	function reach(schema: NormalizedSchema, direction: Direction): string | null {
		if (schema.isUnitSchema()) return null;
		const name = schema.getName() ?? fail("a structure without a name");
		const reached = directions.get(name) ?? new Set();
		directions.set(name, reached);
		if (reached.has(direction)) return name;
		reached.add(direction);
		schemas.set(name, schema);
		for (const [, member] of membersOf(name, schema)) {
			const inner = elementOf(member);
			if (inner.isStructSchema()) reach(inner, direction);
		}
		return name;
	}

	function memberOf(structure: string, name: string, schema: NormalizedSchema): Member {
		const place = `${structure}.${name}`;
		const element = elementOf(schema);
		const { xmlName = name, ec2QueryName, xmlFlattened }: Traits = schema.getMergedTraits();
		const queried = directions.get(structure)?.has("input") === true;
		const shown = directions.get(structure)?.has("output") === true;
		if (xmlFlattened !== undefined || elementOf(element) !== element || (queried && schema.isMapSchema())) {
			throw new Error(`${place}: flattened lists, lists of lists and maps in requests are unknown to src/control/wire/`);
		}
		const declaration = declared(structure, name);
		const scalar = scalarOf(element, place);
		const isEnum = scalar === "string" && declaration.type !== "string";
		if (isEnum) {
			const values = exported.get(declaration.type) ?? fail(`${place} is a ${declaration.type}, which the SDK doesn't export`);
			enums[enumName(declaration.type)] = Object.values(values).map(String).join("|");
		}
		const input = service.name === "ec2" ? (ec2QueryName ?? capitalized(xmlName)) : xmlName;
		return {
			type: isEnum ? enumName(declaration.type) : (scalar ?? element.getName() ?? fail(`${place} has no type`)),
			list: schema.isListSchema() ? ((element.getMergedTraits() as Traits).xmlName ?? "member") : undefined,
			map: schema.isMapSchema() ? true : undefined,
			in: queried && input !== name ? input : undefined,
			out: shown && xmlName !== name ? xmlName : undefined,
			required: queried && declaration.required ? true : undefined,
			sensitive: schema.getMergedTraits().sensitive !== undefined || element.getMergedTraits().sensitive !== undefined ? true : undefined,
		};
	}

	const supported = service.operations.trim().split(/\s+/);
	const operations = Object.fromEntries(
		supported.map((name) => {
			const operation = exported.get(`${name}$`);
			if (!isOperation(operation)) throw new Error(`${service.name} has no operation ${name}`);
			const [input, output] = [NormalizedSchema.of(operation[4]), NormalizedSchema.of(operation[5])];
			return [name, { input: reach(input, "input") ?? fail(`${name} has no input`), output: reach(output, "output") }];
		}),
	);
	for (const [name, schema] of [...schemas].sort(byName)) {
		structures[name] = Object.fromEntries(membersOf(name, schema).map(([member, of]) => [member, memberOf(name, member, of)]));
	}
	const unsupportedOperations = [...exported.values()]
		.filter(isOperation)
		.map((operation) => operation[2])
		.filter((name) => !supported.includes(name))
		.sort();
	const { name, version, xmlNamespace } = service;
	return {
		name,
		version,
		xmlNamespace,
		operations,
		structures,
		enums: Object.fromEntries(Object.entries(enums).sort(byName)),
		unsupportedOperations,
		errors: service.queryCompatible === true ? errorsOf(exported) : undefined,
	};
}

/** `[-3, namespace, name, traits, …]`, as the SDK has it. */
type ErrorSchema = readonly [-3, string, string, { readonly awsQueryError?: readonly [code: string, status: number] }];

function isError(value: unknown): value is ErrorSchema {
	return Array.isArray(value) && value[0] === -3;
}

/** Names of exceptions by their codes, where they differ; an exception that is named like a code has the say over others that have it. */
function errorsOf(exported: ReadonlyMap<string, unknown>): Record<string, string> {
	const errors = [...exported.values()].filter(isError);
	const names = new Set(errors.map(([, , name]) => name));
	const coded = errors.map(([, , name, { awsQueryError }]) => [awsQueryError?.[0] ?? name, name] as const);
	return Object.fromEntries(coded.filter(([code]) => !names.has(code)).sort(byName));
}

type Direction = "input" | "output";

/** What the SDK's schemas say of names. */
interface Traits {
	readonly xmlName?: string;
	readonly ec2QueryName?: string;
	readonly xmlFlattened?: unknown;
}

/** `[9, namespace, name, traits, input, output]`, as the SDK has it. */
type OperationSchema = readonly [
	9,
	string,
	string,
	unknown,
	Parameters<typeof NormalizedSchema.of>[0],
	Parameters<typeof NormalizedSchema.of>[0],
];

function isOperation(value: unknown): value is OperationSchema {
	return Array.isArray(value) && value[0] === 9;
}

function membersOf(structure: string, schema: NormalizedSchema): readonly [string, NormalizedSchema][] {
	return [...schema.structIterator()].filter(([member]) => !LEFT_OUT.has(`${structure}.${member}`));
}

/** What a list or a map holds; anything else is its own. */
function elementOf(schema: NormalizedSchema): NormalizedSchema {
	return schema.isListSchema() || schema.isMapSchema() ? schema.getValueSchema() : schema;
}

function scalarOf(schema: NormalizedSchema, place: string): string | undefined {
	if (schema.isStructSchema()) return undefined;
	if (schema.isStringSchema()) return "string";
	if (schema.isBooleanSchema()) return "boolean";
	if (schema.isTimestampSchema()) return "timestamp";
	if (schema.isBlobSchema()) return "blob";
	if (!schema.isNumericSchema()) throw new Error(`${place} is of a type that the wire doesn't know`);
	const [structure, member] = place.split(".");
	return NUMBER_TYPES[place] ?? NUMBER_TYPES[`*.${member}`] ?? NUMBER_TYPES[`${structure}.*`] ?? "integer";
}

/**
 * Reads the SDK's type declarations: its schemas know neither the values of a string nor what must be there. Gives the declared type of a
 * member of a structure, without what makes it a list, a map or optional.
 */
function declarationsOf(service: string): (structure: string, member: string) => { readonly type: string; readonly required: boolean } {
	const folder = `node_modules/@aws-sdk/client-${service}/dist-types/models`;
	const files = readdirSync(folder).filter((file) => file.endsWith(".d.ts"));
	const text = files.map((file) => readFileSync(`${folder}/${file}`, "utf8")).join("\n");
	const bodies = [...text.replaceAll(/\/\*[^]*?\*\//g, "").matchAll(/\binterface (\w+) \{([^}]*)\}/g)];
	const interfaces = new Map(bodies.map(([, name, body]) => [name, body ?? ""]));
	return (structure, member) => {
		// A union has an interface for each of its members; one of them is given, so none is required.
		const union = interfaces.get(`${member}Member`);
		const body = interfaces.get(structure) ?? union ?? fail(`${structure} is not declared`);
		const [, optional, declared] = new RegExp(`^\\s*${member}(\\??): (.*);$`, "m").exec(body) ?? [];
		const type = /^(?:Record<string, )?(\w+)>?(?:\[\])?(?: \| undefined)?$/.exec(declared ?? "")?.[1];
		if (type === undefined) throw new Error(`${structure}.${member} is declared in a way that this script doesn't know: ${declared}`);
		return { type, required: optional === "" && body !== union };
	};
}

/** A line for each member. */
function jsonText(model: GeneratedModel): string {
	return JSON.stringify(model, null, "\t").replaceAll(/\{\n\t*"(type|input)": [^{}]*\}/g, (member) => member.replaceAll(/\s+/g, " "));
}

function versionOf(service: string): string {
	return (JSON.parse(readFileSync(`node_modules/@aws-sdk/client-${service}/package.json`, "utf8")) as { version: string }).version;
}

function typesText(model: GeneratedModel, source: string): string {
	const operations = Object.entries(model.operations).map(
		([name, { input, output }]) => `\t${name}: { input: ${input}; output: ${output ?? "void"} };`,
	);
	const structures = Object.entries(model.structures).map(([name, members]) => {
		const lines = Object.entries(members).map(([member, of]) => {
			const type = typeText(model, of);
			return `\treadonly ${member}${of.required === true ? `: ${type}` : `?: ${type} | undefined`};`;
		});
		return lines.length === 0 ? `export type ${name} = Record<string, never>;` : `export interface ${name} {\n${lines.join("\n")}\n}`;
	});
	const enums = Object.entries(model.enums).map(([name, joined]) => {
		const values = joined.split("|");
		const type = values.length > LONGEST_UNION ? "string" : values.map((value) => JSON.stringify(value)).join(" | ");
		return `export type ${name} = ${type};`;
	});
	return [
		`// Generated by \`npm run models\` from ${source}: never edited.`,
		`/** What each operation takes and gives. */\nexport interface ${capitalized(model.name)}Operations {\n${operations.join("\n")}\n}`,
		...structures,
		...enums,
	].join("\n\n");
}

function typeText(model: GeneratedModel, { type, list, map }: Member): string {
	const text = TYPES[type] ?? (Object.hasOwn(model.structures, type) || Object.hasOwn(model.enums, type) ? type : fail(`no type ${type}`));
	if (list !== undefined) return `readonly ${text}[]`;
	return map === true ? `Readonly<Record<string, ${text}>>` : text;
}

/** Writes a file as the formatter would have it, or compares it. */
async function put(file: string, text: string): Promise<void> {
	const { status, stdout, stderr } = spawnSync("node_modules/.bin/oxfmt", ["--stdin-filepath", file], {
		input: text,
		encoding: "utf8",
		maxBuffer: 1 << 26,
	});
	if (status !== 0) throw new Error(`oxfmt can't read ${file}: ${stderr}`);
	if (!process.argv.includes("--check")) {
		writeFileSync(file, stdout);
	} else if (readFileSync(file, "utf8") !== stdout) {
		console.error(`${file} is not what the SDK says: run \`npm run models\``);
		process.exitCode = 1;
	}
}

/** The SDK puts a `_` before what would be a name of its own. */
function enumName(name: string): string {
	return name.replace(/^_/, "");
}

function capitalized(name: string): string {
	return name.charAt(0).toUpperCase() + name.slice(1);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
	return a < b ? -1 : 1;
}

function fail(message: string): never {
	throw new Error(message);
}
