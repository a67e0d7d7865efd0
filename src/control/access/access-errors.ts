// How each kind of service words it that a request's signature is not good, or that its signer may not (control-apis.md §3.6, §3.7).

import type { CredentialProblem } from "../../sigv4/credential.ts";
import type { SignatureProblem } from "../../sigv4/verify.ts";
import type { ClaimRefusal } from "./authenticate.ts";
import { ApiError } from "../errors.ts";

/** EC2's words, those of the services that began with the Query protocol, or those of the ones that have always spoken JSON. */
export type Dialect = "ec2" | "query" | "json";

/** There is no signature, or none that can be read. */
export function credentialProblem(dialect: Dialect, { problem, message }: CredentialProblem): ApiError {
	if (problem !== "missing") return worded(dialect, "unreadable", message);
	return dialect === "ec2" ? authFailure() : worded(dialect, "missing", message);
}

/** Nobody has the key, or it has ended. */
export function claimRefusal(dialect: Dialect, refusal: ClaimRefusal): ApiError {
	if (refusal === "expired") {
		if (dialect === "ec2") return new ApiError("RequestExpired", "Request has expired.");
		return worded(dialect, "expired", "The security token included in the request is expired");
	}
	if (dialect === "ec2") return authFailure();
	return worded(dialect, "unknown", "The security token included in the request is invalid.");
}

/** The signature is not the key's, or not for here and now. */
export function signatureProblem(dialect: Dialect, { problem, message }: SignatureProblem): ApiError {
	if (dialect === "ec2" && (problem === "expired" || problem === "not-yet-valid")) {
		return new ApiError("RequestExpired", `Request has expired. ${message}`);
	}
	return worded(dialect, "mismatch", message);
}

/** The signer may not do what was asked. EC2 has a longer story for that. */
export function accessDenied(dialect: Exclude<Dialect, "ec2">, message: string): ApiError {
	return worded(dialect, "denied", message);
}

const QUERY_WORDS = {
	missing: ["MissingAuthenticationToken", 403],
	unreadable: ["IncompleteSignature", 400],
	unknown: ["InvalidClientTokenId", 403],
	expired: ["ExpiredToken", 403],
	mismatch: ["SignatureDoesNotMatch", 403],
	denied: ["AccessDenied", 403],
} as const;

type Finding = keyof typeof QUERY_WORDS;

/** Codes, and statuses of HTTP. AWS: services of JSON have 400 for all of it (control-apis.md §3.7). */
const WORDS: Readonly<Record<Dialect, Readonly<Record<Finding, readonly [code: string, status: number]>>>> = {
	ec2: QUERY_WORDS,
	query: QUERY_WORDS,
	json: {
		missing: ["MissingAuthenticationTokenException", 400],
		unreadable: ["IncompleteSignatureException", 400],
		unknown: ["UnrecognizedClientException", 400],
		expired: ["ExpiredTokenException", 400],
		mismatch: ["InvalidSignatureException", 400],
		denied: ["AccessDeniedException", 400],
	},
};

function worded(dialect: Dialect, finding: Finding, message: string): ApiError {
	const [code, status] = WORDS[dialect][finding];
	return new ApiError(code, message, status);
}

function authFailure(): ApiError {
	return new ApiError("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
}
