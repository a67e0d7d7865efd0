// OpenIMDS's own operations over the control socket: whatever is sent there, it is answered in JSON, with a sentence, and does no harm.

import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, test } from "node:test";
import { startService } from "../running-service.ts";

const ID = "i-00000000000000001";
const service = await startService({ after }, { configuration: `instances: [{ instanceId: ${ID}, endpointListen: 127.0.0.1:0 }]\n` });
const socketPath = join(service.dataDir, "control.sock");

interface Answer {
	readonly status: number | undefined;
	readonly body: Readonly<Record<string, unknown>>;
}

function post(operation: string, body: string | Buffer): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const asked = request({ socketPath, path: `/operations/${operation}`, method: "POST", agent: false }, (response) => {
			text(response)
				.then((answer) => resolve({ status: response.statusCode, body: JSON.parse(answer) as Answer["body"] }))
				.catch(reject);
		});
		asked.on("error", reject);
		asked.end(body);
	});
}

const TIME = "It must be a time: the seconds since 1970, or a text such as 2026-01-31T12:00:00Z.";
const PERIOD = "Specify a value from 0 (nobody looks back) to 1296000 (15 days).";
const INTEGER = "It must be an integer of at most 32 bits.";

/** Operation, body, status, what is said. */
const CASES: readonly (readonly [operation: string, body: string | Buffer, status: number, message: string])[] = [
	["ListV1Callers", "{", 400, "The body is not JSON."],
	["ListV1Callers", Buffer.from([0xff, 0xfe]), 400, "The body is not UTF-8."],
	["ListV1Callers", "[]", 400, "The body is a list. It must be an object."],
	["ListV1Callers", "null", 400, "The body is null. It must be an object."],
	["ListV1Callers", '{"since":'.repeat(6000), 400, "The body has objects and lists of more than 64 levels."],
	["ListV1Callers", '{"since":"yesterday"}', 400, `The member since is 'yesterday'. ${TIME}`],
	["ListV1Callers", '{"since":1e30}', 400, `The member since is 1e+30. ${TIME}`],
	[
		"ListV1Callers",
		'{"since":9999999999}',
		400,
		"Invalid value '2286-11-20T17:46:39.000Z' for since. Specify a time that is not in the future.",
	],
	["ListV1Callers", '{"instanceIds":"i-1"}', 400, "The member instanceIds is 'i-1'. It must be a list."],
	["ListV1Callers", '{"instanceIds":[1]}', 400, "The member instanceIds.1.member is 1. It must be a string, of whole characters."],
	["ListV1Callers", '{"instanceIds":["web"]}', 400, "Invalid value 'web' for instanceIds. Specify ids such as i-1234567890abcdef0."],
	["ListV1Callers", many(1001), 400, "The member instanceIds can have no more than 1000 items."],
	["DescribeTransition", '{"periodSeconds":"1"}', 400, `The member periodSeconds is '1'. ${INTEGER}`],
	["DescribeTransition", '{"periodSeconds":1.5}', 400, `The member periodSeconds is 1.5. ${INTEGER}`],
	["DescribeTransition", '{"periodSeconds":-1}', 400, `Invalid value '-1' for periodSeconds. ${PERIOD}`],
	["PlanTransition", '{"periodSeconds":1296001}', 400, `Invalid value '1296001' for periodSeconds. ${PERIOD}`],
	["PlanTransition", '{"batchSize":0}', 400, "Invalid value '0' for batchSize. Specify a number of instances, 1 or more."],
	["StartTransition", '{"batchSize":-5}', 400, "Invalid value '-5' for batchSize. Specify a number of instances, 1 or more."],
	["StartTransition", '{"batchSize":4294967296}', 400, `The member batchSize is 4294967296. ${INTEGER}`],
	["StartTransition", '{"watchSeconds":86401}', 400, "Invalid value '86401' for watchSeconds. Specify a value from 0 to 86400 (a day)."],
	["StartTransition", '{"watchSeconds":true}', 400, `The member watchSeconds is true. ${INTEGER}`],
	["StartTransition", '{"instanceIds":["i-0fffffffffffffff0"]}', 400, "The instance ID 'i-0fffffffffffffff0' does not exist."],
	["RollBackTransition", "{}", 404, "There was no transition, so there is nothing to roll back."],
	["RollBackTransition", '{"instanceIds":["x"]}', 400, "Invalid value 'x' for instanceIds. Specify ids such as i-1234567890abcdef0."],
	["StopEverything", "{}", 400, "There is no operation 'StopEverything' in this service."],
	["RunInstances", "{}", 400, "There is no operation 'RunInstances' in this service."],
	["constructor", "{}", 400, "There is no operation 'constructor' in this service."],
];

function many(count: number): string {
	return JSON.stringify({ instanceIds: Array.from({ length: count }, (_, n) => `i-${String(n).padStart(17, "0")}`) });
}

describe("what can't be meant is refused with a sentence", () => {
	for (const [operation, body, status, message] of CASES) {
		test(`${operation} ${typeof body === "string" ? body.slice(0, 50) : body.toString("hex")}`, async () => {
			const answer = await post(operation, body);
			assert.deepEqual({ status: answer.status, message: answer.body["message"] }, { status, message });
			assert.equal(typeof answer.body["__type"], "string");
		});
	}

	test("a body that is too large, however much more would come", async () => {
		for (const bytes of [65_537, 8_000_000]) {
			assert.deepEqual(await post("ListV1Callers", "x".repeat(bytes)), {
				status: 413,
				body: { error: "the request is larger than 65536 bytes" },
			});
		}
		const ids = Array.from({ length: 4000 }, (_, n) => `i-${String(n).padStart(17, "0")}`);
		await assert.rejects(service.perform("ListV1Callers", { instanceIds: ids }), {
			message: "ListV1Callers: the request is larger than 65536 bytes.",
		});
	});

	test("a path that is no operation's", async () => {
		for (const path of ["__proto__", "", "../status", "List%56", "x".repeat(65)]) {
			const { status, body } = await post(path, "{}");
			assert.equal(status, 404, path);
			assert.match(String(body["error"]), /^no POST \/operations\//);
		}
	});
});

test("whoever goes away in the middle of a request does no harm", async () => {
	for (let times = 0; times < 50; times++) {
		const socket = connect(socketPath);
		await new Promise<void>((resolve) =>
			socket.write("POST /operations/ListV1Callers HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{", () => resolve()),
		);
		socket.destroy();
	}
	assert.equal((await post("ListV1Callers", "{}")).status, 200);
});

test("an empty list means all instances, as none does", async () => {
	assert.equal((await fetch(`${service.url}/latest/meta-data/mac`)).status, 200);
	for (const body of ["", "{}", '{"instanceIds":[]}', '{"instanceIds":null}', '{"unheardOf":1}', '{"__proto__":{"since":1}}']) {
		const callers = (await post("ListV1Callers", body)).body["callers"] as readonly object[];
		assert.equal(callers.length, 1, body);
		const [told] = (await post("DescribeTransition", body)).body["instances"] as readonly { callers: readonly object[] }[];
		assert.equal(told?.callers.length, 1, body);
	}
});

test("nothing of all this began a transition, or is a mistake of ours in the log", async () => {
	assert.equal((await post("DescribeTransition", "{}")).body["transition"], undefined);
	assert.doesNotMatch(service.log(), /InternalError|InternalFailure|"level":[56]0/);
});
