// The child of failing-store.test.ts: a service whose store fails, with the little room that its folder was given, and works again.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
	CreateTagsCommand,
	DescribeInstancesCommand,
	EC2Client,
	type Instance,
	ModifyInstanceMetadataOptionsCommand,
	RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateUserCommand, GetUserCommand } from "@aws-sdk/client-iam";
import { type Api, type Clients, startApi } from "./api.ts";

const IMAGE = "ami-0abcdef1234567890";
const DECLARED = "i-0c0ffee0c0ffee0c0";
const DECLARED_TOO = ["i-0c0ffee0c0ffee0c1", "i-0c0ffee0c0ffee0c2"];
const LAUNCHED_AT_A_TIME = 5;
const PAGE_BYTES = 4096;

const [folder = "", how = ""] = process.argv.slice(2);
const ballast = join(folder, "ballast");

const cleanUps: (() => unknown)[] = [];
try {
	await play();
} finally {
	for (const cleanUp of cleanUps.toReversed()) await cleanUp();
}

async function play(): Promise<void> {
	const configuration = `
images: [{ imageId: ${IMAGE} }]
instances:
${[DECLARED, ...DECLARED_TOO].map((instanceId) => `  - { instanceId: ${instanceId}, endpointListen: "127.0.0.1:0" }\n`).join("")}
`;
	const start = () =>
		startApi(
			{ after: (cleanUp) => void cleanUps.push(cleanUp) },
			{ configuration, dataDir: folder, flags: ["--transition-delay-ms", "600000"] },
		);
	let api = await start();
	const url = api.service.urls.get(DECLARED) ?? "";
	assert.equal(await launched(api), "launched");
	const { pid } = await api.service.status();

	let launches = 1;
	// Where the room ends, it may end within a launch.
	for (const pages of [0, 3, 6, 9, 12, 15, 18, 21]) {
		leaveRoom(pid, pages);
		while ((await launched(api)) === "launched") launches++;
		assert.equal(await launched(api), "refused");
		const { length } = await describe(api.ec2);
		assert.equal(length, 3 + launches * LAUNCHED_AT_A_TIME, "all of a launch or none");
	}

	await changeWithoutRoom(api);
	assert.equal((await fetch(`${url}/latest/meta-data/instance-id`)).status, 200, "the endpoint does not need the store");

	// An SDK that may tries again, and finds the store working: what it asked for comes about once.
	while ((await launched(api)) === "launched") launches++;
	const patient = new EC2Client({ endpoint: api.apiUrl, region: api.region, credentials: api.rootKey, maxAttempts: 3 });
	cleanUps.push(() => patient.destroy());
	const failures: string[] = [];
	patient.middlewareStack.add(
		(next) => async (args) => {
			try {
				return await next(args);
			} catch (error) {
				failures.push(checkRefusal(error));
				makeRoom(pid);
				throw error;
			}
		},
		// Nearer to the wire than what tries again.
		{ step: "deserialize", priority: "high" },
	);
	assert.equal(await launched({ ec2: patient }), "launched");
	launches++;
	assert.equal(failures.length, 1, failures.join());

	for (let more = 0; more < 3; more++, launches++) assert.equal(await launched(api), "launched");
	assert.deepEqual(await changes(api, "again"), { modified: "done", tagged: "done", userCreated: "done" });
	await check(api, launches);
	await api.service.stop();
	api = await start();
	await check(api, launches);
	process.stdout.write(`${launches} launches\n`);
}

/** Changes that are smaller than a launch: where there is no room at all none of them comes about, and nowhere a part of one. */
async function changeWithoutRoom(api: Api): Promise<void> {
	const outcomes = await changes(api, "first");
	if (how !== "full") assert.deepEqual(outcomes, { modified: "refused", tagged: "refused", userCreated: "refused" });
	const declared = (await describe(api.ec2)).filter(({ InstanceId = "" }) => [DECLARED, ...DECLARED_TOO].includes(InstanceId));
	const tokens = declared.find(({ InstanceId }) => InstanceId === DECLARED)?.MetadataOptions?.HttpTokens;
	assert.equal(tokens, outcomes.modified === "done" ? "required" : "optional");
	assert.equal(declared.filter(hasTag).length, outcomes.tagged === "done" ? 3 : 0);
	const user = api.iam.send(new GetUserCommand({ UserName: "first" }));
	await (outcomes.userCreated === "done" ? user : assert.rejects(user, { name: /^NoSuchEntity/ }));
}

/** One of one record, one of three, one of a new one. */
async function changes({ ec2, iam }: Clients, UserName: string) {
	const Tags = [{ Key: "tagged", Value: "v".repeat(200) }];
	return {
		modified: await attempt(ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: DECLARED, HttpTokens: "required" }))),
		tagged: await attempt(ec2.send(new CreateTagsCommand({ Resources: [DECLARED, ...DECLARED_TOO], Tags }))),
		userCreated: await attempt(iam.send(new CreateUserCommand({ UserName }))),
	};
}

function hasTag({ Tags = [] }: Instance): boolean {
	return Tags.some(({ Key }) => Key === "tagged");
}

/** All that was acknowledged, and nothing else. */
async function check({ ec2, iam }: Clients, launches: number): Promise<void> {
	const instances = await describe(ec2);
	assert.equal(instances.length, 3 + launches * LAUNCHED_AT_A_TIME);
	const declared = instances.find(({ InstanceId }) => InstanceId === DECLARED);
	assert.equal(declared?.MetadataOptions?.HttpTokens, "required");
	assert.equal(instances.filter(hasTag).length, 3);
	await iam.send(new GetUserCommand({ UserName: "again" }));
}

async function launched({ ec2 }: Pick<Clients, "ec2">): Promise<"launched" | "refused"> {
	const asked = {
		ImageId: IMAGE,
		MinCount: LAUNCHED_AT_A_TIME,
		MaxCount: LAUNCHED_AT_A_TIME,
		UserData: Buffer.alloc(12_000, "data ").toString("base64"),
	};
	return (await attempt(ec2.send(new RunInstancesCommand(asked)))) === "done" ? "launched" : "refused";
}

async function describe(ec2: EC2Client): Promise<readonly Instance[]> {
	const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
	return Reservations.flatMap(({ Instances = [] }) => Instances);
}

async function attempt(call: Promise<unknown>): Promise<"done" | "refused"> {
	try {
		await call;
		return "done";
	} catch (error) {
		checkRefusal(error);
		return "refused";
	}
}

/** A failing store is told in a way that an SDK reads, and takes for a reason to try again. */
function checkRefusal(error: unknown): string {
	const { name, $metadata, $response } = error as Error & {
		$metadata?: { httpStatusCode?: number; requestId?: string };
		$response?: { headers: Record<string, string> };
	};
	assert.match(name, /^(Unavailable|InternalError|ServiceUnavailable|ServiceFailure)$/, String(error));
	assert.ok($metadata?.httpStatusCode === 503 || $metadata?.httpStatusCode === 500, String(error));
	assert.match($metadata.requestId ?? "", /^[0-9a-f-]{36}$/);
	assert.match($response?.headers["content-type"] ?? "", /^text\/xml/);
	return name;
}

/** Lets the service write nothing, or so many pages of 4 KiB more. */
function leaveRoom(pid: number, pages: number): void {
	if (how !== "full") return limit(pid, "1000:");
	fill();
	truncateSync(ballast, Math.max(0, statSync(ballast).size - pages * PAGE_BYTES));
}

function makeRoom(pid: number): void {
	if (how === "full") rmSync(ballast);
	else limit(pid, "unlimited:");
}

/** No file of the service may grow beyond so many bytes. */
function limit(pid: number, size: string): void {
	const { status, stderr } = spawnSync("prlimit", [`--pid=${pid}`, `--fsize=${size}`], { encoding: "utf8" });
	assert.equal(status, 0, stderr);
}

/** Takes all that is left of the small file system. */
function fill(): void {
	const file = openSync(ballast, "a");
	const page = new Uint8Array(PAGE_BYTES);
	try {
		for (;;) if (writeSync(file, page) < page.length) return;
	} catch (error) {
		assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
	} finally {
		closeSync(file);
	}
}
