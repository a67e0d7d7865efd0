// Requests of which it is not clear who signed them, or that nobody did (control-apis.md §3.7).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { CreateAccessKeyCommand, CreateUserCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { type Credentials, startApi } from "./api.ts";
import { ec2Form, type Outgoing, presigned, refusalOf, send, signed, type Unsigned } from "./signed-request.ts";

const MINUTE_MS = 60_000;
const STS_FORM = "Action=GetCallerIdentity&Version=2011-06-15";
const QUERY = { Action: "DescribeRegions", Version: "2016-11-15" };
const REGIONS = ec2Form("DescribeRegions");

describe("a signature", async () => {
	const api = await startApi({ after });
	const { rootKey } = api;
	const at = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS);
	const sign = (unsigned: Unsigned = {}) => signed(api, { body: REGIONS, ...unsigned });
	const refused = async (outgoing: Outgoing) => refusalOf(await send(api, outgoing));
	const refusedWith = async (outgoing: Outgoing, status: number, code: string, told?: RegExp) => {
		const refusal = await refused(outgoing);
		assert.deepEqual({ status: refusal.status, code: refusal.code }, { status, code }, refusal.message);
		if (told !== undefined) assert.match(refusal.message, told);
		return refusal.message;
	};
	const served = async (outgoing: Outgoing) => {
		const { status, body } = await send(api, outgoing);
		assert.equal(status, 200, body);
	};
	const changed = (outgoing: Outgoing, change: Partial<Outgoing>): Outgoing => ({ ...outgoing, ...change });
	const withHeaders = (outgoing: Outgoing, headers: Readonly<Record<string, string>>) =>
		changed(outgoing, { headers: { ...outgoing.headers, ...headers } });

	test("over another body, path, method, query or header is none", async () => {
		const good = await sign({ headers: { "x-amz-extra": "signed" } });
		await served(good);
		for (const bad of [
			changed(good, { body: `${REGIONS}&DryRun=true` }),
			changed(good, { body: REGIONS.replace("Regions", "Volumes") }),
			changed(good, { body: `${REGIONS} ` }),
			changed(good, { target: "/other" }),
			changed(good, { target: "/?DryRun=true" }),
			changed(good, { method: "PUT" }),
			withHeaders(good, { "x-amz-extra": "other" }),
			withHeaders(good, { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }),
			withHeaders(good, { host: "127.0.0.1:1" }),
		]) {
			await refusedWith(bad, 403, "SignatureDoesNotMatch");
		}
	});

	test("over another body than the hash beside it says is none, and a body that nobody signed is none of AWS's but S3's", async () => {
		await refusedWith(
			await sign({ headers: { "x-amz-content-sha256": "0".repeat(64) } }),
			403,
			"SignatureDoesNotMatch",
			/x-amz-content-sha256/,
		);
		await refusedWith(
			await sign({ headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } }),
			403,
			"SignatureDoesNotMatch",
			/x-amz-content-sha256/,
		);
	});

	test("lives fifteen minutes, in which it may come again, and not a minute more", async () => {
		const early = await sign({ signingDate: at(-14) });
		await served(early);
		await served(early);
		await served(await sign({ signingDate: at(14) }));
		for (const minutes of [-16, 16, -60 * 24 * 365]) {
			const late = await sign({ signingDate: at(minutes) });
			await refusedWith(late, 400, "RequestExpired", new RegExp(late.headers["x-amz-date"] ?? "no date"));
		}
		await refusedWith(await sign({ body: STS_FORM, service: "sts", signingDate: at(-16) }), 403, "SignatureDoesNotMatch", /expired/);
	});

	test("with another date than its scope's, or with none, is refused", async () => {
		const good = await sign();
		const { authorization = "", "x-amz-date": date = "" } = good.headers;
		await refusedWith(withHeaders(good, { "x-amz-date": `${date.slice(0, -3)}9Z` }), 400, "IncompleteSignature");
		await refusedWith(withHeaders(good, { "x-amz-date": "today" }), 400, "IncompleteSignature", /'today'/);
		const otherDay = authorization.replace(/\/\d{8}\//, "/20200101/");
		await refusedWith(withHeaders(good, { authorization: otherDay }), 403, "SignatureDoesNotMatch", /20200101/);
		const { "x-amz-date": _, ...undated } = good.headers;
		await refusedWith(changed(good, { headers: undated }), 400, "IncompleteSignature", /X-Amz-Date/);
	});

	test("for another Region, or another service, is none", async () => {
		await refusedWith(await sign({ region: "mars-north-1" }), 403, "SignatureDoesNotMatch", /mars-north-1/);
		for (const service of ["s3", "EC2", "ec2 ", "", "autoscaling"]) {
			const { code } = await refused(await sign({ service }));
			assert.match(code, /^(SignatureDoesNotMatch|IncompleteSignature)$/, service);
		}
		await refusedWith(await sign({ service: "lightsail" }), 400, "UnsupportedOperation", /'lightsail' is not spoken to in forms/);
		const { code } = await refused(await sign({ service: "sts" }));
		assert.equal(code, "InvalidAction");
		const message = await refusedWith(await sign({ body: STS_FORM, service: "ec2" }), 400, "NoSuchVersion");
		assert.match(message, /2011-06-15/);
	});

	test("with another's secret is none, and one of a key that nobody has tells nothing", async () => {
		await refusedWith(await sign({ credentials: { ...rootKey, secretAccessKey: "x".repeat(40) } }), 403, "SignatureDoesNotMatch");
		await refusedWith(await sign({ credentials: { ...rootKey, secretAccessKey: "" } }), 403, "SignatureDoesNotMatch");
		const nobody = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: rootKey.secretAccessKey };
		await refusedWith(await sign({ credentials: nobody }), 401, "AuthFailure");
		const sts = await sign({ body: STS_FORM, service: "sts", credentials: nobody });
		await refusedWith(sts, 403, "InvalidClientTokenId");
	});

	test("of a key that was made inactive is none, until it is active again", async () => {
		await api.iam.send(new CreateUserCommand({ UserName: "key-holder" }));
		const { AccessKey } = await api.iam.send(new CreateAccessKeyCommand({ UserName: "key-holder" }));
		const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
		const identity = () => sign({ body: STS_FORM, service: "sts", credentials: { accessKeyId, secretAccessKey } });
		await served(await identity());
		await api.iam.send(new UpdateAccessKeyCommand({ UserName: "key-holder", AccessKeyId: accessKeyId, Status: "Inactive" }));
		await refusedWith(await identity(), 403, "InvalidClientTokenId");
		await api.iam.send(new UpdateAccessKeyCommand({ UserName: "key-holder", AccessKeyId: accessKeyId, Status: "Active" }));
		await served(await identity());
	});

	test("with a session token that is nobody's is none, whoever's key is beside it", async () => {
		for (const sessionToken of ["x", "IQoJb3JpZ2luX2VjEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é", "a".repeat(10_000)]) {
			for (const accessKeyId of [rootKey.accessKeyId, "ASIAIOSFODNN7EXAMPLE"]) {
				const credentials: Credentials = { ...rootKey, accessKeyId, sessionToken: encodeURIComponent(sessionToken) };
				await refusedWith(await sign({ credentials }), 401, "AuthFailure");
			}
		}
	});

	test("that does not cover the host, or a header of AWS's, is none", async () => {
		const good = await sign();
		const { authorization = "" } = good.headers;
		const signedOnly = (names: string) =>
			withHeaders(good, { authorization: authorization.replace(/SignedHeaders=[^,]+/, `SignedHeaders=${names}`) });
		await refusedWith(signedOnly("x-amz-date"), 403, "SignatureDoesNotMatch", /Host/);
		await refusedWith(signedOnly("host"), 403, "SignatureDoesNotMatch", /x-amz-date/);
		await refusedWith(withHeaders(good, { "x-amz-other": "1" }), 403, "SignatureDoesNotMatch", /x-amz-other/);
	});

	test("is read from one place only, and whole", async () => {
		const good = await sign();
		const { authorization = "" } = good.headers;
		for (const bad of [
			"AWS4-HMAC-SHA256",
			"AWS4-HMAC-SHA256 ",
			"AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
			authorization.replace(/, Signature=.*/, ""),
			authorization.replace(/Credential=[^,]+/, "Credential=AKIA"),
			authorization.replace("aws4_request", "aws5_request"),
			authorization.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
			authorization.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
			`${authorization}, Signature=${"0".repeat(64)}`,
			`${authorization}, =`,
			`AWS4-HMAC-SHA256 ${"a".repeat(10_000)}`,
		]) {
			await refusedWith(withHeaders(good, { authorization: bad }), 400, "IncompleteSignature");
		}
		for (const bad of ["0".repeat(64), "", "0".repeat(63), "zz"]) {
			const { code } = await refused(
				withHeaders(good, { authorization: authorization.replace(/Signature=[0-9a-f]+/, `Signature=${bad}`) }),
			);
			assert.equal(code, bad === "" ? "IncompleteSignature" : "SignatureDoesNotMatch");
		}
		const link = await presigned(api, { query: QUERY });
		await refusedWith(withHeaders(link, { authorization }), 400, "IncompleteSignature", /X-Amz-Algorithm/);
	});

	test("is needed: none, Basic and Bearer are told so in each service's words, without what they carried", async () => {
		const { authorization: _, ...unsignedHeaders } = (await sign()).headers;
		const unsigned = (headers: Readonly<Record<string, string>>, body = REGIONS): Outgoing => ({
			method: "POST",
			target: "/",
			headers: { ...unsignedHeaders, ...headers },
			body,
		});
		await refusedWith(unsigned({}), 401, "AuthFailure");
		await refusedWith(unsigned({}, STS_FORM), 403, "MissingAuthenticationToken");
		for (const authorization of [
			"Basic cm9vdDpodW50ZXIy",
			"Bearer cm9vdDpodW50ZXIy",
			"cm9vdDpodW50ZXIy",
			"Digest username=cm9vdDpodW50ZXIy",
		]) {
			for (const body of [REGIONS, STS_FORM]) {
				const message = await refusedWith(unsigned({ authorization }, body), 400, "IncompleteSignature");
				assert.doesNotMatch(message, /cm9vdDpodW50ZXIy/);
			}
		}
		const version2 = {
			...QUERY,
			AWSAccessKeyId: rootKey.accessKeyId,
			SignatureVersion: "2",
			SignatureMethod: "HmacSHA256",
			Signature: "x",
		};
		await refusedWith({ ...unsigned({}, ""), method: "GET", target: `/?${new URLSearchParams(version2)}` }, 401, "AuthFailure");
	});
});

describe("a presigned GET", async () => {
	const api = await startApi({ after });
	const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
	const refusalTo = async (outgoing: Outgoing) => refusalOf(await send(api, outgoing));

	test("works for as long as it says, for each service", async () => {
		for (const [unsigned, expected] of [
			[{ query: QUERY, expiresIn: 1_200, signingDate: at(-1_100) }, /<DescribeRegionsResponse /],
			[{ query: QUERY, expiresIn: 604_800, signingDate: at(-604_000) }, /<DescribeRegionsResponse /],
			[{ query: { Action: "GetCallerIdentity", Version: "2011-06-15" }, service: "sts" }, /<Arn>arn:aws:iam::\d{12}:root<\/Arn>/],
		] as const) {
			const { status, body } = await send(api, await presigned(api, unsigned));
			assert.equal(status, 200, body);
			assert.match(body, expected);
		}
	});

	test("is over when its life is, and not begun before it", async () => {
		for (const [unsigned, code] of [
			[{ expiresIn: 60, signingDate: at(-61) }, "RequestExpired"],
			[{ expiresIn: 1, signingDate: at(-3_600) }, "RequestExpired"],
			[{ expiresIn: 604_800, signingDate: at(-604_900) }, "RequestExpired"],
			[{ expiresIn: 604_800, signingDate: at(16 * 60) }, "RequestExpired"],
		] as const) {
			const { status, code: given } = await refusalTo(await presigned(api, { query: QUERY, ...unsigned }));
			assert.deepEqual({ status, code: given }, { status: 400, code });
		}
	});

	test("lives a week at most, whatever is changed in it", async () => {
		const link = await presigned(api, { query: QUERY, expiresIn: 60, signingDate: at(-3_600) });
		for (const seconds of ["604801", "0", "-1", "1e9", "", "999999999999"]) {
			const { status, code } = await refusalTo({ ...link, target: link.target.replace(/X-Amz-Expires=\d+/, `X-Amz-Expires=${seconds}`) });
			assert.deepEqual({ status, code }, { status: 400, code: "IncompleteSignature" }, seconds);
		}
		const longer = await refusalTo({ ...link, target: link.target.replace("X-Amz-Expires=60", "X-Amz-Expires=604800") });
		assert.equal(longer.code, "SignatureDoesNotMatch");
	});

	test("is good for what was signed, and for nothing beside it", async () => {
		const link = await presigned(api, { query: QUERY });
		for (const bad of [
			{ ...link, target: `${link.target}&DryRun=true` },
			{ ...link, target: link.target.replace("DescribeRegions", "DescribeVpcs") },
			{ ...link, target: link.target.replace("/?", "/other?") },
			{ ...link, headers: { host: "other.example" } },
			{ ...link, method: "POST" },
			{ ...link, method: "POST", headers: { ...link.headers, "content-type": "application/x-www-form-urlencoded" }, body: "DryRun=true" },
			{ ...link, headers: { ...link.headers, "x-amz-security-token": "x" } },
		]) {
			const { status, code } = await refusalTo(bad);
			assert.deepEqual({ status, code }, { status: 403, code: "SignatureDoesNotMatch" }, bad.target);
		}
	});

	test("needs all of its parts, each once", async () => {
		const link = await presigned(api, { query: QUERY });
		for (const part of ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"]) {
			const [value] = new RegExp(`${part}=[^&]*`).exec(link.target) ?? [""];
			for (const target of [link.target.replace(value, "a=b"), `${link.target}&${value}`]) {
				const { code } = await refusalTo({ ...link, target });
				assert.equal(code, "IncompleteSignature", target);
			}
		}
	});
});
