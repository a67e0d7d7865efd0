// What CreateInstances refuses, in Lightsail's words.

import type { LightsailFacts } from "../../../model/instance.ts";
import { InvalidValue } from "../../../model/invalid-value.ts";
import { lightsailParts } from "../../../model/launch-lightsail.ts";
import { USER_DATA_MAX_BYTES } from "../../../model/launch.ts";
import { LIGHTSAIL_BLUEPRINTS } from "../../../model/lightsail-blueprints.ts";
import { LIGHTSAIL_BUNDLES } from "../../../model/lightsail-bundles.ts";
import { LIGHTSAIL_NAME_PATTERN } from "../../../model/lightsail-name.ts";
import type { Tag } from "../../../model/tag.ts";
import { ApiError } from "../../errors.ts";
import { doesNotExist, invalidInput, invalidResourceName, invalidZone, namesInUse } from "../../lightsail-errors.ts";
import type { CreateInstancesRequest } from "../../models/lightsail.ts";
import type { Call } from "../../operation.ts";
import { checkTags } from "../../tag-limits.ts";
import { zoneNames } from "../../zones.ts";
import { lightsailInstances } from "./instance-lookup.ts";

/** AWS: a quota of the account, of 20 at first; here what one request may take of an event loop. */
const NAMES_MAX = 100;

/** @throws {ApiError} for a request that would make what can't be. */
export function checkLaunch(request: CreateInstancesRequest, call: Pick<Call, "records">): void {
	const { instanceNames, availabilityZone, userData, keyPairName } = request;
	checkNames(instanceNames, call);
	const zones = zoneNames(call.records);
	if (!zones.includes(availabilityZone)) throw invalidZone(zones);
	checkParts(request);
	const userDataBytes = Buffer.byteLength(userData ?? "");
	if (userDataBytes > USER_DATA_MAX_BYTES) {
		throw invalidInput(`The user data is ${userDataBytes} bytes long; allowed: at most ${USER_DATA_MAX_BYTES}.`);
	}
	// Gap: AWS keeps key pairs of Lightsail apart from those of EC2.
	if (keyPairName !== undefined && !call.records["key-pair"].has(keyPairName)) throw doesNotExist("KeyPair", keyPairName);
	checkRequestedTags(request.tags);
}

/** @throws {ApiError} for a blueprint or bundle that isn't there, or the two together. */
export function checkParts(
	asked: Pick<LightsailFacts, "blueprintId" | "bundleId"> & { readonly ipAddressType?: CreateInstancesRequest["ipAddressType"] },
): void {
	const { blueprintId, bundleId, ipAddressType } = asked;
	if (!LIGHTSAIL_BLUEPRINTS.has(blueprintId)) throw invalidInput(`The specified blueprint does not exist in this region: ${blueprintId}`);
	if (!LIGHTSAIL_BUNDLES.has(bundleId)) throw invalidInput(`The specified bundle does not exist in this region: ${bundleId}`);
	try {
		lightsailParts({ blueprintId, bundleId, ...addressTypeOf(ipAddressType) });
	} catch (error) {
		throw error instanceof InvalidValue ? invalidInput(`${error.path.at(-1)}: ${error.message}`) : error;
	}
}

/** The address type as it is kept; nothing for what instances have otherwise. */
export function addressTypeOf(asked: CreateInstancesRequest["ipAddressType"]): Pick<LightsailFacts, "ipAddressType"> {
	return asked === undefined || asked === "dualstack" ? {} : { ipAddressType: asked };
}

/** The tags of a request as they are kept. AWS: a tag of Lightsail may be a key alone. */
export function requestedTags(tags: CreateInstancesRequest["tags"]): readonly Tag[] {
	return (tags ?? []).map(({ key = "", value = "" }) => ({ key, value }));
}

function checkNames(names: readonly string[], call: Pick<Call, "records">): void {
	if (names.length === 0 || names.length > NAMES_MAX) {
		throw invalidInput(`${names.length} instance names were given; allowed: 1 to ${NAMES_MAX}.`);
	}
	const unfit = names.find((name) => !LIGHTSAIL_NAME_PATTERN.test(name));
	if (unfit !== undefined) throw invalidResourceName(unfit);
	const taken = new Set(lightsailInstances(call).map(({ lightsail }) => lightsail.name));
	const inUse = names.filter((name, index) => taken.has(name) || names.indexOf(name) !== index);
	if (inUse.length > 0) throw namesInUse([...new Set(inUse)]);
}

function checkRequestedTags(tags: CreateInstancesRequest["tags"]): void {
	try {
		checkTags(requestedTags(tags));
	} catch (error) {
		throw error instanceof ApiError ? invalidInput(error.message) : error;
	}
}
