import assert from "node:assert/strict";
import { test } from "node:test";
import { PATH_CLASSES, pathClassOf } from "./path-class.ts";

const CLASSES: Readonly<Record<string, string>> = {
	"/latest/meta-data/iam/security-credentials/": "credentials",
	"/latest/meta-data/iam/security-credentials/app": "credentials",
	"/2019-10-01/meta-data/identity-credentials/ec2/security-credentials/ec2-instance": "credentials",
	"/latest/meta-data/iam/info": "meta-data",
	"/latest/meta-data/": "meta-data",
	"/latest/meta-data": "meta-data",
	"/1.0/meta-data/instance-id": "meta-data",
	"/latest/dynamic/instance-identity/document": "identity",
	"/latest/dynamic/fws/instance-monitoring": "other",
	"/latest/user-data": "user-data",
	"/latest/": "other",
	"/latest": "other",
	"/": "other",
	"//": "other",
};

test("a path is of the class of what it asks for", () => {
	for (const [path, name] of Object.entries(CLASSES)) assert.equal(PATH_CLASSES[pathClassOf(path)], name, path);
});
