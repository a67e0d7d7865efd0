import assert from "node:assert/strict";
import { test } from "node:test";
import { clashesOf, type Listen, parseListen, printPlace } from "./listen.ts";

test("HOST:PORT is read, with an instance's id or without", () => {
	const read: readonly (readonly [text: string, listen: Listen])[] = [
		["127.0.0.1:1338", { place: { host: "127.0.0.1", port: 1338 } }],
		["localhost:0", { place: { host: "127.0.0.1", port: 0 } }],
		["0.0.0.0:65535", { place: { host: "0.0.0.0", port: 65_535 } }],
		["[::1]:80", { place: { host: "::1", port: 80 } }],
		["[FD00:EC2:0:0::254]:80", { place: { host: "fd00:ec2::254", port: 80 } }],
		[
			"169.254.169.254:80=i-1234567890abcdef0",
			{ place: { host: "169.254.169.254", port: 80 }, whose: { instanceId: "i-1234567890abcdef0" } },
		],
		["127.0.0.1:8080=bindings", { place: { host: "127.0.0.1", port: 8080 }, whose: "bindings" }],
		["unix:/run/openimds/a.sock", { place: { path: "/run/openimds/a.sock" } }],
		["unix:/run/a b:c=i-1", { place: { path: "/run/a b:c" }, whose: { instanceId: "i-1" } }],
		["[::]:1338=i-example", { place: { host: "::", port: 1338 }, whose: { instanceId: "i-example" } }],
	];
	for (const [text, listen] of read) {
		assert.deepEqual(parseListen(text), listen, text);
		assert.deepEqual(parseListen(printPlace(listen.place)), { place: listen.place });
	}
});

test("everything else is refused", () => {
	const texts = [
		"",
		"1338",
		":1338",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1:1e3",
		"127.0.0.256:80",
		"example.com:80",
	];
	const more = [
		"::1:80",
		"[::1]",
		"[127.0.0.1]:80",
		"[fe80::1%eth0]:80",
		"[::1:80",
		" 127.0.0.1:80",
		"127.0.0.1:80\n",
		"127.0.0.1:80=",
		"127.0.0.1:80=web",
		"127.1:80",
		"http://127.0.0.1:80",
		"127.0.0.1:80=binding",
		"unix:",
		"unix:a.sock",
		"unix:/a,b",
		`unix:/${"a".repeat(107)}`,
		"unix:/a\nb",
	];
	for (const text of [...texts, ...more]) assert.equal(parseListen(text), undefined, text);
});

test("a listener clashes with an earlier one on its port, if one of them is everywhere or both are in one place", () => {
	const clashes = (...texts: string[]) => clashesOf(texts.map((text) => parseListen(text)!.place)).map(({ at, earlier }) => [at, earlier]);
	assert.deepEqual(clashes("127.0.0.1:80", "localhost:80"), [[1, 0]]);
	assert.deepEqual(clashes("127.0.0.1:81", "127.0.0.1:80", "0.0.0.0:80", "127.0.0.2:80"), [
		[2, 1],
		[3, 2],
	]);
	assert.deepEqual(clashes("[::]:80", "[::1]:80", "[::]:80"), [
		[1, 0],
		[2, 0],
	]);
	assert.deepEqual(clashes("127.0.0.1:80", "127.0.0.2:80", "127.0.0.1:81", "[::1]:80"), []);
	assert.deepEqual(clashes("0.0.0.0:80", "[::]:80"), []);
	assert.deepEqual(clashes("unix:/a", "unix:/b", "unix:/a"), [[2, 0]]);
	assert.deepEqual(clashes("127.0.0.1:0", "127.0.0.1:0", "0.0.0.0:0"), []);
});
