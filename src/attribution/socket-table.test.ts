import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { openSocketOwners } from "../linux/socket-owner.ts";
import { hasAddress, ownerInTable } from "./socket-table.ts";

const linux = process.platform === "linux" ? false : "/proc/net is Linux's";
const NET = "/proc/self/net";

for (const [host, via] of [["127.0.0.1"], ["::1"], ["::", "127.0.0.1"]] as const) {
	test(`the table of sockets says the same as the kernel when asked: ${via ?? host} at ${host}`, { skip: linux }, async (t) => {
		const server = createServer().listen(0, host);
		await once(server, "listening");
		const client = connect((server.address() as { port: number }).port, via ?? host);
		const [served] = (await once(server, "connection")) as [Socket];
		t.after(() => (client.destroy(), served.destroy(), server.close()));
		const { remoteAddress, remotePort, localAddress, localPort } = served;
		const ends = { clientAddress: remoteAddress!, clientPort: remotePort!, serverAddress: localAddress!, serverPort: localPort! };
		const owners = openSocketOwners();
		assert.ok(!("reason" in owners));
		t.after(() => owners.close());
		const owner = owners.ownerOf(ends);
		assert.ok(owner);
		assert.deepEqual(ownerInTable(NET, ends), owner);
		assert.equal(ownerInTable(NET, { ...ends, clientPort: 1 }), undefined);
		client.destroy();
		await once(client, "close");
		assert.equal(ownerInTable(NET, ends), undefined);
	});
}

test("a network's own addresses are known", { skip: linux }, () => {
	for (const address of ["127.0.0.1", "127.1.2.3", "::ffff:127.0.0.1", "::1"]) assert.ok(hasAddress(NET, address), address);
	for (const address of ["203.0.113.7", "0.0.0.0", "2001:db8::7", "1.2.3"]) assert.ok(!hasAddress(NET, address), address);
});

test("a network that is not there is an error", { skip: linux }, () => {
	assert.throws(() => hasAddress("/proc/self/none", "10.0.0.1"), { code: "ENOENT" });
});
