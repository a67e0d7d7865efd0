/** Listeners that open and close, and the end of the service: what is under way is finished, and nothing begins. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { message } from "./bad-messages.ts";
import { bodyOf, Client, exchange, header, request, statusLine } from "./client.ts";
import { stall, startService, type Service, until } from "./service.ts";

const MINE = "i-0000000000000000a";
const OTHER = "i-0000000000000000b";
const INSTANCE_ID = "/latest/meta-data/instance-id";
const TTL = "X-aws-ec2-metadata-token-ttl-seconds: 60";
const kept = request(`GET ${INSTANCE_ID}`, ["Connection: keep-alive"]);

function start(): Promise<Service> {
	return startService({ instances: [{ instanceId: MINE }, { instanceId: OTHER }] });
}

describe("draining", () => {
	test("closes idle connections, finishes requests under way, takes no new ones, and then resolves", async () => {
		const service = await start();
		const idle = await Client.open(service.portOf(MINE));
		await idle.write(kept).response();
		const begun = await Client.open(service.portOf(OTHER));
		await begun.write(kept).response();
		begun.write(kept.slice(0, 20));
		const waiting = await Client.open(service.portOf(MINE));
		waiting.write(message("PUT /latest/api/token HTTP/1.1", [TTL, "Connection: keep-alive", "Expect: 100-continue", "Content-Length: 2"]));
		assert.match(await waiting.response(), /^HTTP\/1\.1 100/);

		const drained = service.endpoint.drain(60_000);
		let over = false;
		void drained.then(() => (over = true));
		assert.equal(await idle.rest(), "");
		await assert.rejects(Client.open(service.portOf(MINE)), { code: "ECONNREFUSED" });
		assert.equal(service.endpoint.open, 2);

		const answer = await begun.write(kept.slice(20)).rest();
		assert.equal(bodyOf(answer), OTHER);
		assert.equal(header(answer, "Connection"), "close", "a connection that asked to stay is told that it can't");
		assert.equal(over, false);
		const token = await waiting.write("ab").rest();
		assert.equal(bodyOf(token).length, 56);
		assert.equal(header(token, "Connection"), "close");
		await drained;
		assert.equal(service.endpoint.open, 0);
		for (const client of [idle, begun, waiting]) client.close();
	});

	test("lets a slow reader take its response", async () => {
		const userData = Buffer.alloc(16_384, "x");
		const service = await startService({ instances: [{ instanceId: MINE, userData: userData.toString("base64") }] });
		const client = await Client.open(service.portOf(MINE));
		const answered = await stall(service, client, request("GET /latest/user-data", ["Connection: keep-alive"]));
		const drained = service.endpoint.drain(60_000);
		client.socket.resume();
		const all = await client.rest();
		assert.equal(all.split("HTTP/1.1 200 OK").length - 1, answered);
		assert.ok(all.endsWith(userData.toString()));
		client.close();
		await drained;
	});

	test("ends when its time is over, whatever is still under way", async () => {
		const service = await start();
		const begun = await Client.open(service.portOf(MINE));
		begun.write("GET / HT");
		const fresh = await Client.open(service.portOf(MINE));
		await until(() => service.endpoint.open === 2, "both connected");
		const startMs = performance.now();
		await service.endpoint.drain(100);
		assert.ok(performance.now() - startMs >= 99);
		assert.equal(await begun.rest(), "");
		assert.equal(await fresh.rest(), "");
		await until(() => service.endpoint.open === 0, "all connections closed");
		for (const client of [begun, fresh]) client.close();
	});

	test("is over at once when there is nothing to finish, and may be asked for twice", async () => {
		const service = await start();
		await service.endpoint.drain(60_000);
		await service.endpoint.drain(60_000);
		await assert.rejects(Client.open(service.portOf(MINE)), { code: "ECONNREFUSED" });
	});
});

describe("listeners", () => {
	test("a closed one takes its connections with it, and leaves the others'", async () => {
		const service = await start();
		const listener = await service.endpoint.listen({ host: "127.0.0.1", port: 0 }, { callerOf: () => service.replica.tenant(MINE) });
		const mine = await Client.open(listener.port);
		const others = await Client.open(service.portOf(OTHER));
		for (const client of [mine, others]) await client.write(kept).response();
		listener.close();
		listener.close();
		assert.equal(await mine.rest(), "");
		await assert.rejects(Client.open(listener.port), { code: "ECONNREFUSED" });
		assert.equal(bodyOf(await others.write(kept).response()), OTHER);
		for (const client of [mine, others]) client.close();
	});

	test("a port that is taken is said to be, and the service goes on", async () => {
		const service = await start();
		await assert.rejects(service.endpoint.listen({ host: "127.0.0.1", port: service.portOf(MINE) }, { callerOf: () => undefined }), {
			code: "EADDRINUSE",
		});
		await assert.rejects(service.endpoint.listen({ host: "192.0.2.99", port: 0 }, { callerOf: () => undefined }), {
			code: "EADDRNOTAVAIL",
		});
		assert.equal(bodyOf(await exchange(service.portOf(MINE), request(`GET ${INSTANCE_ID}`))), MINE);
	});

	test("who asks is who the listener stands for at that moment; a connection is one instance's for good", async () => {
		const service = await start();
		let instanceId = MINE;
		const { port } = await service.endpoint.listen({ host: "127.0.0.1", port: 0 }, { callerOf: () => service.replica.tenant(instanceId) });
		const client = await Client.open(port);
		const token = bodyOf(await client.write(request("PUT /latest/api/token", [TTL, "Connection: keep-alive"])).response());
		assert.equal(bodyOf(await client.write(kept).response()), MINE);
		const idle = await Client.open(port);
		instanceId = OTHER;
		assert.equal(await client.write(kept).rest(), "", "nothing for whoever was here before");
		assert.equal(await idle.write(kept).rest(), "");
		assert.equal(bodyOf(await exchange(port, kept)), OTHER);
		const answer = await exchange(port, request(`GET ${INSTANCE_ID}`, [`X-aws-ec2-metadata-token: ${token}`]));
		assert.equal(statusLine(answer), "HTTP/1.1 401 Unauthorized", "the other's token opens nothing");
	});

	test("IPv6 is served like IPv4", async () => {
		const service = await start();
		const port = await service.listen("::1", MINE);
		const [v4, v6] = await Promise.all([
			exchange(service.portOf(MINE), request("GET /latest/meta-data/")),
			exchange(port, request("GET /latest/meta-data/"), "::1"),
		]);
		assert.equal(v6.replace(/Date: .*/, ""), v4.replace(/Date: .*/, ""));
		assert.equal(statusLine(await exchange(port, "nonsense\r\n", "::1")), "HTTP/1.1 400 Bad Request");
	});
});
