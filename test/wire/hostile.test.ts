/** Clients that mean ill, or are broken: each gets 400 or a close within its deadline, and a neighbour is served meanwhile. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { requests } from "../fuzz/requests.ts";
import { BAD_MESSAGES, message } from "./bad-messages.ts";
import { bodyOf, Client, exchange, header, request, statusLine } from "./client.ts";
import { stall, startService, type Service, type ServiceOptions, turns, until } from "./service.ts";

const VICTIM = "i-0000000000000000a";
const NEIGHBOUR = "i-0000000000000000b";
const USER_DATA = randomBytes(16_384);
const DEADLINE_MS = 200;
/** Deadlines are looked at four times a second; the rest is for a busy machine. */
const LATE_MS = 250 + 2000;

const TTL = "X-aws-ec2-metadata-token-ttl-seconds: 60";
const ALIVE = "Connection: keep-alive";
const TOKEN_PUT = "PUT /latest/api/token";
const INSTANCE_ID = "/latest/meta-data/instance-id";

function startPair(options: Partial<ServiceOptions> = {}): Promise<Service> {
	return startService({
		instances: [{ instanceId: VICTIM, userData: USER_DATA.toString("base64") }, { instanceId: NEIGHBOUR }],
		...options,
	});
}

const SHORT = { requestDeadlineMs: DEADLINE_MS, idleDeadlineMs: DEADLINE_MS, responseDeadlineMs: DEADLINE_MS };

/** The neighbour gets what it asks for, and in the end no connection is left. */
async function assertServedAndQuiet(service: Service): Promise<void> {
	assert.equal(bodyOf(await exchange(service.portOf(NEIGHBOUR), request(`GET ${INSTANCE_ID}`))), NEIGHBOUR);
	await until(() => service.endpoint.open === 0, "all connections closed");
}

const REFUSAL =
	/^HTTP\/1\.1 400 Bad Request\r\nContent-Length: 0\r\nDate: [^\r]+\r\nServer: EC2ws\r\nConnection: close\r\nContent-Type: text\/plain\r\n\r\n$/;

describe("what is no request", async () => {
	const service = await startPair();

	for (const [name, text] of BAD_MESSAGES) {
		test(`${name}: 400 and a close`, async () => {
			const answer = await exchange(service.portOf(VICTIM), text);
			// Who floods gets a reset in the end, and may not live to read the refusal.
			if (text.length > 65_536) assert.match(answer, /^(HTTP\/1\.1 400 [^]*)?$/);
			else assert.match(answer, REFUSAL);
			await assertServedAndQuiet(service);
		});
	}

	test("the same in pieces: 400 and a close", async () => {
		for (const [name, text] of BAD_MESSAGES.filter(([, text]) => text.length < 200)) {
			const client = await Client.open(service.portOf(VICTIM));
			for (let at = 0; at < text.length && !client.ended; at += 3) {
				client.write(text.slice(at, at + 3));
				await turns();
			}
			assert.match(await client.rest(), REFUSAL, name);
			client.close();
		}
		await assertServedAndQuiet(service);
	});

	test("after a good request on a kept connection: 400 and a close", async () => {
		for (const [name, text] of BAD_MESSAGES.filter(([, text]) => text.length < 4096)) {
			const client = await Client.open(service.portOf(VICTIM));
			assert.equal(bodyOf(await client.write(request(`GET ${INSTANCE_ID}`, [ALIVE])).response()), VICTIM);
			assert.match(await client.write(text).rest(), REFUSAL, name);
			client.close();
		}
		await assertServedAndQuiet(service);
	});

	test("whatever comes, one whole response answers it, or none", async () => {
		await fc.assert(
			fc.asyncProperty(requests(), async (bytes) => {
				const client = await Client.open(service.portOf(VICTIM));
				client.socket.end(bytes);
				const answer = (await client.rest()).replace("HTTP/1.1 100 Continue\r\n\r\n", "");
				client.close();
				if (answer === "") return;
				assert.match(answer, /^HTTP\/1\.1 (200 OK|400 Bad Request|401 Unauthorized|403 Forbidden|404 Not Found|405 Not Allowed)\r\n/);
				// A HEAD's answer says how long a GET's would be.
				if (!bytes.toString("latin1").startsWith("HEAD")) assert.equal(bodyOf(answer).length, Number(header(answer, "Content-Length")));
				else assert.ok(answer.endsWith("\r\n\r\n"));
			}),
			{ numRuns: 500 },
		);
		await assertServedAndQuiet(service);
	});

	test("nothing of a request is ever echoed", async () => {
		const canary = "canary8d1f";
		const lines = ["GET", "HEAD", "PUT", "POST", "OPTIONS", "DELETE", "TRACE", canary].flatMap((method) =>
			[
				`/latest/${canary}`,
				`/${canary}/api/token?${canary}`,
				`http://${canary}/${canary}`,
				`/latest/api/token?${canary}`,
				`/%0d%0aX-${canary}:%20`,
			].map((path) => `${method} ${path}`),
		);
		const headers = [
			`X-${canary}: ${canary}`,
			`Origin: http://${canary}`,
			`Cookie: ${canary}`,
			`X-aws-ec2-metadata-token: ${canary}`,
			`Connection: ${canary}`,
			`Expect: ${canary}`,
			`Upgrade: ${canary}`,
		];
		for (const line of lines) {
			for (const extra of [[], [TTL], headers, [`${TTL}\rX: ${canary}`], [`X: a\r\n\r\n${canary}`], [TTL, "Content-Length: 10"]]) {
				const answer = await exchange(service.portOf(VICTIM), message(`${line} HTTP/1.1`, extra, canary));
				assert.match(answer, /^HTTP\/1\.1 \d{3} [A-Za-z ]+\r\n/);
				assert.ok(!answer.toLowerCase().includes(canary), answer);
			}
		}
		await assertServedAndQuiet(service);
	});
});

describe("deadlines", { concurrency: true }, () => {
	/** Resolves once the service has closed the connection; it must be neither early nor late. */
	async function closedInTime(client: Client, sinceMs: number): Promise<string> {
		const received = await client.rest();
		const elapsedMs = performance.now() - sinceMs;
		assert.ok(elapsedMs > DEADLINE_MS - 20 && elapsedMs < DEADLINE_MS + LATE_MS, `closed after ${elapsedMs} ms`);
		client.close();
		return received;
	}

	const halves: Readonly<Record<string, string>> = {
		nothing: "",
		"a letter": "G",
		"a request line": "GET / HTTP/1.1\r\n",
		"a bare LF where more could come": "GET / HTTP/1.1\n",
		"a head without its end": "GET / HTTP/1.1\r\nHost: a\r\n",
		"a head without its last byte": "GET / HTTP/1.1\r\nHost: a\r\n\r",
		"a long head without its end": `GET / HTTP/1.1\r\nX: ${"a".repeat(8000)}`,
		"an absolute target without its end": "GET http://a",
		"a body less a byte": message("PUT / HTTP/1.1", ["Content-Length: 5"], "hell"),
		"a chunked body without its end": message("PUT / HTTP/1.1", ["Transfer-Encoding: chunked"], "0\r\n"),
	};
	for (const [name, text] of Object.entries(halves)) {
		test(`half a request for ever (${name}) is closed without an answer`, async () => {
			const service = await startPair({ limits: SHORT });
			const startMs = performance.now();
			const client = await Client.open(service.portOf(VICTIM));
			assert.equal(await closedInTime(client.write(text), startMs), "");
			assert.equal(service.endpoint.counts.timedOut, 1);
			await assertServedAndQuiet(service);
		});
	}

	test("half a request on a kept connection is closed when its own deadline passes", async () => {
		const service = await startPair({ limits: { ...SHORT, idleDeadlineMs: 60_000 } });
		const client = await Client.open(service.portOf(VICTIM));
		await client.write(request("GET /", [ALIVE])).response();
		const startMs = performance.now();
		assert.equal(await closedInTime(client.write("GET"), startMs), "");
		await assertServedAndQuiet(service);
	});

	test("a byte now and then does not put the deadline off", async () => {
		const service = await startPair({ limits: SHORT });
		const startMs = performance.now();
		const client = await Client.open(service.portOf(VICTIM));
		const text = message(
			"GET / HTTP/1.1",
			Array.from({ length: 90 }, (_, i) => `h${i}: v`),
		);
		let at = 0;
		const drip = setInterval(() => client.write(text[at++] ?? "x"), 10);
		assert.equal(await closedInTime(client, startMs), "");
		clearInterval(drip);
		await assertServedAndQuiet(service);
	});

	test("idle connections are closed: fresh ones, and kept ones", async () => {
		const service = await startPair({ limits: SHORT });
		const fresh = await Promise.all(Array.from({ length: 20 }, () => Client.open(service.portOf(VICTIM))));
		const kept = await Promise.all(Array.from({ length: 20 }, () => Client.open(service.portOf(VICTIM))));
		await Promise.all(kept.map((client) => client.write(request("GET /", [ALIVE])).response()));
		const startMs = performance.now();
		assert.equal(service.endpoint.open, 40);
		await Promise.all([...fresh, ...kept].map((client) => client.rest()));
		assert.ok(performance.now() - startMs < DEADLINE_MS + LATE_MS);
		assert.equal(service.endpoint.counts.timedOut, 40);
		await assertServedAndQuiet(service);
	});

	test("a kept connection in use outlives many deadlines", async () => {
		const clock = { nowMs: Date.now() };
		const service = await startPair({ limits: SHORT, clock });
		const client = await Client.open(service.portOf(VICTIM));
		for (let round = 0; round < 5; round++) {
			clock.nowMs += DEADLINE_MS - 1;
			assert.equal(bodyOf(await client.write(request(`GET ${INSTANCE_ID}`, [ALIVE])).response()), VICTIM);
		}
		client.close();
		await assertServedAndQuiet(service);
	});

	test("who is refused and stays is closed when the time to read the refusal is over", async () => {
		const service = await startPair({ limits: SHORT });
		const startMs = performance.now();
		const client = await Client.open(service.portOf(VICTIM));
		assert.match(await client.write("nonsense\r\n").rest(), REFUSAL);
		// This side stays open; only the deadline ends the connection.
		await until(() => service.endpoint.open === 0, "the refused connection closed");
		assert.ok(performance.now() - startMs > DEADLINE_MS - 20);
		assert.equal(service.endpoint.counts.timedOut, 1);
		client.close();
		await assertServedAndQuiet(service);
	});

	test("who is refused and floods on is cut off, deadline or not", async () => {
		const service = await startPair();
		const client = await Client.open(service.portOf(VICTIM));
		client.write("nonsense\r\n");
		for (let i = 0; i < 20; i++) client.write(Buffer.alloc(16_384));
		await until(() => service.endpoint.open === 0 && service.endpoint.counts.accepted === 1, "the flood cut off");
		assert.equal(service.endpoint.counts.timedOut, 0);
		client.close();
		await assertServedAndQuiet(service);
	});
});

describe("bytes in odd portions", async () => {
	const service = await startPair();
	const answerTo = (text: string) => exchange(service.portOf(VICTIM), text);

	test("a request that comes byte by byte is answered like any other", async () => {
		for (const text of [request(`GET ${INSTANCE_ID}`), message(`${TOKEN_PUT} HTTP/1.1`, [TTL, "Content-Length: 5"], "hello")]) {
			const client = await Client.open(service.portOf(VICTIM));
			for (const byte of text) {
				client.write(byte);
				await turns();
			}
			assert.equal(statusLine(await client.rest()), "HTTP/1.1 200 OK");
			client.close();
		}
		await assertServedAndQuiet(service);
	});

	test("two requests that come in pieces on one connection are both answered", async () => {
		const client = await Client.open(service.portOf(VICTIM));
		for (let round = 0; round < 2; round++) {
			for (const piece of request(`GET ${INSTANCE_ID}`, [ALIVE]).match(/[^]{1,20}/g) ?? []) {
				client.write(piece);
				await turns();
			}
			assert.equal(bodyOf(await client.response()), VICTIM);
		}
		client.close();
		await assertServedAndQuiet(service);
	});

	test("of pipelined requests the first is answered, with Connection: close, and the rest unread", async () => {
		const kept = request(`GET ${INSTANCE_ID}`, [ALIVE]);
		const closing = await answerTo(request(`GET ${INSTANCE_ID}`));
		const put = message(`${TOKEN_PUT} HTTP/1.1`, [TTL, ALIVE, "Content-Length: 2"], "ab");
		const before = service.requests.summary().withoutToken;
		for (const rest of [kept, kept.repeat(50), put, "\r\n", "G", "\0", request("GET /", ["Connection: close"]), "x".repeat(9000)]) {
			assert.equal((await answerTo(kept + rest)).replace(/Date: .*/, ""), closing.replace(/Date: .*/, ""), rest.slice(0, 40));
		}
		assert.equal(service.requests.summary().withoutToken, before + 8);
		const token = await answerTo(put + kept);
		assert.equal(header(token, "Connection"), "close");
		assert.equal(bodyOf(token).length, 56);
		await assertServedAndQuiet(service);
	});

	test("what comes after a refusal, or behind a pipelined request, is thrown away unread, and the client may finish in peace", async () => {
		for (const text of ["nonsense\r\n", `${request(`GET ${INSTANCE_ID}`, [ALIVE])}GET`]) {
			const client = await Client.open(service.portOf(VICTIM));
			let failure: Error | undefined;
			client.socket.on("error", (error) => (failure = error));
			assert.match(await client.write(text).rest(), /^HTTP\/1\.1 /);
			const { withoutToken, refused } = service.requests.summary();
			for (const more of [request(`GET ${INSTANCE_ID}`), "nonsense\r\n", "x".repeat(30_000)]) {
				client.write(more);
				await turns();
			}
			assert.equal(failure, undefined);
			assert.equal(service.endpoint.open, 1, "it waits for the client to close");
			assert.equal(service.requests.summary().withoutToken, withoutToken);
			assert.deepEqual(service.requests.summary().refused, refused);
			client.close();
			await assertServedAndQuiet(service);
		}
	});

	test("a request that waits for leave to send its body gets it, once", async () => {
		const client = await Client.open(service.portOf(VICTIM));
		const head = message(`${TOKEN_PUT} HTTP/1.1`, [TTL, "Expect: 100-continue", "Content-Length: 5"]);
		// Only the end of the head brings the leave; the length could still be bad.
		client.write(head.slice(0, -5));
		client.write(head.slice(-5));
		assert.equal(await client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
		client.write("hel");
		await turns();
		const answer = await client.write("lo").rest();
		assert.equal(statusLine(answer), "HTTP/1.1 200 OK");
		assert.equal(bodyOf(answer).length, 56);
		client.close();
		await assertServedAndQuiet(service);
	});

	test("a request that waits for leave gets it on each round of a kept connection", async () => {
		const client = await Client.open(service.portOf(VICTIM));
		for (let round = 0; round < 2; round++) {
			client.write(message(`${TOKEN_PUT} HTTP/1.1`, [TTL, ALIVE, "Expect: 100-continue", "Transfer-Encoding: chunked"]));
			assert.equal(await client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
			assert.equal(bodyOf(await client.write("0\r\n\r\n").response()).length, 56);
		}
		client.close();
		await assertServedAndQuiet(service);
	});

	test("a request that needs no leave gets its answer alone: nothing to send, all sent, or HTTP/1.0", async () => {
		const expect = "Expect: 100-continue";
		for (const [line, headers, body] of [
			[`${TOKEN_PUT} HTTP/1.1`, [TTL, expect], ""],
			[`${TOKEN_PUT} HTTP/1.1`, [TTL, expect, "Content-Length: 0"], ""],
			[`${TOKEN_PUT} HTTP/1.1`, [TTL, expect, "Content-Length: 5"], "hello"],
			[`${TOKEN_PUT} HTTP/1.1`, [TTL, "Expect: something-else"], ""],
			[`${TOKEN_PUT} HTTP/1.0`, [TTL, expect], ""],
			[`GET / HTTP/1.1`, [expect], ""],
		] as const) {
			const answer = await answerTo(message(line, headers, body));
			assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/, `${line} ${headers}`);
		}
		const client = await Client.open(service.portOf(VICTIM));
		client.write(message(`${TOKEN_PUT} HTTP/1.0`, [TTL, expect, "Content-Length: 2"], "a"));
		await turns();
		assert.match(await client.write("b").rest(), /^HTTP\/1\.1 200 OK\r\n/);
		client.close();
		await assertServedAndQuiet(service);
	});

	test("a bad length gets 400 in place of leave to send it", async () => {
		for (const length of ["4097", "-1", "5, 5"]) {
			assert.match(await answerTo(message(`${TOKEN_PUT} HTTP/1.1`, ["Expect: 100-continue", `Content-Length: ${length}`])), REFUSAL);
		}
		await assertServedAndQuiet(service);
	});

	test("a client that closes its side after the request gets its answer (printf | nc)", async () => {
		for (const text of [
			request(`GET ${INSTANCE_ID}`),
			request(`GET ${INSTANCE_ID}`, [ALIVE]),
			`GET ${INSTANCE_ID} HTTP/1.0\r\n\r\n`,
			request("GET /latest/user-data"),
		]) {
			const client = await Client.open(service.portOf(VICTIM));
			client.socket.end(text);
			const answer = await client.rest();
			assert.equal(statusLine(answer), "HTTP/1.1 200 OK");
			assert.equal(bodyOf(answer).length, Number(header(answer, "Content-Length")));
			client.close();
		}
		await assertServedAndQuiet(service);
	});

	test("a client that closes its side before the request's end is closed without an answer", async () => {
		for (const text of ["", "GET / HT", message("PUT / HTTP/1.1", ["Content-Length: 5"], "hell")]) {
			const client = await Client.open(service.portOf(VICTIM));
			client.socket.end(text);
			assert.equal(await client.rest(), "");
			client.close();
		}
		await assertServedAndQuiet(service);
	});

	test("a client that resets its connection, at any point, disturbs nobody", async () => {
		const texts = [
			"",
			"GE",
			"GET / HTTP/1.1\r\nHost:",
			request("GET /latest/user-data"),
			request("GET /latest/user-data", [ALIVE]),
			message("PUT / HTTP/1.1", ["Expect: 100-continue", "Content-Length: 5"], "he"),
			"nonsense\r\n",
			request("GET /", [ALIVE]).repeat(3),
		];
		for (const text of texts) {
			for (const immediates of [0, 1, 5]) {
				const client = await Client.open(service.portOf(VICTIM));
				if (text !== "") client.write(text);
				for (let turn = 0; turn < immediates; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
				client.reset();
			}
		}
		await assertServedAndQuiet(service);
	});
});

describe("slow readers", () => {
	const ask = request("GET /latest/user-data", [ALIVE]);

	test("one that reads nothing is held back, costs no more than a response, and is closed when its time is over", async () => {
		const clock = { nowMs: Date.now() };
		const service = await startPair({ limits: SHORT, clock });
		const clients: Client[] = [];
		const before = process.memoryUsage();
		for (let i = 0; i < 4; i++) {
			const client = await Client.open(service.portOf(VICTIM));
			clients.push(client);
			const answered = await stall(service, client, ask);
			assert.ok(answered > 0);
			// What it sends now stays with the kernel.
			client.write(ask.repeat(10));
			const { withoutToken } = service.requests.summary();
			assert.equal(bodyOf(await exchange(service.portOf(NEIGHBOUR), request(`GET ${INSTANCE_ID}`))), NEIGHBOUR);
			assert.equal(service.requests.summary().withoutToken, withoutToken + 1);
		}
		const after = process.memoryUsage();
		assert.ok(after.external - before.external < 2_000_000, `${after.external - before.external} bytes more outside the heap`);
		assert.equal(service.endpoint.open, 4);
		clock.nowMs += DEADLINE_MS;
		await until(() => service.endpoint.open === 0, "the slow readers closed");
		assert.equal(service.endpoint.counts.timedOut, 4);
		for (const client of clients) client.close();
		await assertServedAndQuiet(service);
	});

	test("one that reads after all gets every byte, and goes on", async () => {
		const service = await startPair();
		const client = await Client.open(service.portOf(VICTIM));
		const answered = (await stall(service, client, ask)) + 1;
		client.socket.resume();
		const expected = USER_DATA.toString("latin1");
		for (let i = 0; i < answered; i++) assert.equal(bodyOf(await client.response()), expected, `response ${i} of ${answered}`);
		assert.equal(bodyOf(await client.write(request(`GET ${INSTANCE_ID}`)).rest()), VICTIM);
		client.close();
		await assertServedAndQuiet(service);
	});

	test("one that closes its side before it reads gets every byte", async () => {
		const service = await startPair();
		const client = await Client.open(service.portOf(VICTIM));
		const answered = (await stall(service, client, ask)) + 1;
		client.socket.end();
		client.socket.resume();
		const all = await client.rest();
		assert.equal(all.split("HTTP/1.1 200 OK").length - 1, answered);
		assert.ok(all.endsWith(USER_DATA.toString("latin1")));
		client.close();
		await assertServedAndQuiet(service);
	});

	test("one that goes away in the middle is forgotten", async () => {
		const service = await startPair();
		for (const leave of ["close", "reset"] as const) {
			const client = await Client.open(service.portOf(VICTIM));
			await stall(service, client, ask);
			client[leave]();
			await assertServedAndQuiet(service);
		}
	});
});

describe("caps on connections", () => {
	const alive = request(`GET ${INSTANCE_ID}`, [ALIVE]);

	async function served(service: Service, instanceId: string): Promise<Client> {
		const client = await Client.open(service.portOf(instanceId));
		assert.equal(bodyOf(await client.write(alive).response()), instanceId);
		return client;
	}

	async function unheard(service: Service, instanceId: string): Promise<void> {
		const client = await Client.open(service.portOf(instanceId));
		assert.equal(await client.write(alive).rest(), "");
		client.close();
	}

	test("one caller's are capped without touching another's; all together too; a place that is free again is given", async () => {
		const service = await startPair({ limits: { maxConnections: 5, maxConnectionsPerCaller: 3 } });
		const { counts } = service.endpoint;
		const mine = [await served(service, VICTIM), await served(service, VICTIM), await served(service, VICTIM)];
		await unheard(service, VICTIM);
		assert.equal(counts.overLimit, 1);
		const others = [await served(service, NEIGHBOUR), await served(service, NEIGHBOUR)];
		await unheard(service, NEIGHBOUR);
		assert.equal(counts.overLimit, 2);
		assert.equal(service.endpoint.open, 5);
		// Those that were there are served as before.
		for (const client of mine) assert.equal(bodyOf(await client.write(alive).response()), VICTIM);
		for (const client of others) assert.equal(bodyOf(await client.write(alive).response()), NEIGHBOUR);

		mine.pop()?.close();
		await until(() => service.endpoint.open === 4, "a connection closed");
		mine.push(await served(service, VICTIM));
		await unheard(service, VICTIM);
		for (const client of [...mine, ...others]) client.close();
		await until(() => service.endpoint.open === 0, "all connections closed");
		await assertServedAndQuiet(service);
		assert.equal(counts.overLimit, 3);
	});

	test("a flood of connections beyond the cap leaves the neighbour its own", async () => {
		const service = await startPair({ limits: { maxConnectionsPerCaller: 20 } });
		const neighbour = await served(service, NEIGHBOUR);
		const flood = await Promise.all(Array.from({ length: 300 }, () => Client.open(service.portOf(VICTIM))));
		await until(() => service.endpoint.counts.overLimit === 280, "280 connections refused");
		assert.equal(bodyOf(await neighbour.write(alive).response()), NEIGHBOUR);
		(await served(service, NEIGHBOUR)).close();
		assert.equal(service.endpoint.counts.accepted, 302);
		for (const client of [...flood, neighbour]) client.close();
		await assertServedAndQuiet(service);
	});
});

test("a thousand broken connections of every kind leave nothing behind", async () => {
	const service = await startPair({ limits: { requestDeadlineMs: 30_000 } });
	const half = `GET / HTTP/1.1\r\nX: ${"a".repeat(8000)}`;
	const texts = BAD_MESSAGES.map(([, text]) => text)
		.filter((text) => text.length < 10_000)
		.concat("", "G", half);
	let next = 0;
	for (let wave = 0; wave < 10; wave++) {
		await Promise.all(
			Array.from({ length: 100 }, async () => {
				const client = await Client.open(service.portOf(VICTIM));
				client.write(texts[next++ % texts.length] ?? "");
				await turns();
				if (next % 2 === 0) client.reset();
				else client.close();
			}),
		);
		await assertServedAndQuiet(service);
	}
	assert.equal(service.endpoint.counts.accepted, 1010);
	assert.equal(service.endpoint.counts.timedOut, 0);
});
