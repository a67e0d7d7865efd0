// Who calls without a token is found in another network namespace and of another user; of a guest, as much is told as can be known.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { ToldCaller } from "../../src/daemon/control-messages.ts";
import { OLD_SDK, PYTHON, startProgram } from "../cli/calling-program.ts";
import { openimds } from "../cli/openimds.ts";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { addressOf, buildLab, ENDPOINT, FAMILIES, GUEST, type Lifetime, NEIGHBOUR, noLab, type Place, within } from "./lab.ts";
import { type LinkLocalService, serveLinkLocal } from "./link-local-service.ts";

const [A, B] = ["i-0a0a0a0a0a0a0a0a0", "i-0b0b0b0b0b0b0b0b0"] as const;
const NOBODY = 65_534;
const setpriv = requireTool("setpriv");
const python = requireTool("python3");

const CONFIGURATION = `
roles: [{ roleName: old-role }]
instances:
  - { instanceId: ${A}, iamInstanceProfile: old-role, endpointBindings: [{ interface: tap0 }], metadataOptions: { httpProtocolIpv6: enabled } }
  - { instanceId: ${B}, endpointBindings: [{ interface: tap1 }], metadataOptions: { httpProtocolIpv6: enabled } }
`;

async function callersOf(service: LinkLocalService, instanceId: string): Promise<readonly ToldCaller[]> {
	const { stdout } = await openimds(["v1-callers", "--json", "--instance", instanceId], { OPENIMDS_DATA_DIR: service.dataDir });
	return JSON.parse(stdout) as ToldCaller[];
}

/** A copy of the program where everybody may read it, whoever's the checkout is. */
function readableCopy(t: Lifetime): string {
	const folder = temporaryFolder(t);
	chmodSync(folder, 0o755);
	const copy = join(folder, "old-sdk.ts");
	copyFileSync(OLD_SDK, copy);
	return copy;
}

function asNobody(...commandLine: readonly string[]): readonly string[] {
	return [setpriv.path, `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--", ...commandLine];
}

function startWithin(t: Lifetime, place: Place, commandLine: readonly string[]): ReturnType<typeof startProgram> {
	return within(place, () => startProgram(t, commandLine, { AWS_NODEJS_CONNECTION_REUSE_ENABLED: "1" }));
}

describe("who calls without a token", { skip: noLab || setpriv.skip || python.skip }, () => {
	for (const family of FAMILIES) {
		test(`is a program in another network namespace, of another user, on ${family}`, async (t) => {
			const { host, guests } = buildLab(t, [GUEST, NEIGHBOUR]);
			const [guest, neighbour] = guests as [Place, Place];
			const service = await serveLinkLocal(t, host, CONFIGURATION);
			const script = readableCopy(t);
			const sdk = startWithin(t, guest, asNobody(process.execPath, script, ENDPOINT[family].url, "--password=s3cr3t"));
			await sdk.printed("loaded old-role");
			// The same program of another instance, in another place, of another user.
			const other = startWithin(t, neighbour, [process.execPath, script, ENDPOINT[family].url]);
			await other.printed("failed 404");

			const [caller = {}, ...none] = await callersOf(service, A);
			assert.deepEqual(none, []);
			const { executable, commandLine, pid, uid, user, networkNamespace, sourceAddress, sdkVersion, calls, callsByPath, unknown } = caller;
			assert.deepEqual(
				{ executable, commandLine, pid, uid, user, networkNamespace, sourceAddress, sdkVersion, calls, callsByPath, unknown },
				{
					executable: readlinkSync(`/proc/${sdk.pid}/exe`),
					commandLine: `node ${script} ${ENDPOINT[family].url} --password=…`,
					pid: sdk.pid,
					uid: NOBODY,
					user: execFileSync("id", ["-un", String(NOBODY)], { encoding: "utf8" }).trim(),
					networkNamespace: guest.name,
					sourceAddress: addressOf(family === "IPv4" ? GUEST.ipv4 : GUEST.ipv6),
					sdkVersion: "2.500.0",
					calls: 2,
					callsByPath: { credentials: 2 },
					unknown: undefined,
				},
			);
			const [second] = await callersOf(service, B);
			assert.deepEqual([second?.pid, second?.user, second?.networkNamespace], [other.pid, "root", neighbour.name]);

			const { stdout } = await openimds(["v1-callers"], { OPENIMDS_DATA_DIR: service.dataDir });
			assert.match(stdout, new RegExp(`^${A} +node \\S+ \\S+ --password=… +nobody +network namespace ${guest.name} +2 +0 `, "m"));
			assert.doesNotMatch(stdout + service.log(), /s3cr3t/);
		});
	}

	test("is not who has the same address and port in another namespace", async (t) => {
		// Both guests have one address: what tells them apart is the tap, and the namespace behind it.
		const { host, guests } = buildLab(t, [GUEST, GUEST]);
		const service = await serveLinkLocal(t, host, CONFIGURATION);
		const place = `${ENDPOINT.IPv4.host}:80`;
		const programs = [];
		for (const guest of guests) {
			const program = startWithin(t, guest, [python.path, "-c", samePort(PYTHON), place, "/latest/meta-data/mac"]);
			await program.printed("answered 200");
			programs.push(program);
		}
		for (const [index, id] of [A, B].entries()) {
			const [caller, ...none] = await callersOf(service, id);
			assert.deepEqual(none, []);
			// Never the other's: honest where it can't be told.
			if (caller?.unknown === undefined)
				assert.deepEqual([caller?.pid, caller?.networkNamespace], [programs[index]?.pid, guests[index]?.name]);
			else assert.match(caller.unknown, /^two network namespaces have a connection from /);
		}
	});
});

/** The script, from a port that is the same wherever it runs. */
function samePort(script: string): string {
	const bound = 'connection = http.client.HTTPConnection(place, source_address=("10.0.0.5", 20000))';
	return script.replace(/^connection = .*$/m, bound);
}
