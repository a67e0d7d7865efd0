/** What a request counts as, and what a witness of calls without a token is told (control-apis.md §4). */
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import { REQUEST_VERSIONS, seriesOf, STATUSES } from "../../src/observe/request-series.ts";
import type { TokenlessCaller } from "../../src/endpoint/witness.ts";
import { PATH_CLASSES } from "../../src/observe/path-class.ts";
import { bodyOf, Client, exchange, request } from "./client.ts";
import { proxyHeader } from "./proxy-header.ts";
import { startService } from "./service.ts";

const [A, B] = ["i-00000000000000001", "i-00000000000000002"] as const;
const TOKEN_PATH = "/latest/api/token";
const TTL = "X-aws-ec2-metadata-token-ttl-seconds: 60";
const withToken = (token: string) => `X-aws-ec2-metadata-token: ${token}`;

test("each request counts once, by its way and its status", async () => {
	const service = await startService({ instances: [{ instanceId: A }, { instanceId: B, metadataOptions: { httpTokens: "required" } }] });
	const token = bodyOf(await exchange(service.portOf(A), request(`PUT ${TOKEN_PATH}`, [TTL])));
	const cases: readonly (readonly [instanceId: string, text: string, series: string])[] = [
		[A, request("GET /latest/meta-data/instance-id"), "v1 200"],
		[A, request("HEAD /latest/meta-data/instance-id"), "v1 200"],
		[A, request("GET /latest/nothing"), "v1 404"],
		[A, request("GET /latest/meta-data/", [withToken(token)]), "v2 200"],
		[A, request("GET /latest/nothing", [withToken(token)]), "v2 404"],
		[A, request("GET /latest/meta-data/", [withToken("bad")]), "v2 401"],
		[A, request("GET /latest/meta-data/", [withToken(token), "X-Forwarded-For: 10.0.0.1"]), "v2 403"],
		[B, request("GET /latest/meta-data/"), "v1 401"],
		[B, request("HEAD /latest/nothing"), "v1 401"],
		[B, request("GET /latest/meta-data/", [withToken(token)]), "v2 401"],
		[A, request("GET /latest/meta-data/", ["Origin: http://evil.example"]), "v1 403"],
		[A, request(`PUT ${TOKEN_PATH}`, [TTL]), "token 200"],
		[A, request(`PUT ${TOKEN_PATH}`), "token 400"],
		[A, request(`PUT ${TOKEN_PATH}`, [TTL, "X-Forwarded-For: 10.0.0.1"]), "token 403"],
		[A, request(`GET ${TOKEN_PATH}`), "other 405"],
		[A, request("POST /latest/meta-data/"), "other 405"],
		[A, request("OPTIONS /latest/meta-data/"), "other 200"],
		[A, "nonsense\r\n", "other 400"],
	];
	for (const [instanceId, text, series] of cases) {
		const before = totals();
		await exchange(service.portOf(instanceId), text);
		const changed = Object.entries(totals()).flatMap(([name, count]) => (count === before[name] ? [] : [[name, count - before[name]!]]));
		assert.deepEqual(changed, [[series, 1]], text.split("\r\n")[0]);
	}

	function totals(): Record<string, number> {
		const all = REQUEST_VERSIONS.flatMap((version) => STATUSES.map((status) => [version, status] as const));
		return Object.fromEntries(all.map(([version, status]) => [`${version} ${status}`, service.requests.total(seriesOf(version, status))]));
	}
});

test("of the requests within a millisecond the first has its time taken, also behind a proxy's header", async () => {
	const clock = { nowMs: Date.now() };
	const service = await startService({ instances: [{ instanceId: A }], clock });
	const timed = () => service.latency.buckets.reduce((sum, count) => sum + count, 0);
	const get = request("GET /latest/meta-data/instance-id");
	const beganMs = performance.now();
	for (let n = 0; n < 3; n++) await exchange(service.portOf(A), get);
	assert.equal(timed(), 1);
	clock.nowMs++;
	await exchange(service.portOf(A), get);
	assert.equal(timed(), 2);
	// A clock that is set back has milliseconds, too.
	clock.nowMs -= 5000;
	await exchange(service.portOf(A), "nonsense\r\n");
	assert.equal(timed(), 3);

	const proxies = new BlockList();
	proxies.addAddress("127.0.0.1");
	const entrance = { callerOf: () => service.replica.tenant(A), bySource: true, proxies };
	const { port } = await service.endpoint.listen({ host: "127.0.0.1", port: 0 }, entrance);
	clock.nowMs++;
	const header = proxyHeader("192.0.2.7").toString("latin1");
	assert.equal(bodyOf(await exchange(port, `${header}${get}`)), A);
	assert.equal(timed(), 4);
	assert.ok(service.latency.sumMs <= 4 * (performance.now() - beganMs), "longer than it can have been");
});

test("a witness meets each caller without a token once a connection and agent, and is told of every such call", async () => {
	const met: TokenlessCaller[] = [];
	const noted: string[] = [];
	const witness = {
		meet(caller: TokenlessCaller) {
			met.push(caller);
			const { userAgent } = caller;
			return {
				userAgent,
				note: (pathClass: number, series: number) => void noted.push(`${userAgent} ${PATH_CLASSES[pathClass]} ${STATUSES[series]}`),
			};
		},
	};
	const service = await startService({
		instances: [{ instanceId: A }, { instanceId: B, metadataOptions: { httpTokens: "required" } }],
		witness,
	});
	const kept = (path: string, agent: string) => request(`GET ${path}`, ["Connection: keep-alive", `User-Agent: ${agent}`]);
	const client = await Client.open(service.portOf(A));
	for (const path of ["/latest/meta-data/", "/latest/meta-data/", "/latest/user-data", "/latest/meta-data/iam/security-credentials/"]) {
		await client.write(kept(path, "old/1")).response();
	}
	await client.write(kept("/latest/meta-data/", "new/2")).response();
	assert.deepEqual(
		met.map(({ instanceId, userAgent }) => [instanceId, userAgent]),
		[
			[A, "old/1"],
			[A, "new/2"],
		],
	);
	const [{ ends }] = met as [TokenlessCaller];
	assert.equal(ends?.clientPort, client.socket.localPort);
	assert.equal(ends?.serverPort, service.portOf(A));
	assert.equal(ends?.clientAddress, "127.0.0.1");
	client.close();
	await exchange(service.portOf(B), request("GET /latest/meta-data/", ["User-Agent: rejected/1"]));
	await exchange(service.portOf(B), request("GET /latest/meta-data/"));
	await exchange(service.portOf(B), request(`PUT ${TOKEN_PATH}`, [TTL]));
	assert.deepEqual(noted, [
		"old/1 meta-data 200",
		"old/1 meta-data 200",
		"old/1 user-data 404",
		"old/1 credentials 404",
		"new/2 meta-data 200",
		"rejected/1 meta-data 401",
		" meta-data 401",
	]);
});
