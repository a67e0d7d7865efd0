// The services, and which of them a request is for (control-apis.md §2.1).

import { readCredential } from "../sigv4/credential.ts";
import type { Dialect } from "./access/access-errors.ts";
import type { Operation } from "./operation.ts";
import type { ApiRequest } from "./pipeline.ts";
import { loadProtocol } from "./wire/load-protocol.ts";
import type { Protocol } from "./wire/protocol.ts";

/** A service of AWS that is spoken here. */
export interface Service {
	/** In actions, and in the scopes of signatures. */
	readonly name: "ec2" | "iam" | "sts";
	readonly protocol: Protocol;
	readonly operations: Readonly<Record<string, Operation<object, object | undefined | void>>>;
	readonly dialect: Dialect;
	/** Whether refusals carry a message that DecodeAuthorizationMessage reads. */
	readonly encodesDenials: boolean;
}

type ServiceName = Service["name"];

/** The versions of APIs that requests name, and whose they are. */
const VERSIONS: Readonly<Record<string, ServiceName>> = {
	"2016-11-15": "ec2",
	"2010-05-08": "iam",
	"2011-06-15": "sts",
};

/**
 * The service that a request is for: that of its signature's scope, else that of its version. Whatever else comes is EC2's to refuse, in a
 * way that all clients can read.
 */
export function serviceNameOf(request: ApiRequest): ServiceName {
	const credential = readCredential(request);
	if (!("problem" in credential) && Object.values(VERSIONS).includes(credential.scope.service as ServiceName)) {
		return credential.scope.service as ServiceName;
	}
	const text = request.method === "GET" ? request.target : Buffer.from(request.body.subarray(0, 1024)).toString("latin1");
	const [, version = ""] = /(?:^|[?&])Version=([0-9-]{10})(?:&|$)/.exec(text) ?? [];
	return VERSIONS[version] ?? "ec2";
}

/** A service, loaded when it is first asked for. */
export function loadService(name: ServiceName): Promise<Service> {
	let service = loaded.get(name);
	if (service === undefined) loaded.set(name, (service = LOADERS[name]()));
	return service;
}

/** Regions that a signature for a service may name. AWS: IAM is one for the whole partition, and STS was until it had Regions. */
export function signingRegions(name: ServiceName, region: string): readonly string[] {
	return name === "ec2" ? [region] : [region, globalRegionOf(region)];
}

/** AWS: where a partition's global services sign. */
function globalRegionOf(region: string): string {
	if (region.startsWith("cn-")) return "cn-north-1";
	if (region.startsWith("us-gov-")) return "us-gov-west-1";
	return "us-east-1";
}

const loaded = new Map<ServiceName, Promise<Service>>();

const LOADERS: Readonly<Record<ServiceName, () => Promise<Service>>> = {
	async ec2() {
		const { EC2_OPERATIONS: operations } = await import("./operations/ec2/table.ts");
		return service("ec2", { operations, dialect: "ec2", encodesDenials: true });
	},
	async iam() {
		const { IAM_OPERATIONS: operations } = await import("./operations/iam/table.ts");
		return service("iam", { operations, dialect: "query", encodesDenials: false });
	},
	async sts() {
		const { STS_OPERATIONS: operations } = await import("./operations/sts/table.ts");
		return service("sts", { operations, dialect: "query", encodesDenials: false });
	},
};

async function service(
	name: ServiceName,
	{ operations, ...rest }: Pick<Service, "dialect" | "encodesDenials"> & { operations: object },
): Promise<Service> {
	// Each operation takes what the wire makes of its own model: the types of the tables say so, and one table has to hold them all.
	return { name, protocol: await loadProtocol(name), operations: operations as Service["operations"], ...rest };
}
