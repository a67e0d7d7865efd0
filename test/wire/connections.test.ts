/** When a connection stays open, and what may stand on it besides requests (metadata-endpoint.md §1.3). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FIXED } from "./answers.ts";
import { bodyOf, Client, exchange, header, request, statusLine, statusOf } from "./client.ts";
import { ask, DISABLED, INSTANCE_ID, OPTIONAL, PLAIN, REQUIRED, service, TOKEN_PATH, TTL_HEADER, withToken, XFF } from "./scene.ts";
import { startService } from "./service.ts";

describe("connections (§1.3)", () => {
	const kept = FIXED[401].replace("Connection: close\r\n", "");

	/** Requests of every status, with the response on a connection that stays open. */
	const everyStatus: readonly (readonly [instanceId: string, line: string, headers: string[], status: number])[] = [
		[OPTIONAL, `GET ${INSTANCE_ID}`, [], 200],
		[OPTIONAL, `HEAD ${INSTANCE_ID}`, [], 200],
		[OPTIONAL, `PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 60`], 200],
		[OPTIONAL, `OPTIONS ${INSTANCE_ID}`, [], 200],
		[OPTIONAL, `PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 0`], 400],
		[REQUIRED, `GET ${INSTANCE_ID}`, [], 401],
		[DISABLED, `GET ${INSTANCE_ID}`, [], 403],
		[OPTIONAL, "GET /nothing", [], 404],
		[OPTIONAL, "HEAD /nothing", [], 404],
		[OPTIONAL, `GET ${TOKEN_PATH}`, [], 405],
	];

	for (const [instanceId, line, headers, status] of everyStatus) {
		test(`${line} (${status}) closes unless asked to stay, and then says nothing of it`, async () => {
			const closing = await ask(instanceId, line, ...headers);
			assert.equal(statusOf(closing), status);
			assert.equal(header(closing, "Connection"), "close");

			const client = await Client.open(service.portOf(instanceId));
			const head = line.startsWith("HEAD") ? "HEAD" : "GET";
			for (let time = 0; time < 3; time++) {
				const staying = await client.write(request(line, [...headers, "Connection: keep-alive"])).response(head);
				const withoutToken = (text: string) => text.replace(/AQAEA.*/, "");
				assert.equal(withoutToken(staying), withoutToken(closing.replace("Connection: close\r\n", "")));
				assert.equal(client.ended, false);
			}
			client.close();
		});
	}

	const stays: readonly string[][] = [
		["Connection: keep-alive"],
		["connection: Keep-Alive"],
		["CONNECTION:KEEP-ALIVE"],
		["Connection:\tkeep-alive \t"],
		["Connection: TE, keep-alive"],
		["Connection: keep-alive,Upgrade", "Upgrade: h2c"],
		["Connection: TE", "Connection: keep-alive"],
		["Connection: ,, keep-alive ,"],
	];
	for (const headers of stays) {
		test(`stays open for ${JSON.stringify(headers)}`, async () => {
			const client = await Client.open(service.portOf(REQUIRED));
			for (let time = 0; time < 2; time++) {
				assert.equal(await client.write(request(`GET ${INSTANCE_ID}`, headers)).response(), kept);
			}
			client.close();
		});
	}

	const closes: readonly string[][] = [
		[],
		["Connection: close"],
		["Connection: keep-alive, close"],
		["Connection: close, keep-alive"],
		["Connection: keep-alive", "Connection: close"],
		["Connection: CLOSE", "Connection: keep-alive"],
		["Connection: keep-alivex"],
		["Connection: xkeep-alive"],
		["Connection: keep-alive; timeout=5"],
		['Connection: "keep-alive"'],
		["Connection:"],
		["Connection: upgrade", "Upgrade: websocket"],
		["Proxy-Connection: keep-alive"],
		["Keep-Alive: timeout=5"],
	];
	for (const headers of closes) {
		test(`closes for ${JSON.stringify(headers)}`, async () => {
			assert.equal(await ask(REQUIRED, `GET ${INSTANCE_ID}`, ...headers), FIXED[401]);
		});
	}

	test("HTTP/1.0 is served in HTTP/1.1's words and closed, whatever it asks", async () => {
		const expected = await ask(OPTIONAL, `GET ${INSTANCE_ID}`);
		for (const headers of ["", "Connection: keep-alive\r\n", "Connection: close\r\n", "Host: 10.0.0.1\r\nConnection: Keep-Alive\r\n"]) {
			const bytes = `GET ${INSTANCE_ID} HTTP/1.0\r\n${headers}\r\n`;
			assert.equal(await exchange(service.portOf(OPTIONAL), bytes), expected);
		}
	});

	test("what is served on a kept connection is what a new one would get, request after request", async () => {
		const client = await Client.open(service.portOf(OPTIONAL));
		const alive = "Connection: keep-alive";
		const token = bodyOf(await client.write(request(`PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 60`, alive])).response());
		const ask = (path: string, ...headers: string[]) => client.write(request(`GET ${path}`, [alive, ...headers])).response();
		assert.equal(bodyOf(await ask(INSTANCE_ID, withToken(token))), OPTIONAL);
		// Nothing of the request before is left: no token, no X-Forwarded-For.
		assert.equal(header(await ask(INSTANCE_ID), "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), undefined);
		assert.equal(statusOf(await ask(INSTANCE_ID, withToken(token), XFF)), 403);
		assert.equal(header(await ask(INSTANCE_ID, withToken(token)), "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), "60");
		assert.equal(statusOf(await ask(INSTANCE_ID, withToken("nonsense"))), 401);
		assert.equal(statusOf(await ask("/nothing")), 404);
		const last = await client.write(request(`GET ${INSTANCE_ID}`)).rest();
		assert.equal(header(last, "Connection"), "close");
		assert.equal(bodyOf(last), OPTIONAL);
		client.close();
	});

	for (const host of ["Host: anything.example", "Host:", "Host: a b c", "X-No: host"]) {
		test(`any Host will do where web pages are not guarded against: ${host}`, async () => {
			const open = await startService({ instances: [{ instanceId: PLAIN }], webPageGuard: false });
			const response = await exchange(open.portOf(PLAIN), `GET ${INSTANCE_ID} HTTP/1.1\r\n${host}\r\n\r\n`);
			assert.equal(bodyOf(response), PLAIN);
		});
	}

	const bodies: readonly (readonly [name: string, headers: string[], body: string])[] = [
		["no length", [], ""],
		["Content-Length: 0", ["Content-Length: 0"], ""],
		["an empty chunked body (s3fs)", ["Transfer-Encoding: chunked"], "0\r\n\r\n"],
		["a small body, which is ignored", ["Content-Length: 9"], '{"a": 1}\n'],
		["a body that looks like a request", ["Content-Length: 22"], "GET /x HTTP/1.1\r\n\r\nabc"],
	];
	for (const [name, headers, body] of bodies) {
		test(`a token PUT may have ${name}`, async () => {
			const bytes = request(`PUT ${TOKEN_PATH}`, [`${TTL_HEADER}: 60`, ...headers]) + body;
			const response = await exchange(service.portOf(REQUIRED), bytes);
			assert.equal(statusLine(response), "HTTP/1.1 200 OK");
			assert.equal(bodyOf(response).length, 56);
		});
	}
});
