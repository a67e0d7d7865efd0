// Who speaks IMDSv2, from which version on, by the product names that they put into their User-Agent.

/** A program or library by what it says of itself. */
export interface Sdk {
	/** A key of {@link PRODUCTS}' names, spelled as there. */
	readonly name: string;
	readonly version?: string;
}

type Version = `${number}.${string}`;

export interface Product {
	/** As people call it. */
	readonly title: string;
	/** What it calls itself, in lower case; a prefix where it ends with "*". */
	readonly token: string;
	/** The version's first number, where that makes it another product. */
	readonly major?: number;
	/**
	 * What it does about IMDSv2. A version: knows it from that one on, and may fall back to IMDSv1. `only`: has never known anything
	 * else. `never`: doesn't know it. `newer`: newer ones do, from which on isn't known here. `client`: it does what it is told.
	 */
	readonly v2: Version | "only" | "never" | "newer" | "client";
	/** From which version on it no longer falls back to IMDSv1. */
	readonly v2Only?: Version;
	/** What to update. */
	readonly package?: string;
}

// AWS: the versions are those of "Use a supported AWS SDK" (EC2 User Guide, use-a-supported-sdk-version-for-imdsv2.html), where no
// other source is given. Whoever is asked for more than one product names the most telling one first.
export const PRODUCTS: readonly Product[] = [
	{ title: "AWS CLI", token: "aws-cli", v2: "1.16.289", package: "the AWS CLI" },
	{ title: "AWS Tools for PowerShell", token: "awspowershell*", v2: "4.0.1.0", package: "AWS.Tools" },
	{ title: "Boto3", token: "boto3", v2: "1.12.6", package: "boto3" },
	{ title: "Botocore", token: "botocore", v2: "1.13.25", package: "botocore" },
	{ title: "boto 2", token: "boto", v2: "never", package: "boto3 1.12.6" },
	{ title: "AWS SDK for Java", token: "aws-sdk-java", major: 1, v2: "1.11.678", package: "com.amazonaws:aws-java-sdk-core" },
	{ title: "AWS SDK for Java 2.x", token: "aws-sdk-java", major: 2, v2: "2.10.21", package: "software.amazon.awssdk" },
	{ title: "AWS SDK for Go v2", token: "aws-sdk-go-v2", v2: "0.19.0", package: "github.com/aws/aws-sdk-go-v2" },
	{ title: "AWS SDK for Go", token: "aws-sdk-go", v2: "1.25.38", package: "github.com/aws/aws-sdk-go" },
	{ title: "AWS SDK for JavaScript v2", token: "aws-sdk-nodejs", v2: "2.722.0", package: "aws-sdk" },
	// AWS: its releases began later than IMDSv2 (December 2020), with the token in the first one.
	{ title: "AWS SDK for JavaScript v3", token: "aws-sdk-js", v2: "3.0.0", package: "@aws-sdk" },
	{ title: "AWS SDK for PHP", token: "aws-sdk-php", v2: "3.147.7", package: "aws/aws-sdk-php" },
	// AWS: release notes of 2.11.401, github.com/aws/aws-sdk-ruby.
	{ title: "AWS SDK for Ruby v2", token: "aws-sdk-ruby2", v2: "2.11.401", package: "aws-sdk-core" },
	{ title: "AWS SDK for Ruby", token: "aws-sdk-ruby3", v2: "3.79.0", package: "aws-sdk-core" },
	{ title: "AWS SDK for C++", token: "aws-sdk-cpp", v2: "1.7.229", package: "aws-sdk-cpp" },
	// AWS: the guide says release 3.3.634.1, but its User-Agent names versions of assemblies, which are smaller numbers. 3.5 came later than that.
	{ title: "AWS SDK for .NET", token: "aws-sdk-dotnet*", v2: "3.5", package: "AWSSDK.Core" },
	// AWS: "New SDKs don't support IMDSv1" (SDKs and Tools Reference Guide, feature-imds-credentials.html).
	{ title: "AWS SDK for Rust", token: "aws-sdk-rust", v2: "only" },
	{ title: "AWS SDK for Kotlin", token: "aws-sdk-kotlin", v2: "only" },
	{ title: "AWS SDK for Swift", token: "aws-sdk-swift", v2: "only" },
	// cloud-init's ChangeLog: #55 in 19.4 adds it, #216 in 20.2 takes the way back.
	{ title: "cloud-init", token: "cloud-init", v2: "19.4", v2Only: "20.2", package: "cloud-init" },
	// github.com/cloudbase/cloudbase-init/issues/150, open since July 2024; not in its sources in April 2026.
	{ title: "Cloudbase-Init", token: "cloudbase-init", v2: "never" },
	{ title: "SSM Agent", token: "amazon-ssm-agent", v2: "newer", package: "amazon-ssm-agent" },
	{ title: "CloudWatch agent", token: "amazon-cloudwatch-agent", v2: "newer", package: "amazon-cloudwatch-agent" },
	{ title: "CloudWatch agent", token: "cwagent", v2: "newer", package: "amazon-cloudwatch-agent" },
	// github.com/amazonlinux/amazon-ec2-net-utils/issues/6 ("addressed in version 1.3").
	{ title: "amazon-ec2-net-utils", token: "amazon-ec2-net-utils", v2: "1.3", package: "amazon-ec2-net-utils" },
	{ title: "Ignition", token: "ignition", v2: "newer", package: "ignition" },
	{ title: "curl", token: "curl", v2: "client" },
	{ title: "libcurl", token: "libcurl*", v2: "client" },
	{ title: "Wget", token: "wget", v2: "client" },
	{ title: "Requests", token: "python-requests", v2: "client" },
	{ title: "urllib", token: "python-urllib", v2: "client" },
	{ title: "urllib3", token: "python-urllib3", v2: "client" },
	{ title: "HTTPX", token: "python-httpx", v2: "client" },
	{ title: "aiohttp", token: "aiohttp", v2: "client" },
	{ title: "axios", token: "axios", v2: "client" },
	{ title: "node-fetch", token: "node-fetch", v2: "client" },
	{ title: "got", token: "got", v2: "client" },
	{ title: "Node.js", token: "node", v2: "client" },
	{ title: "undici", token: "undici", v2: "client" },
	{ title: "Bun", token: "bun", v2: "client" },
	{ title: "Deno", token: "deno", v2: "client" },
	{ title: "Go's net/http", token: "go-http-client", v2: "client" },
	{ title: "OkHttp", token: "okhttp", v2: "client" },
	{ title: "Apache HttpClient", token: "apache-httpclient", v2: "client" },
	{ title: "Java's HttpClient", token: "java-http-client", v2: "client" },
	{ title: "Java's HttpURLConnection", token: "java", v2: "client" },
	{ title: "Guzzle", token: "guzzlehttp", v2: "client" },
	{ title: "Faraday", token: "faraday", v2: "client" },
	{ title: "rest-client", token: "rest-client", v2: "client" },
	{ title: "Ruby's Net::HTTP", token: "ruby", v2: "client" },
	{ title: "libwww-perl", token: "libwww-perl", v2: "client" },
	{ title: "reqwest", token: "reqwest", v2: "client" },
	{ title: "HTTPie", token: "httpie", v2: "client" },
	{ title: "PowerShell", token: "windowspowershell", v2: "client" },
	{ title: "PowerShell", token: "powershell", v2: "client" },
];

const AGENT_MAX_CHARACTERS = 512;

/**
 * The most telling product of a User-Agent.
 *
 * @returns `undefined`: none that is known.
 */
export function sdkOf(userAgent: string): Sdk | undefined {
	const named = productsIn(userAgent);
	for (const product of PRODUCTS) {
		const found = named.find((each) => isNamed(product, each));
		if (found === undefined) continue;
		return { name: product.title, ...(found.version === undefined ? {} : { version: found.version }) };
	}
	return undefined;
}

/** The entry of a product that {@link sdkOf} has named. */
export function productNamed(title: string): Product | undefined {
	return PRODUCTS.find((product) => product.title === title);
}

/**
 * What may be told of a User-Agent, into which a client may put anything, secrets too: products that are known, with their versions; or
 * else the first, if its name is letters alone and its version a number.
 *
 * @returns at most 100 characters; `undefined`: nothing.
 */
export function tellableAgent(userAgent: string): string | undefined {
	const named = productsIn(userAgent);
	const known = named.filter((each) => PRODUCTS.some((product) => isNamed(product, each)));
	const [first] = named;
	const told = known.length > 0 ? known : first !== undefined && /^[A-Za-z][A-Za-z._-]{0,31}$/.test(first.name) ? [first] : [];
	const text = told.map(({ name, version }) => (version === undefined ? name : `${name}/${version}`)).join(" ");
	return text === "" ? undefined : text.slice(0, 100);
}

/** Compares versions by their numbers; what follows these ("-beta", "+build") does not count. */
export function compareVersions(a: string, b: string): number {
	const [left, right] = [a, b].map((text) => (/^\d+(?:\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number));
	for (let part = 0; part < Math.max(left!.length, right!.length); part++) {
		const difference = (left![part] ?? 0) - (right![part] ?? 0);
		if (difference !== 0) return Math.sign(difference);
	}
	return 0;
}

interface Named {
	readonly name: string;
	readonly version?: string;
}

/** `name/version`, and `md/name#version` of the newer SDKs. */
function productsIn(userAgent: string): readonly Named[] {
	const words = userAgent.slice(0, AGENT_MAX_CHARACTERS).split(/[\s;,()]+/);
	return words.flatMap((word) => {
		const [, name, version] = /^(?:md\/)?([A-Za-z][A-Za-z0-9._-]{0,39})(?:[/#](.*))?$/.exec(word) ?? [];
		if (name === undefined) return [];
		const [number] = /^\d{1,6}(?:\.\d{1,6}){0,4}/.exec((version ?? "").replace(/^v/, "")) ?? [];
		return [{ name, ...(number === undefined ? {} : { version: number }) }];
	});
}

function isNamed({ token, major }: Product, { name, version }: Named): boolean {
	const lower = name.toLowerCase();
	if (token.endsWith("*") ? !lower.startsWith(token.slice(0, -1)) : lower !== token) return false;
	// Without a version it is the elder of two.
	return major === undefined || Number(version?.split(".")[0] ?? 1) === major;
}
