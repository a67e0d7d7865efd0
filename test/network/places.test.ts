// EC2's addresses on interfaces and in namespaces that come and go, and what is left of them after a crash.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MAIN, temporaryFolder } from "../running-service.ts";
import { connect, FAMILIES, type Family, GUEST, ip, NEIGHBOUR, noLab, type Place, buildLab, run, setSysctls, within } from "./lab.ts";
import { whoAmI } from "./asking.ts";
import { serveLinkLocal } from "./link-local-service.ts";

const A = "i-00000000000000aaa";
const B = "i-00000000000000bbb";
const skip = noLab;

function instance(instanceId: string, binding: string, more = ""): string {
	return `  - instanceId: ${instanceId}
    metadataOptions: { httpProtocolIpv6: enabled${more} }
    endpointBindings: [${binding}]
`;
}

/** Tries until something is so; what is looked for takes a second to be seen. */
async function eventually(what: string, look: () => Promise<boolean>): Promise<void> {
	for (let attempt = 0; attempt < 100; attempt++) {
		if (await look()) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.fail(`not in ten seconds: ${what}`);
}

const asksAs = (place: Place, family: Family, instanceId: string) => async () =>
	(await whoAmI(place, family).catch(() => "")) === instanceId;

/** The endpoint's addresses in a place, as `ip` lists them. */
function ownAddresses(place: Place): string {
	const all = within(place, () => execFileSync("ip", ["-o", "addr"], { encoding: "utf8" }));
	return all
		.split("\n")
		.filter((line) => / (169\.254\.169\.254|fd00:ec2::254)\//.test(line))
		.map((line) => line.split(/\s+/).slice(1, 4).join(" "))
		.toSorted()
		.join(", ");
}

test("an interface that goes and comes, by the same name, is served again", { skip }, async (t) => {
	const lab = buildLab(t, [GUEST, NEIGHBOUR]);
	const [guest, neighbour] = lab.guests as [Place, Place];
	const service = await serveLinkLocal(
		t,
		lab.host,
		`instances:\n${instance(A, "{ interface: tap0 }")}${instance(B, "{ interface: tap1 }")}`,
	);
	for (const family of FAMILIES) assert.equal(await whoAmI(guest, family), A);
	ip(lab.host, ["link del tap0"]);
	await eventually("that it waits for the interface", async () => (await service.status()).missingPlaces[0] === "interface tap0");
	for (const family of FAMILIES) assert.equal(await whoAmI(neighbour, family), B, "the neighbour notices nothing");

	ip(lab.host, [`link add tap0 type veth peer name eth0 netns ${guest.name}`, "link set tap0 up", "route append fd00:1::/64 dev tap0"]);
	const addresses = [`addr add ${GUEST.ipv4} dev eth0`, `addr add ${GUEST.ipv6} dev eth0`];
	ip(guest, ["link set eth0 up", ...addresses, "route add 169.254.169.254 dev eth0", "route add fd00:ec2::254 dev eth0"]);
	for (const family of FAMILIES) await eventually(`${family} at the new interface`, asksAs(guest, family, A));
	ip(lab.host, ["link set tap0 down", "link set tap0 up", "route append fd00:1::/64 dev tap0"]);
	for (const family of FAMILIES) await eventually(`${family} after the link was down`, asksAs(guest, family, A));
	assert.deepEqual((await service.status()).missingPlaces, []);
});

test("a namespace is served inside, without any cable; one that comes later, too", { skip }, async (t) => {
	const lab = buildLab(t, [GUEST, NEIGHBOUR]);
	const [container, later] = lab.guests as [Place, Place];
	ip(container, ["link del eth0"]);
	const configuration = `instances:\n${instance(A, `{ networkNamespace: ${container.path} }`)}`;
	const service = await serveLinkLocal(t, lab.host, configuration);
	for (const family of FAMILIES) {
		assert.equal(await whoAmI(container, family), A);
		await assert.rejects(connect(later, family), `${family} answers where nobody bound it`);
	}
	ip(later, ["link del eth0"]);
	await service.reconfigure(`${configuration}${instance(B, `{ networkNamespace: ${later.name} }`)}`);
	for (const family of FAMILIES) {
		assert.equal(await whoAmI(later, family), B, "by the name that it has in /run/netns");
		assert.equal(await whoAmI(container, family), A);
	}
	await service.reconfigure(configuration);
	for (const family of FAMILIES) await assert.rejects(connect(later, family));
	await eventually("that its addresses are gone", async () => ownAddresses(later) === "");
});

test("after kill -9 the next start knows its addresses, and takes them away at its end; others' stay", { skip }, async (t) => {
	const lab = buildLab(t, [GUEST, NEIGHBOUR]);
	ip(lab.host, ["addr add 169.254.169.254/32 dev tap1"]);
	const dataDir = temporaryFolder(t);
	const configuration = `instances:\n${instance(A, "{ interface: tap0 }")}${instance(B, "{ interface: tap1 }")}`;
	const everything =
		"tap0 inet 169.254.169.254/32, tap0 inet6 fd00:ec2::254/128, tap1 inet 169.254.169.254/32, tap1 inet6 fd00:ec2::254/128";
	const first = await serveLinkLocal(t, lab.host, configuration, { dataDir });
	assert.equal(ownAddresses(lab.host), everything);
	await first.stop("SIGKILL");
	assert.equal(ownAddresses(lab.host), everything);
	const second = await serveLinkLocal(t, lab.host, configuration, { dataDir });
	assert.equal(await whoAmI(lab.guests[0] as Place, "IPv4"), A);
	await second.stop("SIGTERM");
	assert.equal(ownAddresses(lab.host), "tap1 inet 169.254.169.254/32");
});

test("a dry run says what it would do, and does nothing", { skip }, async (t) => {
	const lab = buildLab(t, [GUEST]);
	const folder = temporaryFolder(t);
	const configFile = join(folder, "openimds.yaml");
	writeFileSync(configFile, `instances:\n${instance(A, "{ interface: tap0 }, { interface: tap7 }")}`);
	const serve = [MAIN, "serve", "--link-local", "--dry-run", "--config", configFile, "--data-dir", join(folder, "data")];
	const told = await run(lab.host, process.execPath, serve);
	assert.deepEqual(told.trim().split("\n"), [
		"would run     ip addr add 169.254.169.254/32 dev tap0 scope link",
		"would run     ip addr add fd00:ec2::254/128 dev tap0 nodad preferred_lft 0",
		"would listen  169.254.169.254:80 at interface tap0",
		"would listen  [fd00:ec2::254]:80 at interface tap0",
		"would listen  169.254.169.254:80 at interface tap7, once there is one",
		"would listen  [fd00:ec2::254]:80 at interface tap7, once there is one",
		"nothing was changed",
	]);
	assert.equal(ownAddresses(lab.host), "");
});

test("where IPv6 is off, IPv4 is served, and the log says how to mend it", { skip }, async (t) => {
	const lab = buildLab(t, [GUEST]);
	setSysctls(lab.host, { "ipv6/conf/tap0/disable_ipv6": 1 });
	const service = await serveLinkLocal(t, lab.host, `instances:\n${instance(A, "{ interface: tap0 }")}`);
	assert.equal(await whoAmI(lab.guests[0] as Place, "IPv4"), A);
	assert.match(service.log(), /IPv6 is off there\. This mends it: sysctl -w net\/ipv6\/conf\/tap0\/disable_ipv6=0/);
	assert.deepEqual(
		(await service.status()).listeners.map(({ address }) => address),
		["127.0.0.1:1338", "169.254.169.254:80"].slice(1),
	);
});

test("who may not add addresses is told what would", { skip }, async (t) => {
	const lab = buildLab(t, [GUEST]);
	const folder = temporaryFolder(t);
	const configFile = join(folder, "openimds.yaml");
	writeFileSync(configFile, `instances:\n${instance(A, "{ interface: tap0 }")}`);
	execFileSync("chown", ["-R", "nobody", folder]);
	const serve = [process.execPath, MAIN, "serve", "--link-local", "--config", configFile, "--data-dir", folder];
	await assert.rejects(
		run(lab.host, "setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", ...serve]),
		/169\.254\.169\.254 on interface tap0 is missing, and this process may not add it for want of CAP_NET_ADMIN\. This mends it: sudo ip addr add/,
	);
});
