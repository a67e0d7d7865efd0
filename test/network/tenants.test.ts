// Two tenants with the same addresses on two taps of one host: neither ever sees anything of the other.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../running-service.ts";
import { type Answer, ask, askOnce, INSTANCE_ID, TOKEN, tokenFor } from "./asking.ts";
import { capture } from "./capture.ts";
import {
	buildLab,
	connect,
	ENDPOINT,
	FAMILIES,
	type Family,
	GUEST,
	ip,
	type Lab,
	type Lifetime,
	noLab,
	type Place,
	run,
	setSysctls,
	tapMac,
} from "./lab.ts";
import { type LinkLocalService, serveLinkLocal } from "./link-local-service.ts";

const IDS = ["i-0a0a0a0a0a0a0a0a0", "i-0b0b0b0b0b0b0b0b0"] as const;

const REQUESTS = 10_000;
const CONNECTIONS_EACH = 250;
/** The same ports at both taps: a connection is the same in all but the interface. */
const FIRST_PORT = 20_000;

/** Where the host's programs ask for the second tenant. */
const SECOND_PORT = 8080;

interface Tenants {
	readonly lab: Lab;
	readonly service: LinkLocalService;
	readonly unixSocket: string;
}

describe("two tenants with the same addresses", { skip: noLab }, () => {
	for (const family of FAMILIES) {
		for (const ways of ["taps", "namespaces"] as const) {
			test(`${REQUESTS} requests by their ${ways}, none crossed, on ${family}`, async (t) => {
				const { lab, service } = await startTenants(t, ways);
				const answers = await Promise.all(
					lab.guests.flatMap((guest) =>
						Array.from({ length: CONNECTIONS_EACH }, (_, index) => askManyTimes(guest, family, FIRST_PORT + index)),
					),
				);
				IDS.forEach((id, tenant) => {
					const heard = answers.slice(tenant * CONNECTIONS_EACH, (tenant + 1) * CONNECTIONS_EACH).flat();
					assert.equal(heard.length, REQUESTS / 2);
					const tokens = heard.filter(({ body }) => body.length === 56);
					assert.equal(tokens.length, REQUESTS / 8);
					assert.deepEqual(new Set(heard.map(({ status }) => status)), new Set([200]));
					assert.deepEqual(new Set(heard.filter((answer) => !tokens.includes(answer)).map(({ body }) => body)), new Set([id]));
				});
				const { connections } = await service.status();
				assert.equal(connections.unknownCaller, 0);
			});
		}

		test(`a token of one is refused to the other, on ${family}`, async (t) => {
			const { lab } = await startTenants(t);
			const tokens = await Promise.all(lab.guests.map((guest) => tokenFor(guest, family)));
			for (const [tenant, guest] of lab.guests.entries()) {
				for (const [owner, token] of tokens.entries()) {
					const answer = await askOnce(guest, family, { ...INSTANCE_ID, headers: { "X-aws-ec2-metadata-token": token } });
					assert.deepEqual(answer, owner === tenant ? { status: 200, body: IDS[tenant] } : { status: 401, body: "" });
				}
			}
		});

		test(`one that has another address as well stays who it is, on ${family}`, async (t) => {
			const { lab } = await startTenants(t);
			const [first] = lab.guests as [Place];
			const other = family === "IPv4" ? "10.0.0.99" : "fd00:1::99";
			ip(first, [`addr add ${other}/${family === "IPv4" ? 32 : 128} dev eth0`]);
			assert.equal((await askOnce(first, family, INSTANCE_ID, { localAddress: other })).body, IDS[0]);
		});

		test(`the neighbour's own address, behind its tap, is out of reach, and the host's own programs get there, on ${family}`, async (t) => {
			const { lab, service } = await startTenants(t);
			const [first, second] = lab.guests as [Place, Place];
			const { host, prefix } = family === "IPv4" ? { host: "10.9.0.1", prefix: 24 } : { host: "fd00:9::1", prefix: 64 };
			const [bracketed, nodad] = family === "IPv4" ? [host, ""] : [`[${host}]`, "nodad"];
			ip(lab.host, [`addr add ${host}/${prefix} dev tap1 ${nodad}`]);
			for (const [index, guest] of [first, second].entries()) {
				ip(guest, [`route add ${host} dev eth0`, `neigh add ${host} lladdr ${tapMac(index)} dev eth0`]);
			}
			const configuration = readFileSync(service.configFile, "utf8");
			await service.reconfigure(configuration.replace('"unix:', `"${bracketed}:${SECOND_PORT}", "unix:`));
			const url = `http://${bracketed}`;
			const path = `${url}:${SECOND_PORT}/latest/meta-data/instance-id`;
			assert.equal(await run(second, "curl", ["-sg", path]), IDS[1]);
			assert.equal(await run(lab.host, "curl", ["-sg", path]), IDS[1]);
			const recorded = await capture(t, lab.host, "tap0");
			await assertUnreachable(first, url);
			assert.ok(
				(await recorded.complete(first, family)).some(({ to }) => to.port === SECOND_PORT),
				"it came as far as the host",
			);
		});

		test(`the neighbour's port on the host's loopback is out of reach, on ${family}`, async (t) => {
			const { lab } = await startTenants(t);
			const [first] = lab.guests as [Place];
			await assertUnreachable(first, ENDPOINT[family].url);
			// As CVE-2020-8558 had it: what the guest takes for loopback is the host behind its tap.
			const loopback = family === "IPv4" ? "127.0.0.1" : "::1";
			setSysctls(first, { "ipv4/conf/all/route_localnet": 1 });
			ip(first, ["addr flush dev lo", `neigh add ${loopback} lladdr ${tapMac(0)} dev eth0`, `route add ${loopback} dev eth0`]);
			const recorded = await capture(t, lab.host, "tap0");
			await assertUnreachable(first, family === "IPv4" ? `http://${loopback}` : `http://[${loopback}]`);
			assert.ok(
				(await recorded.complete(first, family)).some(({ to }) => to.port === SECOND_PORT),
				"it came as far as the host",
			);
		});
	}

	test("the neighbour's Unix socket takes nobody but the service's own user", async (t) => {
		const { lab, unixSocket } = await startTenants(t);
		const [first] = lab.guests as [Place];
		const asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "curl", "-s", "--unix-socket", unixSocket, "http://x/latest/"];
		const CURL_COULD_NOT_CONNECT = 7;
		await assert.rejects(run(first, "setpriv", asNobody), { code: CURL_COULD_NOT_CONNECT });
	});
});

/** @param ways by what they are told apart. */
async function startTenants(t: Lifetime, ways: "taps" | "namespaces" = "taps"): Promise<Tenants> {
	const lab = buildLab(t, [GUEST, GUEST]);
	const bindings = lab.guests.map(({ name }, index) => (ways === "taps" ? `interface: tap${index}` : `networkNamespace: ${name}`));
	const unixSocket = join(temporaryFolder(t), "second.sock");
	const service = await serveLinkLocal(
		t,
		lab.host,
		`
instances:
  - instanceId: ${IDS[0]}
    endpointBindings: [{${bindings[0]}}]
    metadataOptions: {httpProtocolIpv6: enabled}
  - instanceId: ${IDS[1]}
    endpointBindings: [{${bindings[1]}}]
    endpointListen: ["127.0.0.1:${SECOND_PORT}", "[::1]:${SECOND_PORT}", "unix:${unixSocket}"]
    metadataOptions: {httpProtocolIpv6: enabled}
`,
	);
	return { lab, service, unixSocket };
}

/** Half of the requests without a token; a token is asked for and used in the other half. */
async function askManyTimes(guest: Place, family: Family, localPort: number): Promise<readonly Answer[]> {
	const socket = await connect(guest, family, { localPort });
	const answers: Answer[] = [];
	while (answers.length < REQUESTS / 2 / CONNECTIONS_EACH) {
		const token = await ask(socket, TOKEN);
		const withToken = await ask(socket, { ...INSTANCE_ID, headers: { "X-aws-ec2-metadata-token": token.body } });
		answers.push(token, withToken, await ask(socket, INSTANCE_ID), await ask(socket, INSTANCE_ID));
	}
	socket.destroy();
	return answers;
}

async function assertUnreachable(place: Place, url: string): Promise<void> {
	const [COULD_NOT_CONNECT, TIMED_OUT] = [7, 28];
	await assert.rejects(run(place, "curl", ["-sg", "--connect-timeout", "1", `${url}:${SECOND_PORT}/`]), (error: Error) => {
		const { code } = error as Error & { code: number };
		return code === COULD_NOT_CONNECT || code === TIMED_OUT;
	});
}
