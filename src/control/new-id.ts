import { randomBytes } from "node:crypto";

/** A new id in EC2's long form: the prefix, a hyphen and 17 hexadecimal digits of chance. */
export function newId(prefix: string): string {
	return `${prefix}-${randomBytes(9).toString("hex").slice(1)}`;
}
