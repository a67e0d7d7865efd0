import type { Timestamp } from "./timestamp.ts";

/** A request that was done once and is not done again: the same token finds what came of it. */
export interface ClientToken {
	readonly operation: string;
	readonly token: string;
	/** A digest of the parameters: others with the same token are refused. */
	readonly parametersDigest: string;
	/** What came of it. */
	readonly resourceIds: readonly string[];
	readonly createdAt: Timestamp;
}
