import type { LightsailOperations } from "../../models/lightsail.ts";
import { CreateInstances } from "./CreateInstances.ts";
import { DeleteInstance } from "./DeleteInstance.ts";
import { GetBlueprints } from "./GetBlueprints.ts";
import { GetBundles } from "./GetBundles.ts";
import { GetInstance } from "./GetInstance.ts";
import { GetInstanceMetricData } from "./GetInstanceMetricData.ts";
import { GetInstances } from "./GetInstances.ts";
import { GetInstanceState } from "./GetInstanceState.ts";
import { GetOperation } from "./GetOperation.ts";
import { GetOperations } from "./GetOperations.ts";
import { GetOperationsForResource } from "./GetOperationsForResource.ts";
import { GetRegions } from "./GetRegions.ts";
import type { LightsailApiOperation } from "./lightsail-api-operation.ts";
import { RebootInstance } from "./RebootInstance.ts";
import { StartInstance } from "./StartInstance.ts";
import { StopInstance } from "./StopInstance.ts";
import { UpdateInstanceMetadataOptions } from "./UpdateInstanceMetadataOptions.ts";

/** Every operation of Lightsail that there is here: one missing, or one too many, does not compile. */
export const LIGHTSAIL_OPERATIONS: { readonly [Name in keyof LightsailOperations]: LightsailApiOperation<Name> } = {
	UpdateInstanceMetadataOptions,
	GetInstance,
	GetInstances,
	GetInstanceState,
	CreateInstances,
	StartInstance,
	StopInstance,
	RebootInstance,
	DeleteInstance,
	GetOperation,
	GetOperations,
	GetOperationsForResource,
	GetInstanceMetricData,
	GetBlueprints,
	GetBundles,
	GetRegions,
};
