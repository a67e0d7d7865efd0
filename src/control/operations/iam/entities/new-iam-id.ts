import { randomUUID } from "node:crypto";
import { derivedIamId } from "../../../../model/ids.ts";

/** A new id of IAM's: what is made anew under an old name is something else. */
export function newIamId(prefix: Parameters<typeof derivedIamId>[0]): string {
	return derivedIamId(prefix, randomUUID());
}
