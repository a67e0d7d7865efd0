// The configuration changes under a running service: what is new is served, what is wrong changes nothing, no connection is dropped.

import assert from "node:assert/strict";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import { type RunningService, startService, tokenFrom } from "../running-service.ts";

const ID = "i-0a0a0a0a0a0a0a0a0";
const OTHER = "i-0b0b0b0b0b0b0b0b0";

function configuration(fields: string, more = ""): string {
	return `instances:\n  - instanceId: ${ID}\n    endpointListen: 127.0.0.1:0\n    ${fields}\n${more}`;
}

async function read(service: RunningService, path: string, token?: string): Promise<{ status: number; text: string }> {
	const headers: Record<string, string> = token === undefined ? {} : { "X-aws-ec2-metadata-token": token };
	const response = await fetch(service.url + path, { headers });
	return { status: response.status, text: await response.text() };
}

/** Writes the file, has it read, and waits until `done` holds of what the service says. */
async function reload(service: RunningService, text: string, done: () => Promise<boolean>): Promise<void> {
	writeFileSync(service.configFile, text);
	const logged = service.nextLog(/configuration (applied|refused)/);
	service.signal("SIGHUP");
	await logged;
	assert.ok(await done());
}

describe("SIGHUP", () => {
	test("applies what is new in the file, and a kept-alive connection sees it", async (t) => {
		const service = await startService(t, {
			configuration: configuration("tags: {Name: before}\n    metadataOptions: {instanceMetadataTags: enabled}"),
		});
		const client = await KeptAlive.to(service.url);
		t.after(() => client.close());
		assert.match(await client.get("/latest/meta-data/tags/instance/Name"), /\r\n\r\nbefore$/);
		await reload(service, configuration("tags: {Name: after}\n    metadataOptions: {instanceMetadataTags: enabled}"), async () =>
			(await client.get("/latest/meta-data/tags/instance/Name")).endsWith("\r\n\r\nafter"),
		);
		await reload(service, configuration("tags: {Name: after}\n    metadataOptions: {httpTokens: required}"), async () =>
			(await client.get("/latest/meta-data/instance-id")).startsWith("HTTP/1.1 401 "),
		);
		await reload(service, configuration("metadataOptions: {httpEndpoint: disabled}"), async () =>
			(await client.get("/latest/meta-data/instance-id")).startsWith("HTTP/1.1 403 "),
		);
	});

	test("a bad file changes nothing, and the log says why", async (t) => {
		const service = await startService(t, { configuration: configuration("instanceType: c3.large") });
		for (const bad of [
			configuration("instanceType: 7"),
			configuration("noSuchField: 1"),
			configuration("subnetId: subnet-0nowhere"),
			"instances: [",
			"",
			configuration("endpointListen: 127.0.0.1:0", `  - instanceId: ${OTHER}\n    privateIpAddress: 10.9.9.9\n`),
		]) {
			writeFileSync(service.configFile, bad);
			const logged = service.nextLog(/configuration refused, nothing changed/);
			service.signal("SIGHUP");
			assert.match(await logged, /openimds\.yaml/);
			assert.equal((await read(service, "/latest/meta-data/instance-type")).text, "c3.large");
		}
	});

	test("an instance that is new gets its listener, one that is gone loses it, and its tokens are dead when it comes back", async (t) => {
		const both = configuration("instanceType: c3.large", `  - instanceId: ${OTHER}\n    endpointListen: 127.0.0.1:0\n`);
		const service = await startService(t, { configuration: both });
		const token = await tokenFrom(service.urls.get(OTHER) ?? "", 21_600);
		const other = service.urls.get(OTHER) ?? "";
		await reload(service, configuration("instanceType: c3.large"), () =>
			fetch(other).then(
				() => false,
				() => true,
			),
		);
		await reload(service, both, async () => (await service.status()).listeners.some(({ instanceId }) => instanceId === OTHER));
		const again = (await service.status()).listeners.find(({ instanceId }) => instanceId === OTHER);
		const response = await fetch(`http://${again?.address}/latest/meta-data/instance-id`, {
			headers: { "X-aws-ec2-metadata-token": token },
		});
		assert.equal(response.status, 401);
	});

	test("a stopped instance is asked by nobody, and the tokens of its life before do not open it again", async (t) => {
		const service = await startService(t, { configuration: configuration("instanceType: c3.large") });
		const token = await tokenFrom(service.url, 21_600);
		assert.equal((await read(service, "/latest/meta-data/instance-id", token)).status, 200);
		await reload(service, configuration("state: stopped"), () =>
			fetch(`${service.url}/latest/`).then(
				() => false,
				() => true,
			),
		);
		await reload(
			service,
			configuration("state: running"),
			async () => (await read(service, "/latest/meta-data/instance-id")).status === 200,
		);
		assert.equal((await read(service, "/latest/meta-data/instance-id", token)).status, 401);
	});
});

test("with --watch the file is read when it changes, also when another takes its place", async (t) => {
	const service = await startService(t, { configuration: configuration("instanceType: c3.large"), flags: ["--watch"] });
	let applied = service.nextLog(/configuration applied/);
	writeFileSync(service.configFile, configuration("instanceType: m5.large"));
	await applied;
	assert.equal((await read(service, "/latest/meta-data/instance-type")).text, "m5.large");
	applied = service.nextLog(/configuration applied/);
	writeFileSync(`${service.configFile}.new`, configuration("instanceType: t3.nano"));
	renameSync(`${service.configFile}.new`, service.configFile);
	await applied;
	assert.equal((await read(service, "/latest/meta-data/instance-type")).text, "t3.nano");
});

/** One connection for all requests, so that a drop is seen. */
class KeptAlive {
	readonly #socket: Socket;
	readonly #host: string;

	private constructor(socket: Socket, host: string) {
		this.#socket = socket;
		this.#host = host;
	}

	static async to(url: string): Promise<KeptAlive> {
		const { hostname, port, host } = new URL(url);
		const socket = connect(Number(port), hostname);
		await once(socket, "connect");
		return new KeptAlive(socket, host);
	}

	async get(path: string): Promise<string> {
		this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nConnection: keep-alive\r\n\r\n`);
		const [answer] = (await once(this.#socket, "data")) as [Buffer];
		return answer.toString();
	}

	close(): void {
		this.#socket.destroy();
	}
}
