// The instance metadata options: bounds, merge, order of precedence (control-apis.md §1.1–1.5).

/** The options that decide how an instance may reach its metadata. */
export interface MetadataOptions {
	readonly httpEndpoint: "enabled" | "disabled";
	readonly httpTokens: "optional" | "required";
	/** IP TTL of the packets that carry a token, 1–64. */
	readonly httpPutResponseHopLimit: number;
	readonly httpProtocolIpv6: "enabled" | "disabled";
	readonly instanceMetadataTags: "enabled" | "disabled";
}

/** An account's defaults for launches in its Region; a field that is missing has no preference. */
export interface InstanceMetadataDefaults {
	readonly httpEndpoint?: "enabled" | "disabled";
	readonly httpTokens?: "optional" | "required";
	readonly httpPutResponseHopLimit?: number;
	readonly instanceMetadataTags?: "enabled" | "disabled";
	readonly httpTokensEnforced?: "enabled" | "disabled";
}

/** The bounds of `httpPutResponseHopLimit` (§1.1; prose only in AWS's model, so no client checks them). */
export const HOP_LIMIT_MIN = 1;
export const HOP_LIMIT_MAX = 64;

const SERVICE_DEFAULTS: MetadataOptions = {
	httpEndpoint: "enabled",
	httpTokens: "optional",
	httpPutResponseHopLimit: 1,
	httpProtocolIpv6: "disabled",
	instanceMetadataTags: "disabled",
};

/** What an image with `imdsSupport: v2.0` asks for; it touches nothing else (§1.3). */
const IMDS_SUPPORT_V2 = { httpTokens: "required", httpPutResponseHopLimit: 2 } as const;

/** Where a launch's options come from, nearest first. */
export interface MetadataOptionSources {
	readonly launch?: Partial<MetadataOptions> | undefined;
	readonly account?: InstanceMetadataDefaults | undefined;
	readonly imdsSupport?: "v2.0" | undefined;
}

/** The options of a new instance: launch, then account, then image, then service; each option for itself (§1.3). */
export function resolveMetadataOptions({ launch, account, imdsSupport }: MetadataOptionSources): MetadataOptions {
	const { httpTokensEnforced: _, ...preferences } = account ?? {};
	return { ...SERVICE_DEFAULTS, ...(imdsSupport === "v2.0" ? IMDS_SUPPORT_V2 : {}), ...preferences, ...launch };
}

/** Whether the account forbids these options: tokens optional while `httpTokensEnforced` (§1.3, enforcement). */
export function forbiddenByEnforcement(
	options: Pick<MetadataOptions, "httpTokens">,
	account: InstanceMetadataDefaults | undefined,
): boolean {
	return account?.httpTokensEnforced === "enabled" && options.httpTokens === "optional";
}
