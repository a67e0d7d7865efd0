/** `openimds host`: what it says. What it does to packets is in test/host/. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hostCommands, ON_BRIDGE, ON_TAPS, openimdsIn, said, stateOf } from "../host/scene.ts";
import { buildLab, GUEST, ip, NEIGHBOUR, noLab, run, setSysctls } from "../network/lab.ts";
import { serveLinkLocal } from "../network/link-local-service.ts";
import { MAIN, temporaryFolder } from "../running-service.ts";
import { openimds } from "./openimds.ts";

const skip = noLab;

interface Plan {
	readonly needs: readonly { readonly name: string; readonly isInPlace: boolean; readonly commands: readonly string[] }[];
	readonly problems: readonly { readonly message: string; readonly mend: string }[];
}

test("a plan is a script with reasons, which a shell can run", { skip }, async (t) => {
	const { host: place } = buildLab(t, [GUEST, NEIGHBOUR], "br0");
	const before = stateOf(place);
	const host = hostCommands(t, place, ON_BRIDGE);
	const { stdout } = await host("plan");
	assert.deepEqual(await host("apply", "--dry-run"), await host("plan"));
	assert.deepEqual(stateOf(place), before);
	assert.match(stdout, /^# 169\.254\.169\.254 on interface br0: .+\nip addr add 169\.254\.169\.254\/32 dev br0 scope link\n/m);
	assert.match(stdout, /^# nftables table bridge openimds: .+\nnft -f - <<'END'\n/m);
	await run(place, "sh", ["-euc", stdout]);
	assert.equal((await host("check")).code, 0);
	assert.doesNotMatch((await host("plan")).stdout, /^[^#]/m);
	assert.ok((JSON.parse((await host("plan", "--json")).stdout) as Plan).needs.every(({ isInPlace }) => isInPlace));
	const checked = JSON.parse((await host("check", "--json")).stdout) as { ok: boolean; findings: { isOk: boolean }[] };
	assert.equal(checked.ok && checked.findings.every(({ isOk }) => isOk), true);
});

test("the instances of the running service are meant where no file is named", { skip }, async (t) => {
	const { host: place } = buildLab(t, [GUEST, GUEST]);
	const { dataDir } = await serveLinkLocal(t, place, ON_TAPS);
	const { stdout } = await openimdsIn(place, "host", "plan", "--json", "--data-dir", dataDir);
	const { needs } = JSON.parse(stdout) as Plan;
	assert.deepEqual(
		needs.filter(({ isInPlace }) => isInPlace).map(({ name }) => name),
		[
			"169.254.169.254 on interface tap0",
			"fd00:ec2::254 on interface tap0",
			"169.254.169.254 on interface tap1",
			"fd00:ec2::254 on interface tap1",
			"net.ipv4.conf.tap0.rp_filter",
			"net.ipv4.conf.tap1.rp_filter",
		],
	);
	const nobody = await openimds(["host", "plan", "--data-dir", temporaryFolder(t)]);
	assert.deepEqual({ code: nobody.code, stdout: nobody.stdout }, { code: 1, stdout: "" });
	assert.match(nobody.stderr, /^openimds: No service runs on the data folder .* with --config\.\n$/);
});

test("what is wrong with interfaces is told, with what mends it", { skip }, async (t) => {
	const { host: place } = buildLab(t, [GUEST, NEIGHBOUR], "br0");
	const problems = async (yaml: string) => (JSON.parse((await hostCommands(t, place, yaml)("plan", "--json")).stdout) as Plan).problems;
	ip(place, ["link set tap1 nomaster", "link set tap1 down"]);
	assert.deepEqual(await problems(ON_BRIDGE), [{ message: "tap1 is no port of br0.", mend: "ip link set tap1 master br0" }]);
	assert.deepEqual(await problems(ON_TAPS), [
		{
			message:
				"Requests don't arrive at tap0, which is a port of the bridge br0: bind the instance with { interface: br0, bridgePort: tap0 }.",
			mend: "openimds config check FILE",
		},
		{ message: "The interface tap1 is down.", mend: "ip link set tap1 up" },
	]);
	setSysctls(place, { "ipv6/conf/br0/disable_ipv6": 1 });
	assert.deepEqual(await problems(ON_BRIDGE.replaceAll("tap1", "tap7")), [
		{ message: "There is no interface tap7, a port of br0; its instance may not run yet.", mend: "ip tuntap add tap7 mode tap" },
		{ message: "fd00:ec2::254 on interface br0 is impossible: IPv6 is off there.", mend: "sysctl -w net/ipv6/conf/br0/disable_ipv6=0" },
	]);
	assert.deepEqual(
		await problems(ON_BRIDGE.replaceAll("tap1", "tap0").replaceAll("httpProtocolIpv6: enabled", "")),
		[],
		"nobody uses IPv6",
	);
});

test("a strict setting for all interfaces that leaves no way is told", { skip }, async (t) => {
	const { host: place } = buildLab(t, [GUEST]);
	setSysctls(place, { "ipv4/conf/all/rp_filter": 1 });
	const host = hostCommands(t, place, ON_TAPS);
	await host("apply");
	const { code, stdout } = await host("check");
	assert.equal(code, 1);
	assert.match(
		stdout,
		/^WRONG +net\.ipv4\.conf\.all\.rp_filter is 1, which drops requests from 10\.0\.0\.5: there is no way back\.\n +→ (.+)$/m,
	);
	const [, mend = ""] = /→ (ip route append .+)/.exec(stdout) ?? [];
	await run(place, "sh", ["-c", mend]);
	assert.doesNotMatch((await host("check")).stdout, /there is no way back/);
});

test("who else listens on port 80 is told", { skip }, async (t) => {
	const { host: place } = buildLab(t, [GUEST, NEIGHBOUR], "br0");
	const host = hostCommands(t, place, ON_BRIDGE);
	const web = `require("node:http").createServer().listen(80, "0.0.0.0", () => console.log("ready"))`;
	const child = spawn("ip", ["netns", "exec", place.name, process.execPath, "-e", web], { stdio: ["ignore", "pipe", "inherit"] });
	t.after(() => child.kill());
	await once(child.stdout, "data");
	const { stdout } = await host("check");
	assert.match(
		stdout,
		new RegExp(`^WRONG +\\S+ \\(process ${child.pid}\\) listens on 0\\.0\\.0\\.0:80 of this host, .*\n +→ kill ${child.pid} `, "m"),
	);
});

test("without nftables, and without privileges, there is a sentence and the next step", { skip }, async (t) => {
	const { host: place } = buildLab(t, [GUEST, NEIGHBOUR], "br0");
	const folder = temporaryFolder(t);
	hostCommands(t, place, ON_BRIDGE, folder);
	const file = join(folder, "host.yaml");
	chmodSync(folder, 0o755);
	const host = (before: readonly string[], command: string) =>
		said(
			"ip",
			"netns",
			"exec",
			place.name,
			...before,
			process.execPath,
			MAIN,
			"host",
			command,
			"--config",
			file,
			"--data-dir",
			"/nonexistent",
		);

	// Each command of "ip netns exec" has mounts of its own.
	mkdirSync(join(folder, "empty"));
	const bare = ["sh", "-euc", 'mount --bind "$0" /usr/sbin; exec "$@"', join(folder, "empty")];
	assert.match((await host(bare, "check")).stdout, /^WRONG +There is no program nft, so that .*\.\n +→ apt-get install nftables$/m);
	assert.match(
		(await host(bare, "apply")).stdout,
		/^done +169\.254\.169\.254 on interface br0$[^]*^FAILED +nftables table bridge openimds: /m,
	);

	const nobody = ["setpriv", "--reuid", "65534", "--clear-groups", "--bounding-set", "-all"];
	const { code, stderr } = await host(nobody, "apply");
	assert.deepEqual(
		{ code, stderr },
		{
			code: 1,
			stderr: `openimds: This user may not change the network of this host. Try: sudo openimds host apply --config ${file} --data-dir /nonexistent\n`,
		},
	);
	assert.match(
		(await host(nobody, "plan")).stdout,
		/^# problem: Whether there is an nftables table bridge openimds can.t be seen: .*\n#   sudo openimds host check$/m,
	);
	assert.match(
		(await host(nobody, "check")).stdout,
		/^WRONG +This user lacks CAP_NET_ADMIN and CAP_NET_BIND_SERVICE, which .*\.\n +→ sudo openimds host check/m,
	);
});
