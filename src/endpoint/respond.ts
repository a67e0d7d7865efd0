// From a request to its response: the order of decisions of metadata-endpoint.md §1.9.

import type { Snapshot } from "../metadata/snapshot.ts";
import { TOKEN_TTL_MAX_SECONDS, TOKEN_TTL_MIN_SECONDS, type TokenAuthority, type TokenSubject } from "../token/token-authority.ts";
import { seriesOf, type RequestVersion } from "../observe/request-series.ts";
import type { Request } from "./request.ts";
import {
	BAD_REQUEST,
	type FixedResponse,
	FORBIDDEN,
	NOT_ALLOWED,
	NOT_ALLOWED_ON_TOKEN,
	NOT_FOUND,
	NOT_FOUND_HEAD,
	OPTIONS_OF_METADATA,
	OPTIONS_OF_TOKEN,
	type ResponseWriter,
	SERVICE_UNAVAILABLE,
	UNAUTHORIZED,
} from "./response.ts";
import { isTokenPath, looksLikeTokenPath } from "./token-path.ts";
import { mayBeWebPage } from "./web-page-guard.ts";

/** Who is asking: an instance, as the endpoint needs to know it. */
export interface Caller extends TokenSubject {
	readonly httpEndpoint: "enabled" | "disabled";
	readonly httpTokens: "optional" | "required";
	readonly httpProtocolIpv6: "enabled" | "disabled";
	readonly httpPutResponseHopLimit: number;
	/** The instance's metadata now; one snapshot answers one request. */
	snapshot(nowMs: number): Snapshot;
}

/** A request that is to be answered. */
export interface Exchange {
	readonly request: Request;
	/** The bytes that the request's positions point into. */
	readonly bytes: Buffer;
	/** Whether the connection stays open afterwards. */
	readonly keepAlive: boolean;
	readonly nowMs: number;
}

/** Answers requests of known callers. */
export class Responder {
	/** What the last answer counts as (request-series.ts): read right behind it, so that counting is not on its way. */
	series = BAD;
	readonly #authority: TokenAuthority;
	readonly #writer: ResponseWriter;

	constructor(authority: TokenAuthority, writer: ResponseWriter) {
		this.#authority = authority;
		this.#writer = writer;
	}

	/**
	 * The whole response, as a binary string.
	 *
	 * @param guardsWebPages refuse what may be a web page's request.
	 */
	respond(caller: Caller, exchange: Exchange, guardsWebPages: boolean): string {
		const { request, bytes } = exchange;
		if (guardsWebPages && mayBeWebPage(bytes, request)) return this.#fixed(FORBIDDEN, exchange);
		if (caller.httpEndpoint === "disabled") return this.#fixed(FORBIDDEN, exchange);
		const onTokenPath = (request.onTokenPath ??= isTokenPath(request.path));
		switch (request.method) {
			case "GET":
			case "HEAD":
				return onTokenPath ? this.#fixed(NOT_ALLOWED_ON_TOKEN, exchange) : this.#read(caller, exchange);
			case "PUT":
				return onTokenPath ? this.#put(caller, exchange) : this.#putElsewhere(exchange);
			case "OPTIONS":
				return this.#fixed(onTokenPath ? OPTIONS_OF_TOKEN : OPTIONS_OF_METADATA, exchange);
			case "POST":
			case "DELETE":
			case "PATCH":
			case "TRACE":
				return this.#fixed(onTokenPath ? NOT_ALLOWED_ON_TOKEN : NOT_ALLOWED, exchange);
		}
	}

	/** The answer to what is no request. */
	refuse(nowMs: number): string {
		this.series = BAD;
		return this.#writer.fixed(BAD_REQUEST, false, nowMs);
	}

	/** The answer to a caller that has asked too much. */
	throttle(exchange: Exchange): string {
		return this.#fixed(SERVICE_UNAVAILABLE, exchange);
	}

	#read(caller: Caller, exchange: Exchange): string {
		const { request, keepAlive, nowMs } = exchange;
		let ttlSeconds = 0;
		if (request.tokenCount > 0) {
			if (request.forwarded) return this.#fixed(FORBIDDEN, exchange);
			const expiresAtMs = this.#latestExpiry(caller, exchange);
			if (expiresAtMs === 0) return this.#fixed(UNAUTHORIZED, exchange);
			// AWS: 21583 seconds after seventeen of 21600: what is begun counts as a whole second, and never 0 while it opens.
			ttlSeconds = Math.ceil((expiresAtMs - nowMs) / 1000);
		} else if (caller.httpTokens === "required") {
			return this.#fixed(UNAUTHORIZED, exchange);
		}
		const head = request.method === "HEAD";
		const answer = caller.snapshot(nowMs).get(request.path, ttlSeconds === 0 ? "1.0" : "2.0");
		if (answer === undefined) return this.#fixed(head ? NOT_FOUND_HEAD : NOT_FOUND, exchange);
		this.series = ttlSeconds === 0 ? V1_FOUND : V2_FOUND;
		return head ? this.#writer.foundHead(answer, ttlSeconds, keepAlive, nowMs) : this.#writer.found(answer, ttlSeconds, keepAlive, nowMs);
	}

	#put(caller: Caller, exchange: Exchange): string {
		const { request, bytes, keepAlive, nowMs } = exchange;
		if (request.forwarded) return this.#fixed(FORBIDDEN, exchange);
		const ttlSeconds = request.ttlCount === 1 ? ttlOf(bytes, request.ttlStart, request.ttlEnd) : 0;
		if (ttlSeconds === 0) return this.#fixed(BAD_REQUEST, exchange);
		this.series = TOKEN_GIVEN;
		return this.#writer.token(this.#authority.mint(caller, ttlSeconds, nowMs), ttlSeconds, keepAlive, nowMs);
	}

	#putElsewhere(exchange: Exchange): string {
		const { forwarded, path } = exchange.request;
		return this.#fixed(forwarded || looksLikeTokenPath(path) ? FORBIDDEN : NOT_ALLOWED, exchange);
	}

	/** When the longest-lived of the request's tokens expires; 0: none is valid. A client that retries sends its old one too. */
	#latestExpiry(caller: Caller, { request, bytes, nowMs }: Exchange): number {
		let latest = 0;
		for (let i = 0; i < request.tokenCount; i++) {
			const start = request.tokenSpans[2 * i]!;
			const end = request.tokenSpans[2 * i + 1]!;
			latest = Math.max(latest, this.#authority.check(bytes, start, end, caller, nowMs));
		}
		return latest;
	}

	#fixed(response: FixedResponse, { request, keepAlive, nowMs }: Exchange): string {
		this.series = seriesOf(versionOf(request), response.status);
		return this.#writer.fixed(response, keepAlive, nowMs);
	}
}

const V1_FOUND = seriesOf("v1", 200);
const V2_FOUND = seriesOf("v2", 200);
const TOKEN_GIVEN = seriesOf("token", 200);
const BAD = seriesOf("other", 400);

/** What a request counts as. AWS: what reads metadata with or without a token, whatever became of it (control-apis.md §4). */
function versionOf(request: Request): RequestVersion {
	const onTokenPath = (request.onTokenPath ??= isTokenPath(request.path));
	if (request.method === "PUT") return onTokenPath ? "token" : "other";
	if (onTokenPath || (request.method !== "GET" && request.method !== "HEAD")) return "other";
	return request.tokenCount > 0 ? "v2" : "v1";
}

/** Whole seconds in decimal digits, 1 to 21 600; 0 for everything else (§1.8). */
function ttlOf(bytes: Buffer, start: number, end: number): number {
	let seconds = 0;
	for (let at = start; at < end; at++) {
		const digit = bytes[at]! - 0x30;
		if (digit < 0 || digit > 9) return 0;
		seconds = seconds * 10 + digit;
		if (seconds > TOKEN_TTL_MAX_SECONDS) return 0;
	}
	return seconds >= TOKEN_TTL_MIN_SECONDS ? seconds : 0;
}
