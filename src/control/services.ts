// The services, and which of them a request is for (control-apis.md §2.1).

import { readCredential } from "../sigv4/credential.ts";
import { headerValues } from "../sigv4/signed-request.ts";
import type { Dialect } from "./access/access-errors.ts";
import { ApiError } from "./errors.ts";
import type { Operation } from "./operation.ts";
import { loadProtocols, type Protocols, type ServiceName, TARGETS } from "./wire/load-protocols.ts";
import type { Encoding, WireRequest } from "./wire/protocol.ts";
import { shortened } from "./wire/wire-error.ts";

/** A service that is spoken here. */
export interface Service extends ServiceFacts {
	/** In actions of policies. */
	readonly name: ServiceName;
	readonly protocols: Protocols;
	readonly operations: Readonly<Record<string, Operation<object, object | undefined | void>>>;
}

/** What a request asks for, as far as its outside says. */
export interface Route {
	readonly encoding: Encoding;
	/** Missing: none that is here. */
	readonly service?: ServiceName;
	/** What it calls the service. */
	readonly asked: string;
}

interface ServiceFacts {
	/** In the scopes of signatures. */
	readonly signingName: string;
	/** Of the API, in forms. */
	readonly version?: string;
	readonly dialect: Dialect;
	/** AWS: IAM is one for the whole partition, and STS was until it had Regions. */
	readonly signsGlobally?: boolean;
}

/** A line for each service; its operations are loaded when it is first asked for. */
const SERVICES: Readonly<Record<ServiceName, ServiceFacts & { readonly load: () => Promise<object> }>> = {
	ec2: {
		signingName: "ec2",
		version: "2016-11-15",
		dialect: "ec2",
		load: async () => (await import("./operations/ec2/table.ts")).EC2_OPERATIONS,
	},
	iam: {
		signingName: "iam",
		version: "2010-05-08",
		dialect: "query",
		signsGlobally: true,
		load: async () => (await import("./operations/iam/table.ts")).IAM_OPERATIONS,
	},
	sts: {
		signingName: "sts",
		version: "2011-06-15",
		dialect: "query",
		signsGlobally: true,
		load: async () => (await import("./operations/sts/table.ts")).STS_OPERATIONS,
	},
	cloudwatch: {
		signingName: "monitoring",
		version: "2010-08-01",
		dialect: "query",
		load: async () => (await import("./operations/cloudwatch/table.ts")).CLOUDWATCH_OPERATIONS,
	},
	lightsail: {
		signingName: "lightsail",
		dialect: "json",
		load: async () => (await import("./operations/lightsail/table.ts")).LIGHTSAIL_OPERATIONS,
	},
	openimds: {
		signingName: "openimds",
		dialect: "json",
		load: async () => (await import("./operations/openimds/table.ts")).OPENIMDS_OPERATIONS,
	},
};

const NAMES = Object.keys(SERVICES) as readonly ServiceName[];

/**
 * What a request is for: the service of its signature's scope, else of its target, its version or its path. What names none at all is
 * EC2's to refuse.
 */
export function routeOf(request: WireRequest): Route {
	const encoding = encodingOf(request);
	const credential = readCredential(request);
	const signedFor = "problem" in credential ? undefined : credential.scope.service;
	const named = nameIn(request, encoding);
	const service =
		NAMES.find((name) => SERVICES[name].signingName === signedFor) ??
		NAMES.find((name) => named !== undefined && (named === targetOf(name) || named === SERVICES[name].version)) ??
		(encoding === "form" && signedFor === undefined ? "ec2" : undefined);
	return { encoding, asked: signedFor ?? named ?? "", ...(service && { service }) };
}

/** A service, loaded when it is first asked for. */
export function loadService(name: ServiceName): Promise<Service> {
	let service = loaded.get(name);
	if (service === undefined) loaded.set(name, (service = load(name)));
	return service;
}

/** Regions that a signature for a service may name. */
export function signingRegions({ signsGlobally }: Service, region: string): readonly string[] {
	return signsGlobally === true ? [region, globalRegionOf(region)] : [region];
}

/** A request for something of AWS that is not here. */
export function notSpokenHere({ asked, service, encoding }: Route): ApiError {
	const here = `OpenIMDS speaks ${NAMES.map((name) => SERVICES[name].signingName).join(", ")}.`;
	if (service === undefined) return new ApiError("UnsupportedOperation", `The service '${shortened(asked)}' is not supported. ${here}`);
	return new ApiError("UnsupportedOperation", `The service '${service}' is not spoken to in ${ENCODINGS[encoding]}.`);
}

const ENCODINGS: Readonly<Record<Encoding, string>> = {
	form: "forms (the Query protocols)",
	json: "JSON (X-Amz-Target)",
	cbor: "CBOR (Smithy RPC v2)",
};

const loaded = new Map<ServiceName, Promise<Service>>();

async function load(name: ServiceName): Promise<Service> {
	const { load: loadOperations, ...facts } = SERVICES[name];
	// Each operation takes what the wire makes of its own model: the types of the tables say so, and one type has to hold them all.
	const operations = (await loadOperations()) as Service["operations"];
	return { ...facts, name, protocols: await loadProtocols(name), operations };
}

function encodingOf(request: WireRequest): Encoding {
	if (request.target.startsWith("/service/") || headerValues(request, "smithy-protocol").length > 0) return "cbor";
	return headerValues(request, "x-amz-target").length > 0 ? "json" : "form";
}

/** What a request calls its service, beside its signature: a target, or the version of an API. */
function nameIn(request: WireRequest, encoding: Encoding): string | undefined {
	if (encoding === "cbor") return /^\/service\/([^/?]+)/.exec(request.target)?.[1];
	if (encoding === "json") return headerValues(request, "x-amz-target")[0]?.trim().replace(/\..*$/, "");
	const text = request.method === "GET" ? request.target : Buffer.from(request.body.subarray(0, 1024)).toString("latin1");
	return /(?:^|[?&])Version=([0-9-]{10})(?:&|$)/.exec(text)?.[1];
}

function targetOf(name: ServiceName): string | undefined {
	return (TARGETS as { readonly [Name in ServiceName]?: string })[name];
}

/** AWS: where a partition's global services sign. */
function globalRegionOf(region: string): string {
	if (region.startsWith("cn-")) return "cn-north-1";
	if (region.startsWith("us-gov-")) return "us-gov-west-1";
	return "us-east-1";
}
