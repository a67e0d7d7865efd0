// Policy documents as they come and go.

import type { PolicyKind } from "../../iam/policy-kind.ts";
import { parsePolicy, type Policy, PolicyError } from "../../iam/policy.ts";
import { constraintViolated } from "../errors.ts";
import { malformedPolicyDocument } from "../iam-errors.ts";

/** AWS: of the parameter; how long a policy may be depends on its use (IAM API reference, policyDocumentType). */
const DOCUMENT_MAX_CHARACTERS = 131_072;

/**
 * Reads a policy of a request.
 *
 * @throws {ApiError} MalformedPolicyDocument, with all that is wrong with it.
 */
export function checkedPolicy(document: string, kind: PolicyKind): Policy {
	if (document.length > DOCUMENT_MAX_CHARACTERS) {
		throw constraintViolated("policyDocument", document, `have length less than or equal to ${DOCUMENT_MAX_CHARACTERS}`);
	}
	try {
		return parsePolicy(document, kind);
	} catch (error) {
		if (error instanceof PolicyError) throw malformedPolicyDocument(error.message);
		throw error;
	}
}

/** How much of a quota a policy takes. AWS: white space does not count (IAM guide, "IAM and AWS STS quotas"). */
export function policySize(document: string): number {
	return document.replaceAll(/\s/g, "").length;
}

/** AWS: documents are answered as JSON whose every reserved character is percent-encoded (RFC 3986). */
export function encodedDocument(document: string): string {
	return encodeURIComponent(document);
}
