import type { InstanceMetadataDefaults } from "./metadata-options.ts";

/** The one account and Region that this service stands for. */
export interface Account {
	readonly accountId: string;
	readonly region: string;
	readonly instanceMetadataDefaults: InstanceMetadataDefaults;
}
