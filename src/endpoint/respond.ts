// From a request to its response: the order of decisions of metadata-endpoint.md §1.9.

import type { Snapshot } from "../metadata/snapshot.ts";
import { TOKEN_TTL_MAX_SECONDS, TOKEN_TTL_MIN_SECONDS, type TokenAuthority, type TokenSubject } from "../token/token-authority.ts";
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
	UNAUTHORIZED,
} from "./response.ts";
import { isTokenPath, looksLikeTokenPath } from "./token-path.ts";
import { mayBeWebPage } from "./web-page-guard.ts";

/** Who is asking: an instance, as the endpoint needs to know it. */
export interface Caller extends TokenSubject {
	readonly httpEndpoint: "enabled" | "disabled";
	readonly httpTokens: "optional" | "required";
	/** The instance's metadata now; one snapshot answers one request. */
	snapshot(nowMs: number): Snapshot;
}

/** What one request is answered from. */
export interface Exchange {
	readonly request: Request;
	/** The bytes that the request's positions point into. */
	readonly bytes: Buffer;
	readonly caller: Caller;
	/** Refuse what may be a web page's request. */
	readonly guardsWebPages: boolean;
	readonly keepAlive: boolean;
	readonly nowMs: number;
}

/** What the endpoint counts; plain integers, so that counting costs nothing. */
export interface ResponseCounts {
	tokens: number;
	withToken: number;
	withoutToken: number;
	rejectedWithoutToken: number;
	refused: Record<400 | 401 | 403 | 404 | 405, number>;
}

/** Answers requests of known callers. */
export class Responder {
	readonly counts: ResponseCounts = {
		tokens: 0,
		withToken: 0,
		withoutToken: 0,
		rejectedWithoutToken: 0,
		refused: { 400: 0, 401: 0, 403: 0, 404: 0, 405: 0 },
	};
	readonly #authority: TokenAuthority;
	readonly #writer: ResponseWriter;

	constructor(authority: TokenAuthority, writer: ResponseWriter) {
		this.#authority = authority;
		this.#writer = writer;
	}

	/** The whole response, as a binary string. */
	respond(exchange: Exchange): string {
		const { request, caller } = exchange;
		if (exchange.guardsWebPages && mayBeWebPage(exchange.bytes, request)) return this.#fixed(FORBIDDEN, exchange);
		if (caller.httpEndpoint === "disabled") return this.#fixed(FORBIDDEN, exchange);
		switch (request.method) {
			case "GET":
			case "HEAD":
				return isTokenPath(request.path) ? this.#fixed(NOT_ALLOWED_ON_TOKEN, exchange) : this.#read(exchange);
			case "PUT":
				return this.#put(exchange);
			case "OPTIONS":
				return this.#fixed(isTokenPath(request.path) ? OPTIONS_OF_TOKEN : OPTIONS_OF_METADATA, exchange);
			case "POST":
			case "DELETE":
			case "PATCH":
			case "TRACE":
				return this.#fixed(isTokenPath(request.path) ? NOT_ALLOWED_ON_TOKEN : NOT_ALLOWED, exchange);
		}
	}

	/** The answer to what is no request. */
	refuse(nowMs: number): string {
		this.counts.refused[400]++;
		return this.#writer.fixed(BAD_REQUEST, false, nowMs);
	}

	#read({ request, bytes, caller, keepAlive, nowMs }: Exchange): string {
		let ttlSeconds = 0;
		if (request.tokenCount > 0) {
			if (request.forwarded) return this.#refused(FORBIDDEN, keepAlive, nowMs);
			const expiresAtMs = this.#latestExpiry(request, bytes, caller, nowMs);
			if (expiresAtMs === 0) return this.#refused(UNAUTHORIZED, keepAlive, nowMs);
			// AWS: 21583 seconds after seventeen of 21600: what is begun counts as a whole second, and never 0 while it opens.
			ttlSeconds = Math.ceil((expiresAtMs - nowMs) / 1000);
			this.counts.withToken++;
		} else if (caller.httpTokens === "required") {
			this.counts.rejectedWithoutToken++;
			return this.#refused(UNAUTHORIZED, keepAlive, nowMs);
		} else {
			this.counts.withoutToken++;
		}
		const head = request.method === "HEAD";
		const answer = caller.snapshot(nowMs).get(request.path, ttlSeconds === 0 ? "1.0" : "2.0");
		if (answer === undefined) return this.#refused(head ? NOT_FOUND_HEAD : NOT_FOUND, keepAlive, nowMs);
		return head ? this.#writer.foundHead(answer, ttlSeconds, keepAlive, nowMs) : this.#writer.found(answer, ttlSeconds, keepAlive, nowMs);
	}

	#put(exchange: Exchange): string {
		const { request, bytes, caller, keepAlive, nowMs } = exchange;
		if (request.forwarded) return this.#fixed(FORBIDDEN, exchange);
		if (!isTokenPath(request.path)) return this.#fixed(looksLikeTokenPath(request.path) ? FORBIDDEN : NOT_ALLOWED, exchange);
		const ttlSeconds = request.ttlCount === 1 ? ttlOf(bytes, request.ttlStart, request.ttlEnd) : 0;
		if (ttlSeconds === 0) return this.#fixed(BAD_REQUEST, exchange);
		this.counts.tokens++;
		return this.#writer.token(this.#authority.mint(caller, ttlSeconds, nowMs), ttlSeconds, keepAlive, nowMs);
	}

	/** When the longest-lived of the request's tokens expires; 0: none is valid. A client that retries sends its old one too. */
	#latestExpiry(request: Request, bytes: Buffer, caller: Caller, nowMs: number): number {
		let latest = 0;
		for (let i = 0; i < request.tokenCount; i++) {
			const start = request.tokenSpans[2 * i]!;
			const end = request.tokenSpans[2 * i + 1]!;
			latest = Math.max(latest, this.#authority.check(bytes, start, end, caller, nowMs));
		}
		return latest;
	}

	#fixed(response: FixedResponse, { keepAlive, nowMs }: Exchange): string {
		return this.#refused(response, keepAlive, nowMs);
	}

	#refused(response: FixedResponse, keepAlive: boolean, nowMs: number): string {
		if (response.status !== 200) this.counts.refused[response.status]++;
		return this.#writer.fixed(response, keepAlive, nowMs);
	}
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
