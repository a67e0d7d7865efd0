import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readlinkSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { encodeAddress, openSocketOwners, peerOf, plainAddress, type SocketOwners } from "./socket-owner.ts";

const linux = process.platform === "linux" ? false : "sock_diag is Linux's";

function openOwners(t: TestContext): SocketOwners {
	const owners = openSocketOwners();
	assert.ok(!("reason" in owners));
	t.after(() => owners.close());
	return owners;
}

async function connected(t: TestContext, host: string, via = host): Promise<{ readonly client: Socket; readonly served: Socket }> {
	const server = createServer().listen(0, host);
	await once(server, "listening");
	const client = connect((server.address() as { port: number }).port, via);
	const [served] = (await once(server, "connection")) as [Socket];
	t.after(() => (client.destroy(), served.destroy(), server.close()));
	return { client, served };
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket) {
	return { clientAddress: remoteAddress!, clientPort: remotePort!, serverAddress: localAddress!, serverPort: localPort! };
}

for (const [host, via] of [["127.0.0.1"], ["::1"], ["::", "127.0.0.1"]] as const) {
	test(`the client's socket is found by its addresses: ${via ?? host} at ${host}`, { skip: linux }, async (t) => {
		const owners = openOwners(t);
		const { client, served } = await connected(t, host, via ?? host);
		const ends = endsOf(served);
		const owner = owners.ownerOf(ends);
		const { fd } = (client as unknown as { readonly _handle: { readonly fd: number } })._handle;
		assert.equal(`socket:[${owner?.inode}]`, readlinkSync(`/proc/self/fd/${fd}`));
		assert.equal(owner?.uid, process.getuid?.());
		// Who listens there is not the client, and neither is the server's own end.
		assert.equal(owners.ownerOf({ ...ends, clientAddress: ends.serverAddress, clientPort: ends.serverPort, serverPort: 9 }), undefined);
		assert.equal(owners.ownerOf({ ...ends, clientPort: 1 }), undefined);
		client.destroy();
		await once(client, "close");
		assert.equal(owners.ownerOf(ends), undefined);
	});
}

test("a namespace is asked by its path", { skip: linux || process.geteuid?.() !== 0 }, async (t) => {
	const owners = openOwners(t);
	const { served } = await connected(t, "127.0.0.1");
	const descriptors = readdirSync("/proc/self/fd").length;
	assert.deepEqual(owners.ownerIn("/proc/self/ns/net", endsOf(served)), owners.ownerOf(endsOf(served)));
	assert.throws(() => owners.ownerIn("/proc/self/ns/none", endsOf(served)), { code: "ENOENT" });
	assert.throws(() => owners.ownerIn("/proc/self/ns/pid", endsOf(served)), { code: "EINVAL" });
	assert.equal(readdirSync("/proc/self/fd").length, descriptors);
});

test("who connects a Unix socket is known from its descriptor, and who connects another is not", { skip: linux }, async (t) => {
	const path = join(tmpdir(), `openimds-peer-${process.pid}`);
	t.after(() => rmSync(path, { force: true }));
	const server = createServer().listen(path);
	await once(server, "listening");
	const client = connect(path);
	const [accepted] = (await once(server, "connection")) as [Socket];
	t.after(() => (client.destroy(), accepted.destroy(), server.close()));
	const descriptorOf = (socket: Socket) => (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
	assert.deepEqual(peerOf(descriptorOf(accepted)), { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() });
	const { served } = await connected(t, "127.0.0.1");
	assert.equal(peerOf(descriptorOf(served)), undefined);
	assert.equal(peerOf(-1), undefined);
});

test("an address is the bytes that it stands for", () => {
	assert.equal(encodeAddress("169.254.169.254").toString("hex"), "a9fea9fe");
	assert.equal(encodeAddress("fd00:ec2::254").toString("hex"), "fd000ec2000000000000000000000254");
	assert.equal(plainAddress("::ffff:10.0.0.1"), "10.0.0.1");
	assert.equal(plainAddress("fe80::1%eth0"), "fe80::1");
	assert.equal(plainAddress("10.0.0.1"), "10.0.0.1");
});
