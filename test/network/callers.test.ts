// Who is asking is known by where a request comes in, and by nothing that it says; nobody known gets nothing.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ask, askOnce, INSTANCE_ID, TOKEN, tokenFor, whoAmI } from "./asking.ts";
import {
	addressOf,
	buildLab,
	connect,
	FAMILIES,
	type Family,
	GUEST,
	type GuestNetwork,
	ip,
	type Lab,
	type Lifetime,
	NEIGHBOUR,
	noLab,
	type Place,
} from "./lab.ts";
import { type LinkLocalService, serveLinkLocal } from "./link-local-service.ts";

const A = "i-0a0a0a0a0a0a0a0a0";
const B = "i-0b0b0b0b0b0b0b0b0";
const NOTHING = /closed after 0 bytes/;

/** Headers by which some proxy or other says for whom it asks. */
const IDENTITY_HEADERS = [
	"X-Forwarded-For",
	"X-Original-Forwarded-For",
	"X-Envoy-External-Address",
	"X-Real-IP",
	"X-Client-IP",
	"True-Client-IP",
	"CF-Connecting-IP",
	"Forwarded",
	"Via",
	"X-Instance-ID",
	"X-Instance-ID-Signature",
	"X-Tenant-ID",
];

interface Pair {
	readonly lab: Lab;
	readonly guest: Place;
	readonly neighbour: Place;
	readonly service: LinkLocalService;
}

describe("who is asking", { skip: noLab }, () => {
	for (const family of FAMILIES) {
		const [own, others] = [addressIn(GUEST, family), addressIn(NEIGHBOUR, family)];

		for (const { title, ownedBy } of [
			{ title: "a tap", ownedBy: (id: string) => bothThere(id, "{interface: tap0}") },
			{ title: "an address", ownedBy: (id: string) => bothThere(id, `{interface: tap0, sourceAddresses: ["${own}"]}`) },
			{ title: "a tap of a deleted instance", ownedBy: (id: string) => `instances:\n${instance(id, "{interface: tap0}")}` },
		]) {
			test(`${title} that goes to another instance never shows the one before, on ${family}`, async (t) => {
				const lab = buildLab(t, [GUEST]);
				const guest = lab.guests[0] as Place;
				const service = await serveLinkLocal(t, lab.host, ownedBy(A));
				const reuse = new Reuse(guest, family, A);
				t.after(() => reuse.stop());
				const clients = Promise.all(Array.from({ length: 32 }, (_, index) => reuse.hammer(index % 2 === 0)));
				for (const owner of [B, A, B, A, B, A]) {
					const idle = await connect(guest, family);
					await ask(idle, INSTANCE_ID);
					reuse.expect(owner);
					await service.reconfigure(ownedBy(owner));
					await assert.rejects(ask(idle, INSTANCE_ID), NOTHING);
					await Promise.race([reuse.told(500), clients]);
				}
				reuse.stop();
				await clients;
			});
		}

		test(`no header says who is asking, on ${family}`, async (t) => {
			const { guest, neighbour } = await startTaps(t);
			for (const name of IDENTITY_HEADERS) {
				for (const claim of [others, `for="${others}"`, B]) {
					const headers = { [name]: claim };
					assert.deepEqual(await askOnce(guest, family, { ...INSTANCE_ID, headers }), { status: 200, body: A }, `${name}: ${claim}`);
					const { status, body: token } = await askOnce(guest, family, { ...TOKEN, headers: { ...TOKEN.headers, ...headers } });
					assert.equal(status, name === "X-Forwarded-For" ? 403 : 200, `${name}: ${claim}`);
					const withToken = { ...INSTANCE_ID, headers: { "X-aws-ec2-metadata-token": token } };
					if (status === 200) assert.equal((await askOnce(neighbour, family, withToken)).status, 401, `${name}: ${claim}`);
				}
			}
		});

		test(`a stranger's PROXY header says nothing, on ${family}`, async (t) => {
			const { guest } = await startTaps(t);
			for (const preamble of [proxyHeaderV1(family, others), proxyHeaderV2(family, others)]) {
				const socket = await connect(guest, family);
				const heard = await ask(socket, { ...INSTANCE_ID, preamble }).catch((error: Error) => error);
				socket.destroy();
				if (heard instanceof Error) assert.match(heard.message, NOTHING);
				else assert.deepEqual(heard, { status: 400, body: "" });
			}
		});

		test(`a PROXY header is believed of a configured peer, and of no other, on ${family}`, async (t) => {
			const lab = buildLab(t, [GUEST, NEIGHBOUR], "br0");
			const [guest, proxy] = lab.guests as [Place, Place];
			const ends = { host: family === "IPv4" ? "10.0.0.1" : "fd00:1::1", port: 8080 };
			ip(lab.host, ["addr add 10.0.0.1/24 dev br0", "addr add fd00:1::1/64 dev br0"]);
			const listen = ["--endpoint-listen", "0.0.0.0:8080=bindings", "--endpoint-listen", "[::]:8080=bindings"];
			const service = await serveLinkLocal(t, lab.host, bySource(), { flags: [...listen, "--proxy-peer", others] });
			assert.equal((await askOnce(proxy, family, { ...INSTANCE_ID, preamble: proxyHeaderV2(family, own) }, ends)).body, A);
			const [stranger, unheard, v1, unknown] = [
				askOnce(guest, family, { ...INSTANCE_ID, preamble: proxyHeaderV2(family, others) }, ends).then(
					({ status }) => assert.equal(status, 400),
					(error: Error) => assert.match(error.message, NOTHING),
				),
				assert.rejects(askOnce(proxy, family, INSTANCE_ID, ends), NOTHING),
				assert.rejects(askOnce(proxy, family, { ...INSTANCE_ID, preamble: proxyHeaderV1(family, own) }, ends), NOTHING),
				assert.rejects(
					askOnce(proxy, family, { ...INSTANCE_ID, preamble: proxyHeaderV2(family, family === "IPv4" ? "10.0.0.77" : "fd00:1::77") }, ends),
					NOTHING,
				),
			];
			await Promise.all([stranger, unheard, v1, unknown]);
			const { badProxyHeader, unknownCaller } = (await service.status()).connections;
			assert.deepEqual({ badProxyHeader, unknownCaller }, { badProxyHeader: 2, unknownCaller: 1 });
		});

		test(`a guest with its neighbour's address at its own tap is who its tap is, or nobody, on ${family}`, async (t) => {
			const { guest, service } = await startTaps(t);
			ip(guest, [`addr add ${others}/${family === "IPv4" ? 32 : 128} dev eth0`]);
			assert.equal((await askOnce(guest, family, INSTANCE_ID, { localAddress: others })).body, A);
			await service.reconfigure(twoTaps(`sourceAddresses: ["${own}"]`, `sourceAddresses: ["${others}"]`));
			await assert.rejects(askOnce(guest, family, INSTANCE_ID, { localAddress: others }), NOTHING);
			assert.equal((await askOnce(guest, family, INSTANCE_ID, { localAddress: own })).body, A);
			assert.equal((await service.status()).connections.unknownCaller, 1);
		});

		test(`nobody known gets nothing, whatever he asks, and is counted, on ${family}`, async (t) => {
			const lab = buildLab(t, [GUEST, NEIGHBOUR], "br0");
			const [guest, stranger] = lab.guests as [Place, Place];
			const service = await serveLinkLocal(t, lab.host, `instances:\n${instance(A, `{interface: br0, sourceAddresses: ["${own}"]}`)}`);
			const asked = [INSTANCE_ID, TOKEN, { path: "/" }, { path: "/nothing/here" }, { method: "BREW" }, { preamble: "\0" }];
			for (const one of asked) await assert.rejects(askOnce(stranger, family, one), NOTHING);
			assert.equal(await whoAmI(guest, family), A);
			assert.equal((await service.status()).connections.unknownCaller, asked.length);
		});

		test(`a token from a bridge's one guest is refused to the other, on ${family}`, async (t) => {
			const lab = buildLab(t, [GUEST, NEIGHBOUR], "br0");
			const [guest, neighbour] = lab.guests as [Place, Place];
			await serveLinkLocal(t, lab.host, bySource());
			const headers = { "X-aws-ec2-metadata-token": await tokenFor(guest, family) };
			assert.deepEqual(await askOnce(guest, family, { ...INSTANCE_ID, headers }), { status: 200, body: A });
			assert.deepEqual(await askOnce(neighbour, family, { ...INSTANCE_ID, headers }), { status: 401, body: "" });
			assert.equal(await whoAmI(neighbour, family), B);
		});
	}

	test("an instance without httpProtocolIpv6 gets nothing on IPv6, until it has it", async (t) => {
		const lab = buildLab(t, [GUEST]);
		const guest = lab.guests[0] as Place;
		const service = await serveLinkLocal(t, lab.host, `instances:\n${instance(A, "{interface: tap0}", "disabled")}`);
		for (const asked of [INSTANCE_ID, TOKEN]) await assert.rejects(askOnce(guest, "IPv6", asked), NOTHING);
		assert.equal(await whoAmI(guest, "IPv4"), A);
		assert.equal((await service.status()).connections.ipv6Disabled, 2);
		await service.reconfigure(`instances:\n${instance(A, "{interface: tap0}")}`);
		assert.equal(await whoAmI(guest, "IPv6"), A);
	});
});

/** Clients that ask without a pause while what they ask goes from one instance to another. */
class Reuse {
	readonly #guest: Place;
	readonly #family: Family;
	#before: string;
	#owner: string;
	/** How often the new owner was told since it is one. */
	#told = 1;
	#phase = 0;
	#stopped = false;
	#onTold = () => {};

	constructor(guest: Place, family: Family, owner: string) {
		this.#guest = guest;
		this.#family = family;
		this.#before = owner;
		this.#owner = owner;
	}

	/** From now on another instance may answer; once it did, no other may. */
	expect(owner: string): void {
		[this.#before, this.#owner, this.#told] = [this.#owner, owner, 0];
		this.#phase++;
	}

	/** Waits until the new owner was told that often. */
	async told(times: number): Promise<void> {
		while (this.#told < times) await new Promise<void>((resolve) => (this.#onTold = resolve));
	}

	stop(): void {
		this.#stopped = true;
	}

	/** @param keepsAlive whether to go on with a connection as long as it lasts. */
	async hammer(keepsAlive: boolean): Promise<void> {
		while (!this.#stopped) {
			const socket = await connect(this.#guest, this.#family).catch(() => undefined);
			if (socket === undefined) {
				await setImmediate();
				continue;
			}
			let heard: string | undefined;
			for (;;) {
				const answer = await this.#askOnce(socket);
				if (answer === undefined) break;
				assert.equal(answer, heard ?? answer, "one connection, two instances");
				heard = answer;
				if (!keepsAlive || this.#stopped) break;
			}
			socket.destroy();
		}
	}

	/** Who answered; `undefined`: the connection was closed. */
	async #askOnce(socket: Socket): Promise<string | undefined> {
		const [phase, told] = [this.#phase, this.#told];
		const body = await ask(socket, INSTANCE_ID).then(
			(answer) => answer.body,
			() => undefined,
		);
		// What was asked before another change may have been answered after it.
		if (body === undefined || phase !== this.#phase) return body;
		assert.ok(body === this.#owner || (body === this.#before && told === 0), `${body} was told after ${this.#owner} was`);
		if (body === this.#owner) {
			this.#told++;
			this.#onTold();
		}
		return body;
	}
}

function instance(id: string, binding: string, ipv6 = "enabled"): string {
	return `  - {instanceId: ${id}, endpointBindings: [${binding}], metadataOptions: {httpProtocolIpv6: ${ipv6}}}\n`;
}

/** One of two instances has the binding, the other none that matters. */
function bothThere(owner: string, binding: string): string {
	return `instances:\n${instance(owner, binding)}${instance(owner === A ? B : A, '{sourceAddresses: ["192.0.2.1"]}')}`;
}

function twoTaps(first = "", second = ""): string {
	const more = (text: string) => (text === "" ? "" : `, ${text}`);
	return `instances:\n${instance(A, `{interface: tap0${more(first)}}`)}${instance(B, `{interface: tap1${more(second)}}`)}`;
}

/** Both on one bridge, and behind proxies, told by their addresses. */
function bySource(): string {
	const sources = ({ ipv4, ipv6 }: GuestNetwork) => `sourceAddresses: ["${addressOf(ipv4)}", "${addressOf(ipv6)}"]`;
	const bindings = (network: GuestNetwork) => `{interface: br0, ${sources(network)}}, {${sources(network)}}`;
	return `instances:\n${instance(A, bindings(GUEST))}${instance(B, bindings(NEIGHBOUR))}`;
}

/** Two guests with addresses and taps of their own. */
async function startTaps(t: Lifetime): Promise<Pair> {
	const lab = buildLab(t, [GUEST, NEIGHBOUR]);
	const [guest, neighbour] = lab.guests as [Place, Place];
	return { lab, guest, neighbour, service: await serveLinkLocal(t, lab.host, twoTaps()) };
}

function addressIn({ ipv4, ipv6 }: GuestNetwork, family: Family): string {
	return addressOf(family === "IPv4" ? ipv4 : ipv6);
}

function proxyHeaderV1(family: Family, source: string): string {
	return family === "IPv4" ? `PROXY TCP4 ${source} 169.254.169.254 40000 80\r\n` : `PROXY TCP6 ${source} fd00:ec2::254 40000 80\r\n`;
}

function proxyHeaderV2(family: Family, source: string): Buffer {
	const octets =
		family === "IPv4"
			? Buffer.from([...source.split(".").map(Number), 169, 254, 169, 254])
			: Buffer.from(`${ipv6Octets(source)}fd000ec2${"0".repeat(20)}0254`, "hex");
	const ports = Buffer.from([0x9c, 0x40, 0, 80]);
	const length = Buffer.alloc(2);
	length.writeUInt16BE(octets.length + ports.length);
	const kind = Buffer.from([0x21, family === "IPv4" ? 0x11 : 0x21]);
	return Buffer.concat([Buffer.from("\r\n\r\n\0\r\nQUIT\n"), kind, length, octets, ports]);
}

/** `fd00:1::5` written out, as these labs have them. */
function ipv6Octets(address: string): string {
	const [head = "", tail = ""] = address.split("::").map((part) =>
		part
			.split(":")
			.map((group) => group.padStart(4, "0"))
			.join(""),
	);
	return head + "0".repeat(32 - head.length - tail.length) + tail;
}
