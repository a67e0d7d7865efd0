import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { MetadataClient } from "./metadata-client.ts";

test("a token is asked for once, and again when it has expired", async (t) => {
	let issued = 0;
	const asked: string[] = [];
	const client = await clientOf(t, ({ method, url, headers }, response) => {
		asked.push(`${method} ${url}`);
		if (method === "PUT") return void response.end(`token-${++issued}`);
		const expired = url === "/latest/third" && headers["x-aws-ec2-metadata-token"] === "token-1";
		response.writeHead(expired ? 401 : 200).end(expired ? "" : String(headers["x-aws-ec2-metadata-token"]));
	});
	for (const [path, token] of [
		["/latest/first", "token-1"],
		["/latest/second", "token-1"],
		["/latest/third", "token-2"],
	]) {
		assert.equal((await client.get(path ?? "")).body.toString(), token);
	}
	assert.deepEqual(asked, [
		"PUT /latest/api/token",
		"GET /latest/first",
		"GET /latest/second",
		"GET /latest/third",
		"PUT /latest/api/token",
		"GET /latest/third",
	]);
});

test("a path is asked for as it is, below the endpoint's own", async (t) => {
	const client = await clientOf(t, ({ url }, response) => void response.end(url), { path: "/base/", v1: true });
	for (const path of ["/", "//latest/../x", "/a%20b?c"]) assert.equal((await client.get(path)).body.toString(), `/base${path}`);
});

test("what is no metadata service is told so", async (t) => {
	const client = await clientOf(t, (_, response) => void response.writeHead(500).end());
	await assert.rejects(client.get("/"), /answers a request for a token with 500: is it a metadata service\? --v1 asks without a token\./);
	const other = await clientOf(t, (request) => void request.socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
	await assert.rejects(other.get("/"), /what listens there does not speak HTTP\./);
});

async function clientOf(t: TestContext, listener: RequestListener, { path = "", v1 = false } = {}): Promise<MetadataClient> {
	const server = createServer(listener).listen(0, "127.0.0.1");
	await once(server, "listening");
	const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
	const client = new MetadataClient({ endpoint, ttlSeconds: 60, v1 });
	t.after(() => {
		client.close();
		server.close();
	});
	return client;
}
