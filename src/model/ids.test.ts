import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { derivedIamId, derivedId, derivedMac, derivedNumber, derivedUuid } from "./ids.ts";

const seeds = fc.array(fc.oneof(fc.string(), fc.nat()), { minLength: 1, maxLength: 4 });

test("derived ids have EC2's forms", () => {
	fc.assert(
		fc.property(seeds, (all) => {
			assert.match(derivedId("eni", ...all), /^eni-[0-9a-f]{17}$/);
			assert.match(derivedIamId("AIPA", ...all.map(String)), /^AIPA[A-Z2-7]{17}$/);
			assert.match(derivedMac(...all), /^02(:[0-9a-f]{2}){5}$/);
			assert.match(derivedUuid(...all), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
			assert.ok(Number.isSafeInteger(derivedNumber(...all)) && derivedNumber(...all) < 2 ** 48);
		}),
	);
});

test("a derived id follows from its prefix and its seeds, and from nothing else", () => {
	assert.equal(derivedId("i", "a", 1), derivedId("i", "a", 1));
	const others = [derivedId("i", "a", 2), derivedId("i", "b", 1), derivedId("i", "a1"), derivedId("i", 1, "a"), derivedId("r", "a", 1)];
	assert.equal(new Set([derivedId("i", "a", 1), ...others].map((id) => id.slice(2))).size, 6);
	assert.equal(new Set([derivedUuid("a", 1), derivedUuid("a", 1), derivedUuid("a", 2)]).size, 2);
	assert.notEqual(derivedIamId("AIPA", "x").slice(4), derivedIamId("AROA", "x").slice(4));
});
