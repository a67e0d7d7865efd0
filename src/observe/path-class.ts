/** What kinds of things are asked for, in the order of their numbers. */
export const PATH_CLASSES = ["credentials", "identity", "user-data", "meta-data", "other"] as const;

const CREDENTIALS = 0;
const IDENTITY = 1;
const USER_DATA = 2;
const META_DATA = 3;
const OTHER = 4;

/**
 * The number of a path's class: how bad it would be if somebody else asked for it.
 *
 * @param path as it came.
 */
export function pathClassOf(path: string): number {
	const version = path.indexOf("/", 1);
	if (version < 0) return OTHER;
	const rest = path.slice(version + 1);
	if (rest.startsWith("meta-data/iam/security-credentials/") || rest.startsWith("meta-data/identity-credentials/")) return CREDENTIALS;
	if (rest.startsWith("meta-data")) return META_DATA;
	if (rest.startsWith("dynamic/instance-identity")) return IDENTITY;
	return rest.startsWith("user-data") ? USER_DATA : OTHER;
}
