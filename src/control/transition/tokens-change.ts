import { effectiveDefaults, type Account } from "../../model/account.ts";
import type { Instance } from "../../model/instance.ts";
import { forbiddenByEnforcement } from "../../model/metadata-options.ts";
import { timestamp } from "../../model/timestamp.ts";

/** An instance that is asked to require tokens, or not to; itself where that is so already. Its other options stay. */
export function withTokens(httpTokens: "optional" | "required", instance: Instance, nowMs: number): Instance {
	if (instance.metadataOptions.httpTokens === httpTokens) return instance;
	return {
		...instance,
		metadataOptions: { ...instance.metadataOptions, httpTokens },
		metadataOptionsPending: true,
		lastModifiedTime: timestamp(nowMs),
	};
}

/** Why tokens can't be made optional again; `undefined`: they can. */
export function keptFromOptional(account: Account): string | undefined {
	if (!forbiddenByEnforcement({ httpTokens: "optional" }, effectiveDefaults(account))) return undefined;
	return "The account enforces IMDSv2 (HttpTokensEnforced), so it can't go back to optional tokens.";
}
