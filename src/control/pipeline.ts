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
import { ApiError, dryRunSucceeded, internalError, unavailable, unsupportedOperation } from "./errors.ts";
import type { Call } from "./operation.ts";
import { policySetOf } from "./access/principal-policies.ts";
import { accountPrincipal, type Principal } from "./access/principal.ts";
import { requestContext } from "./access/request-context.ts";
import { loadService, notSpokenHere, type Route, routeOf, type Service, signingRegions } from "./services.ts";
import { ANSWERING } from "./wire/answering.ts";
import type { Answering, Protocol, WireFailure } from "./wire/protocol.ts";
import { WireError } from "./wire/wire-error.ts";

/** A request to the APIs, and where it came from. */
export interface ApiRequest extends SignedRequest {
	readonly sourceIp: string;
}

export interface ApiAnswer {
	/** Of HTTP. */
	readonly status: number;
	/** All that tell of the answer, but for its length. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Uint8Array;
}

/** What the APIs work with: all that is lent to operations, and what is for the pipeline alone. */
export interface Surroundings extends Omit<Call, keyof RequestFacts | "credentials"> {
	readonly credentials: Credentials;
	readonly nowMs: () => number;
	/** Resolves once the metadata endpoint knows of all that was written: who has an answer finds its effect there. */
	readonly published: () => Promise<void>;
	/** Told of bugs, and of a store that fails: the caller learns no more than the request's id. */
	readonly failed: (error: unknown, requestId: string) => void;
	/** Told of each answer. */
	readonly answered?: (answer: AnsweredRequest) => void;
}

/** What a log may tell of a request: nothing that it says itself, but for names that are known here. */
export interface AnsweredRequest {
	readonly requestId: string;
	/** `unknown`: none that is here. */
	readonly service: string;
	/** Missing: refused before it was known. */
	readonly operation: string | undefined;
	/** Missing: refused before somebody was known to ask. */
	readonly principalArn: string | undefined;
	/** Of HTTP. */
	readonly status: number;
	/** Of an error. */
	readonly code: string | undefined;
	readonly durationMs: number;
	readonly sourceIp: string;
}

/** Answers a request; every failure is an answer that an SDK can read. */
export function answerApi(request: ApiRequest, surroundings: Surroundings): Promise<ApiAnswer> {
	return answer({ request, surroundings }, (turn) => perform(turn, authenticate));
}

/**
 * Answers a request of somebody who is trusted by where they ask: whoever reaches the socket in the data folder owns what is in it, and asks
 * as the account itself. OpenIMDS's own service alone is there for them.
 */
export function answerTrusted(request: ApiRequest, surroundings: Surroundings): Promise<ApiAnswer> {
	return answer({ request, surroundings }, (turn) => {
		if (turn.service.name !== "openimds") throw unsupportedOperation("Nothing but OpenIMDS's own service is spoken here: openimds.");
		return perform(turn, (_, { account }) => accountPrincipal(account));
	});
}

/** Answers a request that nobody looks at with a refusal, in the words in which it came. */
export function refuseApi(request: ApiRequest, refusal: ApiError, surroundings: Surroundings): Promise<ApiAnswer> {
	return answer({ request, surroundings }, () => Promise.reject(refusal));
}

/** What is true of one request alone. */
type RequestFacts = Pick<Call, "principal" | "requestId" | "nowMs" | "account" | "partition" | "context" | "records">;

/** A request under way, and what has come of it so far. */
interface Turn {
	readonly request: ApiRequest;
	readonly surroundings: Surroundings;
	readonly requestId: string;
	readonly service: Service;
	readonly protocol: Protocol;
	principalArn?: string;
	operation?: string;
}

/** What a signature is looked at with. */
interface World extends Pick<RequestFacts, "account" | "records" | "nowMs"> {
	readonly credentials: Credentials;
}

/** From the bytes to what they say and back, whatever goes wrong in between. */
async function answer(
	{ request, surroundings }: Pick<Turn, "request" | "surroundings">,
	performed: (turn: Turn) => Promise<{ readonly operation: string; readonly output: object | undefined }>,
): Promise<ApiAnswer> {
	const startedMs = performance.now();
	const requestId = randomUUID();
	const route = routeOf(request);
	let answering: Answering = ANSWERING[route.encoding];
	let turn: Turn | undefined;
	let failure: WireFailure | undefined;
	let body: string | Uint8Array;
	try {
		const spoken = await spokenTo(route);
		answering = spoken.protocol;
		turn = { request, surroundings, requestId, ...spoken };
		const { operation, output } = await performed(turn);
		body = spoken.protocol.encodeOutput(operation, output, requestId);
	} catch (error) {
		const refusal = error instanceof ApiError || error instanceof WireError ? error : internalError();
		if (refusal.status >= 500) surroundings.failed(refusal.cause ?? error, requestId);
		body = answering.encodeError(refusal, requestId);
		failure = refusal;
	}
	const status = failure?.status ?? 200;
	const { contentType, headers } = answering;
	surroundings.answered?.({
		requestId,
		service: route.service ?? "unknown",
		operation: turn?.operation,
		principalArn: turn?.principalArn,
		status,
		code: failure?.code,
		durationMs: performance.now() - startedMs,
		sourceIp: request.sourceIp,
	});
	const told = {
		"x-amzn-RequestId": requestId,
		"Content-Type": contentType,
		...headers,
		...(failure && answering.errorHeaders?.(failure)),
	};
	return { status, headers: told, body };
}

async function spokenTo(route: Route): Promise<Pick<Turn, "service" | "protocol">> {
	const service = route.service && (await loadService(route.service));
	const protocol = service?.protocols[route.encoding];
	if (service === undefined || protocol === undefined) throw notSpokenHere(route);
	return { service, protocol };
}

async function perform(turn: Turn, authenticated: (turn: Turn, world: World) => Principal) {
	const { request, requestId, service, protocol, surroundings } = turn;
	const nowMs = surroundings.nowMs();
	const records = await surroundings.inventory.records();
	const account = records.account.get("default");
	if (account === undefined) throw unavailable();

	const principal = authenticated(turn, { credentials: surroundings.credentials, records, account, nowMs });
	turn.principalArn = principal.arn;
	const { operation: name, decodeInput } = protocol.read(request);
	turn.operation = name;
	const operation = service.operations[name]!;
	const input = decodeInput() as { readonly DryRun?: boolean };

	const context = requestContext(principal, account, {
		service: service.name,
		sourceIp: request.sourceIp,
		userAgent: request.headers.find(([header]) => header.toLowerCase() === "user-agent")?.[1],
		nowMs,
	});
	const { partition } = partitionOf(account.region);
	const call: Call = { ...surroundings, principal, requestId, nowMs, account, partition, context, records };
	const policies = policySetOf(principal, records, account);
	const authorization = { principal, context, policies, dialect: service.dialect, messages: surroundings.messages };
	authorize(operation.access?.(input, call) ?? [{ resource: "*" }], `${service.name}:${name}`, authorization);
	if (input.DryRun === true) throw dryRunSucceeded();
	const output = (await operation.run(input, call)) ?? undefined;
	await surroundings.published();
	return { operation: name, output };
}

function authenticate({ request, service }: Turn, { credentials, records, account, nowMs }: World): Principal {
	const { dialect } = service;
	const credential = readCredential(request);
	if ("problem" in credential) throw credentialProblem(dialect, credential);
	const claimant = claimantOf(credential, credentials, records, nowMs);
	if (typeof claimant === "string") throw claimRefusal(dialect, claimant);
	const region = signingRegions(service, account.region).find((each) => each === credential.scope.region) ?? account.region;
	const expected = { nowMs, service: service.signingName, region };
	const problem = verifySignature(request, credential, claimant.secretAccessKey, expected);
	if (problem !== undefined) throw signatureProblem(dialect, problem);
	return claimant.principal;
}
