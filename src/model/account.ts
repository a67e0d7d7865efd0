import type { InstanceMetadataDefaults } from "./metadata-options.ts";

/** The one account and Region that this service stands for. */
export interface Account {
	readonly accountId: string;
	readonly region: string;
	/** What the account itself asks for; a declarative policy wins: {@link effectiveDefaults}. */
	readonly instanceMetadataDefaults: InstanceMetadataDefaults;
	readonly organization?: Organization;
}

/** What an organization imposes on its account. */
export interface Organization {
	/** `o-…` */
	readonly organizationId: string;
	/** Whether this is the management account, which service control policies don't bind. */
	readonly managementAccount?: boolean;
	/** From the root to the account: at each level something must allow. */
	readonly serviceControlPolicies: readonly (readonly ServiceControlPolicy[])[];
	readonly declarativePolicy?: DeclarativePolicy;
}

export interface ServiceControlPolicy {
	readonly policyName: string;
	/** JSON. */
	readonly policyDocument: string;
}

/** A declarative policy for EC2, as far as instance metadata go (control-apis.md §1.4). */
export interface DeclarativePolicy {
	readonly instanceMetadataDefaults: InstanceMetadataDefaults;
	readonly exceptionMessage?: string;
}

/** The defaults of launches: the declarative policy's, where there is one, and the account's own otherwise. */
export function effectiveDefaults({ instanceMetadataDefaults, organization }: Account): InstanceMetadataDefaults {
	return organization?.declarativePolicy?.instanceMetadataDefaults ?? instanceMetadataDefaults;
}
