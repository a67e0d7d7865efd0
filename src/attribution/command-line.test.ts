import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redactedCommandLine } from "./command-line.ts";

const FILES = new Set(["/srv/app.js", "app.py", "my file.txt"]);

function redact(words: readonly string[], executable = "/usr/bin/curl", serverAddress = "10.0.0.1"): string {
	return redactedCommandLine({ executable, words, serverAddress, isFile: (word) => FILES.has(word) });
}

test("names of options stay, what they are set to does not", () => {
	assert.equal(
		redact(["-s", "--max-time", "5", "--password=hunter2", "-pSECRET", "--user", "me:pw"]),
		"curl -s --max-time … --password=… -p… --user …",
	);
});

test("a line of redacted words is one mark", () => {
	assert.equal(redact(["a", "b", "c", "-x", "d", "e"]), "curl … -x …");
});

test("files that are there stay, and metadata's addresses", () => {
	assert.equal(redact(["/srv/app.js", "app.py", "gone.py"], "/usr/bin/node"), "node /srv/app.js app.py …");
	assert.equal(redact(["http://169.254.169.254/latest/meta-data/"]), "curl http://169.254.169.254/latest/meta-data/");
	assert.equal(redact(["169.254.169.254/latest/user-data"]), "curl 169.254.169.254/latest/user-data");
	assert.equal(redact(["http://[fd00:ec2::254]/2021-03-23/dynamic/"]), "curl http://[fd00:ec2::254]/2021-03-23/dynamic/");
	assert.equal(redact(["http://localhost:1338/latest"]), "curl http://localhost:1338/latest");
	assert.equal(redact(["http://10.0.0.1/latest"]), "curl http://10.0.0.1/latest");
});

test("an URL tells no user, no query, no other host, and no path that is not metadata's", () => {
	assert.equal(redact(["http://me:pw@169.254.169.254/latest/?token=s#f"]), "curl http://169.254.169.254/latest/");
	assert.equal(redact(["http://127.0.0.1:8200/hooks/SECRET"]), "curl http://127.0.0.1:8200/…");
	assert.equal(redact(["http://10.0.0.2/latest"]), "curl …");
	assert.equal(redact(["https://169.254.169.254/latest"]), "curl …");
	assert.equal(redact(["2852039166", "/localhost/secret", "user:pw@169.254.169.254/"]), "curl …");
});

test("control characters and marks of direction are not told", () => {
	assert.equal(redact([], "/tmp/a\u001b[31mb\u202ec\n"), "a[31mbc");
});

test("a long line ends at a word", () => {
	const line = redact(Array.from({ length: 60 }, (_, n) => `--option-${n}`));
	assert.ok(line.length <= 200, line);
	assert.match(line, /^curl( --option-\d+)+ …$/);
});

test("no argument is told that is not an option's name, a file, or an address of metadata", () => {
	const secret = fc.stringMatching(/^[A-Za-z0-9+/_=.-]{8,24}$/).filter((text) => !text.startsWith("-"));
	const word = fc.oneof(
		secret,
		fc
			.tuple(fc.constantFrom("--token=", "-p", "KEY=", "https://h/?k=", "http://169.254.169.254/?t=", "Bearer "), secret)
			.map((parts) => parts.join("")),
		secret.map((text) => `http://u:${text}@127.0.0.1/latest#${text}`),
		secret.map((text) => `http://127.0.0.1/${text}`),
		fc.constantFrom("-s", "--verbose", "/srv/app.js", "http://169.254.169.254/latest/"),
		fc.string({ unit: "binary" }),
	);
	const kept =
		/^(…|--?|-[A-Za-z0-9]…?|--[A-Za-z][A-Za-z0-9._-]*(=…)?|\/srv\/app\.js|app\.py|(http:\/\/)?(169\.254\.169\.254|127(\.\d+){3}|localhost|10\.0\.0\.1|\[::1\]|\[fd00:ec2::254\])(:\d+)?(\/…|\/|\/latest\/?)?)$/;
	fc.assert(
		fc.property(fc.array(word, { maxLength: 30 }), (words) => {
			const line = redact(words);
			assert.ok(line.length <= 200);
			assert.doesNotMatch(line, /\p{Cc}/u);
			for (const shown of line.split(" ").slice(1)) assert.match(shown, kept, JSON.stringify(words));
		}),
	);
});
