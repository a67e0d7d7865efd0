// One question and its answer, to the byte, in each of the protocols (control-apis.md §2.11, §2.12).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadProtocols } from "./load-protocols.ts";
import type { WireRequest } from "./protocol.ts";

const { form: FORM, json: JSON_1_0, cbor: CBOR } = await loadProtocols("cloudwatch");
const { json: JSON_1_1 } = await loadProtocols("lightsail");
const { json: OWN } = await loadProtocols("openimds");

const REQUEST_ID = "59dbff89-35bd-4eac-99ed-be587EXAMPLE";

const INPUT = {
	Namespace: "AWS/EC2",
	MetricName: "MetadataNoToken",
	Dimensions: [{ Name: "InstanceId", Value: "i-1" }],
	StartTime: new Date("2026-11-21T00:00:00Z"),
	EndTime: new Date("2026-11-22T00:00:00Z"),
	Period: 300,
	Statistics: ["Sum"],
};

const OUTPUT = { Label: "MetadataNoToken", Datapoints: [{ Timestamp: INPUT.StartTime, Sum: 3, Unit: "Count" }] };

const FAILURE = { code: "InvalidParameterCombination", message: "Not both.", status: 400 };

function request(body: string | Buffer, headers: WireRequest["headers"], target = "/"): WireRequest {
	return { method: "POST", target, headers, body: Buffer.from(body) };
}

describe("GetMetricStatistics", () => {
	test("in JSON", () => {
		const body =
			'{"Namespace":"AWS/EC2","MetricName":"MetadataNoToken","Dimensions":[{"Name":"InstanceId","Value":"i-1"}],' +
			'"StartTime":1795219200,"EndTime":1795305600,"Period":300,"Statistics":["Sum"]}';
		const headers = [
			["Content-Type", "application/x-amz-json-1.0"],
			["X-Amz-Target", "GraniteServiceVersion20100801.GetMetricStatistics"],
		] as const;
		assert.deepEqual(JSON_1_0!.read(request(body, headers)).decodeInput(), INPUT);
		const answer = '{"Label":"MetadataNoToken","Datapoints":[{"Timestamp":1795219200,"Sum":3,"Unit":"Count"}]}';
		assert.equal(JSON_1_0!.encodeOutput("GetMetricStatistics", OUTPUT, REQUEST_ID), answer);
		assert.equal(JSON_1_0!.contentType, "application/x-amz-json-1.0");
	});

	test("in CBOR", () => {
		const body = Buffer.from(
			"a7694e616d657370616365674157532f4543326a4d65747269634e616d656f4d65746164617461" +
				"4e6f546f6b656e6a44696d656e73696f6e7381a2644e616d656a496e7374616e63654964655661" +
				"6c756563692d316953746172745469" +
				"6d65c11a6b00df0067456e6454696d65c11a6b0230806650" +
				"6572696f6419012c6a53746174697374696373816353756d",
			"hex",
		);
		assert.equal(body.length, 141);
		const headers = [
			["smithy-protocol", "rpc-v2-cbor"],
			["Content-Type", "application/cbor"],
			["Accept", "application/cbor"],
			["x-amzn-query-mode", "true"],
		] as const;
		const path = "/service/GraniteServiceVersion20100801/operation/GetMetricStatistics";
		const { operation, decodeInput } = CBOR!.read(request(body, headers, path));
		assert.equal(operation, "GetMetricStatistics");
		assert.deepEqual(decodeInput(), INPUT);
		const answer =
			"a2654c6162656c6f4d657461646174614e6f546f6b656e6a44617461706f696e747381a36954696d657374616d70c11a6b00df00" +
			"6353756dfb400800000000000064556e697465436f756e74";
		assert.equal(Buffer.from(CBOR!.encodeOutput("GetMetricStatistics", OUTPUT, REQUEST_ID)).toString("hex"), answer);
		assert.equal(CBOR!.contentType, "application/cbor");
		assert.deepEqual(CBOR!.headers, { "smithy-protocol": "rpc-v2-cbor" });
	});

	test("in a form", () => {
		const body =
			"Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS%2FEC2&MetricName=MetadataNoToken&" +
			"Dimensions.member.1.Name=InstanceId&Dimensions.member.1.Value=i-1&" +
			"StartTime=2026-11-21T00:00:00Z&EndTime=2026-11-22T00%3A00%3A00Z&Period=300&Statistics.member.1=Sum";
		const headers = [["Content-Type", "application/x-www-form-urlencoded"]] as const;
		assert.deepEqual(FORM!.read(request(body, headers)).decodeInput(), INPUT);
		const answer =
			'<?xml version="1.0" encoding="UTF-8"?>\n' +
			'<GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">' +
			"<GetMetricStatisticsResult><Label>MetadataNoToken</Label><Datapoints><member>" +
			"<Timestamp>2026-11-21T00:00:00Z</Timestamp><Sum>3</Sum><Unit>Count</Unit>" +
			"</member></Datapoints></GetMetricStatisticsResult>" +
			`<ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata></GetMetricStatisticsResponse>`;
		assert.equal(FORM!.encodeOutput("GetMetricStatistics", OUTPUT, REQUEST_ID), answer);
	});
});

test("GetMetricData in a form", () => {
	const query = "MetricDataQueries.member.1";
	const body =
		`Action=GetMetricData&Version=2010-08-01&${query}.Id=m1&${query}.MetricStat.Metric.Namespace=AWS%2FEC2&` +
		`${query}.MetricStat.Metric.MetricName=MetadataNoToken&${query}.MetricStat.Metric.Dimensions.member.1.Name=InstanceId&` +
		`${query}.MetricStat.Metric.Dimensions.member.1.Value=i-1&${query}.MetricStat.Period=300&${query}.MetricStat.Stat=Sum&` +
		`${query}.ReturnData=true&StartTime=2026-11-21T00%3A00%3A00Z&EndTime=2026-11-22T00%3A00%3A00Z`;
	assert.deepEqual(FORM!.read(request(body, [["Content-Type", "application/x-www-form-urlencoded"]])).decodeInput(), {
		MetricDataQueries: [
			{
				Id: "m1",
				MetricStat: {
					Metric: { Namespace: "AWS/EC2", MetricName: "MetadataNoToken", Dimensions: [{ Name: "InstanceId", Value: "i-1" }] },
					Period: 300,
					Stat: "Sum",
				},
				ReturnData: true,
			},
		],
		StartTime: INPUT.StartTime,
		EndTime: INPUT.EndTime,
	});
});

test("UpdateInstanceMetadataOptions of Lightsail", () => {
	const headers = [
		["Content-Type", "application/x-amz-json-1.1"],
		["X-Amz-Target", "Lightsail_20161128.UpdateInstanceMetadataOptions"],
	] as const;
	const { decodeInput } = JSON_1_1!.read(request('{"instanceName": "Web-1", "httpTokens": "required"}', headers));
	assert.deepEqual(decodeInput(), { instanceName: "Web-1", httpTokens: "required" });
	const operation = { id: "6d7b2ad3", createdAt: new Date("2019-10-09T12:43:43.124Z"), isTerminal: true, status: "Succeeded" };
	assert.equal(
		JSON_1_1!.encodeOutput("UpdateInstanceMetadataOptions", { operation }, REQUEST_ID),
		'{"operation":{"id":"6d7b2ad3","createdAt":1570625023.124,"isTerminal":true,"status":"Succeeded"}}',
	);
	assert.equal(JSON_1_1!.contentType, "application/x-amz-json-1.1");
});

test("an operation that gives nothing gives an object without members", () => {
	assert.equal(JSON_1_0!.encodeOutput("PutMetricData", undefined, REQUEST_ID), "{}");
	assert.deepEqual(CBOR!.encodeOutput("PutMetricData", undefined, REQUEST_ID), Buffer.from("a0", "hex"));
});

describe("an error", () => {
	test("of CloudWatch has the code of the Query protocol in a header", () => {
		const type = "com.amazonaws.cloudwatch#InvalidParameterCombinationException";
		assert.equal(JSON_1_0!.encodeError(FAILURE, REQUEST_ID), `{"__type":"${type}","message":"Not both."}`);
		const document = Buffer.concat([
			Buffer.from("a2665f5f74797065783d", "hex"),
			Buffer.from(type),
			Buffer.from("676d657373616765694e6f7420626f74682e", "hex"),
		]);
		assert.deepEqual(Buffer.from(CBOR!.encodeError(FAILURE, REQUEST_ID)), document);
		for (const protocol of [JSON_1_0, CBOR]) {
			assert.deepEqual(protocol!.errorHeaders?.(FAILURE), { "x-amzn-query-error": "InvalidParameterCombination;Sender" });
			const bug = { code: "InternalError", message: "", status: 500 };
			assert.deepEqual(protocol!.errorHeaders?.(bug), { "x-amzn-query-error": "InternalError;Receiver" });
		}
	});

	test("that the model doesn't know is named by its code", () => {
		const failure = { code: "AccessDenied", message: "No.", status: 403 };
		assert.equal(JSON_1_0!.encodeError(failure, REQUEST_ID), '{"__type":"com.amazonaws.cloudwatch#AccessDenied","message":"No."}');
	});

	test("of Lightsail has a code, and no header", () => {
		const failure = { code: "NotFoundException", message: "The Instance does not exist: Web-1", status: 400 };
		const body = '{"__type":"NotFoundException","code":"NotFoundException","message":"The Instance does not exist: Web-1"}';
		assert.equal(JSON_1_1!.encodeError(failure, REQUEST_ID), body);
		assert.equal(JSON_1_1!.errorHeaders, undefined);
	});

	test("of OpenIMDS's own service is plain", () => {
		assert.equal(OWN!.encodeError(FAILURE, REQUEST_ID), '{"__type":"InvalidParameterCombination","message":"Not both."}');
	});
});

test("numbers that JSON doesn't have are texts, as Smithy writes them", () => {
	const output = { MetricDataResults: [{ Values: [NaN, Infinity, -Infinity, 0.5] }] };
	assert.equal(
		JSON_1_0!.encodeOutput("GetMetricData", output, REQUEST_ID),
		'{"MetricDataResults":[{"Values":["NaN","Infinity","-Infinity",0.5]}]}',
	);
});
