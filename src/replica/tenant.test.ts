import assert from "node:assert/strict";
import { test } from "node:test";
import { launchAlone, MAXIMAL_SPEC, NOW_MS, viewOf } from "../../test/categories/world.ts";
import type { InstanceSpec } from "../model/launch.ts";
import { encodeRecord } from "../model/records.ts";
import { epochMs } from "../model/timestamp.ts";
import { Tenant } from "./tenant.ts";

/** A tenant, and how often its home was needed. */
function newTenant(spec: InstanceSpec = MAXIMAL_SPEC) {
	const instance = launchAlone(spec);
	const calls = { viewOf: 0, noteSnapshot: 0 };
	const home = {
		worldVersion: 0,
		viewOf: (asked: typeof instance, nowMs: number) => {
			calls.viewOf++;
			return viewOf(asked, undefined, nowMs);
		},
		noteSnapshot: () => void calls.noteSnapshot++,
	};
	return { instance, calls, home, tenant: new Tenant(home, encodeRecord({ origin: "api", record: instance })) };
}

test("what every request needs is there, and nothing is told, before somebody asks for metadata", () => {
	const { tenant, calls, instance } = newTenant();
	assert.partialDeepStrictEqual(tenant, {
		instanceId: instance.instanceId,
		tokenGeneration: instance.tokenGeneration,
		httpEndpoint: "enabled",
		httpTokens: "optional",
		reachable: true,
		endpointListen: [],
		claims: [],
		httpProtocolIpv6: "disabled",
		httpPutResponseHopLimit: 1,
	});
	assert.deepEqual(tenant.instance, instance);
	assert.deepEqual(calls, { viewOf: 0, noteSnapshot: 0 });
});

test("one snapshot answers until the world or the clock has moved, and its home hears of the first alone", () => {
	const { tenant, calls, home } = newTenant();
	const first = tenant.snapshot(NOW_MS);
	for (let i = 0; i < 10; i++) assert.equal(tenant.snapshot(NOW_MS + i), first);
	assert.deepEqual(calls, { viewOf: 1, noteSnapshot: 1 });
	home.worldVersion++;
	const second = tenant.snapshot(NOW_MS);
	assert.notEqual(second, first);
	assert.equal(tenant.snapshot(NOW_MS), second);
	assert.notEqual(tenant.snapshot(second.staleAtMs), second);
	assert.deepEqual(calls, { viewOf: 3, noteSnapshot: 1 });
});

test("a snapshot that was dropped is told anew, and its home hears of it again", () => {
	const { tenant, calls } = newTenant();
	const first = tenant.snapshot(NOW_MS);
	tenant.dropSnapshot();
	assert.notEqual(tenant.snapshot(NOW_MS), first);
	assert.deepEqual(calls, { viewOf: 2, noteSnapshot: 2 });
});

test("a clock that was put back gets a snapshot of its own time, one that only wavers the same", () => {
	const { tenant, calls } = newTenant({ instanceId: "i-1", launchTime: "2026-01-01T00:00:00Z" });
	const refreshedMs = (nowMs: number) => {
		const answer = tenant.snapshot(nowMs).get("/latest/meta-data/identity-credentials/ec2/info", "2.0")!;
		return epochMs(/"LastUpdated" : "(.+)"/.exec(answer.body)?.[1] ?? "");
	};
	const launchMs = epochMs(tenant.instance.launchTime);
	const tomorrowMs = launchMs + 24 * 3_600_000 + 1000;
	for (const nowMs of [tomorrowMs, tomorrowMs - 1, tomorrowMs - 1000]) assert.equal(refreshedMs(nowMs), tomorrowMs - 1000);
	assert.equal(calls.viewOf, 1);
	for (const nowMs of [launchMs + 7_200_000, launchMs + 60_000]) assert.ok(refreshedMs(nowMs) <= nowMs);
	// Before its launch there is no other credential than the first.
	assert.equal(refreshedMs(launchMs - 60_000), launchMs);
	const told = calls.viewOf;
	assert.equal(refreshedMs(launchMs - 60_000), launchMs);
	assert.equal(calls.viewOf, told);
});
