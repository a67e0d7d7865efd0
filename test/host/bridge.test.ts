/** Guests that share a bridge, and what one of them may do to its neighbour once addresses are pinned to ports. */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { after, test, type TestContext } from "node:test";
import {
	addressOf,
	buildLab,
	ENDPOINT,
	FAMILIES,
	type Family,
	GUEST,
	ip,
	type Lifetime,
	NEIGHBOUR,
	nft,
	noLab,
	type Place,
	run,
	setSysctls,
	within,
} from "../network/lab.ts";
import { serveLinkLocal } from "../network/link-local-service.ts";
import { advertisement, datagram, sendFrame } from "./frames.ts";
import { askedFrom, hostCommands, ON_BRIDGE, stateOf, TENANTS } from "./scene.ts";

const THIRD = { ipv4: "10.0.0.7/24", ipv6: "fd00:1::7/64", mac: "02:00:00:00:00:07" };
const ADDRESSES: Readonly<Record<Family, readonly [string, string]>> = {
	IPv4: [addressOf(GUEST.ipv4), addressOf(NEIGHBOUR.ipv4)],
	IPv6: [addressOf(GUEST.ipv6), addressOf(NEIGHBOUR.ipv6)],
};

const HOST_LENGTH: Readonly<Record<Family, number>> = { IPv4: 32, IPv6: 128 };

/** Three guests on a bridge, two of them instances, with everything in place and the service running. */
async function buildScene(t: Lifetime) {
	const lab = buildLab(t, [GUEST, NEIGHBOUR, THIRD], "br0");
	const host = hostCommands(t, lab.host, ON_BRIDGE);
	const applied = await host("apply");
	assert.equal(applied.code, 0, applied.stdout + applied.stderr);
	await serveLinkLocal(t, lab.host, ON_BRIDGE);
	const [guest, neighbour, third] = lab.guests as [Place, Place, Place];
	return { place: lab.host, host, guest, neighbour, third };
}

const skip = noLab;
// Settled, because a failure at the top level would leave everything behind.
const [scene] = await Promise.allSettled(skip === false ? [buildScene({ after: after as TestContext["after"] })] : []);

function at() {
	if (scene?.status !== "fulfilled") throw new Error("there is no scene", { cause: scene?.reason });
	return scene.value;
}

test("what is applied is in place, stays as it is when applied again, and is gone when undone", { skip }, async (t) => {
	const { host: place } = buildLab(t, [GUEST, NEIGHBOUR], "br0");
	const before = stateOf(place);
	const host = hostCommands(t, place, ON_BRIDGE);
	assert.equal((await host("check")).code, 1);
	assert.deepEqual(stateOf(place), before);
	assert.equal((await host("apply")).code, 0);
	const check = await host("check");
	assert.deepEqual({ code: check.code, wrong: check.stdout.match(/^WRONG.*/m) }, { code: 0, wrong: null }, check.stdout);
	const after = stateOf(place);
	const again = await host("apply");
	assert.doesNotMatch(again.stdout, /^(done|FAILED)/m);
	assert.deepEqual(stateOf(place), after);
	assert.equal((await host("clean")).code, 0);
	assert.deepEqual(stateOf(place), before);
	assert.match((await host("clean")).stderr, /nothing to undo/);
});

for (const family of FAMILIES) {
	test(`${family}: each guest of a bridge is its own instance`, { skip }, async () => {
		const { guest, neighbour } = at();
		assert.deepEqual(await Promise.all([askedFrom(guest, family), askedFrom(neighbour, family)]), TENANTS);
	});

	test(`${family}: a guest with its neighbour's address gets no answer, and the neighbour still does`, { skip }, async () => {
		const { guest, neighbour, third } = at();
		const stolen = ADDRESSES[family][1];
		for (const thief of [guest, third]) {
			ip(thief, [`addr add ${stolen}/${HOST_LENGTH[family]} dev eth0`]);
			const answers = await Promise.all([askedFrom(thief, family, "--interface", stolen), askedFrom(neighbour, family)]);
			ip(thief, [`addr del ${stolen}/${HOST_LENGTH[family]} dev eth0`]);
			assert.deepEqual(answers, ["", TENANTS[1]]);
		}
	});

	test(`${family}: a guest at a port that nothing is pinned to gets no answer`, { skip }, async () => {
		assert.equal(await askedFrom(at().third, family), "");
	});

	test(`${family}: a guest that claims the endpoint's address does not disturb its neighbour`, { skip }, async (t) => {
		const { guest, neighbour } = at();
		const claim = `${ENDPOINT[family].host}/${HOST_LENGTH[family]}`;
		ip(guest, [`addr add ${claim} dev eth0`]);
		t.after(() => ip(guest, [`addr del ${claim} dev eth0`]));
		// It announces its addresses whenever its MAC address changes, and the neighbour would believe what it hears last.
		setSysctls(guest, { "ipv4/conf/eth0/arp_notify": 1, "ipv6/conf/eth0/ndisc_notify": 1 });
		setSysctls(neighbour, { "ipv4/neigh/eth0/locktime": 0 });
		for (const mac of ["02:00:00:00:00:55", String(GUEST.mac)]) {
			assert.equal(await askedFrom(neighbour, family), TENANTS[1]);
			ip(guest, [`link set eth0 address ${mac}`]);
			assert.equal(await askedFrom(neighbour, family), TENANTS[1]);
		}
	});

	test(`${family}: a guest with its neighbour's MAC address does not get its answers`, { skip }, async (t) => {
		const { guest, neighbour } = at();
		const counted = countIn(
			guest,
			family === "IPv4"
				? `ip saddr 169.254.169.254 ip daddr ${ADDRESSES.IPv4[1]}`
				: `ip6 saddr fd00:ec2::254 ip6 daddr ${ADDRESSES.IPv6[1]} tcp sport 80`,
		);
		ip(guest, [`link set eth0 address ${NEIGHBOUR.mac}`]);
		t.after(() => ip(guest, [`link set eth0 address ${GUEST.mac}`]));
		// Each of its own requests has the bridge believe that this MAC address is at its port.
		for (let round = 0; round < 10; round++) await Promise.all([askedFrom(guest, family), askedFrom(neighbour, family)]);
		assert.equal(await counted(), 0);
	});
}

test("a guest can send its neighbour nothing from the endpoint's address, nor advertise it or another's as its own", { skip }, async () => {
	const { guest, neighbour } = at();
	const ends = { from: String(GUEST.mac), to: String(NEIGHBOUR.mac) };
	// The bridge learns again at which port the neighbour is, whose MAC address another test has used.
	assert.equal(await askedFrom(neighbour, "IPv4"), TENANTS[1]);
	const ipv4 = countIn(neighbour, "ip daddr 10.0.0.6 udp dport 9");
	sendFrame(guest, datagram(ends, ...ADDRESSES.IPv4));
	assert.equal(await ipv4(), 1);
	for (const source of [ENDPOINT.IPv4.host, addressOf(THIRD.ipv4)]) sendFrame(guest, datagram(ends, source, ADDRESSES.IPv4[1]));
	assert.equal(await ipv4(), 2, "the third guest's address is nobody's that is pinned");

	const ipv6 = countIn(neighbour, "icmpv6 type nd-neighbor-advert");
	const [own, other] = ADDRESSES.IPv6;
	sendFrame(guest, advertisement(ends, own, other, own));
	assert.equal(await ipv6(), 1);
	for (const target of [ENDPOINT.IPv6.host, other]) sendFrame(guest, advertisement(ends, own, other, target));
	assert.equal(await ipv6(), 1);
});

test("a second, empty tag does not carry a stolen address past the pins", { skip }, async () => {
	const { place, guest } = at();
	const counted = countIn(place, "ip daddr 169.254.169.254 udp dport 9");
	const ends = { from: String(GUEST.mac), to: within(place, () => networkInterfaces()["br0"]?.[0]?.mac ?? "") };
	const [own, stolen] = ADDRESSES.IPv4;
	for (const tags of [0, 1]) sendFrame(guest, datagram(ends, own, ENDPOINT.IPv4.host, tags));
	assert.equal(await counted(), 2);
	for (const tags of [0, 1, 2, 3]) sendFrame(guest, datagram(ends, stolen, ENDPOINT.IPv4.host, tags));
	assert.equal(await counted(), 2);
});

test("without the pins, a guest with its neighbour's address is taken for it", { skip }, async () => {
	const { place, guest } = at();
	await run(place, "nft", ["delete", "table", "bridge", "openimds"]);
	ip(guest, [`addr add ${ADDRESSES.IPv4[1]}/32 dev eth0`]);
	assert.equal(await askedFrom(guest, "IPv4", "--interface", ADDRESSES.IPv4[1]), TENANTS[1]);
});

/** Counts the packets that a place receives, before any rule of ours sees them. */
function countIn(place: Place, packets: string): () => Promise<number> {
	nft(
		place,
		`table inet spy\ndelete table inet spy\ntable inet spy {\n chain c {\n type filter hook prerouting priority -400\n ${packets} counter\n }\n}\n`,
	);
	return async () => Number(/counter packets (\d+)/.exec(await run(place, "nft", ["list", "table", "inet", "spy"]))?.[1]);
}
