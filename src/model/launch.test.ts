import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { anySpec } from "../../test/categories/any-instance.ts";
import { launchAlone, MAXIMAL_SPEC, newWorld, NOW_MS } from "../../test/categories/world.ts";
import type { Instance } from "./instance.ts";
import { InvalidValue } from "./invalid-value.ts";
import { type InstanceSpec, launch, USER_DATA_MAX_BYTES } from "./launch.ts";
import { decodeRecord, encodeRecord } from "./records.ts";
import { timestamp } from "./timestamp.ts";

const ID = "i-1234567890abcdef0";
const HOUR_MS = 3_600_000;

const again = (spec: InstanceSpec, before: Instance, nowMs: number, world = newWorld()) => launch(spec, world, nowMs, before);

function refusal(spec: Omit<InstanceSpec, "instanceId">, world = newWorld()): { path: readonly (string | number)[]; message: string } {
	try {
		launch({ instanceId: ID, ...spec }, world, NOW_MS);
	} catch (error) {
		if (error instanceof InvalidValue) return { path: error.path, message: error.message };
		throw error;
	}
	return assert.fail("it was launched");
}

describe("what is left out", () => {
	test("an id alone makes a running instance with all its facts", () => {
		const { networkInterfaces, reservationId, ...facts } = launch({ instanceId: ID }, newWorld(), NOW_MS);
		const now = "2026-01-02T03:04:05Z";
		const metadataOptions = {
			httpEndpoint: "enabled",
			httpTokens: "optional",
			httpPutResponseHopLimit: 1,
			httpProtocolIpv6: "disabled",
			instanceMetadataTags: "disabled",
		};
		assert.deepEqual(facts, {
			instanceId: ID,
			state: "running",
			tokenGeneration: NOW_MS,
			imageId: "ami-0abcdef1234567890",
			instanceType: "t3.micro",
			launchTime: now,
			lastModifiedTime: now,
			amiLaunchIndex: 0,
			placement: { availabilityZone: "us-east-1a" },
			hostnameType: "ip-name",
			metadataOptions,
			appliedMetadataOptions: metadataOptions,
			tags: [],
			keyNames: [],
			blockDeviceMappings: [{ deviceName: "/dev/xvda" }],
			system: "nitro",
			productCodes: [],
			instanceLifecycle: "on-demand",
			instanceAction: "none",
			scheduledEvents: [],
			elasticGpus: [],
			elasticInferenceAccelerators: [],
			endpointListen: [],
			endpointBindings: [],
		});
		assert.match(reservationId, /^r-[0-9a-f]{17}$/);
		assert.equal(networkInterfaces.length, 1);
	});

	test("the image gives devices, kernel, product codes and option defaults, where the launch says nothing of them", () => {
		const imageId = "ami-0fedcba9876543210";
		const image = newWorld().images.get(imageId)!;
		const { blockDeviceMappings, kernelId, ramdiskId, productCodes } = launchAlone({ instanceId: ID, imageId });
		assert.deepEqual(
			{ blockDeviceMappings, kernelId, ramdiskId, productCodes },
			{
				blockDeviceMappings: image.blockDeviceMappings,
				kernelId: image.kernelId,
				ramdiskId: image.ramdiskId,
				productCodes: image.productCodes,
			},
		);
		const own = { blockDeviceMappings: [], kernelId: "aki-1", ramdiskId: "ari-1", productCodes: ["x"] };
		assert.partialDeepStrictEqual(launchAlone({ instanceId: ID, imageId, ...own }), own);
		const { metadataOptions } = launchAlone({ instanceId: ID, imageId: "ami-0a1b2c3d4e5f67890" });
		assert.deepEqual([metadataOptions.httpTokens, metadataOptions.httpPutResponseHopLimit], ["required", 2]);
	});

	test("the account's option defaults hold, and what the launch says comes before them", () => {
		const world = newWorld({
			instanceMetadataDefaults: { httpTokens: "required", httpPutResponseHopLimit: 3, httpTokensEnforced: "enabled" },
		});
		const { metadataOptions } = launch({ instanceId: ID, metadataOptions: { httpPutResponseHopLimit: 4 } }, world, NOW_MS);
		assert.deepEqual([metadataOptions.httpTokens, metadataOptions.httpPutResponseHopLimit], ["required", 4]);
	});

	test("no field is ever undefined: a record comes back from the store as it was", () => {
		fc.assert(
			fc.property(anySpec(), (spec) => {
				const record = launchAlone(spec);
				assert.deepEqual(decodeRecord<"instance">(encodeRecord({ origin: "api", record })).record, record);
			}),
		);
	});
});

describe("launching again", () => {
	test("with the same specification changes nothing, whenever it is done", () => {
		fc.assert(
			fc.property(anySpec(), fc.nat(10 * 24 * HOUR_MS), (spec, laterMs) => {
				const before = launch(spec, newWorld(), NOW_MS);
				assert.deepEqual(again(spec, before, NOW_MS + laterMs), before);
				const restored = decodeRecord<"instance">(encodeRecord({ origin: "configuration", record: before })).record;
				assert.deepEqual(again(spec, restored, NOW_MS + laterMs), before);
			}),
		);
	});

	test("with another changes what was said and the time of change, and keeps time, addresses and tokens", () => {
		const before = launchAlone({ instanceId: ID, iamInstanceProfile: { name: "web" } });
		const tags = [{ key: "Name", value: "new" }];
		const after = again({ instanceId: ID, iamInstanceProfile: { name: "web" }, tags }, before, NOW_MS + HOUR_MS);
		assert.deepEqual(after, { ...before, tags, lastModifiedTime: timestamp(NOW_MS + HOUR_MS) });
	});

	test("keeps the time of association for the same profile only", () => {
		const before = launchAlone({ instanceId: ID, iamInstanceProfile: { name: "web" } });
		const after = again({ instanceId: ID, iamInstanceProfile: { name: "empty" } }, before, NOW_MS + HOUR_MS);
		assert.equal(before.iamInstanceProfile?.associatedAt, timestamp(NOW_MS));
		assert.deepEqual(after.iamInstanceProfile, {
			arn: "arn:aws:iam::123456789012:instance-profile/empty",
			associatedAt: timestamp(NOW_MS + HOUR_MS),
		});
		assert.ok(!("iamInstanceProfile" in again({ instanceId: ID }, before, NOW_MS + HOUR_MS)));
	});

	test("keeps the zone's address when the image or the zone is no longer what it was", () => {
		const before = launchAlone({ instanceId: ID, imageId: "ami-0a1b2c3d4e5f67890" });
		assert.equal(again({ instanceId: ID }, before, NOW_MS).imageId, newWorld().defaultImageId);
		assert.deepEqual(again({ instanceId: ID }, before, NOW_MS).networkInterfaces, before.networkInterfaces);
		const elsewhere = again({ instanceId: ID }, before, NOW_MS, newWorld({ region: "eu-west-1" }));
		assert.equal(elsewhere.placement.availabilityZone, "eu-west-1a");
	});
});

describe("stopping, starting and removing", () => {
	const spec: InstanceSpec = { instanceId: ID };
	const running = launchAlone(spec);
	const stopped = again({ ...spec, state: "stopped" }, running, NOW_MS + HOUR_MS);

	test("a stop ends all tokens, and keeps the launch time and the addresses", () => {
		assert.ok(stopped.tokenGeneration > running.tokenGeneration);
		assert.equal(stopped.state, "stopped");
		assert.equal(stopped.launchTime, running.launchTime);
		assert.deepEqual(stopped.networkInterfaces, running.networkInterfaces);
	});

	test("a stop ends all tokens even if the clock stands still or went back", () => {
		for (const nowMs of [NOW_MS, NOW_MS - HOUR_MS]) {
			assert.ok(again({ ...spec, state: "stopped" }, running, nowMs).tokenGeneration > running.tokenGeneration);
		}
	});

	test("staying stopped and being started end none; a start is a new launch time, unless one was said", () => {
		assert.deepEqual(again({ ...spec, state: "stopped" }, stopped, NOW_MS + 2 * HOUR_MS), stopped);
		const started = again(spec, stopped, NOW_MS + 2 * HOUR_MS);
		assert.equal(started.tokenGeneration, stopped.tokenGeneration);
		assert.equal(started.launchTime, timestamp(NOW_MS + 2 * HOUR_MS));
		assert.equal(again({ ...spec, launchTime: "2025-01-01T00:00:00Z" }, stopped, NOW_MS).launchTime, "2025-01-01T00:00:00Z");
		assert.equal(again(spec, started, NOW_MS + 3 * HOUR_MS).tokenGeneration, started.tokenGeneration);
	});

	test("an instance that was removed and comes back under its id honours no old token", () => {
		const back = launchAlone(spec, newWorld(), NOW_MS + 1);
		assert.notEqual(back.tokenGeneration, running.tokenGeneration);
		assert.notEqual(launchAlone(spec, newWorld(), NOW_MS + 2 * HOUR_MS).tokenGeneration, stopped.tokenGeneration);
	});

	test("over any life, no two periods between stops share a generation", () => {
		const steps = fc.array(fc.tuple(fc.constantFrom("running", "stopped"), fc.integer({ min: -5, max: 5 })), { maxLength: 20 });
		fc.assert(
			fc.property(steps, (life) => {
				let nowMs = NOW_MS;
				let present = launchAlone(spec);
				const ended = new Set<number>();
				for (const [state, passedMs] of life) {
					nowMs += passedMs;
					const next = again({ ...spec, state }, present, nowMs);
					if (state === "stopped" && present.state === "running") ended.add(present.tokenGeneration);
					assert.ok(!ended.has(next.tokenGeneration));
					present = next;
				}
			}),
		);
	});
});

describe("contradictions are refused, each with the place where it stands", () => {
	const ROWS: readonly (readonly [
		what: string,
		spec: Omit<InstanceSpec, "instanceId">,
		path: readonly (string | number)[],
		message: RegExp,
	])[] = [
		["an unknown image", { imageId: "ami-x" }, ["imageId"], /^no image "ami-x"; known: ami-0abcdef1234567890, /],
		["an unknown key pair", { keyName: "x" }, ["keyName"], /^no key pair "x"; known: my-public-key, /],
		["an unknown profile", { iamInstanceProfile: { name: "x" } }, ["iamInstanceProfile", "name"], /^no instance profile "x"; known: web, /],
		["a profile without name and ARN", { iamInstanceProfile: {} }, ["iamInstanceProfile"], /needs a name or an arn/],
		[
			"a profile whose ARN is another's",
			{ iamInstanceProfile: { name: "web", arn: "arn:aws:iam::123456789012:instance-profile/empty" } },
			["iamInstanceProfile"],
			/must agree/,
		],
		[
			"a tag that metadata can't show",
			{
				metadataOptions: { instanceMetadataTags: "enabled" },
				tags: [
					{ key: "Name", value: "" },
					{ key: "a/b", value: "" },
				],
			},
			["tags", 1, "key"],
			/^'a\/b' is not a valid tag key/,
		],
		[
			"an interruption of what is no Spot Instance",
			{ spotInterruption: { action: "stop", time: "2026-01-01T00:00:00Z" } },
			["spotInterruption"],
			/add instanceLifecycle: spot/,
		],
		[
			"a recommendation for what is no Spot Instance",
			{ instanceLifecycle: "scheduled", rebalanceRecommendation: { noticeTime: "2026-01-01T00:00:00Z" } },
			["rebalanceRecommendation"],
			/add instanceLifecycle: spot/,
		],
		[
			"user data that is too long",
			{ userData: Buffer.alloc(USER_DATA_MAX_BYTES + 1).toString("base64") },
			["userData"],
			/^is 16385 bytes; allowed: at most 16384/,
		],
		[
			"a zone that is not the subnet's",
			{ subnetId: "subnet-dual", placement: { availabilityZone: "us-east-1b" } },
			["placement", "availabilityZone"],
			/allowed: us-east-1a, or leave it out/,
		],
		[
			"a zone without a subnet",
			{ placement: { availabilityZone: "us-east-1z" } },
			["placement", "availabilityZone"],
			/^no subnet in zone "us-east-1z"; known: us-east-1a, /,
		],
	];
	for (const [what, spec, path, message] of ROWS) {
		test(what, () => {
			const refused = refusal(spec);
			assert.deepEqual(refused.path, path);
			assert.match(refused.message, message);
		});
	}

	test("optional tokens under an account that enforces required ones", () => {
		const world = newWorld({ instanceMetadataDefaults: { httpTokensEnforced: "enabled" } });
		const place = ["metadataOptions", "httpTokens"];
		assert.deepEqual(refusal({ metadataOptions: { httpTokens: "optional" } }, world).path, place);
		assert.deepEqual(refusal({}, world).path, place);
		assert.equal(launch({ instanceId: ID, imageId: "ami-0a1b2c3d4e5f67890" }, world, NOW_MS).metadataOptions.httpTokens, "required");
	});

	test("a tag that metadata can't show, where only the account turned tags on", () => {
		const world = newWorld({ instanceMetadataDefaults: { instanceMetadataTags: "enabled" } });
		assert.deepEqual(refusal({ tags: [{ key: "a b", value: "" }] }, world).path, ["tags", 0, "key"]);
	});

	test("and nothing that is allowed", () => {
		launchAlone({ instanceId: ID, tags: [{ key: "a/b c", value: "" }] });
		launchAlone({ instanceId: ID, userData: Buffer.alloc(USER_DATA_MAX_BYTES).toString("base64") });
		const gone = "arn:aws:iam::123456789012:instance-profile/gone";
		assert.equal(launchAlone({ instanceId: ID, iamInstanceProfile: { arn: gone } }).iamInstanceProfile?.arn, gone);
		const both = { name: "own", arn: "arn:aws:iam::123456789012:instance-profile/team/own" };
		assert.equal(launchAlone({ instanceId: ID, iamInstanceProfile: both }).iamInstanceProfile?.arn, both.arn);
		launchAlone(MAXIMAL_SPEC);
	});
});
