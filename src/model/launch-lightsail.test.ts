import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newWorld, NOW_MS } from "../../test/categories/world.ts";
import { InvalidValue } from "./invalid-value.ts";
import { type InstanceSpec, launch } from "./launch.ts";
import { lightsailParts } from "./launch-lightsail.ts";
import { LIGHTSAIL_BLUEPRINTS } from "./lightsail-blueprints.ts";
import { LIGHTSAIL_BUNDLES } from "./lightsail-bundles.ts";

const ID = "i-1234567890abcdef0";
const WEB = { name: "Web-1", blueprintId: "amazon_linux_2", bundleId: "nano_3_0" } as const;

const launched = (lightsail: NonNullable<InstanceSpec["lightsail"]>, world = newWorld()) =>
	launch({ instanceId: ID, lightsail }, world, NOW_MS);

describe("an instance of Lightsail", () => {
	test("has the image of its blueprint, the type of its bundle, and the time of its creation", () => {
		const { imageId, instanceType, lightsail } = launched(WEB);
		assert.equal(imageId, LIGHTSAIL_BLUEPRINTS.get("amazon_linux_2")?.image.imageId);
		assert.equal(instanceType, "t3.nano");
		assert.deepEqual(lightsail, { ...WEB, createdAt: "2026-01-02T03:04:05Z" });
	});

	test("was created once, however often it is launched", () => {
		const before = launched(WEB);
		const again = launch({ instanceId: ID, lightsail: WEB }, newWorld(), NOW_MS + 3_600_000, before);
		assert.deepEqual(again, before);
	});

	test("needs tokens if its blueprint does, and only then", () => {
		const optionsOf = (blueprintId: string) => {
			const { httpTokens, httpPutResponseHopLimit } = launched({ ...WEB, blueprintId }).metadataOptions;
			return [httpTokens, httpPutResponseHopLimit];
		};
		assert.deepEqual(optionsOf("amazon_linux_2"), ["optional", 1]);
		assert.deepEqual(optionsOf("wordpress"), ["optional", 1]);
		assert.deepEqual(optionsOf("amazon_linux_2023"), ["required", 2]);
	});

	test("is not asked about by the account's defaults, which are EC2's", () => {
		const world = newWorld();
		const instanceMetadataDefaults = { httpTokens: "required", httpTokensEnforced: "enabled", httpEndpoint: "disabled" } as const;
		const strict = { ...world, account: { ...world.account, instanceMetadataDefaults } };
		const { httpTokens, httpEndpoint } = launched(WEB, strict).metadataOptions;
		assert.deepEqual({ httpTokens, httpEndpoint }, { httpTokens: "optional", httpEndpoint: "enabled" });
	});
});

describe("blueprint and bundle", () => {
	test("go together where their platforms are the same, and what they have of addresses", () => {
		const refused = [
			{ ...WEB, blueprintId: "windows_server_2022" },
			{ ...WEB, bundleId: "nano_win_3_0" },
			{ ...WEB, bundleId: "nano_ipv6_3_0" },
			{ ...WEB, ipAddressType: "ipv6" as const },
			{ ...WEB, blueprintId: "nope" },
			{ ...WEB, bundleId: "nope" },
		];
		for (const parts of refused) assert.throws(() => lightsailParts(parts), InvalidValue, JSON.stringify(parts));
		assert.equal(lightsailParts({ ...WEB, bundleId: "nano_ipv6_3_0", ipAddressType: "ipv6" })?.bundle.hasPublicIpv4, false);
		assert.equal(lightsailParts({ ...WEB, ipAddressType: "ipv4" })?.blueprint.username, "ec2-user");
		assert.equal(lightsailParts(undefined), undefined);
	});

	test("every blueprint has a bundle that it runs on, and an image of its own", () => {
		for (const { platform } of LIGHTSAIL_BLUEPRINTS.values()) {
			assert.ok([...LIGHTSAIL_BUNDLES.values()].some((bundle) => bundle.platform === platform && bundle.isActive));
		}
		const images = new Set([...LIGHTSAIL_BLUEPRINTS.values()].map(({ image }) => image.imageId));
		assert.equal(images.size, LIGHTSAIL_BLUEPRINTS.size);
	});
});
