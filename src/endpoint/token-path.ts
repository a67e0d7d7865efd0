import { pathSegments } from "../metadata/snapshot.ts";

const TOKEN_PATH = "/latest/api/token";
const TOKEN_SEGMENTS = pathSegments(TOKEN_PATH);

/** Whether a path is the token path: runs of slashes collapse, a closing slash makes it another (§1.5, capture C1). */
export function isTokenPath(path: string): boolean {
	if (path === TOKEN_PATH) return true;
	// Only these can be another spelling of it; the rest is most requests, which pay for nothing more.
	if (!path.includes("%") && !path.includes("//")) return false;
	if (path.endsWith("/")) return false;
	// Segment by segment: an escaped slash is part of one, and no segment of this path has any.
	const segments = pathSegments(path);
	return segments.length === TOKEN_SEGMENTS.length && TOKEN_SEGMENTS.every((segment, i) => segment === segments[i]);
}

/** Whether a path looks like a token path: another version's, or one with a closing slash (§1.4). */
export function looksLikeTokenPath(path: string): boolean {
	const [api, token] = pathSegments(path).slice(-2);
	return api === "api" && token === "token";
}
