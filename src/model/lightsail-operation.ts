/** What a call of Lightsail's API set going: a note of it. Whether it is done follows from its instance. */
export interface LightsailOperation {
	/** A UUID. */
	readonly operationId: string;
	readonly operationType:
		| "CreateInstance"
		| "StartInstance"
		| "StopInstance"
		| "RebootInstance"
		| "DeleteInstance"
		| "UpdateInstanceMetadataOptions";
	/** The instance's name: another may have it by now. */
	readonly resourceName: string;
	readonly instanceId: string;
	readonly availabilityZone: string;
	/** Milliseconds since the epoch: Lightsail shows fractions of seconds, and operations come in their order. */
	readonly createdAtMs: number;
}
