import assert from "node:assert/strict";
import { test } from "node:test";
import { clashingClaims, type EntranceClaim, entranceClaims, placeName, placeOf, printClaim } from "./endpoint-binding.ts";
import type { NetworkInterface } from "./network.ts";

const claim = (place: string | undefined, source?: string): EntranceClaim => ({ place, source });

test("a place has a name, and a name its place", () => {
	for (const place of [{ interface: "tap0" }, { networkNamespace: "/run/netns/a" }])
		assert.deepEqual(placeOf(placeName(place) ?? ""), place);
	assert.equal(placeName({}), undefined);
});

test("a port of a bridge claims the instance's own addresses; an interface all that comes there", () => {
	const networkInterfaces = [
		{ privateIpAddresses: [{ privateIpAddress: "10.0.0.5" }, { privateIpAddress: "10.0.0.6" }], ipv6Addresses: ["2001:db8::5"] },
	] as unknown as readonly NetworkInterface[];
	const claims = (...endpointBindings: Parameters<typeof entranceClaims>[0]["endpointBindings"]) =>
		entranceClaims({ networkInterfaces, endpointBindings });
	assert.deepEqual(claims({ interface: "tap0" }), [claim("interface tap0")]);
	assert.deepEqual(claims({ networkNamespace: "/run/netns/a" }), [claim("namespace /run/netns/a")]);
	assert.deepEqual(
		claims({ interface: "br0", bridgePort: "tap0" }),
		["10.0.0.5", "10.0.0.6", "2001:db8::5"].map((source) => claim("interface br0", source)),
	);
	assert.deepEqual(claims({ interface: "br0", bridgePort: "tap0", sourceAddresses: ["10.9.9.9"] }), [claim("interface br0", "10.9.9.9")]);
	assert.deepEqual(claims({ sourceAddresses: ["10.9.9.9"] }, { interface: "tap1" }), [
		claim(undefined, "10.9.9.9"),
		claim("interface tap1"),
	]);
});

test("two claims of two instances clash where nobody could tell them apart", () => {
	const [all, other, here, elsewhere, anywhere] = [
		claim("interface a"),
		claim("interface b"),
		claim("interface a", "10.0.0.1"),
		claim("interface b", "10.0.0.1"),
		claim(undefined, "10.0.0.1"),
	];
	const clash = (...claims: EntranceClaim[]) =>
		clashingClaims(claims.map((each, n) => ({ instanceId: `i-${n}`, claim: each }))).map(({ at, earlier }) => [at, earlier]);
	for (const [one, two] of [
		[all, all],
		[all, here],
		[here, here],
		[here, anywhere],
		[anywhere, anywhere],
	] as const) {
		assert.deepEqual(clash(one, two), [[1, 0]], `${printClaim(one)}, ${printClaim(two)}`);
		assert.deepEqual(clash(two, one), [[1, 0]], `${printClaim(two)}, ${printClaim(one)}`);
	}
	for (const [one, two] of [
		[all, other],
		[here, elsewhere],
		[here, claim("interface a", "10.0.0.2")],
		[all, anywhere],
		[anywhere, claim(undefined, "10.0.0.2")],
	] as const) {
		assert.deepEqual(clash(one, two), [], `${printClaim(one)}, ${printClaim(two)}`);
		assert.deepEqual(clash(two, one), []);
	}
	assert.deepEqual(clashingClaims([all, here].map((each) => ({ instanceId: "i-1", claim: each }))), [], "one's own claims may overlap");
	assert.equal(printClaim(here), "10.0.0.1 at interface a");
});
