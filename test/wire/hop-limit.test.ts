/** Which connections' hops are limited, and when; what the packets then look like is shown in test/network/. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoint } from "../../src/endpoint/endpoint.ts";
import { openHopLimit } from "../../src/linux/hop-limit.ts";
import { TokenAuthority } from "../../src/token/token-authority.ts";
import { bodyOf, Client, request, statusLine } from "./client.ts";
import { INSTANCE_ID, TTL } from "./scene.ts";
import { startWorld } from "./world.ts";

const A = "i-000000000000000aa";
const KEEP = "Connection: keep-alive";
const get = request(`GET ${INSTANCE_ID}`, [KEEP]);
const put = request("PUT /latest/api/token", [TTL, KEEP]);

test("only what answers a PUT for a token is limited, and a connection's limit is never raised", async (t) => {
	const world = await startWorld([{ instanceId: A, metadataOptions: { httpPutResponseHopLimit: 3 } }], Date.now());
	const set: number[] = [];
	let works = true;
	const endpoint = new Endpoint({
		authority: new TokenAuthority(Buffer.alloc(32, 1)),
		limitHops: (fd, hops) => {
			assert.ok(fd > 2);
			set.push(hops);
			return works;
		},
	});
	t.after(async () => {
		await endpoint.drain(0);
		await world.close();
	});
	const { port } = await endpoint.listen({ host: "127.0.0.1", port: 0 }, { callerOf: () => world.replica.tenant(A) });
	const limit = (hops: number) =>
		world.change(A, (before) => ({
			...before,
			appliedMetadataOptions: { ...before.appliedMetadataOptions, httpPutResponseHopLimit: hops },
		}));

	const client = await Client.open(port);
	await client.write(get).response();
	for (const elsewhere of ["PUT /latest/meta-data/", "POST /latest/api/token", "GET /latest/api/token"]) {
		await client.write(request(elsewhere, [KEEP])).response();
	}
	assert.deepEqual(set, [], "nothing but a PUT of a token");
	assert.equal(bodyOf(await client.write(put).response()).length, 56);
	assert.deepEqual(set, [3]);
	await client.write(put).response();
	assert.deepEqual(set, [3], "set once");
	await limit(64);
	await client.write(put).response();
	assert.deepEqual(set, [3], "not raised");
	await limit(2);
	await client.write(put).response();
	assert.deepEqual(set, [3, 2], "lowered");
	client.close();

	const refused = await Client.open(port);
	assert.equal(statusLine(await refused.write(request("PUT /latest/api/token", [KEEP])).response()), "HTTP/1.1 400 Bad Request");
	assert.deepEqual(set, [3, 2, 2], "a refusal is an answer to a PUT, too");
	refused.close();

	works = false;
	const lost = await Client.open(port);
	assert.equal(await lost.write(put).rest(), "", "no token leaves that could travel too far");
});

test("the kernel takes the limit here", () => {
	assert.ok("limitHops" in openHopLimit(), "Linux with koffi's library");
});

test("a caller that asks too fast gets 503, its neighbour what it asks for", async (t) => {
	const clock = { nowMs: Date.now() };
	const B = "i-000000000000000bb";
	const world = await startWorld([{ instanceId: A }, { instanceId: B }], clock.nowMs);
	const endpoint = new Endpoint({
		authority: new TokenAuthority(Buffer.alloc(32, 1)),
		limits: {
			maxConnections: 100,
			maxConnectionsPerCaller: 100,
			requestDeadlineMs: 5000,
			idleDeadlineMs: 5000,
			responseDeadlineMs: 5000,
			requestRate: { perSecond: 3, requestCost: 1, connectionCost: 0 },
		},
		nowMs: () => clock.nowMs,
	});
	t.after(async () => {
		await endpoint.drain(0);
		await world.close();
	});
	const open = async (instanceId: string) =>
		Client.open((await endpoint.listen({ host: "127.0.0.1", port: 0 }, { callerOf: () => world.replica.tenant(instanceId) })).port);
	const [fast, neighbour] = [await open(A), await open(B)];
	const statuses: string[] = [];
	for (let n = 0; n < 5; n++) statuses.push(statusLine(await fast.write(get).response()).slice(9));
	assert.deepEqual(statuses, ["200 OK", "200 OK", "200 OK", "503 Service Unavailable", "503 Service Unavailable"]);
	assert.equal(bodyOf(await neighbour.write(get).response()), B);
	clock.nowMs += 334;
	assert.equal(bodyOf(await fast.write(get).response()), A);
	for (const client of [fast, neighbour]) client.close();
});
