// What is not of the model's types, in JSON and in CBOR.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cbor, dateToTag } from "@smithy/core/cbor";
import fc from "fast-check";
import { awsJson } from "./aws-json.ts";
import { nullMember } from "./constraint.ts";
import { PLAIN_ERRORS } from "./error-document.ts";
import { loadProtocols } from "./load-protocols.ts";
import { rpcCbor } from "./rpc-cbor.ts";
import { shapesOf } from "./service-shapes.ts";
import { WireError } from "./wire-error.ts";
import type { Protocol, WireRequest } from "./protocol.ts";

const { json: JSON_1_0, cbor: CBOR } = await loadProtocols("cloudwatch");
const { json: LIGHTSAIL } = await loadProtocols("lightsail");

function jsonRequest(target: string, body: string | Buffer, contentType = "application/x-amz-json-1.0"): WireRequest {
	const headers = [
		["Content-Type", contentType],
		["X-Amz-Target", target],
	] as const;
	return { method: "POST", target: "/", headers, body: Buffer.from(body) };
}

function cborRequest(path: string, body: Uint8Array, headers: WireRequest["headers"] = []): WireRequest {
	const all = [["content-type", "application/cbor"], ["smithy-protocol", "rpc-v2-cbor"], ...headers] as const;
	return { method: "POST", target: path, headers: all, body };
}

function inJson(operation: string, body: string): object {
	return JSON_1_0!.read(jsonRequest(`GraniteServiceVersion20100801.${operation}`, body)).decodeInput();
}

function inCbor(operation: string, body: unknown): object {
	const path = `/service/GraniteServiceVersion20100801/operation/${operation}`;
	return CBOR!.read(cborRequest(path, cbor.serialize(body))).decodeInput();
}

const STATISTICS = { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Period: 300, StartTime: 1_795_219_200, EndTime: 1_795_305_600 };
const { Namespace: _, ...NAMELESS } = STATISTICS;
const READ = { ...STATISTICS, StartTime: new Date("2026-11-21T00:00:00Z"), EndTime: new Date("2026-11-22T00:00:00Z") };

describe("in JSON, is read:", () => {
	for (const [name, more, read] of [
		["nothing more", {}, {}],
		["null, as nothing", { Unit: null, Dimensions: null }, {}],
		["what the model doesn't know, as nothing", { Bogus: { deep: [1] }, constructor: 1 }, {}],
		["an empty list", { Statistics: [] }, { Statistics: [] }],
		["seconds with a fraction", { StartTime: 1_795_219_200.123 }, { StartTime: new Date("2026-11-21T00:00:00.123Z") }],
		["a time before 1970", { StartTime: -1 }, { StartTime: new Date("1969-12-31T23:59:59Z") }],
		["a time that is a text", { StartTime: "2026-11-21T01:00:00+01:00" }, {}],
		["an integer with a fraction of nothing", { Period: 60.0 }, { Period: 60 }],
	] as const) {
		test(name, () => assert.deepEqual(inJson("GetMetricStatistics", JSON.stringify({ ...STATISTICS, ...more })), { ...READ, ...read }));
	}

	test("a member of every object, as nothing", () => {
		const input = inJson("ListMetrics", '{"__proto__":{"MetricName":"a"},"Namespace":"b"}');
		assert.deepEqual(input, { Namespace: "b" });
		assert.equal(Object.getPrototypeOf(input), Object.prototype);
	});

	test("no body at all, as an object without members", () => {
		for (const contentType of ["application/x-amz-json-1.0", "text/plain"]) {
			assert.deepEqual(JSON_1_0!.read(jsonRequest("GraniteServiceVersion20100801.ListMetrics", "", contentType)).decodeInput(), {});
		}
	});

	test("the media types of AWS, and the one of people", () => {
		for (const contentType of [
			"application/x-amz-json-1.1",
			"application/json",
			"Application/X-Amz-JSON-1.0; charset=utf-8",
			'application/json;charset="UTF-8"',
		]) {
			assert.deepEqual(JSON_1_0!.read(jsonRequest("GraniteServiceVersion20100801.ListMetrics", "{}", contentType)).decodeInput(), {});
		}
	});
});

describe("in JSON, is refused as no JSON of the operation:", () => {
	const statistics = (more: object) => JSON.stringify({ ...STATISTICS, ...more });
	const query = (more: object) => JSON.stringify({ MetricDataQueries: [{ Id: "a" }, more], StartTime: 0, EndTime: 0 });
	for (const [name, operation, body, message] of [
		["a list", "ListMetrics", "[]", "The body is a list. It must be an object."],
		["null", "ListMetrics", "null", "The body is null. It must be an object."],
		["a string", "ListMetrics", '"{}"', "The body is '{}'. It must be an object."],
		["a number for a string", "ListMetrics", '{"Namespace":7}', "The member Namespace is 7. It must be a string, of whole characters."],
		[
			"a list for a string",
			"ListMetrics",
			'{"Namespace":["a"]}',
			"The member Namespace is a list. It must be a string, of whole characters.",
		],
		[
			"half a surrogate pair",
			"ListMetrics",
			'{"Namespace":"\\ud800"}',
			"The member Namespace is '\ud800'. It must be a string, of whole characters.",
		],
		[
			"a string for a number",
			"GetMetricStatistics",
			statistics({ Period: "300" }),
			"The member Period is '300'. It must be an integer of at most 32 bits.",
		],
		[
			"a fraction",
			"GetMetricStatistics",
			statistics({ Period: 0.5 }),
			"The member Period is 0.5. It must be an integer of at most 32 bits.",
		],
		[
			"an integer of 33 bits",
			"GetMetricStatistics",
			statistics({ Period: 2 ** 31 }),
			"The member Period is 2147483648. It must be an integer of at most 32 bits.",
		],
		[
			"true for a number",
			"GetMetricStatistics",
			statistics({ Period: true }),
			"The member Period is true. It must be an integer of at most 32 bits.",
		],
		[
			"an endless number",
			"SetAlarmState",
			'{"AlarmName":1e999}',
			"The member AlarmName is Infinity. It must be a string, of whole characters.",
		],
		[
			"a double without end",
			"PutMetricData",
			'{"Namespace":"a","MetricData":[{"MetricName":"m","Value":1e999}]}',
			"The member MetricData.1.member.Value is Infinity. It must be a number.",
		],
		[
			"a string for a boolean",
			"GetMetricData",
			query({ Id: "b", ReturnData: "true" }),
			"The member MetricDataQueries.2.member.ReturnData is 'true'. It must be true or false.",
		],
		[
			"a time beyond all years",
			"GetMetricStatistics",
			statistics({ StartTime: 1e12 }),
			"The member StartTime is 1000000000000. It must be a time: the seconds since 1970, or a text such as 2026-01-31T12:00:00Z.",
		],
		[
			"a time of words",
			"GetMetricStatistics",
			statistics({ StartTime: "yesterday" }),
			"The member StartTime is 'yesterday'. It must be a time: the seconds since 1970, or a text such as 2026-01-31T12:00:00Z.",
		],
		[
			"an object for a list",
			"GetMetricStatistics",
			statistics({ Statistics: {} }),
			"The member Statistics is an object. It must be a list.",
		],
		[
			"null in a list",
			"GetMetricStatistics",
			statistics({ Statistics: [null] }),
			"The member Statistics.1.member is null. It must be a string, of whole characters.",
		],
		[
			"a list for an object",
			"GetMetricData",
			query({ Id: "b", MetricStat: [] }),
			"The member MetricDataQueries.2.member.MetricStat is a list. It must be an object.",
		],
		[
			"a long value, and tells a little of it",
			"GetMetricStatistics",
			statistics({ Period: "9".repeat(5000) }),
			`The member Period is '${"9".repeat(200)}…'. It must be an integer of at most 32 bits.`,
		],
	] as const) {
		test(name, () => assert.throws(() => inJson(operation, body), { name: "WireError", code: "SerializationException", message }));
	}
});

describe("is refused as not allowed:", () => {
	const failed = (value: string, place: string, constraint: string) =>
		`1 validation error detected: Value ${value} at '${place}' failed to satisfy constraint: ${constraint}`;
	for (const [name, body, code, message] of [
		["what is missing", NAMELESS, "MissingParameter", "The parameter Namespace is required."],
		["what is null and must be there", { ...STATISTICS, Namespace: null }, "MissingParameter", "The parameter Namespace is required."],
		[
			"what is missing in a list",
			{ ...STATISTICS, Dimensions: [{ Name: "a", Value: "b" }, { Name: "c" }] },
			"MissingParameter",
			"The parameter Dimensions.2.member.Value is required.",
		],
		[
			"a value of few",
			{ ...STATISTICS, Statistics: ["Sum", "Median"] },
			"ValidationError",
			failed("'Median'", "statistics.2.member", "Member must satisfy enum value set: [Average, Maximum, Minimum, SampleCount, Sum]"),
		],
		[
			"a list too long",
			{ ...STATISTICS, Statistics: Array.from({ length: 1001 }, () => "Sum") },
			"ValidationError",
			"The member Statistics can have no more than 1000 items.",
		],
	] as const) {
		test(`in JSON, ${name}`, () => {
			assert.throws(() => inJson("GetMetricStatistics", JSON.stringify(body)), { code, message });
		});
		test(`in CBOR, ${name}`, () => {
			const tagged = { ...body, StartTime: dateToTag(READ.StartTime), EndTime: dateToTag(READ.EndTime) };
			assert.throws(() => inCbor("GetMetricStatistics", tagged), { code, message });
		});
	}

	test("in Lightsail, by its own code", () => {
		const read = (body: string) => LIGHTSAIL!.read(jsonRequest("Lightsail_20161128.UpdateInstanceMetadataOptions", body)).decodeInput();
		const set = "Member must satisfy enum value set: [optional, required]";
		assert.throws(() => read('{"instanceName":"a","httpTokens":"bogus"}'), {
			code: "InvalidInputException",
			message: failed("'bogus'", "httpTokens", set),
		});
		assert.throws(() => read("{}"), { code: "InvalidInputException" });
	});
});

describe("in CBOR, is refused as no CBOR of the operation:", () => {
	for (const [name, more, message] of [
		["a time without a tag", { StartTime: 5 }, "The member StartTime is 5. It must be a time: the tag 1 with the seconds since 1970."],
		[
			"a time for a number",
			{ Period: dateToTag(new Date(0)) },
			"The member Period is the time 1970-01-01T00:00:00.000Z. It must be an integer of at most 32 bits.",
		],
		["bytes for a string", { Namespace: new Uint8Array(3) }, "The member Namespace is bytes. It must be a string, of whole characters."],
		["a number with a fraction", { Period: 0.5 }, "The member Period is 0.5. It must be an integer of at most 32 bits."],
		["an integer of 64 bits", { Period: 2n ** 60n }, "The member Period is 1152921504606846976. It must be an integer of at most 32 bits."],
	] as const) {
		const body = { ...STATISTICS, StartTime: dateToTag(READ.StartTime), EndTime: dateToTag(READ.EndTime), ...more };
		test(name, () => assert.throws(() => inCbor("GetMetricStatistics", body), { code: "SerializationException", message }));
	}

	test("a list", () => {
		assert.throws(() => inCbor("ListMetrics", []), {
			code: "SerializationException",
			message: "The body is a list. It must be an object.",
		});
	});
});

test("in CBOR, undefined and null are nothing, and no body is an object without members", () => {
	assert.deepEqual(inCbor("ListMetrics", { Namespace: null, Bogus: 1 }), {});
	const path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
	// {"Namespace": undefined}
	assert.deepEqual(CBOR!.read(cborRequest(path, Buffer.from("a1694e616d657370616365f7", "hex"))).decodeInput(), {});
	assert.deepEqual(CBOR!.read(cborRequest(path, new Uint8Array())).decodeInput(), {});
});

describe("no operation is told by", () => {
	const granite = "GraniteServiceVersion20100801";
	for (const [name, request, code, message] of [
		[
			"another service's target",
			jsonRequest("Lightsail_20161128.GetInstance", "{}"),
			"UnknownOperationException",
			/Lightsail_20161128\.GetInstance/,
		],
		["a target without an operation", jsonRequest(granite, "{}"), "UnknownOperationException", /GraniteService/],
		["an empty target", jsonRequest("", "{}"), "UnknownOperationException", /''/],
		["an operation that never was", jsonRequest(`${granite}.Bogus`, "{}"), "UnknownOperationException", /'Bogus'/],
		["a property of every object", jsonRequest(`${granite}.constructor`, "{}"), "UnknownOperationException", /'constructor'/],
		["an operation that is AWS's alone", jsonRequest(`${granite}.PutDashboard`, "{}"), "UnsupportedOperation", /PutDashboard/],
		[
			"two targets",
			{
				...jsonRequest(`${granite}.ListMetrics`, "{}"),
				headers: [
					["x-amz-target", `${granite}.ListMetrics`],
					["X-Amz-Target", "b"],
				] as const,
			},
			"UnknownOperationException",
			/ListMetrics, b/,
		],
		["a GET", { ...jsonRequest(`${granite}.ListMetrics`, ""), method: "GET" }, "SerializationException", /'GET'.*POST/],
	] as const) {
		test(`${name}, in JSON`, () => assert.throws(() => JSON_1_0!.read(request), { name: "WireError", code, message }));
	}

	for (const [name, request, code, message] of [
		["another service's path", cborRequest("/service/Other/operation/ListMetrics", new Uint8Array()), "UnknownOperationException", /Other/],
		["a path without an operation", cborRequest(`/service/${granite}`, new Uint8Array()), "UnknownOperationException", /GraniteService/],
		[
			"a path that goes on",
			cborRequest(`/service/${granite}/operation/ListMetrics/x`, new Uint8Array()),
			"UnknownOperationException",
			/\/x/,
		],
		["the path of JSON", cborRequest("/", new Uint8Array()), "UnknownOperationException", /'\/'/],
		[
			"an operation that never was",
			cborRequest(`/service/${granite}/operation/Bogus`, new Uint8Array()),
			"UnknownOperationException",
			/'Bogus'/,
		],
		[
			"an operation that is AWS's alone",
			cborRequest(`/service/${granite}/operation/PutDashboard`, new Uint8Array()),
			"UnsupportedOperation",
			/PutDashboard/,
		],
		[
			"a target, too",
			cborRequest(`/service/${granite}/operation/ListMetrics`, new Uint8Array(), [["X-Amz-Target", `${granite}.ListMetrics`]]),
			"SerializationException",
			/not in both/,
		],
		[
			"a protocol of another kind",
			cborRequest(`/service/${granite}/operation/ListMetrics`, new Uint8Array(), [["Smithy-Protocol", "rpc-v2-json"]]),
			"SerializationException",
			/'rpc-v2-json'.*rpc-v2-cbor/,
		],
		[
			"a GET",
			{ ...cborRequest(`/service/${granite}/operation/ListMetrics`, new Uint8Array()), method: "GET" },
			"SerializationException",
			/'GET'/,
		],
	] as const) {
		test(`${name}, in CBOR`, () => assert.throws(() => CBOR!.read(request), { name: "WireError", code, message }));
	}
});

describe("a content type is refused:", () => {
	for (const contentType of ["text/plain", "application/cbor", "application/x-amz-json-1.2", "application/json; charset=latin1"]) {
		test(`${contentType} of JSON`, () => {
			const { decodeInput } = JSON_1_0!.read(jsonRequest("GraniteServiceVersion20100801.ListMetrics", "{}", contentType));
			assert.throws(decodeInput, { code: "SerializationException", message: /content type .*Use application\/x-amz-json-1\.0 in UTF-8/ });
		});
	}

	test("application/json of CBOR, and none at all", () => {
		const path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
		const request = cborRequest(path, Buffer.from("a0", "hex"));
		const json = { ...request, headers: [["Content-Type", "application/json"]] as const };
		assert.throws(CBOR!.read(json).decodeInput, { code: "SerializationException", message: /Use application\/cbor/ });
		assert.throws(CBOR!.read({ ...request, headers: [] }).decodeInput, { code: "SerializationException", message: /must say/ });
	});
});

describe("bytes, sensitive values and maps,", () => {
	const shapes = shapesOf({
		name: "vault",
		version: "1",
		xmlNamespace: "",
		operations: { Lock: { input: "LockRequest", output: null } },
		structures: {
			LockRequest: {
				Key: { type: "blob", sensitive: true },
				Number: { type: "integer", sensitive: true },
				Mode: { type: "Mode", sensitive: true },
				Shelves: { type: "integer", map: true },
				valueOf: { type: "string" },
			},
		},
		enums: { Mode: "open|shut" },
		unsupportedOperations: [],
	});
	const service = { shapes, target: "Vault", invalidInput: "Bad", missing: nullMember("Bad"), errors: PLAIN_ERRORS };
	const speakers: readonly (readonly [string, Protocol, (body: object) => WireRequest])[] = [
		["JSON", awsJson("1.1", service), (body) => jsonRequest("Vault.Lock", JSON.stringify(body))],
		["CBOR", rpcCbor(service), (body) => cborRequest("/service/Vault/operation/Lock", cbor.serialize(body))],
	];
	for (const [name, protocol, request] of speakers) {
		test(`which are secret are not told, in ${name}`, () => {
			for (const body of [{ Key: "hunter2!" }, { Number: "hunter2" }, { Mode: "hunter2" }, { Key: 5 }]) {
				assert.throws(protocol.read(request(body)).decodeInput, /^WireError: (?!.*(?:hunter2|\b5\b)).*\(hidden\)/);
			}
		});

		test(`are read as they are, in ${name}`, () => {
			const bytes = new Uint8Array([0, 255]);
			const body = { Key: name === "JSON" ? "AP8=" : bytes, Shelves: { a: 1, constructor: 2 } };
			assert.deepEqual(protocol.read(request(body)).decodeInput(), { Key: bytes, Shelves: { a: 1, constructor: 2 } });
			assert.throws(protocol.read(request({ Shelves: [1] })).decodeInput, {
				message: "The member Shelves is a list. It must be an object.",
			});
			assert.throws(protocol.read(request({ Shelves: { a: "b" } })).decodeInput, { message: /^The member Shelves\.a is 'b'/ });
		});
	}
});

test("of any document at all, either an input or a WireError comes", () => {
	const names = fc.constantFrom(
		"MetricDataQueries",
		"MetricStat",
		"Metric",
		"Dimensions",
		"Id",
		"StartTime",
		"EndTime",
		"__proto__",
		"Period",
	);
	const { tree } = fc.letrec((tie) => ({
		tree: fc.oneof(
			{ maxDepth: 6, withCrossShrink: true },
			fc.constantFrom(null, "a", 0, 1.5, true, "2026-11-21T00:00:00Z"),
			fc.array(tie("tree"), { maxLength: 3 }),
			fc.dictionary(names, tie("tree"), { maxKeys: 6, noNullPrototype: true }),
		),
	}));
	fc.assert(
		fc.property(tree, (document) => {
			for (const read of [() => inJson("GetMetricData", JSON.stringify(document)), () => inCbor("GetMetricData", document)]) {
				try {
					assert.equal(Object.getPrototypeOf(read()), Object.prototype);
				} catch (error) {
					assert.ok(error instanceof WireError, String(error));
				}
			}
		}),
		{ numRuns: 2000 },
	);
});
