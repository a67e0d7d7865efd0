// What a signed request may say wrongly in JSON, in CBOR and in CloudWatch's forms, sent over a socket.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { cbor } from "@smithy/core/cbor";
import { startApi } from "./api.ts";
import { send, signed, type Unsigned } from "./signed-request.ts";
import { CLOUDWATCH_CBOR, CLOUDWATCH_FORM, CLOUDWATCH_JSON, LIGHTSAIL, OPENIMDS, type Speaker } from "./speakers.ts";

const MIB = 1_048_576;

const STATISTICS = '{"Namespace":"AWS/EC2","MetricName":"m","StartTime":0,"EndTime":60,"Period":60';

describe("is refused in kind, and nothing else comes of it:", async () => {
	const api = await startApi({ after });
	const { pid } = await api.service.status();
	const refused = async (speaker: Speaker, unsigned: Unsigned) =>
		speaker.refusal(await send(api, await signed(api, { service: speaker.service, ...unsigned })));

	for (const [name, speaker, operation, body, code, told] of [
		["half of JSON", CLOUDWATCH_JSON, "ListMetrics", '{"Namespace":', "SerializationException", /not JSON/],
		["JSON that is a list", CLOUDWATCH_JSON, "ListMetrics", "[]", "SerializationException", /The body is a list/],
		["JSON of another type", CLOUDWATCH_JSON, "ListMetrics", '{"Namespace":{}}', "SerializationException", /Namespace is an object/],
		[
			"JSON that is not UTF-8",
			CLOUDWATCH_JSON,
			"ListMetrics",
			Buffer.from('{"Namespace":"\xff"}', "latin1"),
			"SerializationException",
			/UTF-8/,
		],
		["half a surrogate pair in JSON", LIGHTSAIL, "GetInstance", '{"instanceName":"\\udc00"}', "SerializationException", /instanceName/],
		[
			"a member twice in JSON",
			LIGHTSAIL,
			"GetInstance",
			'{"instanceName":"a","instanceName":"b"}',
			"SerializationException",
			/'instanceName' .* more than once/,
		],
		[
			"depth without end in JSON",
			OPENIMDS,
			"DescribeTransition",
			"[".repeat(MIB / 2) + "]".repeat(MIB / 2),
			"SerializationException",
			/64 levels/,
		],
		[
			"an endless number in JSON",
			CLOUDWATCH_JSON,
			"GetMetricStatistics",
			`${STATISTICS.replace(":60,", ":1e999,")}}`,
			"SerializationException",
			/EndTime is Infinity/,
		],
		[
			"a list without end in JSON",
			CLOUDWATCH_JSON,
			"GetMetricStatistics",
			`${STATISTICS},"Statistics":[${'"Sum",'.repeat(100_000)}"Sum"]}`,
			"ValidationError",
			/1000 items/,
		],
		["what is missing in JSON", LIGHTSAIL, "GetInstance", "{}", "InvalidInputException", /Value null at 'instanceName'/],
		[
			"a value of none in JSON",
			CLOUDWATCH_JSON,
			"GetMetricStatistics",
			`${STATISTICS},"Unit":"Pounds"}`,
			"ValidationError",
			/'Pounds' at 'unit'/,
		],
		[
			"a member of every object in JSON",
			LIGHTSAIL,
			"GetInstance",
			'{"__proto__":{"instanceName":"a"}}',
			"InvalidInputException",
			/instanceName/,
		],
		["half of CBOR", CLOUDWATCH_CBOR, "ListMetrics", hex("a1694e"), "SerializationException", /announced/],
		["CBOR that is a list", CLOUDWATCH_CBOR, "ListMetrics", hex("80"), "SerializationException", /The body is a list/],
		["CBOR of another type", CLOUDWATCH_CBOR, "ListMetrics", cbor.serialize({ Namespace: 5 }), "SerializationException", /Namespace is 5/],
		["JSON where CBOR is said to be", CLOUDWATCH_CBOR, "ListMetrics", "{}", "SerializationException", /not the CBOR/],
		["depth without end in CBOR", CLOUDWATCH_CBOR, "ListMetrics", Buffer.alloc(MIB, 0x9f), "SerializationException", /64 levels/],
		["a length without end in CBOR", CLOUDWATCH_CBOR, "ListMetrics", hex("bbffffffffffffffff"), "SerializationException", /announced/],
		[
			"a million empty arrays in CBOR",
			CLOUDWATCH_CBOR,
			"ListMetrics",
			Buffer.concat([hex("a1614e9f"), Buffer.alloc(MIB - 4, 0x80)]),
			"SerializationException",
			/400000 values/,
		],
		[
			"text without end in CBOR",
			CLOUDWATCH_CBOR,
			"ListMetrics",
			Buffer.concat([hex("a1617f7f"), Buffer.alloc(MIB - 4, 0x60)]),
			"SerializationException",
			/400000 values/,
		],
		["what is missing in CBOR", CLOUDWATCH_CBOR, "SetAlarmState", hex("a0"), "MissingParameter", /The parameter AlarmName is required/],
		["what is missing in a form", CLOUDWATCH_FORM, "SetAlarmState", "", "MissingParameter", /The parameter AlarmName is required/],
		["no number in a form", CLOUDWATCH_FORM, "GetMetricStatistics", "&Period=five", "ValidationError", /'five' at 'period'/],
		[
			"an index beyond all lists in a form",
			CLOUDWATCH_FORM,
			"GetMetricData",
			"&MetricDataQueries.member.99999.Id=a",
			"ValidationError",
			/index '99999'/,
		],
		["an unknown parameter in a form", CLOUDWATCH_FORM, "ListMetrics", "&Bogus=1", "ValidationError", /Bogus/],
		["an operation that is AWS's alone", CLOUDWATCH_JSON, "PutDashboard", "{}", "UnsupportedOperation", /PutDashboard/],
		["an operation that is AWS's alone, in CBOR", CLOUDWATCH_CBOR, "PutDashboard", hex("a0"), "UnsupportedOperation", /PutDashboard/],
	] as const) {
		test(name, async () => {
			const { status, code: given, message } = await refused(speaker, speaker.request(operation, Buffer.from(body)));
			assert.deepEqual({ status, code: given }, { status: 400, code });
			assert.match(message, told);
			assert.ok(message.length < 1_000, "the message repeats what was sent");
		});
	}

	test("a GET, and a content type of something else", async () => {
		const { headers = {} } = CLOUDWATCH_JSON.request("ListMetrics");
		const { code, message } = await refused(CLOUDWATCH_JSON, { method: "GET", headers });
		assert.equal(code, "SerializationException");
		assert.match(message, /'GET' is not supported/);
		for (const speaker of [CLOUDWATCH_JSON, CLOUDWATCH_CBOR]) {
			const asked = speaker.request("ListMetrics");
			const typed = { ...asked, headers: { ...asked.headers, "content-type": "text/html" } };
			const { code: given, message: said } = await refused(speaker, typed);
			assert.equal(given, "SerializationException");
			assert.match(said, /content type 'text\/html'/);
		}
	});

	test("a bomb of each kind, time and again, and no memory is kept", async () => {
		const bombs: readonly (readonly [Speaker, Buffer])[] = [
			[CLOUDWATCH_CBOR, Buffer.concat([hex("a1614e9f"), Buffer.alloc(MIB - 4, 0x80)])],
			[CLOUDWATCH_CBOR, Buffer.alloc(MIB, 0x81)],
			[CLOUDWATCH_JSON, Buffer.from(`{"a":[${"[],".repeat(340_000)}[]]}`)],
			[CLOUDWATCH_JSON, Buffer.from(`{"a":${"[".repeat(MIB / 2 - 4)}${"]".repeat(MIB / 2 - 4)}}`)],
		];
		const thrown = () =>
			Promise.all(
				bombs.map(async ([speaker, body]) =>
					send(api, await signed(api, { service: speaker.service, ...speaker.request("ListMetrics", body) })),
				),
			);
		// V8's heap finds its size first: it takes what it is given room for.
		for (let times = 0; times < 8; times += 1) await thrown();
		const before = residentMebibytes(pid);
		for (let times = 0; times < 8; times += 1) await thrown();
		const grown = residentMebibytes(pid) - before;
		assert.ok(grown < 128, `it has grown by ${grown} MiB`);
		const { status } = await send(api, await signed(api, { service: "monitoring", ...CLOUDWATCH_JSON.request("ListMetrics") }));
		assert.equal(status, 200);
	});
});

function hex(bytes: string): Buffer {
	return Buffer.from(bytes, "hex");
}

function residentMebibytes(pid: number): number {
	const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Number(kibibytes) / 1024;
}
