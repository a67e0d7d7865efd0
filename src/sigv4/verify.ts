import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { formatAmzDate } from "./amz-date.ts";
import { canonicalRequest } from "./canonical-request.ts";
import type { PresentedCredential } from "./credential.ts";
import { headerValues, type SignedRequest } from "./signed-request.ts";
import { SigningKeys } from "./signing-keys.ts";

/** AWS: a request's clock may be 15 minutes off either way (control-apis.md §3.7; EC2's `RequestExpired`). */
export const MAX_SKEW_MS = 15 * 60 * 1000;

/** Why a signature is not accepted. The message is AWS's where it is known to have one, and tells no secret. */
export type SignatureProblem = {
	readonly problem: "expired" | "not-yet-valid" | "scope" | "mismatch" | "unsigned-header" | "body-hash";
	readonly message: string;
};

/** Where and when a request is verified. */
export interface ExpectedScope {
	readonly nowMs: number;
	readonly region: string;
	readonly service: string;
}

/** Callers whose signing key is remembered, for one day, region and service each. */
const REMEMBERED_KEYS = 1024;

const signingKeys = new SigningKeys(REMEMBERED_KEYS);

/**
 * Whether a request is what the owner of `secretAccessKey` signed, here and now; `undefined` if it is (control-apis.md §3.7).
 * Never throws.
 *
 * AWS: checks time, then signed headers, then scope, and the signature last (DynamoDB, as dynalite has recorded it).
 *
 * @param credential what `readCredential` made of this request; that its session token is good is for the caller to see.
 * @param secretAccessKey the secret of `credential.accessKeyId`.
 */
export function verifySignature(
	request: SignedRequest,
	credential: PresentedCredential,
	secretAccessKey: string,
	expected: ExpectedScope,
): SignatureProblem | undefined {
	return (
		timeProblem(credential, expected.nowMs) ??
		unsignedHeaderProblem(request, credential) ??
		scopeProblem(credential, expected) ??
		signatureProblem(request, credential, secretAccessKey)
	);
}

function timeProblem({ form, signedAtMs, amzDate, expiresInSeconds }: PresentedCredential, nowMs: number): SignatureProblem | undefined {
	if (signedAtMs > nowMs + MAX_SKEW_MS) {
		const latest = formatAmzDate(nowMs + MAX_SKEW_MS);
		const message = `Signature not yet current: ${amzDate} is still later than ${latest} (${formatAmzDate(nowMs)} + 15 min.)`;
		return { problem: "not-yet-valid", message };
	}
	const presigned = form === "presigned" && expiresInSeconds !== undefined;
	const lifeMs = presigned ? expiresInSeconds * 1000 : MAX_SKEW_MS;
	if (signedAtMs >= nowMs - lifeMs) return undefined;
	const earliest = formatAmzDate(nowMs - lifeMs);
	const life = presigned ? `${expiresInSeconds} sec.` : "15 min.";
	return {
		problem: "expired",
		message: `Signature expired: ${amzDate} is now earlier than ${earliest} (${formatAmzDate(nowMs)} - ${life})`,
	};
}

/**
 * What is not signed, anybody on the way could have changed.
 *
 * AWS: host, the date, and all `x-amz-*` headers must be signed (IAM User Guide, "Create a signed AWS API request").
 * Quirk: that page also names content-type, which the JavaScript SDK v2 has never signed and presigned requests don't,
 * and AWS takes those. `x-amz-user-agent` means nothing here, so a signer may leave it out like `user-agent`.
 */
function unsignedHeaderProblem(request: SignedRequest, { form, signedHeaders }: PresentedCredential): SignatureProblem | undefined {
	if (!signedHeaders.includes("host")) return mustBeSigned("'Host' or ':authority'");
	let dateHeader = "date";
	for (const [name] of request.headers) {
		const lowerName = name.toLowerCase();
		if (lowerName === "x-amz-date") dateHeader = lowerName;
		if (lowerName.startsWith("x-amz-") && lowerName !== "x-amz-user-agent" && !signedHeaders.includes(lowerName)) {
			return mustBeSigned(`'${lowerName}'`);
		}
	}
	if (form === "header" && !signedHeaders.includes(dateHeader)) return mustBeSigned(`'${dateHeader}'`);
}

function mustBeSigned(header: string): SignatureProblem {
	return { problem: "unsigned-header", message: `${header} must be a 'SignedHeader' in the AWS Authorization.` };
}

function scopeProblem({ scope, amzDate }: PresentedCredential, expected: ExpectedScope): SignatureProblem | undefined {
	const messages: string[] = [];
	if (scope.region !== expected.region) messages.push(`Credential should be scoped to a valid region, not '${scope.region}'.`);
	if (scope.service !== expected.service) messages.push(`Credential should be scoped to correct service: '${expected.service}'.`);
	const day = amzDate.slice(0, 8);
	if (scope.date !== day) {
		const both = `'${scope.date}' != '${day}', from '${amzDate}'`;
		messages.push(`Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${both}.`);
	}
	return messages.length === 0 ? undefined : { problem: "scope", message: messages.join(" ") };
}

function signatureProblem(request: SignedRequest, credential: PresentedCredential, secretAccessKey: string): SignatureProblem | undefined {
	const bodySha256 = hash("sha256", request.body, "hex");
	// AWS: UNSIGNED-PAYLOAD and STREAMING-… stand here for S3 alone; elsewhere they are just another hash than the body's.
	for (const claimed of headerValues(request, "x-amz-content-sha256")) {
		if (claimed.trim() === bodySha256) continue;
		return { problem: "body-hash", message: "The provided 'x-amz-content-sha256' header does not match what was computed." };
	}
	const canonical = canonicalRequest(request, credential, bodySha256);
	if (canonical !== undefined && isSame(signatureOf(canonical, credential, secretAccessKey), credential.signature)) return undefined;
	// Gap: some services of AWS go on with the canonical request; it has the session token in it.
	const message =
		"The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
	return { problem: "mismatch", message };
}

function signatureOf(canonical: string, { accessKeyId, scope, amzDate }: PresentedCredential, secretAccessKey: string): string {
	const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
	const toSign = `AWS4-HMAC-SHA256\n${amzDate}\n${scopeText}\n${hash("sha256", canonical, "hex")}`;
	return createHmac("sha256", signingKeys.keyOf(accessKeyId, secretAccessKey, scope))
		.update(toSign)
		.digest("hex");
}

/** In constant time. That a signature has 64 characters is no secret, so another length may be told at once. */
function isSame(computed: string, presented: string): boolean {
	const bytes = Buffer.from(presented);
	return bytes.length === computed.length && timingSafeEqual(bytes, Buffer.from(computed));
}
