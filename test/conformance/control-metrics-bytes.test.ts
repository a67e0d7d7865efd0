// Case C39 of control-apis.md §7 byte for byte: requests as AWS's clients write them (§2.12), and what they have to read.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startApi } from "../api/api.ts";
import { signed } from "../api/signed-request.ts";
import { askWithoutToken, askWithToken, onePeriod } from "./metrics-scene.ts";

const INSTANCE = "i-1234567890abcdef0";
const api = await startApi({ after }, { configuration: `instances: [{ instanceId: ${INSTANCE}, endpointListen: "127.0.0.1:0" }]` });
await askWithoutToken(api.service.url, 3);
await askWithToken(api.service.url, 2);
const { StartTime, EndTime, Period } = onePeriod();

const TARGET = "GraniteServiceVersion20100801";
const NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/";
const CBOR = {
	path: `/service/${TARGET}/operation/GetMetricStatistics`,
	headers: {
		"smithy-protocol": "rpc-v2-cbor",
		"content-type": "application/cbor",
		accept: "application/cbor",
		"x-amzn-query-mode": "true",
	},
};
const JSON_1_0 = {
	path: "/",
	headers: {
		"content-type": "application/x-amz-json-1.0",
		"x-amz-target": `${TARGET}.GetMetricStatistics`,
		"x-amzn-query-mode": "true",
	},
};

/** Of the texts, the numbers and the times in requests and answers. */
const NAMESPACE_AND_NAME = `${text("Namespace")} ${text("AWS/EC2")} ${text("MetricName")} ${text("MetadataNoToken")}`;
const SECONDS = (time: Date) => `c1 1a ${uint(time.getTime() / 1000, 4)}`;
const SUM_3 = `${text("Sum")} fb 4008000000000000 ${text("Unit")} ${text("Count")}`;

test("C39: the golden request in CBOR, whose instance there is not, has the shortest answer that there is", async () => {
	const golden = hex(
		`a7 ${NAMESPACE_AND_NAME} ${text("Dimensions")} 81 a2 ${text("Name")} ${text("InstanceId")} ${text("Value")} ${text("i-1")}`,
		`${text("StartTime")} c1 1a 6b00df00 ${text("EndTime")} c1 1a 6b023080 ${text("Period")} 19 012c ${text("Statistics")} 81 ${text("Sum")}`,
	);
	assert.equal(golden.length, 141);
	assert.equal(golden.subarray(0, 18).toString("hex"), "a7694e616d657370616365674157532f4543");
	const answer = await exchange({ ...CBOR, body: golden });
	assert.deepEqual(answer.head, { status: 200, contentType: "application/cbor", protocol: "rpc-v2-cbor", queryError: null });
	assert.equal(answer.body.toString("hex"), "a2654c6162656c6f4d657461646174614e6f546f6b656e6a44617461706f696e747380");
});

/** The request in each way of writing it: lengths told, as Go does; items without a length, as Java does; times with a fraction. */
const REQUESTS = {
	"lengths and whole seconds": hex(
		`a7 ${NAMESPACE_AND_NAME} ${text("Dimensions")} 81 a2 ${text("Name")} ${text("InstanceId")} ${text("Value")} ${text(INSTANCE)}`,
		`${text("StartTime")} ${SECONDS(StartTime)} ${text("EndTime")} ${SECONDS(EndTime)}`,
		`${text("Period")} 19 ${uint(Period, 2)} ${text("Statistics")} 81 ${text("Sum")}`,
	),
	"items without a length": hex(
		`bf ${NAMESPACE_AND_NAME} ${text("Dimensions")} 9f bf ${text("Name")} 7f ${text("Instance")} ${text("Id")} ff ${text("Value")} ${text(INSTANCE)} ff ff`,
		`${text("StartTime")} ${SECONDS(StartTime)} ${text("EndTime")} ${SECONDS(EndTime)}`,
		`${text("Period")} 19 ${uint(Period, 2)} ${text("Statistics")} 9f ${text("Sum")} ff ff`,
	),
	"times as doubles, and nothing for what is not said": hex(
		`a8 ${NAMESPACE_AND_NAME} ${text("Dimensions")} 81 a2 ${text("Name")} ${text("InstanceId")} ${text("Value")} ${text(INSTANCE)}`,
		`${text("StartTime")} c1 fb ${double(StartTime.getTime() / 1000)} ${text("EndTime")} c1 fb ${double(EndTime.getTime() / 1000)}`,
		`${text("Period")} 19 ${uint(Period, 2)} ${text("Statistics")} 81 ${text("Sum")} ${text("Unit")} f6`,
	),
};

for (const [name, body] of Object.entries(REQUESTS)) {
	test(`C39: a Sum of 3 in CBOR, asked for with ${name}`, async () => {
		const answer = await exchange({ ...CBOR, body });
		assert.deepEqual(answer.head, { status: 200, contentType: "application/cbor", protocol: "rpc-v2-cbor", queryError: null });
		const golden = hex(
			`a2 ${text("Label")} ${text("MetadataNoToken")} ${text("Datapoints")} 81`,
			`a3 ${text("Timestamp")} ${SECONDS(StartTime)} ${SUM_3}`,
		);
		assert.equal(answer.body.toString("hex"), golden.toString("hex"));
	});
}

test("C39: a Sum of 3 in a form of the Query protocol, and in its XML", async () => {
	const form =
		"Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS%2FEC2&MetricName=MetadataNoToken&Dimensions.member.1.Name=InstanceId" +
		`&Dimensions.member.1.Value=${INSTANCE}&StartTime=${encodeURIComponent(seconds(StartTime))}&EndTime=${encodeURIComponent(seconds(EndTime))}` +
		`&Period=${Period}&Statistics.member.1=Sum`;
	const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
	const answer = await exchange({ path: "/", headers, body: Buffer.from(form) });
	assert.deepEqual(answer.head, { status: 200, contentType: "text/xml", protocol: null, queryError: null });
	assert.equal(
		answer.body.toString(),
		`<?xml version="1.0" encoding="UTF-8"?>\n<GetMetricStatisticsResponse xmlns="${NAMESPACE}"><GetMetricStatisticsResult>` +
			`<Label>MetadataNoToken</Label><Datapoints><member><Timestamp>${seconds(StartTime)}</Timestamp><Sum>3</Sum><Unit>Count</Unit></member>` +
			`</Datapoints></GetMetricStatisticsResult><ResponseMetadata><RequestId>${answer.requestId}</RequestId></ResponseMetadata>` +
			"</GetMetricStatisticsResponse>",
	);
});

test("C39: a Sum of 3 in JSON, whose times are seconds", async () => {
	const metric = `"Namespace":"AWS/EC2","MetricName":"MetadataNoToken","Dimensions":[{"Name":"InstanceId","Value":"${INSTANCE}"}]`;
	const time = `"StartTime":${StartTime.getTime() / 1000},"EndTime":${EndTime.getTime() / 1000},"Period":${Period}`;
	const answer = await exchange({ ...JSON_1_0, body: Buffer.from(`{${metric},${time},"Statistics":["Sum"]}`) });
	assert.deepEqual(answer.head, { status: 200, contentType: "application/x-amz-json-1.0", protocol: null, queryError: null });
	const point = `{"Timestamp":${StartTime.getTime() / 1000},"Sum":3,"Unit":"Count"}`;
	assert.equal(answer.body.toString(), `{"Label":"MetadataNoToken","Datapoints":[${point}]}`);
});

test("a refusal has the same code and words in each protocol, and a header for clients that knew the Query protocol", async () => {
	const message = "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
	const shape = "com.amazonaws.cloudwatch#InvalidParameterCombinationException";
	const queryError = "InvalidParameterCombination;Sender";
	const times = `${text("StartTime")} ${SECONDS(StartTime)} ${text("EndTime")} ${SECONDS(EndTime)} ${text("Period")} 19 ${uint(Period, 2)}`;

	const cbor = await exchange({ ...CBOR, body: hex(`a5 ${NAMESPACE_AND_NAME} ${times}`) });
	assert.deepEqual(cbor.head, { status: 400, contentType: "application/cbor", protocol: "rpc-v2-cbor", queryError });
	const golden = hex(`a2 ${text("__type")} ${text(shape)} ${text("message")} ${text(message)}`);
	assert.equal(cbor.body.toString("hex"), golden.toString("hex"));

	const numbers = `"StartTime":${StartTime.getTime() / 1000},"EndTime":${EndTime.getTime() / 1000},"Period":${Period}`;
	const json = await exchange({
		...JSON_1_0,
		body: Buffer.from(`{"Namespace":"AWS/EC2","MetricName":"MetadataNoToken",${numbers}}`),
	});
	assert.deepEqual(json.head, { status: 400, contentType: "application/x-amz-json-1.0", protocol: null, queryError });
	assert.equal(json.body.toString(), `{"__type":"${shape}","message":"${message}"}`);

	const form = await exchange({
		path: "/",
		headers: { "content-type": "application/x-www-form-urlencoded" },
		body: Buffer.from(
			"Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS%2FEC2&MetricName=MetadataNoToken&" +
				`StartTime=${encodeURIComponent(seconds(StartTime))}&EndTime=${encodeURIComponent(seconds(EndTime))}&Period=${Period}`,
		),
	});
	assert.deepEqual(form.head, { status: 400, contentType: "text/xml", protocol: null, queryError: null });
	assert.equal(
		form.body.toString(),
		`<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>InvalidParameterCombination</Code>` +
			`<Message>${message}</Message></Error><RequestId>${form.requestId}</RequestId></ErrorResponse>`,
	);
});

/** Signs and sends bytes; gives those that come back, and the headers that say how to read them. */
async function exchange(request: { path: string; headers: Record<string, string>; body: Buffer }) {
	const { target, headers, body } = await signed(api, { ...request, service: "monitoring" });
	const { host: _, ...others } = headers;
	const response = await fetch(`${api.apiUrl}${target}`, { method: "POST", headers: others, body });
	const head = {
		status: response.status,
		contentType: response.headers.get("content-type"),
		protocol: response.headers.get("smithy-protocol"),
		queryError: response.headers.get("x-amzn-query-error"),
	};
	return { head, requestId: response.headers.get("x-amzn-requestid"), body: Buffer.from(await response.arrayBuffer()) };
}

function seconds(time: Date): string {
	return time.toISOString().replace(".000Z", "Z");
}

/** A text in CBOR, as hexadecimal digits. */
function text(value: string): string {
	const bytes = Buffer.from(value);
	return `${bytes.length < 24 ? uint(0x60 + bytes.length, 1) : `78 ${uint(bytes.length, 1)}`} ${bytes.toString("hex")}`;
}

function uint(value: number, sizeBytes: number): string {
	return value.toString(16).padStart(2 * sizeBytes, "0");
}

function double(value: number): string {
	const bytes = Buffer.alloc(8);
	bytes.writeDoubleBE(value);
	return bytes.toString("hex");
}

function hex(...digits: readonly string[]): Buffer {
	return Buffer.from(digits.join("").replaceAll(" ", ""), "hex");
}
