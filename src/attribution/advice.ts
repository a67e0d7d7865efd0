// What somebody who calls without a token has to change.

import { compareVersions, type Product, productNamed, type Sdk, sdkOf } from "./sdk-versions.ts";

export interface Caller {
	/** Name of the executable. */
	readonly program: string | undefined;
	/** What may be told of the User-Agent. */
	readonly userAgent: string | undefined;
	readonly sdk: Sdk | undefined;
}

const TOKEN_FIRST =
	"it makes its own requests: have it PUT /latest/api/token first, and send what that answers as X-aws-ec2-metadata-token with each of them";
const CURL = [
	"get a token first: TOKEN=$(curl -sX PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'), ",
	`then add -H "X-aws-ec2-metadata-token: $TOKEN"`,
].join("");
const WGET = [
	"get a token first: TOKEN=$(wget -qO- --method=PUT --header='X-aws-ec2-metadata-token-ttl-seconds: 21600' ",
	`http://169.254.169.254/latest/api/token), then add --header="X-aws-ec2-metadata-token: $TOKEN"`,
].join("");
// AWS: feature-imds-credentials.html of the SDKs and Tools Reference Guide, for the fallback and for the variable.
const FALLS_BACK = [
	"knows IMDSv2 and falls back to IMDSv1 when its token request fails or is not answered in time: in a container, raise ",
	"HttpPutResponseHopLimit to 2; AWS_EC2_METADATA_V1_DISABLED=true makes it fail instead, where its version knows that",
].join("");

/** One sentence; it names the product where one is known. */
export function adviceOn({ program, userAgent, sdk }: Caller): string {
	// AWS: the SDK for JavaScript v3 sends no User-Agent (@smithy/credential-provider-imds).
	if (userAgent === undefined && program !== undefined && /^(?:node|nodejs|bun)$/.test(program))
		return `no User-Agent, as the AWS SDK for JavaScript v3: it ${FALLS_BACK}; any other program: ${TOKEN_FIRST}`;
	const told = sdk ?? (program === undefined ? undefined : sdkOf(program));
	const product = told && productNamed(told.name);
	if (told !== undefined && product !== undefined) return adviceOnProduct(product, told);
	return `${userAgent ?? program ?? "unknown program"}: update its AWS SDK, if it has one; if not, ${TOKEN_FIRST}`;
}

function adviceOnProduct(product: Product, { version }: Sdk): string {
	const { title, v2, v2Only, package: name } = product;
	const who = version === undefined ? title : `${title} ${version}`;
	switch (v2) {
		case "only":
			return `${who} has never known IMDSv1: it is another part of the program that calls without a token`;
		case "never":
			return name === undefined
				? `${who} knows no IMDSv2: as long as it is needed, its instances need HttpTokens=optional`
				: `${who} knows no IMDSv2, and no version of it does: move to ${name} or later`;
		case "newer":
			return `${who}: update ${name}; current versions know IMDSv2`;
		case "client":
			return `${who}: ${product.token === "curl" ? CURL : product.token === "wget" ? WGET : TOKEN_FIRST}`;
		default:
			if (version === undefined || compareVersions(version, v2) < 0) return `${who}: update ${name} to ${v2Only ?? v2} or later`;
			if (v2Only === undefined) return `${who} ${FALLS_BACK}`;
			if (compareVersions(version, v2Only) < 0) return `${who} knows IMDSv2 but falls back to IMDSv1: update ${name} to ${v2Only} or later`;
			return `${who} takes IMDSv1 only where it does not believe to be on EC2: look at its datasource's configuration`;
	}
}
