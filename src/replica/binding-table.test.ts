import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EntranceClaim } from "../model/endpoint-binding.ts";
import { clashingClaims } from "../model/endpoint-binding.ts";
import { BindingTable } from "./binding-table.ts";

const place = fc.constantFrom("interface a", "interface b", undefined);
const source = fc.constantFrom("10.0.0.1", "10.0.0.2", "fd00::1");
const claim = fc.oneof(
	fc.record({ place, source }),
	fc.record({ place: fc.constantFrom("interface a", "interface b"), source: fc.constant(undefined) }),
);
const change = fc.record({ instanceId: fc.constantFrom("i-1", "i-2", "i-3"), claims: fc.array(claim, { maxLength: 4 }) });

/** Who asks, by looking at all claims: those of the place first, and nobody where more than one could be meant. */
function naive(all: ReadonlyMap<string, readonly EntranceClaim[]>, at: string | undefined, from: string): string | undefined {
	const claimants = (matches: (claim: EntranceClaim) => boolean) =>
		[...all].filter(([, claims]) => claims.some(matches)).map(([instanceId]) => instanceId);
	const here = at === undefined ? [] : claimants((each) => each.place === at && (each.source === from || each.source === undefined));
	const found = here.length > 0 ? here : claimants((each) => each.place === undefined && each.source === from);
	return found.length === 1 ? found[0] : undefined;
}

test("the table knows what a look at all claims would tell, whatever instances have come, changed and gone", () => {
	fc.assert(
		fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
			const table = new BindingTable();
			const all = new Map<string, readonly EntranceClaim[]>();
			for (const { instanceId, claims } of changes) {
				table.remove(instanceId, all.get(instanceId) ?? []);
				table.add(instanceId, claims);
				all.set(instanceId, claims);
				for (const at of ["interface a", "interface b", undefined]) {
					for (const from of ["10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"]) {
						assert.equal(table.find(at, from), naive(all, at, from), `${at} ${from}`);
					}
				}
			}
		}),
	);
});

test("where no claims clash, whoever lays claim to an address at a place is found there", () => {
	fc.assert(
		fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
			const all = changes.flatMap(({ instanceId, claims }) => claims.map((each) => ({ instanceId, claim: each })));
			const table = new BindingTable();
			for (const { instanceId, claim: each } of all) table.add(instanceId, [each]);
			const found = all.every(({ instanceId, claim: each }) => table.find(each.place, each.source ?? "192.0.2.1") === instanceId);
			if (clashingClaims(all).length === 0) assert.ok(found);
		}),
	);
});
