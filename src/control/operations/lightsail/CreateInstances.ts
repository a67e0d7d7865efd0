import type { Instance, LightsailFacts } from "../../../model/instance.ts";
import { InvalidValue } from "../../../model/invalid-value.ts";
import { type InstanceSpec, launch, type World } from "../../../model/launch.ts";
import { withoutUndefined } from "../../../model/without-undefined.ts";
import { ApiError } from "../../errors.ts";
import { launchWorld } from "../../launch-world.ts";
import { operationFailure } from "../../lightsail-errors.ts";
import type { AddOn, AddOnRequest, CreateInstancesRequest } from "../../models/lightsail.ts";
import { newId } from "../../new-id.ts";
import type { Call, InstanceEndpoint } from "../../operation.ts";
import { requestTagContext } from "../../request-tags.ts";
import { instanceArn, type LightsailInstance } from "./instance-lookup.ts";
import { addressTypeOf, checkLaunch, requestedTags } from "./launch-checks.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { newOperationId, recordOperations } from "./operation-records.ts";

/**
 * Creates instances of one kind, each with a name: all of them, or none (control-apis.md §2.11).
 *
 * AWS: nothing can be said of metadata options here; they are the blueprint's.
 */
export const CreateInstances: LightsailApiOperation<"CreateInstances"> = {
	access: ({ tags }, call) => [{ resource: instanceArn("*", call), context: requestTagContext(requestedTags(tags)) }],
	async run(request, call) {
		const created = await call.inventory.exclusively(async () => createAll(request, { ...call, records: await call.inventory.records() }));
		return { operations: await recordOperations("CreateInstance", created, call) };
	},
};

interface Created {
	readonly instance: LightsailInstance;
	readonly operationId: string;
}

async function createAll(request: CreateInstancesRequest, call: Call): Promise<readonly Created[]> {
	checkLaunch(request, call);
	const world = launchWorld(call.records, call.account);
	const created: Created[] = [];
	for (const name of request.instanceNames) {
		const operationId = newOperationId();
		const launched = launchOne(request, name, operationId, world, call);
		const others = [...call.records.instance.values(), ...created.map(({ instance }) => instance)];
		created.push({ instance: { ...launched, ...(await endpointFor(launched, others, call)) }, operationId });
	}
	if (!(await call.inventory.create("instance", ...created.map(({ instance }) => instance)))) {
		throw operationFailure("An instance ID was taken. Try again.");
	}
	return created;
}

function launchOne(request: CreateInstancesRequest, name: string, operationId: string, world: World, { nowMs }: Call): LightsailInstance {
	const { availabilityZone, blueprintId, bundleId, userData, keyPairName, tags, addOns, ipAddressType } = request;
	const lightsail = { name, blueprintId, bundleId, ...addressTypeOf(ipAddressType) };
	const spec = withoutUndefined<InstanceSpec>({
		instanceId: newId("i"),
		reservationId: newId("r"),
		placement: { availabilityZone },
		tags: requestedTags(tags),
		keyName: keyPairName,
		userData: userData ? Buffer.from(userData).toString("base64") : undefined,
		associatePublicIpAddress: ipAddressType !== "ipv6",
		lightsail,
	});
	let launched: Instance;
	try {
		launched = launch(spec, world, nowMs);
	} catch (error) {
		// All that the request says was checked: what is left is that addresses are used up.
		throw error instanceof InvalidValue ? operationFailure(`${error.path.join(".")}: ${error.message}`) : error;
	}
	const facts: LightsailFacts = { ...launched.lightsail!, operationId };
	const described = addOns === undefined || addOns.length === 0 ? {} : { described: { addOns: addOns.map(describeAddOn) } };
	return { ...launched, ...described, state: "pending", metadataOptionsPending: true, lightsail: facts };
}

/** Gap: no add-on does anything; they are shown as they were asked for. */
function describeAddOn({ addOnType, autoSnapshotAddOnRequest, stopInstanceOnIdleRequest }: AddOnRequest): AddOn {
	return withoutUndefined<AddOn>({
		name: addOnType,
		status: "Enabled",
		snapshotTimeOfDay: autoSnapshotAddOnRequest?.snapshotTimeOfDay,
		threshold: stopInstanceOnIdleRequest?.threshold,
		duration: stopInstanceOnIdleRequest?.duration,
	});
}

async function endpointFor(instance: Instance, others: readonly Instance[], call: Call): Promise<InstanceEndpoint> {
	try {
		return await call.endpointFor(instance, others);
	} catch (error) {
		throw error instanceof ApiError ? operationFailure(error.message) : error;
	}
}
