import { type CanonicalParameter, canonicalParameters, canonicalPath } from "./canonical-uri.ts";
import type { PresentedCredential } from "./credential.ts";
import type { SignedRequest } from "./signed-request.ts";

/**
 * The text whose hash is signed; `undefined` when the query can't be read or a header that is listed as signed did not come.
 *
 * Headers stand in the order in which they are listed: who lists them in another order than AWS asks for has also signed
 * them so, and the list is part of the text.
 *
 * @param bodySha256 of the body that came, in lower-case hexadecimal digits.
 */
export function canonicalRequest(request: SignedRequest, credential: PresentedCredential, bodySha256: string): string | undefined {
	const parameters = canonicalParameters(request.target);
	const headers = canonicalHeaders(request, credential.signedHeaders);
	if (parameters === undefined || headers === undefined) return undefined;
	return [
		request.method,
		canonicalPath(request.target),
		queryLine(parameters, credential),
		...headers,
		"",
		credential.signedHeaders.join(";"),
		bodySha256,
	].join("\n");
}

/** A presigned request's own signature is the one parameter that it can't cover. */
function queryLine(parameters: readonly CanonicalParameter[], { form }: PresentedCredential): string {
	const signed = form === "presigned" ? parameters.filter(([name]) => name !== "X-Amz-Signature") : parameters;
	return signed.map(([name, value]) => `${name}=${value}`).join("&");
}

/** `name:value` of each signed header. Values of a header that came several times are joined with commas. */
function canonicalHeaders(request: SignedRequest, signedHeaders: readonly string[]): string[] | undefined {
	const values = new Map<string, string>();
	for (const [name, value] of request.headers) {
		const lowerName = name.toLowerCase();
		const before = values.get(lowerName);
		const canonical = canonicalValue(value);
		values.set(lowerName, before === undefined ? canonical : `${before},${canonical}`);
	}
	const lines: string[] = [];
	for (const name of signedHeaders) {
		const value = values.get(name);
		if (value === undefined) return undefined;
		lines.push(`${name}:${value}`);
	}
	return lines;
}

function canonicalValue(value: string): string {
	return value.replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, "");
}
