// Around an operation: who is trusted without a signature, and what is told of an answer.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { CredentialIssuer } from "../identity/role-credentials.ts";
import type { Account } from "../model/account.ts";
import { encodeRecord, recordKey } from "../model/records.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { Credentials } from "./access/credentials.ts";
import { ApiError } from "./errors.ts";
import { Inventory } from "./inventory.ts";
import {
	type AnsweredRequest,
	answerApi,
	answerTrusted,
	type ApiAnswer,
	type ApiRequest,
	refuseApi,
	type Surroundings,
} from "./pipeline.ts";

const ACCOUNT: Account = { accountId: "123456789012", region: "us-east-1", instanceMetadataDefaults: {} };
const ROOT = "arn:aws:iam::123456789012:root";

async function start(t: TestContext) {
	const store = await openSqliteStore({ path: ":memory:" });
	const inventory = new Inventory(store, () => {});
	t.after(async () => {
		inventory.stop();
		await store.close();
	});
	await store.put(recordKey("account", "default"), encodeRecord({ origin: "api", record: ACCOUNT }), 0n);
	const credentials = new Credentials(Buffer.alloc(32, "keys"), new CredentialIssuer(Buffer.alloc(32, "issuer")), () => ACCOUNT.accountId);
	const told: AnsweredRequest[] = [];
	const failures: unknown[] = [];
	const nothing = (): Promise<never[]> => Promise.resolve([]);
	const surroundings: Surroundings = {
		inventory,
		credentials,
		messages: { seal: () => "", open: () => undefined },
		strict: false,
		endpointFor: () => Promise.resolve({ endpointListen: [], endpointBindings: [] }),
		metrics: { read: nothing, list: nothing },
		calls: { calls: nothing, lastCalls: nothing, observed: nothing },
		carryOn: () => {},
		nowMs: Date.now,
		published: () => Promise.resolve(),
		failed: (error) => failures.push(error),
		answered: (answer) => told.push(answer),
	};
	return { surroundings, told, failures, credentials };
}

function asked(target: string, body = "{}"): ApiRequest {
	const headers = [
		["Host", "localhost"],
		["Content-Type", "application/x-amz-json-1.0"],
		["X-Amz-Target", target],
	] as const;
	return { method: "POST", target: "/", headers, body: Buffer.from(body), sourceIp: "127.0.0.1" };
}

async function signed(request: ApiRequest, credentials: Credentials, service: string): Promise<ApiRequest> {
	const signer = new SignatureV4({ credentials: credentials.rootKey, region: ACCOUNT.region, service, sha256: Sha256 });
	const { headers } = await signer.sign({
		method: request.method,
		protocol: "http:",
		hostname: "localhost",
		path: "/",
		headers: Object.fromEntries(request.headers),
		body: request.body,
	});
	return { ...request, headers: Object.entries(headers) };
}

function said({ status, body }: ApiAnswer): object {
	return { status, ...(JSON.parse(String(body)) as object) };
}

test("who is trusted asks OpenIMDS's own service as the account, without a signature", async (t) => {
	const { surroundings, told } = await start(t);
	const answer = await answerTrusted(asked("OpenIMDS_20261122.ListV1Callers"), surroundings);
	assert.equal(answer.status, 200, String(answer.body));
	assert.deepEqual((said(answer) as { callers: unknown }).callers, []);
	assert.equal(told[0]?.principalArn, ROOT);
});

test("who is trusted is told of mistakes like anybody", async (t) => {
	const { surroundings } = await start(t);
	const answer = await answerTrusted(asked("OpenIMDS_20261122.ListV1Callers", '{"since":true}'), surroundings);
	assert.equal(answer.status, 400);
	assert.match(String(answer.body), /"__type":"SerializationException","message":"The member since is true\./);
});

test("who is trusted asks nothing else without a signature", async (t) => {
	const { surroundings, told } = await start(t);
	for (const target of ["GraniteServiceVersion20100801.ListMetrics", "Lightsail_20161128.GetInstances", "Bogus.Run"]) {
		const { status, body } = await answerTrusted(asked(target), surroundings);
		assert.equal(status, 400);
		assert.match(String(body), /UnsupportedOperation/);
	}
	const form = { ...asked(""), headers: [["Content-Type", "application/x-www-form-urlencoded"]] as const };
	const body = Buffer.from("Action=DescribeInstances&Version=2016-11-15");
	assert.equal((await answerTrusted({ ...form, body }, surroundings)).status, 400);
	assert.deepEqual(
		told.map(({ principalArn }) => principalArn),
		[undefined, undefined, undefined, undefined],
	);
});

test("without a signature, OpenIMDS's own service is for nobody else", async (t) => {
	const { surroundings } = await start(t);
	const answer = await answerApi(asked("OpenIMDS_20261122.ListV1Callers"), surroundings);
	assert.deepEqual(said(answer), {
		status: 400,
		__type: "MissingAuthenticationTokenException",
		message: "Request is missing Authentication Token",
	});
});

test("of each answer is told what became of it, and nothing that was said", async (t) => {
	const { surroundings, told, credentials } = await start(t);
	const secret = '{"Namespace":"hunter2"}';
	const listMetrics = asked("GraniteServiceVersion20100801.ListMetrics", secret);
	const answers = [
		await answerApi(await signed(listMetrics, credentials, "monitoring"), surroundings),
		await answerApi(listMetrics, surroundings),
		await answerApi(await signed(asked("GraniteServiceVersion20100801.Hunter2"), credentials, "monitoring"), surroundings),
		await answerApi(await signed(asked("GraniteServiceVersion20100801.SetAlarmState", secret), credentials, "monitoring"), surroundings),
		await answerApi(await signed(asked("Hunter2.Run"), credentials, "hunter2"), surroundings),
		await refuseApi(listMetrics, new ApiError("RequestEntityTooLarge", "Too large", 413), surroundings),
	];
	const expected = [
		{ service: "cloudwatch", operation: "ListMetrics", principalArn: ROOT, status: 200, code: undefined },
		{ service: "cloudwatch", operation: undefined, principalArn: undefined, status: 403, code: "MissingAuthenticationToken" },
		{ service: "cloudwatch", operation: undefined, principalArn: ROOT, status: 400, code: "UnknownOperationException" },
		{ service: "cloudwatch", operation: "SetAlarmState", principalArn: ROOT, status: 400, code: "MissingParameter" },
		{ service: "unknown", operation: undefined, principalArn: undefined, status: 400, code: "UnsupportedOperation" },
		{ service: "cloudwatch", operation: undefined, principalArn: undefined, status: 413, code: "RequestEntityTooLarge" },
	];
	assert.deepEqual(
		told.map(({ service, operation, principalArn, status, code, sourceIp }) => ({
			service,
			operation,
			principalArn,
			status,
			code,
			sourceIp,
		})),
		expected.map((each) => ({ ...each, sourceIp: "127.0.0.1" })),
	);
	assert.deepEqual(
		told.map(({ requestId }) => requestId),
		answers.map(({ headers }) => headers["x-amzn-RequestId"]),
	);
	assert.doesNotMatch(JSON.stringify(told), /hunter2/i);
	assert.ok(told.every(({ durationMs }) => durationMs >= 0));
});

test("of a bug the caller learns no more than the request's id", async (t) => {
	const { surroundings, failures, told, credentials } = await start(t);
	const bug = new TypeError("at secret (node:internal/hunter2)");
	const broken: Surroundings = { ...surroundings, metrics: { read: () => Promise.reject(bug), list: () => Promise.reject(bug) } };
	const request = await signed(asked("GraniteServiceVersion20100801.ListMetrics"), credentials, "monitoring");
	const answer = await answerApi(request, broken);
	assert.deepEqual(said(answer), {
		status: 500,
		__type: "com.amazonaws.cloudwatch#InternalError",
		message: "An internal error has occurred",
	});
	assert.equal(answer.headers["x-amzn-query-error"], "InternalError;Receiver");
	assert.deepEqual(failures, [bug]);
	assert.equal(told[0]?.code, "InternalError");
});
