/** Requests for the reader to meet: what clients send, what they should not, and either with bytes changed. */
import fc from "fast-check";

/** One message, or what looks like one, and sometimes the next. */
export function requests(): fc.Arbitrary<Buffer> {
	return fc.oneof(
		{ weight: 3, arbitrary: plainRequests() },
		{ weight: 4, arbitrary: mutated(plainRequests()) },
		{ weight: 1, arbitrary: noise() },
	);
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
	'/a|b\\c^d`e{f}"<>',
];
const ODD_TARGETS = [
	"",
	"*",
	"latest",
	"/%",
	"/%4",
	"/%zz",
	"/%00",
	"/%0a",
	"/%7f",
	"/a#b",
	"/a b",
	"/\u00e9",
	"/\t",
	"host:80",
	"http:/x",
	"//",
	"/?",
];
const AUTHORITIES = ["169.254.169.254", "[fd00:ec2::254]:80", "localhost:1338", "h_-.x", "a:b:c", "]["];
const ODD_AUTHORITIES = ["", ":80", "user@host", "user:pw@host", "a%41", "a b", "a\\b", "\u00e9"];

function targets(): fc.Arbitrary<string> {
	const path = fc.oneof(
		fc.constantFrom(...PATHS),
		fc.string({ unit: fc.constantFrom(..."/aZ0.-_~%41?&=:@!$'()*+,;[]"), maxLength: 24 }).map((rest) => `/${rest}`),
	);
	const schemes = fc.constantFrom("http://", "HTTP://", "hTTp://");
	return fc.oneof(
		{ weight: 20, arbitrary: path },
		{
			weight: 5,
			arbitrary: fc
				.tuple(schemes, fc.constantFrom(...AUTHORITIES), fc.oneof(path, fc.constant(""), fc.constant("?q")))
				.map((parts) => parts.join("")),
		},
		{
			weight: 1,
			arbitrary: fc
				.tuple(fc.constantFrom("http://", "https://", "ftp://"), fc.constantFrom(...ODD_AUTHORITIES), path)
				.map((parts) => parts.join("")),
		},
		{ weight: 1, arbitrary: fc.constantFrom(...ODD_TARGETS) },
		{
			weight: 1,
			arbitrary: fc
				.tuple(fc.integer({ min: 1015, max: 1030 }), fc.constantFrom("", "%", "%41", "?", "%zz"))
				.map(([length, end]) => `/${"a".repeat(length)}${end}`),
		},
	);
}

const TOKEN = "AQAEAHvYEEMnCGjrJWRN8FMkP0KbZ5xhbyqHzZ7Bu6gJRFjKyDBmmQ==";

/** Headers that the reader looks at: values that clients send, and values that nobody should. */
const HEADERS: Readonly<Record<string, { usual: readonly string[]; odd: readonly string[] }>> = {
	Host: { usual: ["169.254.169.254", "localhost:1338", "[::1]:80", "evil.example", ""], odd: ["a, b", "a b", "user@host"] },
	Connection: {
		usual: ["close", "keep-alive", "Keep-Alive", "CLOSE", "TE, keep-alive", "keep-alive , close", "upgrade"],
		odd: [",close,", "keep-alivex", "", "x close", "keep-alive;q=1", "close keep-alive"],
	},
	"Content-Length": {
		usual: ["0"],
		odd: ["5", "005", "4097", "+5", "-1", "0x5", "5, 5", "5 5", "", "18446744073709551621", "5;", "1e1", "\u00b2"],
	},
	"Transfer-Encoding": {
		usual: ["chunked"],
		odd: [
			"Chunked",
			"chunked, identity",
			"identity",
			"gzip, chunked",
			"chunked,",
			",chunked",
			"xchunked",
			"chunked;q=1",
			"chunked chunked",
			"",
		],
	},
	Expect: { usual: ["100-continue", "100-Continue"], odd: ["100-continue, x", "200-ok", ""] },
	Upgrade: { usual: ["h2c"], odd: ["websocket", "TLS/1.0"] },
	"Proxy-Connection": { usual: ["keep-alive"], odd: ["close"] },
	"X-Forwarded-For": { usual: ["1.2.3.4", "::1, 10.0.0.1"], odd: [""] },
	"X-aws-ec2-metadata-token": { usual: [TOKEN, "", "a"], odd: [`${TOKEN}, ${TOKEN}`, "\u00ff"] },
	"X-aws-ec2-metadata-token-ttl-seconds": { usual: ["60", "21600", "0"], odd: ["", "1.5", "60, 60"] },
	Origin: { usual: ["null", "http://evil.example"], odd: [""] },
	"Sec-Fetch-Mode": { usual: ["no-cors"], odd: [""] },
	"Sec-Fetch-Site": { usual: ["none"], odd: [""] },
	"Sec-Fetch-": { usual: [""], odd: ["x"] },
	Trailer: { usual: ["X-Forwarded-For"], odd: [""] },
	TE: { usual: ["trailers"], odd: ["chunked"] },
	"User-Agent": { usual: ["curl/8.5.0", "Boto3/1.43 md/Botocore#1.43"], odd: ["na\u00efve \u00ff\u0080", "tab\there"] },
};
const ODD_LINES = [
	": x",
	"X y: z",
	"Host : a",
	"Host\t: a",
	" folded",
	"\tfolded",
	"Ho\0st: a",
	"X: a\0b",
	"X: a\x7fb",
	"X: a\rb",
	"X: a\nb",
	"X",
	"(x): y",
	"X\u00e9: y",
	"X: \x01",
	"\r",
	"\n",
	"Content-Length : 5",
	"Transfer-Encoding:\x0bchunked",
];

function headerLines(): fc.Arbitrary<string> {
	const known = fc.constantFrom(...Object.entries(HEADERS).filter(([name]) => name !== "Content-Length" && name !== "Transfer-Encoding"));
	const framing = fc.constantFrom(...Object.entries(HEADERS));
	const spelled = fc
		.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: framing })
		.chain(([name, { usual, odd }]) =>
			fc
				.tuple(
					fc.constantFrom(name, name.toLowerCase(), name.toUpperCase()),
					fc.constantFrom(" ", " ", "", "  ", "\t"),
					mostly(fc.constantFrom(...usual), fc.constantFrom(...odd)),
					fc.constantFrom("", "", " ", "\t", "\t "),
				)
				.map((parts) => `${parts[0]}:${parts.slice(1).join("")}`),
		);
	const other = fc
		.tuple(
			fc.string({ unit: fc.constantFrom(..."abcXYZ019!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 12 }),
			fc.string({
				unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code === 0x7f ? 0x20 : code)),
				maxLength: 12,
			}),
		)
		.map(([name, value]) => `${name}: ${value}`);
	return fc.oneof(
		{ weight: 40, arbitrary: spelled },
		{ weight: 10, arbitrary: other },
		{ weight: 1, arbitrary: fc.constantFrom(...ODD_LINES) },
	);
}

/** How a message says how long it is, and a body to go with it. */
function framings(): fc.Arbitrary<readonly [lines: readonly string[], body: string]> {
	const sound = fc.constantFrom<readonly [lines: readonly string[], body: string]>(
		[[], ""],
		[[], ""],
		[[], ""],
		[["Content-Length: 0"], ""],
		[["Content-Length: 5"], "hello"],
		[["content-length:\t0064"], "\0".repeat(64)],
		[["Transfer-Encoding: chunked"], "0\r\n\r\n"],
	);
	const lines = [
		"Content-Length: 5",
		"Content-Length: 0",
		"Transfer-Encoding: chunked",
		"Transfer-Encoding:chunked\t",
		"Transfer-Encoding:\tCHUNKED ",
		"Transfer-Encoding: identity",
		"Transfer-Encoding: chunked, identity",
	];
	const bodies = [
		"",
		"hello",
		"hell",
		"0\r\n\r\n",
		"5\r\nhello\r\n0\r\n\r\n",
		"0;a=b\r\n\r\n",
		"0\r\nX: y\r\n\r\n",
		"00\r\n\r\n",
		"0 \r\n\r\n",
		"0\n\n",
	];
	return mostly(sound, fc.tuple(fc.uniqueArray(fc.constantFrom(...lines), { maxLength: 3 }), fc.constantFrom(...bodies)), 4);
}

const NEXT = ["GET /next HTTP/1.1\r\n\r\n", "\r\n", "\0", "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n\r\n", " x: y\r\n\r\n"];
const VERSIONS = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"];
const ODD_VERSIONS = ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/1.1 ", " HTTP/1.1", "http/1.1", "HTTP/01.1", "HTTP/1.10", "", "ICE/1.0"];

function plainRequests(): fc.Arbitrary<Buffer> {
	return fc
		.record({
			method: mostly(fc.constantFrom("PUT", ...METHODS), fc.constantFrom(...ODD_METHODS)),
			target: targets(),
			version: mostly(fc.constantFrom(...VERSIONS), fc.constantFrom(...ODD_VERSIONS)),
			headers: fc.array(headerLines(), { maxLength: 5 }),
			framing: framings(),
			many: mostly(fc.constant(0), fc.constantFrom(93, 99, 100, 101)),
			lineEnd: mostly(fc.constant("\r\n"), fc.constantFrom("\n", "\r", "\r\r\n", "\n\r")),
			next: fc.constantFrom("", "", "", ...NEXT),
		})
		.map(({ method, target, version, headers, framing: [framingLines, body], many, lineEnd, next }) => {
			const rest = Array.from({ length: many }, (_, i) => `h${i}: v`);
			const lines = [`${method} ${target} ${version}`, ...headers, ...framingLines, ...rest, "", ""];
			return Buffer.from(`${lines.join(lineEnd)}${body}${next}`, "latin1");
		});
}

/** Most changes are invisible to whoever looks at the text. */
const INSERTED = [
	"\r",
	"\n",
	"\r\n",
	"\0",
	" ",
	"\t",
	":",
	",",
	";",
	"\x0b",
	"\x7f",
	"\x80",
	"\xff",
	"\r\n ",
	"\r\n\t",
	"\r\n\r\n",
	"0",
	"#",
	"%",
].map((text) => Buffer.from(text, "latin1"));

type Mutation = (bytes: Buffer) => Buffer;

function mutated(originals: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
	// A place is a fraction, so that it means something in an input of any length, and shrinks to its beginning.
	const place = fc.nat(9999).map((nat) => nat / 10_000);
	const at = (bytes: Buffer, fraction: number) => Math.floor(fraction * bytes.length);
	const mutations: fc.Arbitrary<Mutation> = fc.oneof(
		fc.tuple(place, fc.constantFrom(...INSERTED)).map(
			([where, what]): Mutation =>
				(bytes) =>
					splice(bytes, at(bytes, where), 0, what),
		),
		fc.tuple(place, fc.constantFrom(...INSERTED)).map(
			([where, what]): Mutation =>
				(bytes) =>
					splice(bytes, at(bytes, where), what.length, what),
		),
		fc.tuple(place, fc.nat(7)).map(
			([where, bit]): Mutation =>
				(bytes) =>
					flipped(bytes, at(bytes, where), bit),
		),
		fc.tuple(place, fc.integer({ min: 1, max: 4 })).map(
			([where, count]): Mutation =>
				(bytes) =>
					splice(bytes, at(bytes, where), count),
		),
		fc.tuple(place, place).map(
			([from, to]): Mutation =>
				(bytes) =>
					splice(bytes, at(bytes, to), 0, bytes.subarray(at(bytes, from), at(bytes, from) + 16)),
		),
		fc.tuple(place, place).map(
			([which, where]): Mutation =>
				(bytes) =>
					onLines(bytes, (lines) => lines.toSpliced(Math.floor(where * lines.length), 0, lines[Math.floor(which * lines.length)]!)),
		),
		place.map(
			(which): Mutation =>
				(bytes) =>
					onLines(bytes, (lines) => lines.toSpliced(Math.floor(which * lines.length), 1)),
		),
		place.map(
			(end): Mutation =>
				(bytes) =>
					bytes.subarray(0, at(bytes, end)),
		),
	);
	return fc
		.tuple(originals, fc.array(mutations, { minLength: 1, maxLength: 3 }))
		.map(([bytes, changes]) => changes.reduce((before, change) => change(before), bytes));
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

function mostly<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 30): fc.Arbitrary<T> {
	return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
}
