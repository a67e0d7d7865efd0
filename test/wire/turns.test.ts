/** Requests that come in crowds: all are answered, once and rightly, whatever had to wait for its turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, Client, request, statusLine } from "./client.ts";
import { INSTANCE_ID, TTL, withToken } from "./scene.ts";
import { type Service, startService } from "./service.ts";

const A = "i-000000000000000aa";
const B = "i-000000000000000bb";
const CROWD = 300;
const ALIVE = "Connection: keep-alive";
const once = request(`GET ${INSTANCE_ID}`);
const kept = request(`GET ${INSTANCE_ID}`, [ALIVE]);

const start = (limits = {}) => startService({ instances: [{ instanceId: A }, { instanceId: B }], limits });
const crowd = (service: Service, of = CROWD) => Promise.all(Array.from({ length: of }, () => Client.open(service.portOf(A))));

test("of two callers' crowds at once, each gets its own answers, round after round", async () => {
	const service = await start();
	const clients = await Promise.all(
		Array.from({ length: CROWD }, async (_, n) => {
			const instanceId = n % 3 === 0 ? B : A;
			return { instanceId, client: await Client.open(service.portOf(instanceId)) };
		}),
	);
	for (let round = 0; round < 5; round++) {
		for (const { client } of clients) client.write(kept);
		for (const { client, instanceId } of clients) assert.equal(bodyOf(await client.response()), instanceId);
	}
	for (const { client } of clients) client.close();
	assert.equal(service.requests.summary().withoutToken, CROWD * 5);
});

test("one who has said all and closes its side is answered, though others go first", async () => {
	const service = await start();
	const clients = await crowd(service);
	for (const client of clients) {
		client.write(once);
		client.socket.end();
	}
	for (const client of clients) assert.equal(bodyOf(await client.rest()), A);
});

test("what comes in pieces, and behind what waits, is put together", async () => {
	const service = await start();
	const token = bodyOf(await (await Client.open(service.portOf(A))).write(request("PUT /latest/api/token", [TTL])).rest());
	const asked = request(`GET ${INSTANCE_ID}`, [withToken(token), ALIVE]);
	const clients = await crowd(service);
	for (const cut of [1, 30, asked.length - 2]) {
		for (const client of clients) client.write(asked.slice(0, cut));
		await new Promise((resolve) => setImmediate(resolve));
		for (const client of clients) client.write(asked.slice(cut));
		for (const client of clients) assert.equal(bodyOf(await client.response()), A);
	}
	for (const client of clients) client.write(asked + once);
	for (const client of clients) assert.match(await client.rest(), /Connection: close/, "a second request behind the first is not read");
});

test("a drain answers what waits, and a client that goes away while it waits disturbs nobody", async () => {
	const service = await start();
	const clients = await crowd(service);
	for (const client of clients) client.write(kept);
	for (const client of clients.slice(50, 60)) client.reset();
	const drained = service.endpoint.drain(60_000);
	const answers = await Promise.all(clients.toSpliced(50, 10).map((client) => client.rest()));
	await drained;
	// Those that the service had not seen yet when it began to drain are closed; of the others none is lost or cut short.
	for (const answer of answers) if (answer !== "") assert.equal(bodyOf(answer), A);
	assert.ok(answers.some((answer) => answer !== ""));
	assert.equal(service.endpoint.open, 0);
});

test("thousands of connections that are overdue at once are all closed, and counted once", async () => {
	const service = await start({ requestDeadlineMs: 300 });
	const clients = await crowd(service, 500);
	await Promise.all(clients.map((client) => client.rest()));
	assert.equal(service.endpoint.counts.timedOut, 500);
	const client = await Client.open(service.portOf(B));
	assert.equal(statusLine(await client.write(once).rest()), "HTTP/1.1 200 OK");
});
