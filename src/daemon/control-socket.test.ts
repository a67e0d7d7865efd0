import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openControlSocket } from "./control-socket.ts";

async function ask(path: string, line: string): Promise<string> {
	const socket = connect(path).setEncoding("utf8");
	let answer = "";
	socket.on("data", (text: string) => (answer += text));
	socket.write(`${line} HTTP/1.1\r\nHost: control\r\nConnection: close\r\n\r\n`);
	await once(socket, "close");
	return answer;
}

test("the control socket is its owner's, answers what it knows, and no odd path or method ends it", async (t) => {
	const folder = mkdtempSync(join(tmpdir(), "openimds-socket-"));
	const path = join(folder, "control.sock");
	const server = await openControlSocket(path, {
		tell: (asked) => (asked === "/status" ? { status: 200, body: { here: true } } : undefined),
		perform: (operation, input) => Promise.resolve({ status: 200, body: { operation, bytes: input.length } }),
	});
	t.after(() => {
		server.close();
		rmSync(folder, { recursive: true });
	});
	assert.equal(statSync(path).mode & 0o777, 0o600);
	for (const line of [
		"GET /%",
		"GET /instances/%E0%A4%A",
		"GET //",
		"GET /instances/../status",
		"POST /status",
		"DELETE /instances",
		"POST /operations/",
		"POST /operations/../status",
		"GET /operations/ListV1Callers",
	]) {
		assert.match(await ask(path, line), /^HTTP\/1\.1 404 /, line);
	}
	assert.match(await ask(path, "POST /operations/ListV1Callers"), /^HTTP\/1\.1 200 [\s\S]*\{"operation":"ListV1Callers","bytes":0\}/);
	assert.match(await ask(path, "GET /status"), /^HTTP\/1\.1 200 [\s\S]*\{"here":true\}/);
});
