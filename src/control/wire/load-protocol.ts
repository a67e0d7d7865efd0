import { awsQuery } from "./aws-query.ts";
import { ec2Query } from "./ec2-query.ts";
import { shapesOf } from "./service-shapes.ts";
import type { Protocol } from "./protocol.ts";

/** The services that are spoken here, by their names in the scope of a signature. */
export type ServiceName = keyof typeof SERVICES;

/** The protocol of a service. Its model is read when it is first asked for: a start doesn't wait for it. */
export function loadProtocol(service: ServiceName): Promise<Protocol> {
	let protocol = loaded.get(service);
	if (protocol === undefined) loaded.set(service, (protocol = SERVICES[service]()));
	return protocol;
}

const SERVICES = {
	ec2: async () => ec2Query(shapesOf((await import("../models/ec2.json", { with: { type: "json" } })).default)),
	iam: async () => awsQuery(shapesOf((await import("../models/iam.json", { with: { type: "json" } })).default)),
	sts: async () => awsQuery(shapesOf((await import("../models/sts.json", { with: { type: "json" } })).default)),
};

const loaded = new Map<ServiceName, Promise<Protocol>>();
