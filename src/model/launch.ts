// From what somebody said about an instance to all its facts: the one place that decides what they left out.

import { isDeepStrictEqual } from "node:util";
import { type Account, effectiveDefaults } from "./account.ts";
import type { EndpointBinding } from "./endpoint-binding.ts";
import { iamArn, type InstanceProfile } from "./iam.ts";
import { derivedId } from "./ids.ts";
import type { BlockDeviceMapping, Image } from "./image.ts";
import type * as instance from "./instance.ts";
import { InvalidValue, unknownName } from "./invalid-value.ts";
import type { KeyPair } from "./key-pair.ts";
import { lightsailParts } from "./launch-lightsail.ts";
import { forbiddenByEnforcement, type MetadataOptions, resolveMetadataOptions } from "./metadata-options.ts";
import { attachInterfaces, type InterfaceSpec, type NetworkWorld } from "./launch-network.ts";
import { partitionOf } from "./region.ts";
import { fitsMetadata, type Tag, unfitTagKey } from "./tag.ts";
import { type Timestamp, timestamp } from "./timestamp.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** What may be said about an instance, in the words of RunInstances and DescribeInstances. Only its id must be. */
export interface InstanceSpec {
	readonly instanceId: string;
	readonly state?: "running" | "stopped";
	readonly imageId?: string;
	readonly instanceType?: string;
	readonly launchTime?: Timestamp;
	readonly reservationId?: string;
	readonly amiLaunchIndex?: number;
	readonly placement?: Partial<instance.Placement>;
	readonly privateDnsNameOptions?: { readonly hostnameType?: "ip-name" | "resource-name" };
	readonly metadataOptions?: Partial<MetadataOptions>;
	readonly tags?: readonly Tag[];
	/** An instance profile by name (it must exist) or by ARN (it may be gone: `InstanceProfileNotFound`). */
	readonly iamInstanceProfile?: { readonly name?: string; readonly arn?: string };
	readonly keyName?: string;
	readonly networkInterfaces?: readonly InterfaceSpec[];
	// The five below speak of the one interface of an instance that lists none, as in RunInstances.
	readonly subnetId?: string;
	readonly securityGroupIds?: readonly string[];
	readonly privateIpAddress?: string;
	readonly publicIpAddress?: string;
	readonly associatePublicIpAddress?: boolean;
	readonly ipv6Addresses?: readonly string[];
	readonly userData?: string;
	readonly blockDeviceMappings?: readonly BlockDeviceMapping[];
	readonly system?: instance.Instance["system"];
	readonly kernelId?: string;
	readonly ramdiskId?: string;
	readonly productCodes?: readonly string[];
	readonly instanceLifecycle?: instance.Instance["instanceLifecycle"];
	readonly instanceAction?: instance.Instance["instanceAction"];
	readonly spotInterruption?: instance.SpotInterruption;
	readonly rebalanceRecommendation?: { readonly noticeTime: Timestamp };
	readonly scheduledEvents?: readonly instance.ScheduledEvent[];
	readonly autoScalingTargetState?: string;
	readonly hibernationOptions?: { readonly configured: boolean };
	readonly monitoring?: "enabled" | "disabled";
	readonly elasticGpus?: readonly instance.ElasticGpu[];
	readonly elasticInferenceAccelerators?: readonly instance.ElasticInferenceAccelerator[];
	readonly managedSshKeys?: instance.ManagedSshKeys;
	readonly endpointListen?: readonly string[];
	readonly endpointBindings?: readonly EndpointBinding[];
	/** Makes it an instance of Lightsail: image and type follow from blueprint and bundle, and the account's defaults are not asked. */
	readonly lightsail?: Pick<instance.LightsailFacts, "name" | "blueprintId" | "bundleId" | "ipAddressType">;
}

/** Everything that a launch refers to. */
export interface World extends NetworkWorld {
	readonly account: Account;
	readonly images: ReadonlyMap<string, Image>;
	readonly instanceProfiles: ReadonlyMap<string, InstanceProfile>;
	readonly keyPairs: ReadonlyMap<string, KeyPair>;
	/** The image of an instance that names none. */
	readonly defaultImageId: string;
}

/** AWS: the type of an instance that names none would be m1.small; t3.micro is a Nitro type that people still use. */
const DEFAULT_INSTANCE_TYPE = "t3.micro";

/** AWS: bytes of user data before base64 (metadata-endpoint.md §1.12). */
export const USER_DATA_MAX_BYTES = 16_384;

/**
 * All facts of an instance. Times, tokens and addresses of `before`, the same instance until now, are kept where
 * nothing said otherwise, so that doing this again changes nothing.
 *
 * @throws {InvalidValue} where the specification contradicts itself or the world.
 */
export function launch(spec: InstanceSpec, world: World, nowMs: number, before?: instance.Instance): instance.Instance {
	const { instanceId } = spec;
	const now = timestamp(nowMs);
	const onLightsail = lightsailParts(spec.lightsail);
	const image = onLightsail?.blueprint.image ?? imageOf(spec, world);

	// AWS: the defaults of an account are EC2's (control-apis.md §2.11).
	const account = onLightsail === undefined ? effectiveDefaults(world.account) : undefined;
	const metadataOptions = resolveMetadataOptions({ launch: spec.metadataOptions, account, imdsSupport: image.imdsSupport });
	if (forbiddenByEnforcement(metadataOptions, account)) {
		throw new InvalidValue(
			["metadataOptions", "httpTokens"],
			'is "optional", but the account has httpTokensEnforced: enabled; allowed: required',
		);
	}
	const tags = spec.tags ?? [];
	if (metadataOptions.instanceMetadataTags === "enabled") {
		const unfit = tags.findIndex(({ key }) => !fitsMetadata(key));
		if (unfit !== -1) throw new InvalidValue(["tags", unfit, "key"], unfitTagKey(tags[unfit]?.key ?? ""));
	}
	refuseContradictions(spec, world);

	const state = spec.state ?? "running";
	const startedAgain = state === "running" && before?.state === "stopped";
	const stopped = state === "stopped" && before !== undefined && before.state !== "stopped";
	const placement = { ...spec.placement, availabilityZone: zoneOf(spec, world) };
	const launched = withoutUndefined<instance.Instance>({
		instanceId,
		state,
		// A time, not a count: an instance that was removed and comes back under its old id must not honour old tokens.
		tokenGeneration: before === undefined ? nowMs : stopped ? Math.max(before.tokenGeneration + 1, nowMs) : before.tokenGeneration,
		imageId: image.imageId,
		instanceType: onLightsail?.bundle.instanceType ?? spec.instanceType ?? DEFAULT_INSTANCE_TYPE,
		launchTime: spec.launchTime ?? (startedAgain ? now : (before?.launchTime ?? now)),
		lastModifiedTime: before?.lastModifiedTime ?? now,
		reservationId: spec.reservationId ?? derivedId("r", instanceId),
		amiLaunchIndex: spec.amiLaunchIndex ?? 0,
		placement,
		hostnameType: spec.privateDnsNameOptions?.hostnameType ?? "ip-name",
		metadataOptions,
		appliedMetadataOptions: metadataOptions,
		tags,
		iamInstanceProfile: profileOf(spec, world, now, before),
		keyNames: spec.keyName === undefined ? [] : [spec.keyName],
		networkInterfaces: attachInterfaces(spec, placement.availabilityZone, world, before),
		userData: spec.userData,
		blockDeviceMappings: spec.blockDeviceMappings ?? image.blockDeviceMappings,
		system: spec.system ?? "nitro",
		kernelId: spec.kernelId ?? image.kernelId,
		ramdiskId: spec.ramdiskId ?? image.ramdiskId,
		productCodes: spec.productCodes ?? image.productCodes,
		instanceLifecycle: spec.instanceLifecycle ?? "on-demand",
		instanceAction: spec.instanceAction ?? "none",
		spotInterruption: spec.spotInterruption,
		rebalanceRecommendation: spec.rebalanceRecommendation,
		scheduledEvents: spec.scheduledEvents ?? [],
		autoScalingTargetState: spec.autoScalingTargetState,
		hibernationConfigured: spec.hibernationOptions?.configured,
		monitoring: spec.monitoring,
		elasticGpus: spec.elasticGpus ?? [],
		elasticInferenceAccelerators: spec.elasticInferenceAccelerators ?? [],
		managedSshKeys: spec.managedSshKeys,
		endpointListen: spec.endpointListen ?? [],
		endpointBindings: spec.endpointBindings ?? [],
		lightsail: spec.lightsail && { ...spec.lightsail, createdAt: before?.lightsail?.createdAt ?? now },
	});
	return before === undefined || isDeepStrictEqual(launched, before) ? launched : { ...launched, lastModifiedTime: now };
}

function imageOf({ imageId }: InstanceSpec, { images, defaultImageId }: World): Image {
	const asked = imageId ?? defaultImageId;
	const image = images.get(asked);
	if (image === undefined) throw new InvalidValue(["imageId"], unknownName("image", asked, images));
	return image;
}

function refuseContradictions(spec: InstanceSpec, world: World): void {
	for (const notice of ["spotInterruption", "rebalanceRecommendation"] as const) {
		if (spec[notice] !== undefined && spec.instanceLifecycle !== "spot") {
			throw new InvalidValue([notice], "is only given to Spot Instances; add instanceLifecycle: spot");
		}
	}
	if (spec.keyName !== undefined && !world.keyPairs.has(spec.keyName)) {
		throw new InvalidValue(["keyName"], unknownName("key pair", spec.keyName, world.keyPairs));
	}
	const userDataBytes = spec.userData === undefined ? 0 : Buffer.byteLength(spec.userData, "base64");
	if (userDataBytes > USER_DATA_MAX_BYTES) {
		throw new InvalidValue(["userData"], `is ${userDataBytes} bytes; allowed: at most ${USER_DATA_MAX_BYTES} before base64`);
	}
}

function zoneOf(spec: InstanceSpec, world: World): string {
	const asked = spec.placement?.availabilityZone;
	const subnetId = spec.subnetId ?? spec.networkInterfaces?.find(({ deviceIndex }, index) => (deviceIndex ?? index) === 0)?.subnetId;
	const zoneOfSubnet = subnetId === undefined ? undefined : world.subnets.get(subnetId)?.availabilityZone;
	if (asked !== undefined && zoneOfSubnet !== undefined && asked !== zoneOfSubnet) {
		throw new InvalidValue(
			["placement", "availabilityZone"],
			`is "${asked}", but subnet ${subnetId} is in ${zoneOfSubnet}; allowed: ${zoneOfSubnet}, or leave it out`,
		);
	}
	return asked ?? zoneOfSubnet ?? `${world.account.region}a`;
}

function profileOf(
	{ iamInstanceProfile }: InstanceSpec,
	{ account, instanceProfiles }: World,
	now: Timestamp,
	before: instance.Instance | undefined,
): instance.Instance["iamInstanceProfile"] {
	if (iamInstanceProfile === undefined) return undefined;
	const { name, arn: givenArn } = iamInstanceProfile;
	const profile = name === undefined ? undefined : instanceProfiles.get(name);
	if (name !== undefined && profile === undefined) {
		throw new InvalidValue(["iamInstanceProfile", "name"], unknownName("instance profile", name, instanceProfiles));
	}
	const arn =
		profile === undefined
			? givenArn
			: iamArn(partitionOf(account.region).partition, account.accountId, "instance-profile", profile.path, profile.instanceProfileName);
	if (arn === undefined || (givenArn !== undefined && givenArn !== arn)) {
		throw new InvalidValue(["iamInstanceProfile"], "needs a name or an arn, and where both are given they must agree");
	}
	return { arn, associatedAt: before?.iamInstanceProfile?.arn === arn ? before.iamInstanceProfile.associatedAt : now };
}
