// The way of a request, in one screen (control-apis.md §1.6, order of checks).

import { randomUUID } from "node:crypto";
import { partitionOf } from "../model/region.ts";
import { readCredential } from "../sigv4/credential.ts";
import type { SignedRequest } from "../sigv4/signed-request.ts";
import { verifySignature } from "../sigv4/verify.ts";
import { claimRefusal, credentialProblem, signatureProblem } from "./access/access-errors.ts";
import { claimantOf } from "./access/authenticate.ts";
import { authorize } from "./access/authorize.ts";
import type { Credentials } from "./access/credentials.ts";
import { ApiError, dryRunSucceeded, internalError, unavailable } from "./errors.ts";
import type { Inventory, Records } from "./inventory.ts";
import type { Call, SealedMessages } from "./operation.ts";
import { policySetOf } from "./access/principal-policies.ts";
import type { Principal } from "./access/principal.ts";
import { requestContext } from "./access/request-context.ts";
import { loadService, type Service, serviceNameOf, signingRegions } from "./services.ts";
import { WireError } from "./wire/wire-error.ts";

/** A request to the APIs, and where it came from. */
export interface ApiRequest extends SignedRequest {
	readonly sourceIp: string;
}

export interface ApiAnswer {
	/** Of HTTP. */
	readonly status: number;
	readonly contentType: string;
	readonly requestId: string;
	readonly body: string | Uint8Array;
}

/** What the APIs work with. */
export interface Surroundings extends Pick<Call, "endpointFor" | "strict"> {
	readonly inventory: Inventory;
	readonly credentials: Credentials;
	readonly messages: SealedMessages;
	readonly nowMs: () => number;
	/** Resolves once the metadata endpoint knows of all that was written: who has an answer finds its effect there. */
	readonly published: () => Promise<void>;
	/** Told of bugs, and of a store that fails: the caller learns no more than the request's id. */
	readonly failed: (error: unknown, requestId: string) => void;
}

/** Answers a request; every failure is an answer that an SDK can read. */
export async function answerApi(request: ApiRequest, surroundings: Surroundings): Promise<ApiAnswer> {
	const requestId = randomUUID();
	const service = await loadService(serviceNameOf(request));
	const { contentType } = service.protocol;
	try {
		const { operation, output } = await perform(request, service, requestId, surroundings);
		return { status: 200, contentType, requestId, body: service.protocol.encodeOutput(operation, output, requestId) };
	} catch (error) {
		const failure = error instanceof ApiError || error instanceof WireError ? error : internalError();
		if (failure.status >= 500) surroundings.failed(failure.cause ?? error, requestId);
		return { status: failure.status, contentType, requestId, body: service.protocol.encodeError(failure, requestId) };
	}
}

async function perform(request: ApiRequest, service: Service, requestId: string, surroundings: Surroundings) {
	const { inventory, credentials, messages, endpointFor, strict } = surroundings;
	const nowMs = surroundings.nowMs();
	const records = await inventory.records();
	const account = records.account.get("default");
	if (account === undefined) throw unavailable();

	const principal = authenticate(request, service, { credentials, records, nowMs });
	const { operation: name, decodeInput } = service.protocol.read(request);
	const operation = service.operations[name]!;
	const input = decodeInput() as { readonly DryRun?: boolean };

	const context = requestContext(principal, account, {
		service: service.name,
		sourceIp: request.sourceIp,
		userAgent: request.headers.find(([header]) => header.toLowerCase() === "user-agent")?.[1],
		nowMs,
	});
	const { partition } = partitionOf(account.region);
	const facts = { principal, requestId, nowMs, account, partition, context, records };
	const call: Call = { ...facts, inventory, credentials, messages, strict, endpointFor };
	const policies = policySetOf(principal, records, account);
	const authorization = { principal, context, policies, ...(service.encodesDenials && { messages }) };
	authorize(operation.access?.(input, call) ?? [{ resource: "*" }], `${service.name}:${name}`, authorization);
	if (input.DryRun === true) throw dryRunSucceeded();
	const output = (await operation.run(input, call)) ?? undefined;
	await surroundings.published();
	return { operation: name, output };
}

function authenticate(
	request: ApiRequest,
	{ dialect, name: service }: Service,
	{ credentials, records, nowMs }: { credentials: Credentials; records: Records; nowMs: number },
): Principal {
	const credential = readCredential(request);
	if ("problem" in credential) throw credentialProblem(dialect, credential);
	const claimant = claimantOf(credential, credentials, records, nowMs);
	if (typeof claimant === "string") throw claimRefusal(dialect, claimant);
	const region = records.account.get("default")?.region ?? "";
	const regions = signingRegions(service, region);
	const expected = { nowMs, service, region: regions.find((each) => each === credential.scope.region) ?? region };
	const problem = verifySignature(request, credential, claimant.secretAccessKey, expected);
	if (problem !== undefined) throw signatureProblem(dialect, problem);
	return claimant.principal;
}
