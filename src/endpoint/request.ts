// The request reader: HTTP/1.1 as metadata clients speak it, and nothing else (metadata-endpoint.md §1.3–1.5,
// RFC 9112). Whatever is left out here is refused: a request that two programs could read in two ways is never served.

/** Bytes of a request line and its headers (§1.12). */
export const HEAD_MAX_BYTES = 8192;

/** Bytes of a request target; the longest tag key, all of it percent-encoded, fits. */
export const TARGET_MAX_BYTES = 1024;

/** Header lines of a request. */
export const HEADERS_MAX = 100;

/** Bytes of a body, which nothing here needs; a PUT may carry one, and it is thrown away (§1.3). */
export const BODY_MAX_BYTES = 4096;

/** Token headers that are looked at: a client that retries sends two (§1.8). */
const TOKENS_MAX = 8;

export type Method = "GET" | "HEAD" | "PUT" | "POST" | "OPTIONS" | "DELETE" | "PATCH" | "TRACE";

const METHODS: ReadonlyMap<string, Method> = new Map(
	(["GET", "HEAD", "PUT", "POST", "OPTIONS", "DELETE", "PATCH", "TRACE"] as const).map((method) => [method, method]),
);

/** What {@link readRequest} answers besides a length. */
export const INCOMPLETE = 0;
export const REFUSED = -1;

/** One request, as far as anything here looks at it. Filled anew for each; positions point into the bytes it was read from. */
export class Request {
	method: Method = "GET";
	/** Path of the target as it came: percent-encoded, without query, never empty. */
	path = "/";
	/** The responder's: whether that is the token path; `undefined` until it was looked at. */
	onTokenPath: boolean | undefined = undefined;
	/** Likewise {@link pathClassOf} it, and what the `User-Agent` header says. */
	pathClass: number | undefined = undefined;
	userAgent: string | undefined = undefined;
	/** The client asked for the connection to stay open. */
	keepAlive = false;
	/** The head is whole and asks for `100 Continue` before its body. */
	expectsContinue = false;
	/** `X-Forwarded-For` is there, whatever it says. */
	forwarded = false;
	/** `Origin` or `Sec-Fetch-*` (its `Mode` apart) is there: a web page's request. */
	fromWebPage = false;
	/** Start and end of the host that is asked for, in the `Host` header or an absolute target; -1: none. */
	hostStart = -1;
	hostEnd = -1;
	/** How many `X-aws-ec2-metadata-token` headers there are, and where their values start and end. */
	tokenCount = 0;
	readonly tokenSpans = new Int32Array(2 * TOKENS_MAX);
	/** How many TTL headers there are, and where the last one's value starts and ends. */
	ttlCount = 0;
	ttlStart = 0;
	ttlEnd = 0;
	/** Start and end of the `User-Agent` header's value; the same: none. */
	agentStart = 0;
	agentEnd = 0;

	// What the reader notes on its way, and nobody else needs.
	/** @internal */ minorVersion = 1;
	/** @internal */ headerCount = 0;
	/** @internal */ hostCount = 0;
	/** @internal */ keepAliveAsked = false;
	/** @internal */ closeAsked = false;
	/** @internal */ continueAsked = false;
	/** @internal -1: no such header. */ contentLength = -1;
	/** @internal */ chunked = false;
}

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

// RFC 9110 §5.6.2: the characters of a token.
const IS_TOKEN = byteTable((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)));
// RFC 9110 §5.5: visible characters, space, tab, and bytes above ASCII, which some agents put into User-Agent.
const IS_VALUE = byteTable((byte) => byte === TAB || (byte >= SPACE && byte !== 0x7f));
// Visible ASCII. A fragment never comes over the wire, so "#" is no part of a target.
const IS_TARGET = byteTable((byte) => byte > SPACE && byte < 0x7f && byte !== 0x23);
const IS_AUTHORITY = byteTable((byte) => /[A-Za-z0-9.:_\-[\]]/.test(String.fromCharCode(byte)));

const HOST = lowerName("host");
const ORIGIN = lowerName("origin");
const EXPECT = lowerName("expect");
const CONNECTION = lowerName("connection");
const USER_AGENT = lowerName("user-agent");
const SEC_FETCH = lowerName("sec-fetch-");
const SEC_FETCH_MODE = lowerName("sec-fetch-mode");
const CONTENT_LENGTH = lowerName("content-length");
const FORWARDED_FOR = lowerName("x-forwarded-for");
const TRANSFER_ENCODING = lowerName("transfer-encoding");
const TOKEN = lowerName("x-aws-ec2-metadata-token");
const TTL = lowerName("x-aws-ec2-metadata-token-ttl-seconds");
const KEEP_ALIVE = lowerName("keep-alive");
const CLOSE = lowerName("close");
const CHUNKED = lowerName("chunked");
const CONTINUE = lowerName("100-continue");
const HTTP_SCHEME = lowerName("http://");
const HTTP_1_DOT = "HTTP/1.";
const LAST_CHUNK = lowerName("0\r\n\r\n");

/**
 * Reads one request from the first `end` bytes.
 *
 * @returns its length with its body, {@link INCOMPLETE} while more must come, or {@link REFUSED}: answer 400 and close.
 */
export function readRequest(bytes: Buffer, end: number, request: Request): number {
	reset(request);
	const limit = Math.min(end, HEAD_MAX_BYTES);
	let at = readRequestLine(bytes, limit, request);
	while (at > 0) {
		if (at >= limit) return unfinished(end);
		if (bytes[at] === CR) {
			if (at + 1 >= limit) return unfinished(end);
			return bytes[at + 1] === LF ? readBody(bytes, at + 2, end, request) : REFUSED;
		}
		at = readHeader(bytes, at, limit, request);
	}
	return at === INCOMPLETE ? unfinished(end) : REFUSED;
}

function unfinished(end: number): number {
	return end < HEAD_MAX_BYTES ? INCOMPLETE : REFUSED;
}

function reset(request: Request): void {
	request.onTokenPath = undefined;
	request.pathClass = undefined;
	request.userAgent = undefined;
	request.agentStart = 0;
	request.agentEnd = 0;
	request.keepAlive = false;
	request.expectsContinue = false;
	request.forwarded = false;
	request.fromWebPage = false;
	request.hostStart = -1;
	request.hostEnd = -1;
	request.tokenCount = 0;
	request.ttlCount = 0;
	request.headerCount = 0;
	request.hostCount = 0;
	request.keepAliveAsked = false;
	request.closeAsked = false;
	request.continueAsked = false;
	request.contentLength = -1;
	request.chunked = false;
}

/** Where the first header starts; {@link INCOMPLETE} or {@link REFUSED}. */
function readRequestLine(bytes: Buffer, limit: number, request: Request): number {
	let at = 0;
	while (at < limit && IS_TOKEN[bytes[at]!]) at++;
	if (at > 7) return REFUSED;
	if (at >= limit) return INCOMPLETE;
	if (bytes[at] !== SPACE) return REFUSED;
	if (at === 3 && bytes[0] === 0x47 && bytes[1] === 0x45 && bytes[2] === 0x54) {
		request.method = "GET";
	} else {
		const method = METHODS.get(bytes.toString("latin1", 0, at));
		if (method === undefined) return REFUSED;
		request.method = method;
	}
	at = readTarget(bytes, at + 1, limit, request);
	if (at <= 0) return at;
	// "HTTP/1.1" or "HTTP/1.0", nothing before it and nothing after.
	for (let i = 0; i < 7; i++) {
		if (at + i >= limit) return INCOMPLETE;
		if (bytes[at + i] !== HTTP_1_DOT.charCodeAt(i)) return REFUSED;
	}
	if (at + 9 >= limit) return INCOMPLETE;
	const minor = bytes[at + 7];
	if ((minor !== 0x31 && minor !== 0x30) || bytes[at + 8] !== CR || bytes[at + 9] !== LF) return REFUSED;
	request.minorVersion = minor - 0x30;
	return at + 10;
}

/** Where the HTTP version starts; {@link INCOMPLETE} or {@link REFUSED}. */
function readTarget(bytes: Buffer, start: number, limit: number, request: Request): number {
	let pathStart = start;
	if (start >= limit) return INCOMPLETE;
	if (bytes[start] !== 0x2f) {
		pathStart = readAuthority(bytes, start, limit, request);
		if (pathStart <= 0) return pathStart;
	}
	let at = pathStart;
	let pathEnd = -1;
	while (at < limit && IS_TARGET[bytes[at]!]) {
		if (bytes[at] === 0x3f && pathEnd < 0) pathEnd = at;
		if (bytes[at] === 0x25) {
			if (at + 2 >= limit) break;
			if (!isVisibleEscape(bytes[at + 1]!, bytes[at + 2]!)) return REFUSED;
		}
		at++;
	}
	if (at - start > TARGET_MAX_BYTES) return REFUSED;
	if (at >= limit || bytes[at] === 0x25) return INCOMPLETE;
	if (bytes[at] !== SPACE) return REFUSED;
	if (pathEnd < 0) pathEnd = at;
	request.path = pathEnd === pathStart ? "/" : bytes.toString("latin1", pathStart, pathEnd);
	return at + 1;
}

/** Reads `http://authority` of an absolute target, which counts for `Host` (RFC 9112 §3.2.2). Where its path starts. */
function readAuthority(bytes: Buffer, start: number, limit: number, request: Request): number {
	for (let i = 0; i < HTTP_SCHEME.length; i++) {
		if (start + i >= limit) return INCOMPLETE;
		if (lower(bytes[start + i]!) !== HTTP_SCHEME[i]) return REFUSED;
	}
	let at = start + HTTP_SCHEME.length;
	request.hostStart = at;
	while (at < limit && IS_AUTHORITY[bytes[at]!]) at++;
	if (at >= limit) return INCOMPLETE;
	request.hostEnd = at;
	const next = bytes[at];
	const empty = at === request.hostStart || bytes[request.hostStart] === 0x3a;
	return empty || (next !== 0x2f && next !== 0x3f && next !== SPACE) ? REFUSED : at;
}

/** Reads one header line. Where the next one starts; {@link INCOMPLETE} or {@link REFUSED}. */
function readHeader(bytes: Buffer, start: number, limit: number, request: Request): number {
	let at = start;
	while (at < limit && IS_TOKEN[bytes[at]!]) at++;
	if (at >= limit) return INCOMPLETE;
	// No name, a space before the colon, or a line that continues the one before: refused alike.
	if (at === start || bytes[at] !== 0x3a) return REFUSED;
	const nameEnd = at++;
	while (at < limit && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
	const valueStart = at;
	while (at < limit && IS_VALUE[bytes[at]!]) at++;
	if (at + 1 >= limit) return at < limit && bytes[at] !== CR ? REFUSED : INCOMPLETE;
	if (bytes[at] !== CR || bytes[at + 1] !== LF) return REFUSED;
	let valueEnd = at;
	while (valueEnd > valueStart && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd--;
	if (++request.headerCount > HEADERS_MAX) return REFUSED;
	return takeHeader(bytes, start, nameEnd, valueStart, valueEnd, request) ? at + 2 : REFUSED;
}

/** Keeps what a header says, if it is one of those that matter. `false`: it contradicts itself or another. */
function takeHeader(bytes: Buffer, start: number, nameEnd: number, valueStart: number, valueEnd: number, request: Request): boolean {
	switch (nameEnd - start) {
		case 4:
			if (isName(bytes, start, HOST)) return takeHost(valueStart, valueEnd, request);
			break;
		case 6:
			if (isName(bytes, start, ORIGIN)) request.fromWebPage = true;
			else if (isName(bytes, start, EXPECT)) request.continueAsked = isWord(bytes, valueStart, valueEnd, CONTINUE);
			break;
		case 10:
			if (isName(bytes, start, CONNECTION)) {
				takeConnection(bytes, valueStart, valueEnd, request);
			} else if (isName(bytes, start, USER_AGENT)) {
				request.agentStart = valueStart;
				request.agentEnd = valueEnd;
			}
			break;
		case 14:
			if (isName(bytes, start, CONTENT_LENGTH)) return takeContentLength(bytes, valueStart, valueEnd, request);
			break;
		case 15:
			if (isName(bytes, start, FORWARDED_FOR)) request.forwarded = true;
			break;
		case 17:
			if (isName(bytes, start, TRANSFER_ENCODING)) {
				// llhttp takes a tab behind the word for another coding; so that nobody can differ, nothing stands behind it.
				const known = !request.chunked && isWord(bytes, valueStart, valueEnd, CHUNKED) && bytes[valueEnd] === CR;
				request.chunked = true;
				return known;
			}
			break;
		case 24:
			if (isName(bytes, start, TOKEN)) {
				if (request.tokenCount >= TOKENS_MAX) return false;
				request.tokenSpans[2 * request.tokenCount] = valueStart;
				request.tokenSpans[2 * request.tokenCount + 1] = valueEnd;
				request.tokenCount++;
			}
			break;
		case 36:
			if (isName(bytes, start, TTL)) {
				request.ttlCount++;
				request.ttlStart = valueStart;
				request.ttlEnd = valueEnd;
			}
			break;
	}
	// Quirk: Node's fetch sends Sec-Fetch-Mode, and it alone; browsers send Sec-Fetch-Site and -Dest with it, always.
	if (nameEnd - start > SEC_FETCH.length && isName(bytes, start, SEC_FETCH) && !isWord(bytes, start, nameEnd, SEC_FETCH_MODE)) {
		request.fromWebPage = true;
	}
	return true;
}

/** Two `Host` headers are two answers to one question (security.md S5); an absolute target outranks the one. */
function takeHost(valueStart: number, valueEnd: number, request: Request): boolean {
	if (request.hostStart < 0) {
		request.hostStart = valueStart;
		request.hostEnd = valueEnd;
	}
	return ++request.hostCount === 1;
}

function takeConnection(bytes: Buffer, start: number, end: number, request: Request): void {
	let from = start;
	for (let at = start; at <= end; at++) {
		if (at < end && bytes[at] !== 0x2c) continue;
		let to = at;
		while (from < to && (bytes[from] === SPACE || bytes[from] === TAB)) from++;
		while (to > from && (bytes[to - 1] === SPACE || bytes[to - 1] === TAB)) to--;
		if (isWord(bytes, from, to, KEEP_ALIVE)) request.keepAliveAsked = true;
		else if (isWord(bytes, from, to, CLOSE)) request.closeAsked = true;
		from = at + 1;
	}
}

function takeContentLength(bytes: Buffer, start: number, end: number, request: Request): boolean {
	if (request.contentLength >= 0 || start === end) return false;
	let length = 0;
	for (let at = start; at < end; at++) {
		const digit = bytes[at]! - 0x30;
		if (digit < 0 || digit > 9) return false;
		length = length * 10 + digit;
		if (length > BODY_MAX_BYTES) return false;
	}
	request.contentLength = length;
	return true;
}

/** The head is whole: what of a body there may be must be here too. */
function readBody(bytes: Buffer, bodyStart: number, end: number, request: Request): number {
	// AWS: a socket stays open for an explicit keep-alive only (§1.3). HTTP/1.0 clients would wait for a header that EC2 never sends.
	request.keepAlive = request.keepAliveAsked && !request.closeAsked && request.minorVersion === 1;
	// HTTP/1.0 knows no interim responses (RFC 9110 §10.1.1).
	request.expectsContinue = request.continueAsked && request.minorVersion === 1;
	const length = request.contentLength;
	if (request.chunked) {
		// A chunk that says it is the last is all that clients send (§1.3); HTTP/1.0 knows no chunks.
		if (length >= 0 || request.minorVersion === 0 || takesNoBody(request.method)) return REFUSED;
		for (let i = 0; i < LAST_CHUNK.length; i++) {
			if (bodyStart + i >= end) return INCOMPLETE;
			if (bytes[bodyStart + i] !== LAST_CHUNK[i]) return REFUSED;
		}
		return bodyStart + LAST_CHUNK.length;
	}
	if (length <= 0) return bodyStart;
	if (takesNoBody(request.method)) return REFUSED;
	return bodyStart + length <= end ? bodyStart + length : INCOMPLETE;
}

function takesNoBody(method: Method): boolean {
	return method === "GET" || method === "HEAD" || method === "TRACE";
}

/** Two hexadecimal digits that stand for no control character. */
function isVisibleEscape(high: number, low: number): boolean {
	const value = hexValue(high) * 16 + hexValue(low);
	return hexValue(high) >= 0 && hexValue(low) >= 0 && value >= SPACE && value !== 0x7f;
}

function hexValue(byte: number): number {
	if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
	const letter = lower(byte) - 0x61;
	return letter >= 0 && letter < 6 ? letter + 10 : -256;
}

/** Whether the bytes from `start` spell a name in any case; the caller knows that there are enough of them. */
function isName(bytes: Buffer, start: number, name: Uint8Array): boolean {
	for (let i = 0; i < name.length; i++) if (lower(bytes[start + i]!) !== name[i]) return false;
	return true;
}

function isWord(bytes: Buffer, start: number, end: number, word: Uint8Array): boolean {
	return end - start === word.length && isName(bytes, start, word);
}

function lower(byte: number): number {
	return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function lowerName(name: string): Uint8Array {
	return Uint8Array.from(Buffer.from(name, "latin1"));
}

function byteTable(holds: (byte: number) => boolean): Uint8Array {
	return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}
