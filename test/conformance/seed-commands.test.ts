// The commands of the seeds, as they are printed there: read from the documents themselves, run by the AWS CLI through a shell. Only the
// lines of dots go, and a passage of chat that somebody pasted into one of them (control-apis.md §2.7).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DescribeImageAttributeCommand, DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { type Api, startApi } from "../api/api.ts";
import { describeOne } from "../api/instances.ts";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { DEFAULTS, instanceOnce, running, statuses } from "./control-scene.ts";

const SEEDS = fileURLToPath(new URL("../../../shared/seeds/", import.meta.url));
const aws = requireTool("aws");
const skip = existsSync(SEEDS) ? aws.skip : `the seeds are not there: ${SEEDS}`;

/** The existing instance of the guide. */
const INSTANCE = "i-1234567898abcdef0";

const api = await startApi(
	{ after },
	{
		configuration: `
images:
  - imageId: ami-0abcdef1234567890
  - imageId: ami-0123456789example
snapshots:
  - snapshotId: snap-0123456789example
instances:
  - instanceId: ${INSTANCE}
    endpointListen: 127.0.0.1:0
`,
		flags: ["--transition-delay-ms", "100"],
	},
);
const url = api.service.urls.get(INSTANCE) ?? "";

const PENDING = { ...DEFAULTS, State: "pending" };

test("the guide's launches have the options that they name", { skip }, async (t) => {
	const [required = "", disabled = "", ...others] = commandsOf("ec2-configure-metadata-options.md", "aws ec2 run-instances");
	assert.deepEqual(others, []);
	for (const [command, options, expected] of [
		[required, { HttpTokens: "required" }, { v1: 401, v2: 200 }],
		[disabled, { HttpEndpoint: "disabled" }, { v1: 403, v2: 403 }],
	] as const) {
		const { Instances } = (await run(t, api, command)) as {
			Instances: { InstanceId: string; InstanceType: string; MetadataOptions: object }[];
		};
		const [instance] = Instances;
		assert.ok(instance !== undefined && Instances.length === 1);
		assert.deepEqual(instance.MetadataOptions, { ...PENDING, ...options });
		assert.equal(instance.InstanceType, "c3.large");
		const launched = await running(api.ec2, instance.InstanceId);
		assert.deepEqual(launched.options, { ...DEFAULTS, ...options });
		assert.equal((await describeOne(api.ec2, instance.InstanceId)).ImageId, "ami-0abcdef1234567890");
		assert.deepEqual(await statuses(launched.url), expected);
	}
});

test("the guide's changes of an existing instance do what it says of each, one after the other", { skip }, async (t) => {
	const commands = commandsOf("ec2-configure-metadata-options.md", "aws ec2 modify-instance-metadata-options");
	const expected = [
		[{ HttpTokens: "required" }, { v1: 401, v2: 200 }],
		[
			{ HttpTokens: "required", HttpPutResponseHopLimit: 3 },
			{ v1: 401, v2: 200 },
		],
		[{ HttpPutResponseHopLimit: 3 }, { v1: 200, v2: 200 }],
		[
			{ HttpPutResponseHopLimit: 3, HttpEndpoint: "disabled" },
			{ v1: 403, v2: 403 },
		],
	] as const;
	assert.equal(commands.length, expected.length);
	for (const [index, [options, answers]] of expected.entries()) {
		const answer = await run(t, api, commands[index] ?? "");
		assert.deepEqual(answer, { InstanceId: INSTANCE, InstanceMetadataOptions: { ...PENDING, ...options } });
		const { MetadataOptions } = await instanceOnce(api.ec2, INSTANCE, (instance) => instance.MetadataOptions?.State === "applied");
		assert.deepEqual(MetadataOptions, { ...DEFAULTS, ...options });
		assert.deepEqual(await statuses(url), answers);
	}
});

test("Spot's register-image and modify-image-attribute give an image IMDSv2", { skip }, async (t) => {
	const [register = "", ...others] = commandsOf("spot-ocean-elastigroup-stateful-node.md", "aws ec2 register-image");
	const [modify = "", ...more] = commandsOf("spot-ocean-elastigroup-stateful-node.md", "aws ec2 modify-image-attribute");
	assert.deepEqual([...others, ...more], []);
	const { ImageId } = (await run(t, api, register)) as { ImageId: string };
	const { Images = [] } = await api.ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
	assert.equal(Images[0]?.Name, "my-image");
	assert.equal(Images[0].ImdsSupport, "v2.0");
	assert.equal(Images[0].BlockDeviceMappings?.[0]?.Ebs?.SnapshotId, "snap-0123456789example");

	try {
		assert.equal(await run(t, api, modify), undefined);
	} catch (error) {
		// Debian's CLI (2.9) is older than this option of this command: what is printed can't be run with it, only what means the same.
		if (!/^Unknown options: --imds-support, v2\.0$/m.test(String(error))) throw error;
		t.diagnostic("this AWS CLI does not know --imds-support; asked with --attribute imdsSupport --value v2.0");
		assert.equal(await run(t, api, modify.replace("--imds-support", "--attribute imdsSupport --value")), undefined);
	}
	const asked = { ImageId: "ami-0123456789example", Attribute: "imdsSupport" as const };
	assert.deepEqual((await api.ec2.send(new DescribeImageAttributeCommand(asked))).ImdsSupport, { Value: "v2.0" });
});

/** The commands in a document's blocks of code that begin so. */
function commandsOf(document: string, beginning: string): readonly string[] {
	const text = readFileSync(`${SEEDS}${document}`, "utf8");
	const blocks = [...text.matchAll(/^( *)(`{3,})\n([\s\S]*?)\n\1\2$/gm)].map(([, , , block = ""]) => cleaned(block));
	return blocks.filter((block) => block.startsWith(beginning));
}

/** One command in one line, as a shell would join it. The guide leaves some of the backslashes out. */
function cleaned(block: string): string {
	const lines = block.split("\n").map((line) => line.replace(/\\\s*$/, "").trim());
	return lines
		.filter((line) => line !== "...")
		.join(" ")
		.replace(" Let me know if there is anything else I can help you with.", "");
}

/** What a command prints; `undefined`: nothing. */
async function run(t: Parameters<typeof temporaryFolder>[0], { apiUrl, region, rootKey }: Api, command: string): Promise<unknown> {
	// Debian's CLI (2.9) does not know AWS_ENDPOINT_URL.
	const script = `aws() { command "$AWS" --endpoint-url "$ENDPOINT" "$@"; }\n${command}`;
	const env = {
		PATH: process.env["PATH"],
		HOME: temporaryFolder(t),
		AWS: aws.path,
		ENDPOINT: apiUrl,
		AWS_DEFAULT_REGION: region,
		AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
		AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_PAGER: "",
	};
	const { stdout } = await promisify(execFile)("/bin/sh", ["-c", script], { env });
	return stdout.trim() === "" ? undefined : JSON.parse(stdout);
}
