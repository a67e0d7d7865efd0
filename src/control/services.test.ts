import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadService, notSpokenHere, type Route, routeOf, signingRegions } from "./services.ts";
import type { WireRequest } from "./wire/protocol.ts";

const GRANITE = "GraniteServiceVersion20100801";

interface Asked {
	/** In the scope of the signature. */
	readonly service?: string;
	readonly target?: string;
	readonly body?: string;
	readonly path?: string;
	readonly headers?: WireRequest["headers"];
}

function request({ service, target, body = "", path = "/", headers = [] }: Asked): WireRequest {
	const credential = `AKIAEXAMPLEEXAMPLE22/20261122/us-east-1/${service}/aws4_request`;
	const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${"0".repeat(64)}`;
	const all = [
		["Host", "localhost"],
		["X-Amz-Date", "20261122T000000Z"],
		...(service === undefined ? [] : [["Authorization", authorization] as const]),
		...(target === undefined ? [] : [["X-Amz-Target", target] as const]),
		...headers,
	] as const;
	return { method: "POST", target: path, headers: all, body: Buffer.from(body) };
}

function routed(asked: Asked): Route {
	return routeOf(request(asked));
}

describe("a request is for", () => {
	for (const [name, asked, route] of [
		["the service of its signature", { service: "iam" }, { encoding: "form", service: "iam", asked: "iam" }],
		["CloudWatch, which signs otherwise", { service: "monitoring" }, { encoding: "form", service: "cloudwatch", asked: "monitoring" }],
		["nothing that signs as CloudWatch is called", { service: "cloudwatch" }, { encoding: "form", asked: "cloudwatch" }],
		[
			"the service of its signature, whatever its target says",
			{ service: "monitoring", target: "Lightsail_20161128.GetInstance" },
			{ encoding: "json", service: "cloudwatch", asked: "monitoring" },
		],
		[
			"the service of its signature, whatever its version says",
			{ service: "sts", body: "Action=ListMetrics&Version=2010-08-01" },
			{ encoding: "form", service: "sts", asked: "sts" },
		],
		[
			"that of its target",
			{ target: "Lightsail_20161128.GetInstance" },
			{ encoding: "json", service: "lightsail", asked: "Lightsail_20161128" },
		],
		[
			"that of its target, in any letters of the header's name",
			{ headers: [["x-AMZ-target", `${GRANITE}.ListMetrics`]] as const },
			{ encoding: "json", service: "cloudwatch", asked: GRANITE },
		],
		[
			"OpenIMDS's own service",
			{ target: "OpenIMDS_20261122.ListV1Callers" },
			{ encoding: "json", service: "openimds", asked: "OpenIMDS_20261122" },
		],
		[
			"that of its version",
			{ body: "Action=ListMetrics&Version=2010-08-01" },
			{ encoding: "form", service: "cloudwatch", asked: "2010-08-01" },
		],
		[
			"that of its version, though it was signed for another",
			{ service: "dynamodb", body: "Action=ListMetrics&Version=2010-08-01" },
			{ encoding: "form", service: "cloudwatch", asked: "dynamodb" },
		],
		[
			"that of its path",
			{ path: `/service/${GRANITE}/operation/ListMetrics` },
			{ encoding: "cbor", service: "cloudwatch", asked: GRANITE },
		],
		[
			"that of its path, and written in CBOR, whatever else it has",
			{ path: `/service/${GRANITE}/operation/ListMetrics`, target: "Lightsail_20161128.GetInstance", body: "Version=2016-11-15" },
			{ encoding: "cbor", service: "cloudwatch", asked: GRANITE },
		],
		[
			"one in CBOR, by a header alone",
			{ service: "monitoring", headers: [["Smithy-Protocol", "rpc-v2-cbor"]] as const },
			{ encoding: "cbor", service: "cloudwatch", asked: "monitoring" },
		],
		["EC2, if it says nothing at all", {}, { encoding: "form", service: "ec2", asked: "" }],
		["EC2, if its version is nobody's", { body: "Version=2099-01-01" }, { encoding: "form", service: "ec2", asked: "2099-01-01" }],
		["none: S3", { service: "s3", path: "/bucket/key" }, { encoding: "form", asked: "s3" }],
		["none: DynamoDB", { service: "dynamodb", target: "DynamoDB_20120810.ListTables" }, { encoding: "json", asked: "dynamodb" }],
		["none: a target of nobody", { target: "Bogus_1.Run" }, { encoding: "json", asked: "Bogus_1" }],
		["none: the path of nobody", { path: "/service/Bogus/operation/Run" }, { encoding: "cbor", asked: "Bogus" }],
		["none: a property of every object", { service: "constructor" }, { encoding: "form", asked: "constructor" }],
		["none: the target of none", { target: "undefined.Run" }, { encoding: "json", asked: "undefined" }],
	] as const) {
		test(name, () => assert.deepEqual(routed(asked as Asked), route));
	}
});

test("who asks for what is not here is told what is", () => {
	const { code, status, message } = notSpokenHere(routed({ service: "s3" }));
	assert.deepEqual({ code, status }, { code: "UnsupportedOperation", status: 400 });
	assert.equal(message, "The service 's3' is not supported. OpenIMDS speaks ec2, iam, sts, monitoring, lightsail, openimds.");
	const { message: long } = notSpokenHere(routed({ target: `${"x".repeat(5000)}.Run` }));
	assert.ok(long.length < 400);
});

test("a signature names the Region, and for services of a whole partition may name its own", async () => {
	for (const name of ["ec2", "cloudwatch", "lightsail", "openimds"] as const) {
		assert.deepEqual(signingRegions(await loadService(name), "eu-west-1"), ["eu-west-1"]);
	}
	assert.deepEqual(signingRegions(await loadService("iam"), "eu-west-1"), ["eu-west-1", "us-east-1"]);
	assert.deepEqual(signingRegions(await loadService("sts"), "cn-northwest-1"), ["cn-northwest-1", "cn-north-1"]);
});
