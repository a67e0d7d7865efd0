// How long a session lasts (STS API reference, AssumeRole: DurationSeconds).

import type { Role } from "../../../model/iam.ts";
import { constraintViolated, validationError } from "../../errors.ts";
import type { Principal } from "../../access/principal.ts";

const MIN_SECONDS = 900;
const MAX_SECONDS = 43_200;
const HOUR_SECONDS = 3_600;

/**
 * The length of a session, in seconds.
 *
 * @param requested an hour, if it is left out.
 * @throws {ApiError} where the role allows less; and above an hour, where one session makes another.
 */
export function checkDuration(requested = HOUR_SECONDS, role: Pick<Role, "maxSessionDurationSeconds">, principal: Principal): number {
	const { maxSessionDurationSeconds: roleMax = HOUR_SECONDS } = role;
	if (requested < MIN_SECONDS) throw constraintViolated("durationSeconds", requested, `have value greater than or equal to ${MIN_SECONDS}`);
	if (requested > MAX_SECONDS) throw constraintViolated("durationSeconds", requested, `have value less than or equal to ${MAX_SECONDS}`);
	if (principal.session !== undefined && requested > HOUR_SECONDS) {
		throw validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
	}
	if (requested > roleMax) throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
	return requested;
}
