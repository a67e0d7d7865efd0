/** Who is asking: by the entrance, the address a connection comes from, a trusted proxy's word; and how long that holds. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { BlockList, createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { SocketAddress } from "node:net";
import fc from "fast-check";
import { readProxyHeader } from "../../src/endpoint/proxy-protocol.ts";
import type { Instance } from "../../src/model/instance.ts";
import type { EndpointBinding } from "../../src/model/endpoint-binding.ts";
import { bodyOf, Client, exchange, request, statusLine } from "./client.ts";
import { proxyHeader } from "./proxy-header.ts";
import { INSTANCE_ID, TTL, withToken } from "./scene.ts";
import { type Service, startService } from "./service.ts";

const A = "i-000000000000000aa";
const B = "i-000000000000000bb";
const once = request(`GET ${INSTANCE_ID}`);
const kept = request(`GET ${INSTANCE_ID}`, ["Connection: keep-alive"]);
const FAMILIES = [
	{ family: "IPv4", host: "127.0.0.1" },
	{ family: "IPv6", host: "::1" },
];

const bind = (bindings: readonly EndpointBinding[]) => (before: Instance) => ({ ...before, endpointBindings: bindings });

async function bound(addresses: Readonly<Record<string, readonly string[]>>): Promise<Service> {
	return startService({
		instances: Object.entries(addresses).map(([instanceId, sourceAddresses]) => ({
			instanceId,
			endpointBindings: sourceAddresses.length === 0 ? [] : [{ sourceAddresses }],
		})),
	});
}

/** A shared entrance, where the binding table tells who is asking. */
async function shared(service: Service, host: string, proxies?: BlockList): Promise<number> {
	const callerOf = (source: string) => service.replica.tenantAt(undefined, source);
	return (await service.endpoint.listen({ host, port: 0 }, { callerOf, bySource: true, ...(proxies && { proxies }) })).port;
}

test("a shared entrance tells callers apart by the address they come from", async () => {
	const service = await bound({ [A]: ["127.0.0.1"], [B]: ["127.0.0.9"] });
	const port = await shared(service, "127.0.0.1");
	assert.equal(bodyOf(await exchange(port, once)), A);
	const client = createConnection({ port, localAddress: "127.0.0.9" });
	client.end(once);
	const bytes = (await client.toArray()) as Buffer[];
	assert.equal(bodyOf(Buffer.concat(bytes).toString("latin1")), B);
});

for (const { family, host } of FAMILIES) {
	describe(`a shared entrance, ${family}`, () => {
		test("closes a stranger's connection without a byte, and counts it", async () => {
			const service = await bound({ [A]: ["192.0.2.1"] });
			const port = await shared(service, host);
			assert.equal(await exchange(port, once, host), "");
			assert.equal(service.endpoint.counts.unknownCaller, 1);
			assert.equal(service.endpoint.open, 0);
		});

		test("follows a binding from one request to the next; a connection never changes hands", async () => {
			const service = await bound({ [A]: [host], [B]: [] });
			const port = await shared(service, host);
			const old = await Client.open(port, host);
			const idle = await Client.open(port, host);
			assert.equal(bodyOf(await old.write(kept).response()), A);
			const token = bodyOf(await exchange(port, request("PUT /latest/api/token", [TTL]), host));

			await service.change(A, bind([]));
			assert.equal(await exchange(port, once, host), "", "nobody's for a moment");
			await service.change(B, bind([{ sourceAddresses: [host] }]));
			assert.equal(bodyOf(await exchange(port, once, host)), B);
			assert.equal(await old.write(kept).rest(), "");
			assert.equal(await idle.write(kept).rest(), "");
			assert.equal(statusLine(await exchange(port, request(`GET ${INSTANCE_ID}`, [withToken(token)]), host)), "HTTP/1.1 401 Unauthorized");

			await service.remove(B);
			assert.equal(await exchange(port, once, host), "", "deleted, and gone before the next request");
		});

		test("answers nobody where two have one address, whatever let that happen", async () => {
			const service = await bound({ [A]: [host], [B]: [host] });
			const port = await shared(service, host);
			assert.equal(await exchange(port, once, host), "");
			await service.remove(A);
			assert.equal(bodyOf(await exchange(port, once, host)), B);
		});

		test("hears nobody who is stopped", async () => {
			const service = await bound({ [A]: [host] });
			const port = await shared(service, host);
			await service.change(A, (before) => ({ ...before, state: "stopped" }));
			assert.equal(await exchange(port, once, host), "");
		});

		test("is not told by a header who asks", async () => {
			const service = await bound({ [A]: [host], [B]: ["192.0.2.7"] });
			const port = await shared(service, host);
			for (const name of IDENTITY_HEADERS) {
				for (const value of ["192.0.2.7", B, `for=192.0.2.7;by=${host}`]) {
					const answer = await exchange(port, request(`GET ${INSTANCE_ID}`, [`${name}: ${value}`]), host);
					assert.equal(bodyOf(answer), A, `${name}: ${value}`);
				}
			}
		});

		test("takes a stranger's PROXY header for a bad request", async () => {
			const service = await bound({ [A]: [host], [B]: ["192.0.2.7"] });
			const port = await shared(service, host);
			for (const header of ["PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n", proxyHeader("192.0.2.7")]) {
				const client = await Client.open(port, host);
				const answer = await client.write(Buffer.concat([Buffer.from(header), Buffer.from(kept)])).rest();
				assert.equal(statusLine(answer), "HTTP/1.1 400 Bad Request");
			}
		});
	});

	describe(`behind a proxy, ${family}`, () => {
		const proxies = new BlockList();
		proxies.addAddress("127.0.0.1");
		proxies.addAddress("::1", "ipv6");

		test("who is asking is whom the proxy speaks for, in whatever pieces it says so", async () => {
			const service = await bound({ [A]: ["192.0.2.7"], [B]: ["2001:db8::7"] });
			const port = await shared(service, host, proxies);
			for (const [source, instanceId] of [
				["192.0.2.7", A],
				["2001:db8::7", B],
			] as const) {
				const whole = Buffer.concat([proxyHeader(source), Buffer.from(kept)]);
				const client = await Client.open(port, host);
				assert.equal(bodyOf(await client.write(whole).response()), instanceId);
				assert.equal(bodyOf(await client.write(kept).response()), instanceId);
				client.close();
				const slow = await Client.open(port, host);
				for (const byte of whole) {
					slow.write(Buffer.of(byte));
					await new Promise((resolve) => setImmediate(resolve));
				}
				assert.equal(bodyOf(await slow.response()), instanceId);
				slow.close();
			}
		});

		test("a proxy that does not say so, or speaks for nobody, gets nothing", async () => {
			const service = await bound({ [A]: [host, "192.0.2.7"] });
			const port = await shared(service, host, proxies);
			const local = Buffer.concat([Buffer.from("\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0", "latin1"), Buffer.from(kept)]);
			assert.equal(await exchange(port, once, host), "");
			assert.equal(await exchange(port, local.toString("latin1"), host), "");
			assert.equal(service.endpoint.counts.badProxyHeader, 2);
			const client = await Client.open(port, host);
			assert.equal(await client.write(Buffer.concat([proxyHeader("192.0.2.8"), Buffer.from(kept)])).rest(), "");
			assert.equal(service.endpoint.counts.unknownCaller, 1);
			assert.equal(service.endpoint.open, 0);
		});

		test("its connections count for whom it speaks for", async () => {
			const service = await startService({
				instances: [{ instanceId: A, endpointBindings: [{ sourceAddresses: ["192.0.2.7"] }] }],
				limits: { maxConnectionsPerCaller: 1 },
			});
			const port = await shared(service, host, proxies);
			const first = await Client.open(port, host);
			assert.equal(bodyOf(await first.write(Buffer.concat([proxyHeader("192.0.2.7"), Buffer.from(kept)])).response()), A);
			const second = await Client.open(port, host);
			assert.equal(await second.write(proxyHeader("192.0.2.7")).rest(), "");
			assert.equal(service.endpoint.counts.overLimit, 1);
			first.close();
		});
	});
}

test("a Unix socket is an entrance like any other", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "openimds-unix-"));
	t.after(() => rm(folder, { recursive: true }));
	const service = await bound({ [A]: [] });
	const path = join(folder, "a.sock");
	const { port } = await service.endpoint.listen({ path }, { callerOf: () => service.replica.tenant(A) });
	assert.equal(port, 0);
	const client = createConnection(path);
	client.end(request("PUT /latest/api/token", [TTL]));
	const answer = Buffer.concat((await client.toArray()) as Buffer[]).toString("latin1");
	assert.equal(bodyOf(answer).length, 56);
});

test("a PROXY header is read as §2.2 has it, whatever comes", () => {
	const address = fc.oneof(
		fc.ipV4(),
		fc.ipV6().map((text) => new SocketAddress({ address: text, family: "ipv6" }).address),
	);
	fc.assert(
		fc.property(address, fc.uint8Array({ maxLength: 40 }), fc.nat(80), (source, fields, cut) => {
			const bytes = proxyHeader(source, Buffer.from(fields));
			assert.deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.from("GET /")])), { source, length: bytes.length });
			assert.equal(readProxyHeader(bytes.subarray(0, cut)) === "incomplete", cut < bytes.length);
		}),
	);
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
			const signed = Buffer.concat([Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1"), bytes]);
			const header = readProxyHeader(signed);
			assert.ok(header === undefined || header === "incomplete" || header.length <= signed.length);
		}),
	);
});

const IDENTITY_HEADERS = [
	"X-Forwarded-For",
	"Forwarded",
	"X-Real-IP",
	"X-Client-IP",
	"X-Instance-ID",
	"X-Instance-ID-Signature",
	"X-Tenant-ID",
	"X-Original-Forwarded-For",
	"X-Envoy-External-Address",
	"True-Client-IP",
	"CF-Connecting-IP",
	"Via",
	"Client-IP",
	"X-Metadata-Provider",
];
