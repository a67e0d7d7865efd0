import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareVersions, PRODUCTS, productNamed, sdkOf, tellableAgent } from "./sdk-versions.ts";

const AGENTS: readonly (readonly [agent: string, name: string, version?: string])[] = [
	["aws-cli/1.16.200 Python/2.7.16 Linux/4.14 botocore/1.12.190", "AWS CLI", "1.16.200"],
	["Boto3/1.9.1 Python/3.6.9 Linux/4.15 Botocore/1.12.1", "Boto3", "1.9.1"],
	["Botocore/1.43.11 Python/3.11.7 Linux/6.18", "Botocore", "1.43.11"],
	["Boto/2.49.0 Python/2.7.16 Linux/4.14", "boto 2", "2.49.0"],
	["aws-sdk-java/1.11.5 Linux/4.14 OpenJDK_64-Bit_Server_VM/25", "AWS SDK for Java", "1.11.5"],
	["aws-sdk-java/2.10.21", "AWS SDK for Java 2.x", "2.10.21"],
	["aws-sdk-java/unknown-version", "AWS SDK for Java"],
	["aws-sdk-go/1.25.1 (go1.13; linux; amd64)", "AWS SDK for Go", "1.25.1"],
	["aws-sdk-go-v2/1.32.6 os/linux lang/go#1.22 md/GOOS#linux ft/ec2-imds", "AWS SDK for Go v2", "1.32.6"],
	["aws-sdk-nodejs/2.500.0 linux/v10.16.0", "AWS SDK for JavaScript v2", "2.500.0"],
	["aws-sdk-php/3.147.7 GuzzleHttp/6.5", "AWS SDK for PHP", "3.147.7"],
	["aws-sdk-ruby2/2.11.400", "AWS SDK for Ruby v2", "2.11.400"],
	["aws-sdk-ruby3/3.79.0", "AWS SDK for Ruby", "3.79.0"],
	["aws-sdk-dotnet-coreclr/3.3.10.3 aws-sdk-dotnet-core/3.3.24.3 .NET_Core/4.6", "AWS SDK for .NET", "3.3.10.3"],
	["AWSPowerShell.Common/4.1.0 .NET_Core/3", "AWS Tools for PowerShell", "4.1.0"],
	["aws-sdk-cpp/1.7.1 Linux/4.14 x86_64", "AWS SDK for C++", "1.7.1"],
	["aws-sdk-rust/1.0.1 os/linux lang/rust/1.75", "AWS SDK for Rust", "1.0.1"],
	["Cloud-Init/19.3-41-gc4735dd3-0ubuntu1", "cloud-init", "19.3"],
	["amazon-ec2-net-utils/2.6.1", "amazon-ec2-net-utils", "2.6.1"],
	["curl/7.88.1", "curl", "7.88.1"],
	["Wget/1.21", "Wget", "1.21"],
	["python-requests/2.31.0", "Requests", "2.31.0"],
	["Python/3.8 aiohttp/3.7.4", "aiohttp", "3.7.4"],
	["Go-http-client/1.1", "Go's net/http", "1.1"],
	["Java/1.8.0_292", "Java's HttpURLConnection", "1.8.0"],
	["Apache-HttpClient/4.5.13 (Java/11.0.11)", "Apache HttpClient", "4.5.13"],
	["node", "Node.js"],
	["Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.17763.1", "PowerShell", "5.1.17763.1"],
];

for (const [agent, name, version] of AGENTS) {
	test(`a User-Agent tells who it is: ${agent}`, () => {
		assert.deepEqual(sdkOf(agent), version === undefined ? { name } : { name, version });
		assert.ok(productNamed(name));
	});
}

test("who says nothing that is known, is nobody", () => {
	for (const agent of ["", "My-Agent/1.0", "curlew/1", "aws-sdk-java-not/1", "/1.0", "::"]) assert.equal(sdkOf(agent), undefined);
});

test("versions are compared by their numbers", () => {
	const ordered = ["0.19.0", "1.9", "1.10", "1.10.0.1", "1.16.289", "2", "2.722.0"];
	for (const [index, version] of ordered.entries()) {
		assert.equal(compareVersions(version, `${version}-beta.1`), 0);
		for (const later of ordered.slice(index + 1)) {
			assert.equal(compareVersions(version, later), -1);
			assert.equal(compareVersions(later, version), 1);
		}
	}
	assert.equal(compareVersions("1.2", "1.2.0"), 0);
});

test("each version of the table is one, and products with a version can be updated", () => {
	for (const { title, v2, v2Only, package: name } of PRODUCTS) {
		for (const version of [v2, v2Only]) if (version !== undefined && /\d/.test(version)) assert.match(version, /^\d+(\.\d+)+$/, title);
		if (/\d/.test(v2) || v2 === "newer") assert.ok(name, title);
	}
});

test("of a User-Agent nothing is told but known products, or a first name without digits", () => {
	assert.equal(tellableAgent("Boto3/1.9.1 Python/3.6.9 Linux/4.15 Botocore/1.12.1"), "Boto3/1.9.1 Botocore/1.12.1");
	assert.equal(tellableAgent("my-agent/1.2.3 secret"), "my-agent/1.2.3");
	assert.equal(tellableAgent("my-agent/hunter2"), "my-agent");
	assert.equal(tellableAgent("AKIAIOSFODNN7EXAMPLE"), undefined);
	assert.equal(tellableAgent("Bearer eyJhbGciOi"), "Bearer");
	assert.equal(tellableAgent("\u001b[31m"), undefined);
	assert.equal(tellableAgent(""), undefined);
});

test("whatever a User-Agent says, what is told of it is short, printable, and holds no secret of it", () => {
	const secret = fc.stringMatching(/^[A-Za-z0-9+/=]{7}[0-9]$/);
	fc.assert(
		fc.property(
			fc.array(fc.oneof(secret, fc.string(), fc.constantFrom("curl/", "x/", "md/", " ", "; ", "curl/7.1"))),
			secret,
			(parts, hidden) => {
				const told = tellableAgent(`${parts.join("")} ${hidden}`) ?? "";
				assert.match(told, /^[A-Za-z0-9._/ -]{0,100}$/);
				assert.ok(!told.endsWith(hidden));
			},
		),
	);
});
