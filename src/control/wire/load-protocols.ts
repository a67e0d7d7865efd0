import { awsJson } from "./aws-json.ts";
import { awsQuery, secondsAndFraction } from "./aws-query.ts";
import { missingParameter, nullMember } from "./constraint.ts";
import { ec2Query } from "./ec2-query.ts";
import { LIGHTSAIL_ERRORS, PLAIN_ERRORS, queryCompatibleErrors } from "./error-document.ts";
import { rpcCbor } from "./rpc-cbor.ts";
import { shapesOf } from "./service-shapes.ts";
import type { DocumentService } from "./document-service.ts";
import type { Encoding, Protocol } from "./protocol.ts";

/** The services that are spoken here, by the names of their models. */
export type ServiceName = keyof typeof SERVICES;

/** The protocols of a service: of each encoding one at most. */
export type Protocols = { readonly [Name in Encoding]?: Protocol };

/** What services are called in targets and paths. */
export const TARGETS = {
	cloudwatch: "GraniteServiceVersion20100801",
	lightsail: "Lightsail_20161128",
	openimds: "OpenIMDS_20261122",
} as const;

/** The protocols of a service. Its model is read when it is first asked for: a start doesn't wait for it. */
export function loadProtocols(service: ServiceName): Promise<Protocols> {
	let protocols = loaded.get(service);
	if (protocols === undefined) loaded.set(service, (protocols = SERVICES[service]()));
	return protocols;
}

const SERVICES = {
	async ec2(): Promise<Protocols> {
		return { form: ec2Query(shapesOf((await import("../models/ec2.json", { with: { type: "json" } })).default)) };
	},
	async iam(): Promise<Protocols> {
		return { form: awsQuery(shapesOf((await import("../models/iam.json", { with: { type: "json" } })).default)) };
	},
	async sts(): Promise<Protocols> {
		return { form: awsQuery(shapesOf((await import("../models/sts.json", { with: { type: "json" } })).default)) };
	},
	/** AWS: its clients have chosen each of the three, by language and age. */
	async cloudwatch(): Promise<Protocols> {
		const shapes = shapesOf((await import("../models/cloudwatch.json", { with: { type: "json" } })).default);
		const errors = queryCompatibleErrors(shapes, "com.amazonaws.cloudwatch");
		const service: DocumentService = {
			shapes,
			target: TARGETS.cloudwatch,
			invalidInput: "ValidationError",
			missing: missingParameter,
			errors,
		};
		return {
			form: awsQuery(shapes, { timestampText: secondsAndFraction, missing: missingParameter }),
			json: awsJson("1.0", service),
			cbor: rpcCbor(service),
		};
	},
	async lightsail(): Promise<Protocols> {
		const shapes = shapesOf((await import("../models/lightsail.json", { with: { type: "json" } })).default);
		const invalidInput = "InvalidInputException";
		const service = { shapes, target: TARGETS.lightsail, invalidInput, missing: nullMember(invalidInput), errors: LIGHTSAIL_ERRORS };
		return { json: awsJson("1.1", service) };
	},
	async openimds(): Promise<Protocols> {
		const shapes = shapesOf((await import("../models/openimds.json", { with: { type: "json" } })).default);
		const invalidInput = "ValidationException";
		const service = { shapes, target: TARGETS.openimds, invalidInput, missing: nullMember(invalidInput), errors: PLAIN_ERRORS };
		return { json: awsJson("1.0", service) };
	},
};

const loaded = new Map<ServiceName, Promise<Protocols>>();
