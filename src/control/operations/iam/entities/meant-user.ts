// Whom a request means that may leave its UserName out: whoever signed it.

import { userNameNeeded } from "../../../iam-errors.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { entityNeed } from "./entities.ts";

/** The need to do something with the user meant; where it is none, with whoever asks. */
export function meantUserNeeds(userName: string | undefined, call: Call): readonly AccessNeed[] {
	const name = userName ?? call.principal.userName;
	return [name === undefined ? { resource: call.principal.principalArn } : entityNeed("user", name, call)];
}

/**
 * Its name.
 *
 * Gap: AWS's root may have keys, and make and delete them; here its one key follows from the service's secret.
 */
export function meantUserName(userName: string | undefined, { principal }: Call): string {
	const name = userName ?? principal.userName;
	if (name === undefined) throw userNameNeeded();
	return name;
}
