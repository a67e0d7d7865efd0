import { jsonText } from "./json.ts";

/** What the instance identity document says. What is missing is printed as `null`. */
export interface IdentityFacts {
	readonly accountId: string;
	readonly architecture: string;
	readonly availabilityZone: string;
	readonly billingProducts?: readonly string[] | undefined;
	readonly marketplaceProductCodes?: readonly string[] | undefined;
	readonly imageId: string;
	readonly instanceId: string;
	readonly instanceType: string;
	readonly kernelId?: string | undefined;
	/** The last transition to pending, as `YYYY-MM-DDTHH:MM:SSZ`. */
	readonly pendingTime: string;
	readonly privateIp?: string | undefined;
	readonly ramdiskId?: string | undefined;
	readonly region: string;
}

/** The exact text of `dynamic/instance-identity/document`; the three signatures are made over these bytes. */
export function identityDocument(facts: IdentityFacts): string {
	// AWS: this order (almost the alphabet's), and an empty list is null too (metadata-endpoint.md §3.1).
	return jsonText({
		accountId: facts.accountId,
		architecture: facts.architecture,
		availabilityZone: facts.availabilityZone,
		billingProducts: listOrNull(facts.billingProducts),
		devpayProductCodes: null,
		marketplaceProductCodes: listOrNull(facts.marketplaceProductCodes),
		imageId: facts.imageId,
		instanceId: facts.instanceId,
		instanceType: facts.instanceType,
		kernelId: facts.kernelId ?? null,
		pendingTime: facts.pendingTime,
		privateIp: facts.privateIp ?? null,
		ramdiskId: facts.ramdiskId ?? null,
		region: facts.region,
		version: "2017-09-30",
	});
}

function listOrNull(items: readonly string[] | undefined): readonly string[] | null {
	return items === undefined || items.length === 0 ? null : items;
}
