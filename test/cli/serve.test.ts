import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { MAIN, startService, temporaryFolder } from "../running-service.ts";
import { openimds } from "./openimds.ts";

const ANY_PORT = ["--endpoint-listen", "127.0.0.1:0", "--api-listen", "off"];

test("a service is started by flags alone, tells where it listens, then that it is ready", async (t) => {
	const { child, lines } = await served(t, ["--ephemeral", ...ANY_PORT]);
	assert.equal(lines.length, 2);
	assert.match(lines[0] ?? "", /^listening {2}http:\/\/127\.0\.0\.1:\d+ {2}as i-[0-9a-f]{17}$/);
	assert.match(lines[1] ?? "", /^ready/);
	child.kill("SIGTERM");
	assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("a first signal waits for requests under way, a second one does not", async (t) => {
	const { child, url } = await served(t, ["serve", "--data-dir", temporaryFolder(t), ...ANY_PORT]);
	const socket = connectTo(url);
	await once(socket, "connect");
	socket.write("GET /1 HTTP/1.1\r\n");
	// What came after it is answered, so the service has seen this beginning.
	await fetch(url);
	child.kill("SIGINT");
	while (await connects(url));
	assert.equal(child.exitCode, null);
	child.kill("SIGTERM");
	assert.deepEqual(await once(child, "exit"), [128 + 15, null]);
});

test("output that nobody reads any more does not end the service", async (t) => {
	const { child, url } = await served(t, ["--ephemeral", ...ANY_PORT]);
	child.stdout.destroy();
	child.stderr.destroy();
	child.kill("SIGHUP"); // It logs that there is nothing to reload.
	assert.equal((await fetch(`${url}/latest/meta-data/instance-id`)).status, 200);
	child.kill("SIGINT");
	assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("what can't be started is said in a sentence", async (t) => {
	const taken = createServer().listen(0, "127.0.0.1");
	await once(taken, "listening");
	t.after(() => taken.close());
	const { port } = taken.address() as AddressInfo;
	const running = await startService(t);
	const file = join(temporaryFolder(t), "openimds.yaml");
	writeFileSync(file, "instances:\n  - instanceType: 7\n");

	for (const [flags, code, sentence] of [
		[
			["--ephemeral", "--endpoint-listen", `127.0.0.1:${port}`],
			1,
			/^openimds: Can't listen on 127\.0\.0\.1:\d+: another program listens there\./,
		],
		[["--data-dir", running.dataDir, ...ANY_PORT], 1, /^openimds: The store .* is in use by another process/],
		[["--data-dir", `${file}/x`], 1, /^openimds: The data folder .* can't be used/],
		[["--ephemeral", "--config", file], 1, /^\/.*openimds\.yaml:2:19: instances\[0\]\.instanceType: 7 is a number, not text/],
		[["--ephemeral", "--config", "/nonexistent/openimds.yaml"], 1, /^\/nonexistent\/openimds\.yaml: there is no such file/],
		[["--endpoint-listen", "1338"], 2, /^openimds: --endpoint-listen: "1338" is not allowed; allowed: HOST:PORT/],
		[["--log-level", "loud"], 2, /^openimds: --log-level: "loud" is not allowed; allowed: trace, debug, /],
		[["--watch"], 2, /^openimds: --watch: .* add --config FILE/],
		[["--ephemral"], 2, /^openimds: There is no flag --ephemral\. Did you mean "--ephemeral"\?\n"openimds serve --help"/],
		[["--port", "1338"], 2, /^openimds: There is no flag --port\./],
		[["--data-dir"], 2, /^openimds: --data-dir needs a value\./],
		[["--data-dir="], 2, /^openimds: --data-dir= needs a value\./],
		[["1338"], 2, /^openimds: There is no command "1338"\./],
	] as const) {
		const outcome = await openimds(flags);
		assert.deepEqual({ code: outcome.code, stdout: outcome.stdout }, { code, stdout: "" }, `${flags.join(" ")}: ${outcome.stderr}`);
		assert.match(outcome.stderr, sentence);
		assert.doesNotMatch(outcome.stderr, /^ {4}at /m);
	}
});

test("settings come from the environment, too", async () => {
	const { code, stderr } = await openimds(["serve"], { OPENIMDS_EPHEMERAL: "maybe" });
	assert.equal(code, 2);
	assert.match(stderr, /^openimds: OPENIMDS_EPHEMERAL: "maybe" is not allowed; allowed: true, false, 1, 0/);
});

/** A service in a process of its own, and what it printed until it was ready. */
async function served(t: TestContext, args: readonly string[]) {
	const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
	t.after(() => child.kill("SIGKILL"));
	const lines: string[] = [];
	for await (const line of createInterface({ input: child.stdout })) {
		lines.push(line);
		if (line.startsWith("ready")) break;
	}
	const [url = ""] = /http:\S+/.exec(lines.join("\n")) ?? [];
	return { child, lines, url };
}

function connectTo(url: string): Socket {
	const { hostname, port } = new URL(url);
	return connect(Number(port), hostname).on("error", () => {}); // A service that is gone resets its connections.
}

async function connects(url: string): Promise<boolean> {
	const socket = connectTo(url);
	const connected = await new Promise<boolean>((resolve) => {
		socket.once("connect", () => resolve(true)).once("close", () => resolve(false));
	});
	socket.destroy();
	return connected;
}
