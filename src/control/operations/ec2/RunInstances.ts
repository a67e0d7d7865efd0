import { effectiveDefaults } from "../../../model/account.ts";
import type { Instance } from "../../../model/instance.ts";
import { forbiddenByEnforcement } from "../../../model/metadata-options.ts";
import { idempotently } from "../../client-token.ts";
import { ApiError, idempotentInstanceTerminated, imdsv2Enforced, invalidParameterValue } from "../../errors.ts";
import { launchWorld } from "../../launch-world.ts";
import { newId } from "../../new-id.ts";
import type { RunInstancesRequest } from "../../models/ec2.ts";
import type { Call } from "../../operation.ts";
import { checkTags } from "../../tag-limits.ts";
import { reservations } from "./DescribeInstances.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { checkMetadataTags, checkRequestedOptions } from "./instances/instance-metadata-options.ts";
import { launchNeeds } from "./launches/launch-access.ts";
import { askedLaunch, effectiveOptions } from "./launches/launch-parameters.ts";
import { checkReferences, launchedInstance } from "./launches/launch-specification.ts";
import { tagsOfSpecification } from "./tags/tag-checks.ts";

/** AWS bounds instances by quotas of the account; here by what one request may take of an event loop. */
const COUNT_MAX = 1_000;

/** More than user data, fifty tags in four-byte characters and fifty addresses take. */
const INSTANCE_MAX_BYTES = 131_072;

/** What a launch makes, and may be told to tag. */
const TAGGABLE = ["instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"];

/** Launches instances (control-apis.md §2.3). */
export const RunInstances: Ec2Operation<"RunInstances"> = {
	access: launchNeeds,
	async run(input, call) {
		const { ClientToken } = input;
		const asked = { operation: "RunInstances", token: ClientToken, parameters: input };
		const instanceIds = await idempotently(call, asked, () => launchAll(input, call));
		const records = await call.inventory.records();
		const instances = instanceIds.flatMap((instanceId) => records.instance.get(instanceId) ?? []);
		if (instances.every(({ state }) => state === "terminated")) throw idempotentInstanceTerminated();
		return reservations(instances, { ...call, records })[0] ?? {};
	},
};

async function launchAll(input: RunInstancesRequest, before: Call): Promise<readonly string[]> {
	const { MinCount, MaxCount } = input;
	// Read again: launches are made one after the other, and each must know of the one before.
	const call = { ...before, records: await before.inventory.records() };
	const asked = askedLaunch(input, call);
	checkReferences(asked, call);
	checkCounts(MinCount, MaxCount);
	checkRequestedOptions(asked.options, call.strict, asked.parameters.InstanceType);
	tagsOfSpecification(input.TagSpecifications, "instance", TAGGABLE);
	// With a template's, which has the same keys at times, and is overridden.
	for (const tags of Object.values(asked.tags)) checkTags(tags);
	const options = effectiveOptions(asked, call);
	if (forbiddenByEnforcement(options, effectiveDefaults(call.account))) throw imdsv2Enforced();
	if (options.instanceMetadataTags === "enabled") checkMetadataTags(asked.tags.instance);

	const world = launchWorld(call.records, call.account);
	const reservationId = newId("r");
	const instances: Instance[] = [];
	for (let amiLaunchIndex = 0; amiLaunchIndex < MaxCount; amiLaunchIndex++) {
		const slot = { instanceId: newId("i"), reservationId, amiLaunchIndex, clientToken: input.ClientToken };
		const launched = launchedInstance(asked, slot, world, call);
		checkSize(launched);
		instances.push({ ...launched, ...(await call.endpointFor(launched, [...call.records.instance.values(), ...instances])) });
	}
	if (!(await call.inventory.create("instance", ...instances)))
		throw new ApiError("InternalError", "An instance ID was taken. Try again.", 500);
	return instances.map(({ instanceId }) => instanceId);
}

/** Texts without a limit of their own count together: a thousand instances are kept at once. */
function checkSize(instance: Instance): void {
	const sizeBytes = Buffer.byteLength(JSON.stringify(instance));
	if (sizeBytes <= INSTANCE_MAX_BYTES) return;
	throw invalidParameterValue(`The parameters of an instance take ${sizeBytes} bytes; allowed: at most ${INSTANCE_MAX_BYTES} in all.`);
}

function checkCounts(min: number, max: number): void {
	if (min < 1) throw invalidParameterValue(`Value (${min}) for parameter minCount is invalid. It must be at least 1.`);
	if (max < min) throw invalidParameterValue(`Value (${max}) for parameter maxCount is invalid. It must not be below minCount, ${min}.`);
	if (max > COUNT_MAX)
		throw new ApiError("InstanceLimitExceeded", `You asked for ${max} instances; allowed: at most ${COUNT_MAX} a request.`);
}
