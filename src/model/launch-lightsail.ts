import type { LightsailFacts } from "./instance.ts";
import { InvalidValue, unknownName } from "./invalid-value.ts";
import { LIGHTSAIL_BLUEPRINTS, type LightsailBlueprint } from "./lightsail-blueprints.ts";
import { LIGHTSAIL_BUNDLES, type LightsailBundle } from "./lightsail-bundles.ts";

/**
 * What an instance of Lightsail is made of and what it runs on; nothing for one of EC2.
 *
 * @throws {InvalidValue} for what isn't there, or doesn't go together.
 */
export function lightsailParts(
	lightsail: Pick<LightsailFacts, "blueprintId" | "bundleId" | "ipAddressType"> | undefined,
): { readonly blueprint: LightsailBlueprint; readonly bundle: LightsailBundle } | undefined {
	if (lightsail === undefined) return undefined;
	const { blueprintId, bundleId, ipAddressType = "dualstack" } = lightsail;
	const blueprint = LIGHTSAIL_BLUEPRINTS.get(blueprintId);
	if (blueprint === undefined) {
		throw new InvalidValue(["lightsail", "blueprintId"], unknownName("blueprint", blueprintId, LIGHTSAIL_BLUEPRINTS));
	}
	const bundle = LIGHTSAIL_BUNDLES.get(bundleId);
	if (bundle === undefined) throw new InvalidValue(["lightsail", "bundleId"], unknownName("bundle", bundleId, LIGHTSAIL_BUNDLES));
	if (bundle.platform !== blueprint.platform) {
		throw new InvalidValue(
			["lightsail", "bundleId"],
			`"${bundleId}" is for ${bundle.platform}, but blueprint ${blueprintId} needs one for ${blueprint.platform}, such as ${sizesLike(bundle, blueprint)}`,
		);
	}
	// AWS: a bundle without a public IPv4 address is for instances that have IPv6 addresses alone, which need such a bundle.
	if (bundle.hasPublicIpv4 === (ipAddressType === "ipv6")) {
		const what = bundle.hasPublicIpv4 ? "has" : "does not have";
		throw new InvalidValue(["lightsail", "bundleId"], `"${bundleId}" ${what} a public IPv4 address; the address type is ${ipAddressType}`);
	}
	return { blueprint, bundle };
}

/** The bundle of the same size that would do. */
function sizesLike({ size, hasPublicIpv4 }: LightsailBundle, { platform }: LightsailBlueprint): string {
	const fits = [...LIGHTSAIL_BUNDLES.values()].filter((each) => each.platform === platform && each.size === size && each.isActive);
	return (fits.find((each) => each.hasPublicIpv4 === hasPublicIpv4) ?? fits[0])?.bundleId ?? "";
}
