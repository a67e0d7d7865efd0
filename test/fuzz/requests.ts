/** Requests for the reader to meet: what clients send, what they should not, and either with bytes changed. */
import fc from "fast-check";

/** One message, or what looks like one, and sometimes the next. */
export function requests(): fc.Arbitrary<Buffer> {
	return fc.oneof({ weight: 3, arbitrary: plainRequests() }, { weight: 4, arbitrary: mutated(plainRequests()) }, { weight: 1, arbitrary: noise() });
}

const METHODS = ["GET", "HEAD", "PUT", "POST", "OPTIONS", "DELETE", "PATCH", "TRACE"];
const ODD_METHODS = ["", "get", "Put", "CONNECT", "PRI", "M-SEARCH", "PROPFIND", "GETX", "G", "HTTP/1.1", "SOURCE"];

const PATHS = [
	"/",
	"/latest",
	"/latest/",
	"/latest/api/token",
	"/latest/meta-data/instance-id",
	"//latest//meta-data/",
	"/latest/meta-data/tags/instance/aws%3Aautoscaling%3AgroupName",
	"/latest/user-data?a=b?c",
	"/?%41",
	"/a|b\\c^d`e{f}\"<>",
];
const ODD_TARGETS = ["", "*", "latest", "/%", "/%4", "/%zz", "/%00", "/%0a", "/%7f", "/a#b", "/a b", "/\u00e9", "/\t", "host:80", "http:/x", "//", "/?"];
const AUTHORITIES = ["169.254.169.254", "[fd00:ec2::254]:80", "localhost:1338", "h_-.x", "a:b:c", "]["];
const ODD_AUTHORITIES = ["", ":80", "user@host", "user:pw@host", "a%41", "a b", "a\\b", "\u00e9"];

function targets(): fc.Arbitrary<string> {
	const path = fc.oneof(fc.constantFrom(...PATHS), fc.string({ unit: fc.constantFrom(..."/aZ0.-_~%41?&=:@!$'()*+,;[]"), maxLength: 24 }).map((rest) => `/${rest}`));
	const schemes = fc.constantFrom("http://", "HTTP://", "hTTp://");
	return fc.oneof(
		{ weight: 10, arbitrary: path },
		{ weight: 3, arbitrary: fc.tuple(schemes, fc.constantFrom(...AUTHORITIES), fc.oneof(path, fc.constant(""), fc.constant("?q"))).map((parts) => parts.join("")) },
		{ weight: 1, arbitrary: fc.tuple(fc.constantFrom("http://", "https://", "ftp://"), fc.constantFrom(...ODD_AUTHORITIES), path).map((parts) => parts.join("")) },
		{ weight: 1, arbitrary: fc.constantFrom(...ODD_TARGETS) },
		{ weight: 1, arbitrary: fc.integer({ min: 1000, max: 1040 }).map((length) => `/${"a".repeat(length)}`) },
	);
}

const TOKEN = "AQAEAHvYEEMnCGjrJWRN8FMkP0KbZ5xhbyqHzZ7Bu6gJRFjKyDBmmQ==";

/** Headers that the reader looks at, each with values that clients send and values that nobody should. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
	Host: ["169.254.169.254", "localhost:1338", "[::1]:80", "evil.example", "", "a, b", "a b", "user@host"],
	Connection: ["close", "keep-alive", "Keep-Alive", "CLOSE", "TE, keep-alive", "keep-alive , close", ",close,", "upgrade", "keep-alivex", "", "close\t", "x close", "keep-alive;q=1"],
	"Content-Length": ["0", "5", "005", "4096", "4097", "+5", "-1", "0x5", "5, 5", "5 5", "", "18446744073709551621", "5;", "1e1", "5\t"],
	"Transfer-Encoding": ["chunked", "Chunked", "chunked\t", " chunked", "chunked, identity", "identity", "gzip, chunked", "chunked,", ",chunked", "xchunked", "chunked;q=1", "chunked chunked", ""],
	Expect: ["100-continue", "100-Continue", "100-continue, x", "200-ok", ""],
	Upgrade: ["h2c", "websocket", "TLS/1.0"],
	"Proxy-Connection": ["close", "keep-alive"],
	"X-Forwarded-For": ["1.2.3.4", "", "::1, 10.0.0.1"],
	"X-aws-ec2-metadata-token": [TOKEN, "", `${TOKEN} `, "a", `${TOKEN}, ${TOKEN}`, "\u00ff"],
	"X-aws-ec2-metadata-token-ttl-seconds": ["60", "21600", "0", "", " 60 ", "\t60\t", "1.5", "60, 60"],
	Origin: ["null", "http://evil.example"],
	"Sec-Fetch-Mode": ["no-cors", ""],
	Trailer: ["X-Forwarded-For"],
	TE: ["trailers"],
	"User-Agent": ["curl/8.5.0", "na\u00efve \u00ff\u0080", "tab\there", "Boto3/1.43 md/Botocore#1.43"],
};
const ODD_LINES = [": x", "X y: z", "Host : a", "Host\t: a", " folded", "\tfolded", "Ho\u0000st: a", "X: a\u0000b", "X: a\u007fb", "X: a\rb", "X: a\nb", "X", "(x): y", "X\u00e9: y", "X: \u0001", "\r", "\n"];

function headerLines(): fc.Arbitrary<string> {
	const names = Object.keys(HEADERS);
	const known = fc.constantFrom(...names).chain((name) =>
		fc
			.tuple(fc.constantFrom(name, name.toLowerCase(), name.toUpperCase()), fc.constantFrom(" ", " ", " ", "", "  ", "\t"), fc.constantFrom(...(HEADERS[name] ?? [])), fc.constantFrom("", "", "", " ", "\t"))
			.map(([spelled, before, value, after]) => `${spelled}:${before}${value}${after}`),
	);
	const other = fc
		.tuple(fc.string({ unit: fc.constantFrom(..."abcXYZ019!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 12 }), fc.string({ unit: "binary-ascii", maxLength: 12 }))
		.map(([name, value]) => `${name}: ${value.replaceAll(/[\0-\x1f\x7f]/g, ".")}`);
	return fc.oneof({ weight: 12, arbitrary: known }, { weight: 3, arbitrary: other }, { weight: 1, arbitrary: fc.constantFrom(...ODD_LINES) });
}

const BODIES = ["", "hello", "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "0;a=b\r\n\r\n", "0\r\nX: y\r\n\r\n", "00\r\n\r\n", "0 \r\n\r\n", "0\n\n", "\0".repeat(64)];
const NEXT = ["GET /next HTTP/1.1\r\n\r\n", "\r\n", "\0", "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n\r\n", " x: y\r\n\r\n"];

function plainRequests(): fc.Arbitrary<Buffer> {
	return fc
		.record({
			method: mostly(fc.constantFrom("GET", "PUT", ...METHODS), fc.constantFrom(...ODD_METHODS)),
			target: targets(),
			version: mostly(fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"), fc.constantFrom("HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/1.1 ", "http/1.1", "HTTP/01.1", "HTTP/1.10", "", "ICE/1.0")),
			headers: fc.array(headerLines(), { maxLength: 6 }),
			framing: fc.constantFrom([], [], [], ["Content-Length: 5"], ["Content-Length: 0"], ["Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 5"]),
			many: fc.constantFrom(0, 0, 0, 0, 0, 0, 95, 100, 101),
			lineEnd: mostly(fc.constant("\r\n"), fc.constantFrom("\n", "\r", "\r\r\n", "\n\r")),
			body: fc.constantFrom(...BODIES),
			next: fc.constantFrom("", "", ...NEXT),
		})
		.map(({ method, target, version, headers, framing, many, lineEnd, body, next }) => {
			const lines = [`${method} ${target} ${version}`, ...framing, ...headers, ...Array.from({ length: many }, (_, i) => `h${i}: v`)];
			return Buffer.from(`${lines.join(lineEnd)}${lineEnd}${lineEnd}${body}${next}`, "latin1");
		});
}

/** Most changes are invisible to whoever looks at the text. */
const INSERTED = ["\r", "\n", "\r\n", "\0", " ", "\t", ":", ",", ";", "\x0b", "\x7f", "\x80", "\xff", "\r\n ", "\r\n\t", "\r\n\r\n", "0", "#", "%"].map((text) => Buffer.from(text, "latin1"));

type Mutation = (bytes: Buffer) => Buffer;

function mutated(originals: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
	// A place is a fraction, so that it means something in an input of any length, and shrinks to its beginning.
	const place = fc.nat(9999).map((nat) => nat / 10_000);
	const at = (bytes: Buffer, fraction: number) => Math.floor(fraction * bytes.length);
	const mutations: fc.Arbitrary<Mutation> = fc.oneof(
		fc.tuple(place, fc.constantFrom(...INSERTED)).map(([where, what]): Mutation => (bytes) => splice(bytes, at(bytes, where), 0, what)),
		fc.tuple(place, fc.constantFrom(...INSERTED)).map(([where, what]): Mutation => (bytes) => splice(bytes, at(bytes, where), what.length, what)),
		fc.tuple(place, fc.nat(7)).map(([where, bit]): Mutation => (bytes) => flipped(bytes, at(bytes, where), bit)),
		fc.tuple(place, fc.integer({ min: 1, max: 4 })).map(([where, count]): Mutation => (bytes) => splice(bytes, at(bytes, where), count)),
		fc.tuple(place, place).map(([from, to]): Mutation => (bytes) => splice(bytes, at(bytes, to), 0, bytes.subarray(at(bytes, from), at(bytes, from) + 16))),
		fc.tuple(place, place).map(([which, where]): Mutation => (bytes) => onLines(bytes, (lines) => lines.toSpliced(Math.floor(where * lines.length), 0, lines[Math.floor(which * lines.length)]!))),
		place.map((which): Mutation => (bytes) => onLines(bytes, (lines) => lines.toSpliced(Math.floor(which * lines.length), 1))),
		place.map((end): Mutation => (bytes) => bytes.subarray(0, at(bytes, end))),
	);
	return fc.tuple(originals, fc.array(mutations, { minLength: 1, maxLength: 3 })).map(([bytes, changes]) => changes.reduce((before, change) => change(before), bytes));
}

function splice(bytes: Buffer, at: number, removed: number, inserted: Buffer = Buffer.alloc(0)): Buffer {
	return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
	const changed = Buffer.from(bytes);
	if (at < changed.length) changed[at]! ^= 1 << bit;
	return changed;
}

function onLines(bytes: Buffer, change: (lines: string[]) => string[]): Buffer {
	return Buffer.from(change(bytes.toString("latin1").split("\r\n")).join("\r\n"), "latin1");
}

/** What other protocols say first, and what nobody says. */
function noise(): fc.Arbitrary<Buffer> {
	return fc.oneof(
		fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
		fc.string({ unit: fc.constantFrom(..."GET /HTP1.\r\n: \t0aA%?"), maxLength: 60 }).map((text) => Buffer.from(text, "latin1")),
	);
}

function mostly<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
	return fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: odd });
}
