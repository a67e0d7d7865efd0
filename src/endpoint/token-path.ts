import { pathSegments } from "../metadata/snapshot.ts";

const TOKEN_PATH = "/latest/api/token";

/** Whether a path is the token path: runs of slashes collapse, a closing slash makes it another (§1.5, capture C1). */
export function isTokenPath(path: string): boolean {
	if (path === TOKEN_PATH) return true;
	// Only these can be another spelling of it; the rest is most requests, which pay for nothing more.
	if (!path.includes("%") && !path.includes("//")) return false;
	return !path.endsWith("/") && pathSegments(path).join("/") === TOKEN_PATH.slice(1);
}

/** Whether a path looks like a token path: another version's, or one with a closing slash (§1.4). */
export function looksLikeTokenPath(path: string): boolean {
	return pathSegments(path).slice(-2).join("/") === "api/token";
}
