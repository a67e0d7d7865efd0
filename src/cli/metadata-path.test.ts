import assert from "node:assert/strict";
import { test } from "node:test";
import { absolutePath, childrenOf, splitPath } from "./metadata-path.ts";

test("a path is looked up where people mean it", () => {
	for (const [written, path] of [
		["instance-id", "/latest/meta-data/instance-id"],
		["", "/latest/meta-data/"],
		["meta-data/", "/latest/meta-data/"],
		["dynamic/instance-identity/document", "/latest/dynamic/instance-identity/document"],
		["user-data", "/latest/user-data"],
		["latest/user-data", "/latest/user-data"],
		["2021-03-23/meta-data/", "/2021-03-23/meta-data/"],
		["1.0", "/1.0"],
		["/", "/"],
		["//latest//meta-data/", "//latest//meta-data/"],
		["tags/instance/Größe #1", "/latest/meta-data/tags/instance/Gr%C3%B6%C3%9Fe%20%231"],
		["tags/instance/a%20b", "/latest/meta-data/tags/instance/a%20b"],
	]) {
		assert.equal(absolutePath(written ?? ""), path);
	}
});

test("listings tell directories from values, each in its own way", () => {
	const directories = (path: string, listing: string) =>
		childrenOf(path, listing).map(({ name, isDirectory }) => (isDirectory ? `${name}/` : name));
	assert.deepEqual(directories("/", "1.0\nlatest"), ["1.0/", "latest/"]);
	assert.deepEqual(directories("/latest/", "dynamic\nmeta-data\nuser-data"), ["dynamic/", "meta-data/", "user-data"]);
	assert.deepEqual(directories("/latest/meta-data/", "ami-id\niam/"), ["ami-id", "iam/"]);
	assert.deepEqual(directories("/latest/meta-data/public-keys/", "0=my-key\n1=0=other"), ["0/", "1/"]);
	assert.deepEqual(directories("/latest/meta-data/tags/instance/", "Name\n50%\na=b"), ["Name", "50%25", "a=b"]);
});

test("a path has a directory and a last part", () => {
	assert.deepEqual(splitPath("/latest/meta-data/iam/info"), { directory: "/latest/meta-data/iam/", name: "info" });
	assert.deepEqual(splitPath("/latest/meta-data/iam/"), { directory: "/latest/meta-data/", name: "iam" });
	assert.deepEqual(splitPath("/latest"), { directory: "/", name: "latest" });
	assert.deepEqual(splitPath("/"), { directory: "/", name: "" });
});
