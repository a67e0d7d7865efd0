// The first lines of a canonical request: what a signer made of path and query, found again from what came over the wire.
// Both work on the text as sent and never decode it to characters, so no bytes are beyond them.

/** One parameter of a query, name and value both percent-encoded as RFC 3986 has it, `%` followed by capitals. */
export type CanonicalParameter = readonly [name: string, value: string];

/**
 * The path of a request target, without dot segments and empty ones, percent-encoded once more.
 *
 * AWS: all services but S3 encode the path twice and normalise it (IAM User Guide, "Create a signed AWS API request").
 * What becomes of a last `.` or `..` that document leaves open: botocore and the JavaScript SDK both drop it with its slash.
 */
export function canonicalPath(target: string): string {
	const path = splitTarget(target).path;
	if (path === "" || path === "/") return "/";
	const kept: string[] = [];
	for (const segment of path.split("/")) {
		if (segment === "" || segment === ".") continue;
		if (segment === "..") kept.pop();
		else kept.push(percentEncode(segment));
	}
	const first = path.startsWith("/") ? "/" : "";
	const last = path.endsWith("/") && kept.length > 0 ? "/" : "";
	return `${first}${kept.join("/")}${last}`;
}

/**
 * The parameters of a request target's query, sorted by name and then by value; `undefined` when a `%` is not followed by
 * two hexadecimal digits. A parameter without `=` has the value "".
 */
export function canonicalParameters(target: string): CanonicalParameter[] | undefined {
	const { query } = splitTarget(target);
	if (/%(?![0-9A-Fa-f]{2})/.test(query)) return undefined;
	const parameters: CanonicalParameter[] = [];
	for (const piece of query.split("&")) {
		if (piece === "") continue;
		const at = piece.indexOf("=");
		const [name, value] = at < 0 ? [piece, ""] : [piece.slice(0, at), piece.slice(at + 1)];
		parameters.push([canonicalText(name), canonicalText(value)]);
	}
	return parameters.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
}

/** What a percent-encoded text says, one character for each byte: enough for parameters that are ASCII. */
export function decodeBytes(encoded: string): string {
	return encoded.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function splitTarget(target: string): { readonly path: string; readonly query: string } {
	const at = target.indexOf("?");
	return at < 0 ? { path: target, query: "" } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** The one spelling of a text that may be percent-encoded in many. A `+` is a space here, as it is to whoever reads the parameter. */
function canonicalText(sent: string): string {
	return sent.replace(/%..|\+|[^A-Za-z0-9\-._~%+]+/g, (piece) => {
		if (piece === "+") return "%20";
		if (!piece.startsWith("%")) return percentEncode(piece);
		const char = String.fromCharCode(Number.parseInt(piece.slice(1), 16));
		return /[A-Za-z0-9\-._~]/.test(char) ? char : piece.toUpperCase();
	});
}

/** Percent-encodes all but RFC 3986's unreserved characters. */
function percentEncode(text: string): string {
	return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** By code unit, which for percent-encoded text is by byte. */
function compare(a: string, b: string): number {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}
