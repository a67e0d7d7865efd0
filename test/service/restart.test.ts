// What outlasts a service: its instance, its tokens, its keys; and what it says when it can't start.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MAIN, startService, temporaryFolder, tokenFrom } from "../running-service.ts";

async function identityOf(url: string, token: string): Promise<readonly string[]> {
	const paths = [
		"meta-data/instance-id",
		"meta-data/mac",
		"meta-data/iam/security-credentials/openimds-demo-role",
		"dynamic/instance-identity/rsa2048",
	];
	return Promise.all(
		paths.map(async (path) => {
			const response = await fetch(`${url}/latest/${path}`, { headers: { "X-aws-ec2-metadata-token": token } });
			assert.equal(response.status, 200, path);
			return response.text();
		}),
	);
}

/** Runs `openimds serve` where it is expected to fail. */
async function failedStart(flags: readonly string[]): Promise<{ code: number; errors: string }> {
	const child = spawn(process.execPath, [MAIN, "serve", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
	let errors = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
	const [code] = (await once(child, "exit")) as [number];
	return { code, errors };
}

describe("a restart", () => {
	for (const signal of ["SIGTERM", "SIGKILL"] as const) {
		test(`after ${signal} finds the same instance, keys and credentials, and the tokens open it still`, async (t) => {
			const dataDir = temporaryFolder(t);
			const first = await startService(t, { dataDir });
			const token = await tokenFrom(first.url, 21_600);
			const before = await identityOf(first.url, token);
			await first.stop(signal);
			const second = await startService(t, { dataDir });
			assert.deepEqual(await identityOf(second.url, token), before);
		});
	}

	test("leaves nothing that others can read in the data folder", async (t) => {
		const { dataDir } = await startService(t);
		assert.equal(statSync(dataDir).mode & 0o777, 0o700);
		for (const name of readdirSync(dataDir)) assert.equal(statSync(join(dataDir, name)).mode & 0o077, 0, name);
	});
});

describe("a service that can't start says why in a sentence, and ends with an exit code", () => {
	const cases: Record<string, (folder: string) => { flags: readonly string[]; says: RegExp }> = {
		"a damaged store": (folder) => {
			writeFileSync(join(folder, "store.sqlite"), "this is no database, whatever its name says".repeat(200));
			return { flags: ["--data-dir", folder], says: /store\.sqlite/ };
		},
		"a damaged secret": (folder) => {
			writeFileSync(join(folder, "token.key"), "short");
			return { flags: ["--data-dir", folder], says: /token\.key does not hold a secret of 32 bytes/ };
		},
		"a file where the folder should be": (folder) => {
			writeFileSync(join(folder, "file"), "");
			return { flags: ["--data-dir", join(folder, "file")], says: /The data folder .*file can't be used/ };
		},
		"a folder that can't be made": () => ({
			flags: ["--data-dir", "/proc/openimds/data"],
			says: /The data folder \/proc\/openimds\/data can't be used/,
		}),
		"a configuration that is wrong": (folder) => {
			writeFileSync(join(folder, "bad.yaml"), "instances:\n  - instanceTpye: t3.micro\n");
			return {
				flags: ["--data-dir", folder, "--config", join(folder, "bad.yaml")],
				says: /bad\.yaml:2:5: instances\[0\]\.instanceTpye: .*instanceType/,
			};
		},
		"a configuration that isn't there": (folder) => ({
			flags: ["--data-dir", folder, "--config", join(folder, "none.yaml")],
			says: /none\.yaml/,
		}),
		"several instances and a listener that names none": (folder) => {
			writeFileSync(join(folder, "two.yaml"), "instances: [{instanceId: i-0aa}, {instanceId: i-0bb}]\n");
			return {
				flags: ["--data-dir", folder, "--config", join(folder, "two.yaml")],
				says: /names no instance, and 2 could be meant \(i-0aa, i-0bb\)\. Write --endpoint-listen 127\.0\.0\.1:1338=i-0aa/,
			};
		},
		"an address that is no machine's": (folder) => ({
			flags: ["--data-dir", folder, "--endpoint-listen", "192.0.2.1:0"],
			says: /Can't listen on 192\.0\.2\.1:0: no interface of this machine has that address/,
		}),
	};
	for (const [name, prepare] of Object.entries(cases)) {
		test(name, async (t) => {
			const folder = temporaryFolder(t);
			const { flags, says } = prepare(folder);
			const { code, errors } = await failedStart(["--endpoint-listen", "127.0.0.1:1338", ...flags]);
			assert.match(errors, says);
			assert.notEqual(code, 0);
			assert.doesNotMatch(errors, /\n\s+at /, "a stack trace");
		});
	}

	test("a port in use", async (t) => {
		const server = createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		t.after(() => server.close());
		const { port } = server.address() as { port: number };
		const { code, errors } = await failedStart(["--ephemeral", "--endpoint-listen", `127.0.0.1:${port}`]);
		assert.match(errors, new RegExp(`Can't listen on 127\\.0\\.0\\.1:${port}: another program listens there`));
		assert.notEqual(code, 0);
	});

	test("a data folder in use, whose service goes on", async (t) => {
		const service = await startService(t);
		const { code, errors } = await failedStart(["--data-dir", service.dataDir, "--endpoint-listen", "127.0.0.1:0"]);
		assert.match(errors, /in use by another process \(pid \d+\)/);
		assert.notEqual(code, 0);
		await tokenFrom(service.url);
		assert.equal((await service.status()).dataDir, service.dataDir);
	});

	test("a data folder that others could look into is closed to them", async (t) => {
		const dataDir = join(temporaryFolder(t), "open");
		mkdirSync(dataDir);
		chmodSync(dataDir, 0o755);
		await startService(t, { dataDir });
		assert.equal(statSync(dataDir).mode & 0o777, 0o700);
	});
});
