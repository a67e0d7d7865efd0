// What a signed request may say wrongly: forms, parameters, sizes (control-apis.md §1.6, §2.2).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { buffer } from "node:stream/consumers";
import { after, describe, test } from "node:test";
import { Client } from "../wire/client.ts";
import { startApi } from "./api.ts";
import { ec2Form, FORM, refusalOf, send, signed } from "./signed-request.ts";

const BODY_MAX_BYTES = 1_048_576;
const TEN_MEBIBYTES = 10 * BODY_MAX_BYTES;

describe("a signed request", async () => {
	const api = await startApi({ after });
	const refused = async (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
		refusalOf(await send(api, await signed(api, { body, headers })));
	const served = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
		const { status, body: answer } = await send(api, await signed(api, { body, headers }));
		assert.equal(status, 200, answer);
	};

	for (const [name, body, code, told] of [
		["a broken escape", ec2Form("DescribeRegions", "Filter.1.Name=%zz"), "MalformedQueryString", /Filter\.1\.Name/],
		["half an escape", ec2Form("DescribeRegions", "DryRun=%2"), "MalformedQueryString", /DryRun/],
		["escaped bytes that are not UTF-8", ec2Form("DescribeRegions", "RegionName.1=%ff%fe"), "MalformedQueryString", /RegionName\.1/],
		["bytes that are not UTF-8", Buffer.from(`${ec2Form("DescribeRegions")}&RegionName.1=\xff`, "latin1"), "MalformedQueryString", /UTF-8/],
		["a parameter without a name", ec2Form("DescribeRegions", "=x"), "MalformedQueryString", /no name/],
		["a name that never ends", ec2Form("DescribeRegions", "A".repeat(100_000)), "MalformedQueryString", /500 characters/],
		["ten thousand parameters too many", ec2Form("DescribeRegions", "a=&".repeat(20_000)), "MalformedQueryString", /more than/],
		["all of them different", ec2Form("DescribeRegions", numbered(20_000)), "MalformedQueryString", /no more than 10000/],
		["a parameter twice", ec2Form("DescribeRegions", "DryRun=true&DryRun=false"), "MalformedQueryString", /DryRun .*more than once/],
		["the action twice", ec2Form("DescribeRegions", "Action=TerminateInstances"), "MalformedQueryString", /Action .*more than once/],
		["a filter's name twice", ec2Form("DescribeRegions", "Filter.1.Name=a&Filter.1.Name=b"), "MalformedQueryString", /Filter\.1\.Name/],
		["what XML can't carry", ec2Form("CreateTags", "ResourceId.1=i-1&Tag.1.Key=a&Tag.1.Value=%00"), "InvalidParameterValue", /U\+0000/],
		[
			"an index beyond all lists",
			ec2Form("CreateTags", "ResourceId.1=i-1&Tag.999999999.Key=a"),
			"InvalidParameterValue",
			/Tag\.999999999\.Key/,
		],
		["an index of twenty digits", ec2Form("CreateTags", "Tag.99999999999999999999.Key=a"), "InvalidParameterValue", /index/],
		["the index 0", ec2Form("CreateTags", "ResourceId.1=i-1&Tag.0.Key=a"), "InvalidParameterValue", /'0'/],
		["an index with a zero before it", ec2Form("CreateTags", "ResourceId.1=i-1&Tag.01.Key=a"), "InvalidParameterValue", /'01'/],
		["an index below 0", ec2Form("CreateTags", "ResourceId.1=i-1&Tag.-1.Key=a"), "UnknownParameter", /Tag\.-1\.Key/],
		["an index in scientific notation", ec2Form("CreateTags", "ResourceId.1=i-1&Tag.1e9.Key=a"), "UnknownParameter", /Tag\.1e9\.Key/],
		["a list without an index", ec2Form("CreateTags", "ResourceId=i-1&Tag.1.Key=a"), "InvalidParameterValue", /ResourceId\.1/],
		["a list of IAM's form", ec2Form("CreateTags", "ResourceId.member.1=i-1"), "UnknownParameter", /ResourceId\.member\.1/],
		["a structure as a value", ec2Form("CreateTags", "ResourceId.1=i-1&Tag.1=a"), "InvalidParameterValue", /Tag\.1/],
		["members of a value", ec2Form("CreateTags", "ResourceId.1=i-1&Tag.1.Key.1.2.3=a"), "InvalidParameterValue", /Tag\.1\.Key/],
		["a name a hundred members deep", ec2Form("CreateTags", `${"Tag.1.".repeat(80)}Key=a`), "UnknownParameter", /Tag\.1/],
		["more items than anybody has", ec2Form("DescribeInstances", many("InstanceId", 1_001)), "InvalidParameterValue", /1000 items/],
		["a parameter that is none", ec2Form("DescribeInstances", "InstanceIds.1=i-1"), "UnknownParameter", /InstanceIds\.1/],
		["a property of every object", ec2Form("DescribeInstances", "__proto__=x"), "UnknownParameter", /__proto__/],
		["a property of every object's property", ec2Form("DescribeInstances", "constructor.prototype=x"), "UnknownParameter", /constructor/],
		["a value that is no number", ec2Form("DescribeInstances", "MaxResults=five"), "InvalidParameterValue", /'five' .*MaxResults/],
		["a number beyond all integers", ec2Form("DescribeInstances", "MaxResults=1e400"), "InvalidParameterValue", /1e400/],
		["a value that is no boolean", ec2Form("DescribeInstances", "DryRun=yes"), "InvalidParameterValue", /'yes'.*DryRun.*true or false/],
		[
			"a value that is no time",
			ec2Form("ModifyInstanceEventStartTime", "InstanceId=i-1&InstanceEventId=e&NotBefore=soon"),
			"InvalidParameterValue",
			/NotBefore/,
		],
		[
			"a hop limit that is no number",
			ec2Form("ModifyInstanceMetadataOptions", "InstanceId=i-1&HttpPutResponseHopLimit=abc"),
			"InvalidParameterValue",
			/^Invalid value 'abc' for HttpPutResponseHopLimit\. The value must be an integer\.$/,
		],
		[
			"an empty option",
			ec2Form("ModifyInstanceMetadataOptions", "InstanceId=i-1&HttpEndpoint="),
			"InvalidParameterValue",
			/^A value of '' is not valid for HttpEndpoint\. Specify either 'enabled' or 'disabled' and try again\.$/,
		],
		["nothing that must be there", ec2Form("ModifyInstanceMetadataOptions"), "MissingParameter", /InstanceId/],
		["no action", "Version=2016-11-15", "MissingAction", /Action/],
		["an empty action", "Action=&Version=2016-11-15", "MissingAction", /Action/],
		["no version", "Action=DescribeRegions", "MissingParameter", /Version/],
		["a version that never was", "Action=DescribeRegions&Version=1999-12-31", "NoSuchVersion", /1999-12-31/],
		["the version of another service", "Action=DescribeRegions&Version=2010-05-08", "NoSuchVersion", /2010-05-08/],
		["an action that never was", ec2Form("LaunchRocket"), "InvalidAction", /LaunchRocket/],
		["a property of every object as an action", ec2Form("constructor"), "InvalidAction", /constructor/],
		["an action of another service", ec2Form("CreateRole"), "InvalidAction", /CreateRole/],
		["an action that is AWS's alone", ec2Form("CreateVpc"), "UnsupportedOperation", /CreateVpc/],
		["markup", ec2Form("<script>alert(1)</script>%26%3C!%5BCDATA%5B"), "InvalidAction", /<script>alert\(1\)<\/script>&<!\[CDATA\[/],
		["nothing at all", "", "MissingAction", /Action/],
	] as const) {
		test(`with ${name} is refused with ${code}`, async () => {
			const { status, code: given, message } = await refused(body);
			assert.deepEqual({ status, code: given }, { status: 400, code });
			assert.match(message, told);
			assert.ok(message.length < 1_000, "the message repeats what was sent");
		});
	}

	for (const contentType of [
		"application/json",
		"text/xml",
		"text/plain",
		"multipart/form-data; boundary=x",
		`${FORM}; charset=iso-8859-1`,
		`${FORM}; charset=utf-16`,
		`${FORM}; charset=utf-8; charset=utf-16`,
		`${FORM}, text/plain`,
	]) {
		test(`of the content type ${contentType} is refused`, async () => {
			const { status, code, message } = await refused(ec2Form("DescribeRegions"), { "content-type": contentType });
			assert.deepEqual({ status, code }, { status: 400, code: "MalformedQueryString" });
			assert.match(message, /content type/);
		});
	}

	test("may say that its form is in UTF-8", async () => {
		for (const contentType of [`${FORM}; charset=utf-8`, `${FORM};charset="UTF-8"`, FORM.toUpperCase()]) {
			await served(ec2Form("DescribeRegions", "Filter.1.Name=region-name&Filter.1.Value.1=%E2%82%AC"), { "content-type": contentType });
		}
	});

	test("may come in chunks", async () => {
		const { target, headers, body } = await signed(api, { body: ec2Form("DescribeRegions") });
		const { status, body: answer } = await send(api, {
			method: "POST",
			target,
			headers: { ...headers, "transfer-encoding": "chunked" },
			body,
		});
		assert.equal(status, 200, answer);
	});

	test("may be as long as the longest, and not a byte longer", async () => {
		const start = ec2Form("DescribeRegions", "RegionName.1=");
		const { message } = await refused(start + "a".repeat(BODY_MAX_BYTES - start.length));
		assert.match(message, /^Invalid region names/);
		const { status, code } = await refused(start + "a".repeat(BODY_MAX_BYTES - start.length + 1));
		assert.deepEqual({ status, code }, { status: 413, code: "RequestEntityTooLarge" });
	});

	test("of ten mebibytes is refused with 413, also where its sender reads nothing before all is sent", async () => {
		const { status, code, message } = await refused(Buffer.alloc(TEN_MEBIBYTES, "a"));
		assert.deepEqual({ status, code }, { status: 413, code: "RequestEntityTooLarge" });
		assert.match(message, new RegExp(`${BODY_MAX_BYTES} bytes`));
		const answer = await sentBeforeRead(api.apiUrl, Buffer.alloc(TEN_MEBIBYTES, "a"));
		assert.match(answer, /^HTTP\/1\.1 413 [^]*<Code>RequestEntityTooLarge<\/Code>/);
	});

	test("takes no more memory for being sent in chunks of a byte, or ten mebibytes long", async () => {
		const { pid } = await api.service.status();
		await Promise.all(Array.from({ length: 4 }, () => refused(Buffer.alloc(TEN_MEBIBYTES, "a"))));
		const before = residentMebibytes(pid);
		await Promise.all(Array.from({ length: 16 }, () => refused(Buffer.alloc(TEN_MEBIBYTES, "a"))));
		await sentByteByByte(api.apiUrl, BODY_MAX_BYTES - 1);
		const grown = residentMebibytes(pid) - before;
		assert.ok(grown < 128, `it has grown by ${grown} MiB`);
	});
});

function numbered(count: number): string {
	return Array.from({ length: count }, (_, index) => `a${index}=`).join("&");
}

function many(list: string, count: number): string {
	return Array.from({ length: count }, (_, index) => `${list}.${index + 1}=i-${index}`).join("&");
}

function residentMebibytes(pid: number): number {
	const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Number(kibibytes) / 1024;
}

/** As a client with blocking sockets does it: what comes is looked at when all is gone. */
async function sentBeforeRead(apiUrl: string, body: Buffer): Promise<string> {
	const { hostname, port } = new URL(apiUrl);
	const socket = createConnection({ host: hostname, port: Number(port), allowHalfOpen: true }).pause();
	const all = [`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`, body];
	for (const bytes of all) {
		await new Promise<void>((resolve, reject) => {
			socket.once("error", reject);
			socket.write(bytes, () => resolve());
		});
	}
	const answer = await buffer(socket);
	socket.destroy();
	return answer.toString();
}

async function sentByteByByte(apiUrl: string, count: number): Promise<void> {
	const client = await Client.open(Number(new URL(apiUrl).port));
	client.write(`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`);
	client.write(`${"1\r\na\r\n".repeat(count)}0\r\n\r\n`);
	assert.match(await client.rest(), /^HTTP\/1\.1 401 /);
}
