import { createHash } from "node:crypto";

/** One of the credential sets that follow each other: each replaces the one before in the metadata, and both stay valid to their end. */
export interface CredentialPeriod {
	readonly issuedAtMs: number;
	readonly expiresAtMs: number;
	readonly nextRefreshAtMs: number;
}

/** AWS: `LastUpdated` moves about hourly, `Expiration` lies 6 h to 6 h 26 min after it (metadata-endpoint.md §4.2). */
const REFRESH_MS = 3_600_000;
const LIFETIME_MS = 6 * 3_600_000;
const MAX_JITTER_SECONDS = 26 * 60;

/**
 * Which set is current: a function of the clock alone, so that every process of a fleet and every restart hands out the same.
 *
 * @param anchorMs when the role came: at launch or association. A clock before it counts as being in the first period.
 * @param seed what tells this series of sets from others, such as the instance id; it decides the extra lifetime.
 */
export function credentialPeriod(anchorMs: number, nowMs: number, seed: string): CredentialPeriod {
	const firstIssuedAtMs = Math.floor(anchorMs / 1000) * 1000;
	const index = Math.max(0, Math.floor((nowMs - firstIssuedAtMs) / REFRESH_MS));
	const issuedAtMs = firstIssuedAtMs + index * REFRESH_MS;
	return {
		issuedAtMs,
		expiresAtMs: issuedAtMs + LIFETIME_MS + jitterSeconds(`${seed}\n${index}`) * 1000,
		nextRefreshAtMs: issuedAtMs + REFRESH_MS,
	};
}

function jitterSeconds(seed: string): number {
	return createHash("sha256").update(seed).digest().readUInt32BE() % (MAX_JITTER_SECONDS + 1);
}
