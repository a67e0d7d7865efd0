import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { textOf } from "../../test/categories/crawl.ts";
import { ISSUER, launchAlone, newWorld, NOW_MS, snapshotOf, viewOf } from "../../test/categories/world.ts";
import { epochMs, timestamp } from "../model/timestamp.ts";
import { nextRefreshMs } from "./credentials.ts";
import type { Delivery } from "./leaf.ts";

type Document = Readonly<Record<string, string>>;

const ID = "i-1234567890abcdef0";
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const IDENTITY = "identity-credentials/ec2/security-credentials/ec2-instance";

/** What an instance with this profile reads below meta-data/, `afterMs` after its launch. */
function reader(iamInstanceProfile?: { name?: string; arn?: string }, afterMs = 0) {
	const world = newWorld();
	const instance = launchAlone({ instanceId: ID, ...(iamInstanceProfile && { iamInstanceProfile }) }, world);
	const snapshot = snapshotOf(viewOf(instance, world, NOW_MS + afterMs));
	return (path: string, delivery: Delivery = "2.0") => {
		const answer = snapshot.get(`/latest/meta-data/${path}`, delivery);
		return answer && textOf(answer);
	};
}

const parse = (text: string | undefined) => JSON.parse(text ?? assert.fail("404")) as Document;

describe("the profile and its role", () => {
	test("without a profile there is no iam/, and the identity credentials stay", () => {
		const read = reader();
		for (const path of [
			"iam",
			"iam/",
			"iam/info",
			"iam/security-credentials",
			"iam/security-credentials/",
			"iam/security-credentials/web-role",
		]) {
			assert.equal(read(path), undefined, path);
		}
		assert.doesNotMatch(read("") ?? "", /^iam\/$/m);
		assert.equal(parse(read(IDENTITY))["Code"], "Success");
	});

	test("a profile with a role shows itself and lists the role by its name", () => {
		const read = reader({ name: "web" });
		assert.equal(
			read("iam/info"),
			`{
  "Code" : "Success",
  "LastUpdated" : "2026-01-02T03:04:05Z",
  "InstanceProfileArn" : "arn:aws:iam::123456789012:instance-profile/web",
  "InstanceProfileId" : "AIPAEXAMPLEEXAMPLE123"
}`,
		);
		assert.equal(read("iam/security-credentials/"), "web-role");
		assert.equal(read("iam/security-credentials/web"), undefined);
		assert.equal(read("iam/security-credentials/web-rol"), undefined);
		const document = parse(read("iam/security-credentials/web-role"));
		assert.deepEqual(Object.keys(document), ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"]);
		assert.partialDeepStrictEqual(document, { Code: "Success", LastUpdated: "2026-01-02T03:04:05Z", Type: "AWS-HMAC" });
	});

	test("a profile without a role says so, and has no credentials", () => {
		const read = reader({ name: "empty" });
		assert.match(parse(read("iam/info"))["Message"] ?? "", /^Instance Profile does not contain a role\./);
		assert.equal(parse(read("iam/info"))["Code"], "Success");
		assert.equal(read("iam/"), "info");
		assert.equal(read("iam/security-credentials"), undefined);
	});

	test("a profile that is gone is named as such", () => {
		const read = reader({ arn: "arn:aws:iam::123456789012:instance-profile/team/gone" });
		assert.partialDeepStrictEqual(parse(read("iam/info")), { Code: "InstanceProfileNotFound" });
		assert.match(parse(read("iam/info"))["Message"] ?? "", /Instance Profile with Id gone cannot be found/);
		assert.equal(read("iam/"), "info");
	});

	test("a role that does not trust EC2 is listed, and its document says why there are no credentials", () => {
		const read = reader({ name: "distrusted" });
		assert.equal(read("iam/security-credentials"), "of-lambda");
		const { Code, Message, AccessKeyId } = parse(read("iam/security-credentials/of-lambda"));
		assert.equal(Code, "AssumeRoleUnauthorizedAccess");
		assert.match(Message ?? "", /^EC2 cannot assume the role of-lambda\./);
		assert.equal(AccessKeyId, undefined);
	});

	test("fixed credentials are handed out as they are, to both deliveries, and say that they last", () => {
		for (const delivery of ["1.0", "2.0"] as const) {
			const document = parse(reader({ name: "own" }, 5 * HOUR_MS)("iam/security-credentials/own=keys,+@.", delivery));
			assert.partialDeepStrictEqual(document, {
				AccessKeyId: "ASIAOWNOWNOWNOWNOWN1",
				SecretAccessKey: "own/secret+key",
				Token: "own-session-token",
				LastUpdated: timestamp(NOW_MS + 5 * HOUR_MS),
			});
			assert.ok(epochMs(document["Expiration"] ?? "") >= NOW_MS + 11 * HOUR_MS);
		}
	});

	test("fixed credentials with an end say that end", () => {
		const world = newWorld();
		const view = viewOf(launchAlone({ instanceId: ID, iamInstanceProfile: { name: "own" } }, world), world);
		const { role } = view;
		assert.ok(role?.credentials !== undefined);
		const ending = { ...role, credentials: { ...role.credentials, expiration: "2026-02-03T04:05:06Z" } };
		const answer = snapshotOf({ ...view, role: ending }).get(`/latest/meta-data/iam/security-credentials/${role.roleName}`, "2.0");
		assert.equal(parse(answer && textOf(answer))["Expiration"], "2026-02-03T04:05:06Z");
	});
});

describe("credentials that are issued", () => {
	test("are recognised by the issuer as this instance's, for the role and the delivery", () => {
		for (const delivery of ["1.0", "2.0"] as const) {
			const read = reader({ name: "web" });
			const verified = (path: string) => {
				const { AccessKeyId = "", Token = "", SecretAccessKey } = parse(read(path, delivery));
				const session = ISSUER.verify(AccessKeyId, Token, NOW_MS);
				assert.ok(typeof session === "object");
				assert.equal(session.secretAccessKey, SecretAccessKey);
				return session;
			};
			const common = {
				accountId: "123456789012",
				instanceArn: `arn:aws:ec2:us-east-1:123456789012:instance/${ID}`,
				instanceId: ID,
				delivery,
				privateIp: read("local-ipv4"),
			};
			const ofRole = { roleArn: "arn:aws:iam::123456789012:role/web-role", roleId: "AROAWEBWEBWEBWEBWEB11" };
			assert.partialDeepStrictEqual(verified("iam/security-credentials/web-role"), { ...common, ...ofRole });
			assert.partialDeepStrictEqual(verified(IDENTITY), { ...common, roleArn: "ec2-instance" });
		}
	});

	test("are never blank or old: updated within the last hour, not in the future, and good for five hours or more", () => {
		fc.assert(
			fc.property(fc.nat(WEEK_MS), fc.constantFrom<Delivery>("1.0", "2.0"), (afterMs, delivery) => {
				const nowMs = NOW_MS + afterMs;
				const read = reader({ name: "web" }, afterMs);
				for (const path of ["iam/security-credentials/web-role", IDENTITY]) {
					const { LastUpdated = "", Expiration = "", AccessKeyId, Token = "" } = parse(read(path, delivery));
					assert.ok(epochMs(LastUpdated) <= nowMs && epochMs(LastUpdated) > nowMs - HOUR_MS, LastUpdated);
					assert.ok(epochMs(Expiration) - nowMs >= 5 * HOUR_MS, Expiration);
					assert.ok(epochMs(Expiration) - epochMs(LastUpdated) <= (6 * 60 + 26) * 60_000, Expiration);
					assert.equal(typeof ISSUER.verify(AccessKeyId ?? "", Token, epochMs(Expiration) - 1), "object");
				}
				for (const path of ["iam/info", "identity-credentials/ec2/info"]) {
					assert.ok(epochMs(parse(read(path))["LastUpdated"] ?? "") <= nowMs);
				}
			}),
		);
	});

	test("are the same until they are refreshed, and others after", () => {
		fc.assert(
			fc.property(fc.nat(WEEK_MS), fc.constantFrom<Delivery>("1.0", "2.0"), (afterMs, delivery) => {
				const world = newWorld();
				const view = viewOf(launchAlone({ instanceId: ID, iamInstanceProfile: { name: "web" } }, world), world, NOW_MS + afterMs);
				const refreshAfterMs = nextRefreshMs(view) - NOW_MS;
				assert.ok(refreshAfterMs > afterMs && refreshAfterMs <= afterMs + HOUR_MS);
				for (const path of ["iam/security-credentials/web-role", IDENTITY, "iam/info"]) {
					const text = reader({ name: "web" }, afterMs)(path, delivery);
					assert.equal(reader({ name: "web" }, refreshAfterMs - 1)(path, delivery), text);
					assert.notEqual(reader({ name: "web" }, refreshAfterMs)(path, delivery), text);
				}
			}),
		);
	});

	test("of a role that came later are refreshed by its own hour", () => {
		const world = newWorld();
		const launched = launchAlone({ instanceId: ID, iamInstanceProfile: { name: "web" } }, world);
		const associatedAt = timestamp(NOW_MS + 20 * 60_000);
		const instance = { ...launched, iamInstanceProfile: { ...launched.iamInstanceProfile!, associatedAt } };
		const view = viewOf(instance, world, NOW_MS + 30 * 60_000);
		const answer = snapshotOf(view).get("/latest/meta-data/iam/security-credentials/web-role", "2.0");
		assert.equal(parse(answer && textOf(answer))["LastUpdated"], associatedAt);
		assert.equal(nextRefreshMs(view), NOW_MS + HOUR_MS, "the identity's credentials are due first");
		assert.equal(nextRefreshMs({ ...view, nowMs: NOW_MS + HOUR_MS }), NOW_MS + 80 * 60_000);
	});
});
