// What a request says of who signed it. Nothing is verified here, so nothing of this may be believed before
// verifySignature has said that it is so.

import { type AmzDate, readAmzDate, readHttpDate } from "./amz-date.ts";
import { algorithmOf, type AuthorizationParts, readAuthorizationHeader } from "./authorization-header.ts";
import { type CanonicalParameter, canonicalParameters, decodeBytes } from "./canonical-uri.ts";
import { headerValues, type SignedRequest } from "./signed-request.ts";
import type { CredentialScope } from "./signing-keys.ts";

export interface PresentedCredential {
	readonly form: "header" | "presigned";
	readonly accessKeyId: string;
	readonly scope: CredentialScope;
	/** In lower case, in the order they are listed; each once. */
	readonly signedHeaders: readonly string[];
	/** As sent: not necessarily of a signature's form. */
	readonly signature: string;
	readonly sessionToken?: string;
	readonly signedAtMs: number;
	/** `20150830T123600Z`: the same moment as the signer wrote it into what is signed. */
	readonly amzDate: string;
	/** Presigned only, 1..604800. AWS: may be absent, and then the request lives as long as one that is signed in a header. */
	readonly expiresInSeconds?: number;
}

/**
 * `missing`: no signature at all. `incomplete`: parts of one are missing. `malformed`: there, and not readable.
 * AWS answers the latter two with `IncompleteSignature`. Messages are AWS's where it is known to have one.
 */
export type CredentialProblem = { readonly problem: "missing" | "incomplete" | "malformed"; readonly message: string };

/** AWS: a presigned request lives seven days at most (IAM User Guide, "Query string parameters"). */
const MAX_EXPIRES_SECONDS = 604_800;

/** The longest Authorization header or presigned parameter looked at, session tokens apart; real ones have some 400 characters. */
const MAX_PART_LENGTH = 8192;

/** The most headers that a signature may list; the JavaScript SDK signs a dozen. */
const MAX_SIGNED_HEADERS = 100;

const ALGORITHM = "AWS4-HMAC-SHA256";
const PRESIGNED_MARKS: ReadonlySet<string> = new Set(["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"]);
const PRESIGNED_REQUIRED = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
const PRESIGNED_PARAMETERS: ReadonlySet<string> = new Set([...PRESIGNED_REQUIRED, "X-Amz-Expires", "X-Amz-Security-Token"]);

/**
 * Who a request says has signed it, by its Authorization header or its `X-Amz-*` query parameters (control-apis.md §3.7).
 * Never throws; a `CredentialProblem` has a `problem`, a credential has none.
 */
export function readCredential(request: SignedRequest): PresentedCredential | CredentialProblem {
	const parameters = canonicalParameters(request.target);
	if (parameters === undefined) return malformed("Illegal hex character in escape % pattern of the query string.");
	const authorizations = headerValues(request, "authorization");
	if (parameters.some(([name]) => PRESIGNED_MARKS.has(name))) {
		if (authorizations.length === 0) return readPresigned(parameters);
		return malformed("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
	}
	const [authorization, second] = authorizations;
	if (authorization === undefined) return { problem: "missing", message: "Request is missing Authentication Token" };
	if (second !== undefined) return malformed(`The request has ${authorizations.length} 'Authorization' headers; allowed: 1.`);
	return readSignedHeader(request, authorization);
}

function readSignedHeader(request: SignedRequest, authorization: string): PresentedCredential | CredentialProblem {
	if (authorization.length > MAX_PART_LENGTH) {
		return malformed(`The 'Authorization' header has ${authorization.length} characters; allowed: ${MAX_PART_LENGTH}.`);
	}
	for (const name of ["x-amz-date", "x-amz-security-token"]) {
		const count = headerValues(request, name).length;
		if (count > 1) return malformed(`The request has ${count} '${name}' headers; allowed: 1.`);
	}
	const problem = algorithmProblem(algorithmOf(authorization));
	if (problem !== undefined) return problem;
	const parts = readAuthorizationHeader(authorization);
	if (typeof parts === "string") return malformed(parts);

	const [amzDate] = headerValues(request, "x-amz-date");
	const dates = headerValues(request, "date");
	const missing = (["Credential", "Signature", "SignedHeaders"] as const)
		.filter((name) => parts[name] === "")
		.map((name) => `Authorization header requires '${name}' parameter.`);
	if (amzDate === undefined && dates.length === 0) {
		missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
	}
	// Gap: AWS ends this message with a hash of the header.
	if (missing.length > 0) return { problem: "incomplete", message: missing.join(" ") };

	const [sessionToken] = headerValues(request, "x-amz-security-token");
	// Several Date headers make a text that is no date, and are refused as such.
	const dateText = (amzDate ?? dates.join(",")).trim();
	const date = amzDate === undefined ? readHttpDate(dateText) : readAmzDate(dateText);
	return complete("header", parts, date ?? dateProblem(dateText), {
		...(sessionToken !== undefined && { sessionToken: sessionToken.trim() }),
	});
}

function readPresigned(parameters: readonly CanonicalParameter[]): PresentedCredential | CredentialProblem {
	const sent = new Map<string, string>();
	for (const [name, value] of parameters) {
		if (!PRESIGNED_PARAMETERS.has(name)) continue;
		if (sent.has(name)) return malformed(`The query string has '${name}' more than once; allowed: 1.`);
		if (name !== "X-Amz-Security-Token" && value.length > MAX_PART_LENGTH) {
			return malformed(`The query string's '${name}' has ${value.length} characters; allowed: ${MAX_PART_LENGTH}.`);
		}
		sent.set(name, decodeBytes(value));
	}
	const missing = PRESIGNED_REQUIRED.filter((name) => !sent.get(name));
	if (missing.length > 0) {
		const named = missing.map((name) => `AWS query-string parameters must include '${name}'.`).join(" ");
		return { problem: "incomplete", message: `${named} Re-examine the query-string parameters.` };
	}
	const problem = algorithmProblem(sent.get("X-Amz-Algorithm")!);
	if (problem !== undefined) return problem;

	const expires = sent.get("X-Amz-Expires");
	const expiresInSeconds = Number(expires);
	if (expires !== undefined && !(/^\d{1,6}$/.test(expires) && expiresInSeconds >= 1 && expiresInSeconds <= MAX_EXPIRES_SECONDS)) {
		return malformed(`X-Amz-Expires is '${shown(expires)}'; allowed: a number of seconds from 1 to ${MAX_EXPIRES_SECONDS}.`);
	}
	const parts: AuthorizationParts = {
		Credential: sent.get("X-Amz-Credential")!,
		SignedHeaders: sent.get("X-Amz-SignedHeaders")!,
		Signature: sent.get("X-Amz-Signature")!,
	};
	const sessionToken = sent.get("X-Amz-Security-Token");
	const dateText = sent.get("X-Amz-Date")!;
	return complete("presigned", parts, readAmzDate(dateText) ?? dateProblem(dateText), {
		...(sessionToken !== undefined && { sessionToken }),
		...(expires !== undefined && { expiresInSeconds }),
	});
}

function complete(
	form: PresentedCredential["form"],
	parts: AuthorizationParts,
	date: AmzDate | CredentialProblem,
	others: Pick<PresentedCredential, "sessionToken" | "expiresInSeconds">,
): PresentedCredential | CredentialProblem {
	if ("problem" in date) return date;
	const elements = parts.Credential.split("/");
	const [accessKeyId, scopeDate, region, service, terminator] = elements as [string, string, string, string, string];
	if (elements.length !== 5 || !/^[\x21-\x7e]{1,128}$/.test(accessKeyId)) {
		return malformed("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.");
	}
	if (!elements.slice(1).every((element) => /^[\x21-\x7e]{1,64}$/.test(element))) {
		return malformed("Credential's date, region, service and terminator must have 1 to 64 visible ASCII characters each.");
	}
	if (terminator !== "aws4_request") {
		return malformed(`Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`);
	}
	const signedHeaders = parts.SignedHeaders.toLowerCase().split(";");
	const problem = signedHeadersProblem(signedHeaders);
	if (problem !== undefined) return malformed(problem);
	return {
		form,
		accessKeyId,
		scope: { date: scopeDate, region, service },
		signedHeaders,
		signature: parts.Signature,
		signedAtMs: date.ms,
		amzDate: date.text,
		...others,
	};
}

/** Names must be names: a line break in one, which a presigned request could have, would let it pretend to be other lines of what is signed. */
function signedHeadersProblem(names: readonly string[]): string | undefined {
	if (names.length > MAX_SIGNED_HEADERS) return `SignedHeaders lists ${names.length} headers; allowed: ${MAX_SIGNED_HEADERS}.`;
	if (new Set(names).size !== names.length) return "SignedHeaders lists a header more than once.";
	const bad = names.find((name) => !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name));
	return bad === undefined ? undefined : `SignedHeaders lists '${shown(bad)}'; allowed: names of headers, separated by semicolons.`;
}

function algorithmProblem(algorithm: string): CredentialProblem | undefined {
	if (algorithm === ALGORITHM) return undefined;
	// Another scheme's header may be a password or a token from its first character on: only what begins as AWS's is shown.
	const named = algorithm.startsWith("AWS4-") ? `: '${shown(algorithm)}'` : "";
	return malformed(`Unsupported AWS 'algorithm'${named} (only ${ALGORITHM} for now).`);
}

function dateProblem(text: string): CredentialProblem {
	return malformed(`Date must be in ISO-8601 'basic format'. Got '${shown(text)}'. See http://en.wikipedia.org/wiki/ISO_8601`);
}

function malformed(message: string): CredentialProblem {
	return { problem: "malformed", message };
}

/** What somebody sent, fit for a line of text. */
function shown(text: string): string {
	const visible = text.replace(/[^\x20-\x7e]/g, "?");
	return visible.length > 64 ? `${visible.slice(0, 64)}…` : visible;
}
