// How each kind of service words it that a request's signature is not good (control-apis.md §3.7).

import type { CredentialProblem } from "../../sigv4/credential.ts";
import type { SignatureProblem } from "../../sigv4/verify.ts";
import type { ClaimRefusal } from "./authenticate.ts";
import { ApiError } from "../errors.ts";

/** EC2's words, or those of the services of the Query protocol. */
export type Dialect = "ec2" | "query";

/** There is no signature, or none that can be read. */
export function credentialProblem(dialect: Dialect, { problem, message }: CredentialProblem): ApiError {
	if (problem !== "missing") return new ApiError("IncompleteSignature", message);
	return dialect === "ec2" ? authFailure() : new ApiError("MissingAuthenticationToken", message, 403);
}

/** Nobody has the key, or it has ended. */
export function claimRefusal(dialect: Dialect, refusal: ClaimRefusal): ApiError {
	if (refusal === "expired") {
		if (dialect === "ec2") return new ApiError("RequestExpired", "Request has expired.");
		return new ApiError("ExpiredToken", "The security token included in the request is expired", 403);
	}
	if (dialect === "ec2") return authFailure();
	return new ApiError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
}

/** The signature is not the key's, or not for here and now. */
export function signatureProblem(dialect: Dialect, { problem, message }: SignatureProblem): ApiError {
	if (dialect === "ec2" && (problem === "expired" || problem === "not-yet-valid")) {
		return new ApiError("RequestExpired", `Request has expired. ${message}`);
	}
	return new ApiError("SignatureDoesNotMatch", message, 403);
}

function authFailure(): ApiError {
	return new ApiError("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
}
