// Each request is answered in the words in which it came: JSON, CBOR or a form (control-apis.md §2.1, C47).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { CloudWatchClient, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { GetRegionsCommand } from "@aws-sdk/client-lightsail";
import { SmithyRpcV2CborProtocol } from "@smithy/core/cbor";
import { type Api, rejectsWith, startApi } from "./api.ts";
import { newKey, newUser } from "./iam-documents.ts";
import { type Answer, FORM, send, signed, type Unsigned } from "./signed-request.ts";
import { CLOUDWATCH_CBOR, CLOUDWATCH_FORM, CLOUDWATCH_JSON, jsonSpeaker, LIGHTSAIL, OPENIMDS, type Speaker, SPEAKERS } from "./speakers.ts";

describe("a service is asked", async () => {
	const api = await startApi({ after });
	const ann = await newUser(api, "ann");
	const annsKey = await newKey(api.iam, "ann");

	for (const speaker of SPEAKERS) {
		const { name, service, harmless, words } = speaker;
		const refused = async (unsigned: Unsigned) => {
			const { status, code } = speaker.refusal(await answerTo(api, speaker, unsigned));
			return [code, status];
		};

		test(`${name}: and answers`, async () => {
			const answer = await answerTo(api, speaker, speaker.request(harmless));
			assert.equal(answer.status, 200, answer.body);
			assert.ok(speaker.read(answer));
			assert.match(String(answer.headers["x-amzn-requestid"]), /^[0-9a-f-]{36}$/);
			assert.equal(answer.headers["x-amzn-query-error"], undefined);
		});

		test(`${name}: without a signature`, async () => {
			const { method = "POST", path: target = "/", headers = {}, body = "" } = speaker.request(harmless);
			const { status, code } = speaker.refusal(await send(api, { method, target, headers, body }));
			assert.deepEqual([code, status], words.missing);
		});

		test(`${name}: with a key that nobody has`, async () => {
			const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" };
			assert.deepEqual(await refused({ ...speaker.request(harmless), credentials }), words.unknown);
		});

		test(`${name}: with a secret that is not the key's`, async () => {
			const credentials = { ...api.rootKey, secretAccessKey: "x" };
			assert.deepEqual(await refused({ ...speaker.request(harmless), credentials }), words.mismatch);
		});

		test(`${name}: in another Region`, async () => {
			assert.deepEqual(await refused({ ...speaker.request(harmless), region: "ap-east-1" }), words.mismatch);
		});

		test(`${name}: an hour ago`, async () => {
			assert.deepEqual(await refused({ ...speaker.request(harmless), signingDate: new Date(Date.now() - 3_600_000) }), words.mismatch);
		});

		test(`${name}: by somebody who may not`, async () => {
			const answer = await answerTo(api, speaker, { ...speaker.request(harmless), credentials: annsKey });
			const { code, status, message } = speaker.refusal(answer);
			assert.deepEqual([code, status], words.denied);
			const action = `${service === "monitoring" ? "cloudwatch" : service}:${harmless}`;
			assert.match(
				message,
				new RegExp(`^User: ${ann.arn} is not authorized to perform: ${action} .*because no identity-based policy allows`),
			);
		});

		test(`${name}: for what never was`, async () => {
			assert.deepEqual(await refused(speaker.request("LaunchRocket")), [words.noOperation, 400]);
		});

		test(`${name}: in more than a mebibyte`, async () => {
			assert.deepEqual(await refused(speaker.request(harmless, Buffer.alloc(1_100_000, "a"))), ["RequestEntityTooLarge", 413]);
		});
	}

	test("by the SDKs of AWS", async () => {
		const settings = { endpoint: api.apiUrl, region: api.region, credentials: api.rootKey, protocol: SmithyRpcV2CborProtocol };
		const cborClient = new CloudWatchClient(settings);
		for (const client of [api.cloudwatch, cborClient]) {
			assert.deepEqual((await client.send(new ListMetricsCommand({ Namespace: "Nobody/s" }))).Metrics, []);
		}
		cborClient.destroy();
		assert.ok(((await api.lightsail.send(new GetRegionsCommand({}))).regions ?? []).length > 0);
		const { name } = await rejectsWithError(ann.cloudwatch.send(new ListMetricsCommand({})));
		assert.equal(name, "AccessDenied");
		await rejectsWith(ann.lightsail.send(new GetRegionsCommand({})), "AccessDeniedException");
	});

	describe("for what is AWS's alone,", () => {
		const here = "OpenIMDS speaks ec2, iam, sts, monitoring, lightsail, openimds.";
		const strangers: readonly (readonly [string, Speaker["refusal"], Unsigned, string])[] = [
			[
				"in JSON",
				jsonSpeaker("1.0", "DynamoDB_20120810").refusal,
				{ ...jsonSpeaker("1.0", "DynamoDB_20120810").request("ListTables"), service: "dynamodb" },
				"dynamodb",
			],
			[
				"in CBOR",
				CLOUDWATCH_CBOR.refusal,
				{ ...CLOUDWATCH_CBOR.request("Run"), path: "/service/AWSArcus/operation/Run", service: "arc" },
				"arc",
			],
			[
				"in a form",
				CLOUDWATCH_FORM.refusal,
				{ headers: { "content-type": FORM }, body: "Action=ListQueues&Version=2012-11-05", service: "sqs" },
				"sqs",
			],
			[
				"in the path of S3",
				CLOUDWATCH_FORM.refusal,
				{ method: "PUT", path: "/bucket/key", headers: { "content-type": "image/png" }, body: "x", service: "s3" },
				"s3",
			],
		];
		for (const [name, refusal, unsigned, service] of strangers) {
			test(name, async () => {
				const { status, code, message } = refusal(await send(api, await signed(api, unsigned)));
				assert.deepEqual({ status, code }, { status: 400, code: "UnsupportedOperation" });
				assert.equal(message, `The service '${service}' is not supported. ${here}`);
			});
		}
	});

	test("in a protocol that it doesn't speak, and says so in that", async () => {
		for (const [speaker, service, message] of [
			[CLOUDWATCH_JSON, "ec2", "The service 'ec2' is not spoken to in JSON (X-Amz-Target)."],
			[CLOUDWATCH_CBOR, "lightsail", "The service 'lightsail' is not spoken to in CBOR (Smithy RPC v2)."],
			[CLOUDWATCH_FORM, "lightsail", "The service 'lightsail' is not spoken to in forms (the Query protocols)."],
		] as const) {
			const answer = await send(api, await signed(api, { ...speaker.request(speaker.harmless), service }));
			assert.deepEqual(speaker.refusal(answer), { status: 400, code: "UnsupportedOperation", message });
		}
	});

	test("with a target that was not signed, which nobody obeys", async () => {
		for (const speaker of [CLOUDWATCH_FORM, LIGHTSAIL]) {
			const made = await signed(api, { service: speaker.service, ...speaker.request(speaker.harmless) });
			const { status, body } = await send(api, { ...made, headers: { ...made.headers, "x-amz-target": CLOUDWATCH_TARGET } });
			assert.ok(status >= 400);
			assert.match(body, /InvalidSignatureException|SignatureDoesNotMatch/);
		}
	});

	test("with the signature for one and the target of another", async () => {
		const answer = await send(api, await signed(api, { ...LIGHTSAIL.request("GetRegions"), service: "openimds" }));
		const { code, message } = jsonSpeaker("1.0", "").refusal(answer);
		assert.equal(code, "UnknownOperationException");
		assert.match(message, /Lightsail_20161128\.GetRegions/);
		assert.ok(OPENIMDS.read(answer));
	});
});

const CLOUDWATCH_TARGET = "GraniteServiceVersion20100801.ListMetrics";

async function answerTo(api: Api, { service }: Speaker, unsigned: Unsigned): Promise<Answer> {
	return send(api, await signed(api, { service, ...unsigned }));
}

async function rejectsWithError(call: Promise<unknown>): Promise<Error> {
	let refusal: unknown;
	await assert.rejects(call, (error) => {
		refusal = error;
		return true;
	});
	return refusal as Error;
}
