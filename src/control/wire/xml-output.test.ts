import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadProtocols } from "./load-protocols.ts";

const EC2 = (await loadProtocols("ec2")).form!;
const IAM = (await loadProtocols("iam")).form!;
const STS = (await loadProtocols("sts")).form!;

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const EC2_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

describe("EC2's answers, to the byte:", () => {
	test("a structure", () => {
		const output = { InstanceId: "i-1", InstanceMetadataOptions: { State: "pending", HttpTokens: "required", HttpPutResponseHopLimit: 1 } };
		assert.equal(
			EC2.encodeOutput("ModifyInstanceMetadataOptions", output, "id"),
			`${DECLARATION}<ModifyInstanceMetadataOptionsResponse xmlns="${EC2_NAMESPACE}"><requestId>id</requestId><instanceId>i-1</instanceId>` +
				"<instanceMetadataOptions><state>pending</state><httpTokens>required</httpTokens>" +
				"<httpPutResponseHopLimit>1</httpPutResponseHopLimit></instanceMetadataOptions></ModifyInstanceMetadataOptionsResponse>",
		);
	});

	test("a list, an empty one, and one that isn't there", () => {
		const output = { Images: [{ ImageId: "ami-1", CreationDate: "d", Tags: [] }] };
		assert.equal(
			EC2.encodeOutput("DescribeImages", output, "id"),
			`${DECLARATION}<DescribeImagesResponse xmlns="${EC2_NAMESPACE}"><requestId>id</requestId><imagesSet><item><tagSet/>` +
				"<imageId>ami-1</imageId><creationDate>d</creationDate></item></imagesSet></DescribeImagesResponse>",
		);
	});

	test("nothing, which is true", () =>
		assert.equal(
			EC2.encodeOutput("RebootInstances", undefined, "id"),
			`${DECLARATION}<RebootInstancesResponse xmlns="${EC2_NAMESPACE}"><requestId>id</requestId><return>true</return></RebootInstancesResponse>`,
		));

	test("a time has milliseconds", () => {
		const time = new Date("2026-11-22T08:00:00Z");
		assert.match(
			String(EC2.encodeOutput("CreateSnapshot", { StartTime: time }, "id")),
			/<startTime>2026-11-22T08:00:00\.000Z<\/startTime>/,
		);
	});

	test("an error", () =>
		assert.equal(
			EC2.encodeError({ code: "InvalidInstanceID.NotFound", message: "The instance ID 'i-1' does not exist", status: 400 }, "id"),
			`${DECLARATION}<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>` +
				"<Message>The instance ID 'i-1' does not exist</Message></Error></Errors><RequestID>id</RequestID></Response>",
		));
});

describe("the answers of IAM and STS, to the byte:", () => {
	test("a result", () =>
		assert.equal(
			STS.encodeOutput("GetCallerIdentity", { UserId: "u", Account: "1", Arn: "a" }, "id"),
			`${DECLARATION}<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
				"<UserId>u</UserId><Account>1</Account><Arn>a</Arn></GetCallerIdentityResult>" +
				"<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
		));

	test("nothing", () =>
		assert.equal(
			IAM.encodeOutput("DeleteRole", undefined, "id"),
			`${DECLARATION}<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` +
				"<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteRoleResponse>",
		));

	test("a list, a map, and a time of whole seconds", () => {
		const roles = String(IAM.encodeOutput("ListRoles", { Roles: [{ CreateDate: new Date(999) }] }, "id"));
		assert.match(roles, /<Roles><member><CreateDate>1970-01-01T00:00:00Z<\/CreateDate><\/member><\/Roles>/);
		const results = { EvaluationResults: [{ EvalDecisionDetails: { "IAM Policy": "allowed" } }] };
		assert.match(
			String(IAM.encodeOutput("SimulatePrincipalPolicy", results, "id")),
			/<EvalDecisionDetails><entry><key>IAM Policy<\/key><value>allowed<\/value><\/entry><\/EvalDecisionDetails>/,
		);
	});

	for (const [status, type] of [
		[404, "Sender"],
		[500, "Receiver"],
	] as const) {
		test(`an error, of the ${type}`, () =>
			assert.equal(
				IAM.encodeError({ code: "C", message: "m", status }, "id"),
				`${DECLARATION}<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>${type}</Type><Code>C</Code>` +
					"<Message>m</Message></Error><RequestId>id</RequestId></ErrorResponse>",
			));
	}
});

test("what XML can't carry becomes U+FFFD, and line ends stay as they are", () => {
	const answer = EC2.encodeError({ code: "C", message: "a\0b\ud800c\uffff<&>\"'\r\n\t🐧", status: 400 }, "id");
	assert.match(String(answer), /<Message>a\ufffdb\ufffdc\ufffd&lt;&amp;&gt;"'&#xD;&#xA;\t🐧<\/Message>/u);
});
