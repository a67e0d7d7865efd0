// A lab's host as `openimds host` makes it ready.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { appliedRecord } from "../../src/host/host-record.ts";
import {
	addressOf,
	ENDPOINT,
	type Family,
	GUEST,
	type GuestNetwork,
	type Lifetime,
	NEIGHBOUR,
	type Place,
	within,
} from "../network/lab.ts";
import { MAIN, temporaryFolder } from "../running-service.ts";

/** The tenants of all these tests, by the number of their guest. */
export const TENANTS = ["i-aaaa0001", "i-aaaa0002"] as const;

/** A configuration of the two tenants, each with a binding of its own. */
export function configuration(bindings: readonly string[], networks: readonly GuestNetwork[] = [GUEST, NEIGHBOUR]): string {
	const instances = bindings.map((binding, index) => {
		const { ipv4, ipv6 } = networks[index] ?? GUEST;
		// An instance's IPv6 address is the world's only one, whatever guests do.
		const isAlone = networks.filter((network) => network.ipv6 === ipv6).length === 1;
		// Its own network each: where two guests have one address, their VPCs have too.
		return `
  - instanceId: ${TENANTS[index]}
    subnetId: subnet-${index}
    privateIpAddress: ${addressOf(ipv4)}
    ${isAlone ? `ipv6Addresses: ["${addressOf(ipv6)}"]` : ""}
    metadataOptions: { httpProtocolIpv6: enabled }
    endpointBindings: [${binding}]`;
	});
	const of = (line: (index: number) => string) => bindings.map((_, index) => `\n  - ${line(index)}`).join("");
	return `
vpcs:${of((index) => `{ vpcId: vpc-${index}, cidrBlocks: [10.0.0.0/16], ipv6CidrBlocks: ["fd00:1::/56"] }`)}
subnets:${of((index) => `{ subnetId: subnet-${index}, vpcId: vpc-${index}, cidrBlock: 10.0.0.0/24, ipv6CidrBlocks: ["fd00:1::/64"] }`)}
instances:${instances.join("")}
`;
}

export const ON_BRIDGE = configuration(["{ interface: br0, bridgePort: tap0 }", "{ interface: br0, bridgePort: tap1 }"]);
export const ON_TAPS = configuration(["{ interface: tap0 }", "{ interface: tap1 }"], [GUEST, GUEST]);

/** What a command said. */
export interface Said {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** `openimds host …` in a place. */
export type Host = (command: string, ...flags: readonly string[]) => Promise<Said>;

/** The `host` commands for a configuration, in a place; what they write down goes when the test is over. */
export function hostCommands(t: Lifetime, place: Place, yaml: string, dataDir = temporaryFolder(t)): Host {
	const file = join(dataDir, "host.yaml");
	writeFileSync(file, yaml);
	const host: Host = (command, ...flags) => {
		const about = command === "clean" ? [] : ["--config", file];
		return openimdsIn(place, "host", command, "--data-dir", dataDir, ...about, ...flags);
	};
	const record = within(place, appliedRecord);
	t.after(() => rmSync(record, { force: true }));
	return host;
}

/** Runs a command of the program in a place, with the /sys of it that `ip netns exec` gives. */
export function openimdsIn(place: Place, ...args: readonly string[]): Promise<Said> {
	return said("ip", "netns", "exec", place.name, process.execPath, MAIN, ...args);
}

/** What a program says, however it ends. */
export async function said(program: string, ...args: readonly string[]): Promise<Said> {
	const child = spawn(program, args, { env: { PATH: process.env["PATH"], HOME: tmpdir() }, stdio: ["ignore", "pipe", "pipe"] });
	const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	return { code: child.exitCode, stdout, stderr };
}

/** All that could have been changed in a place. */
export function stateOf(place: Place) {
	return within(place, () => {
		const tell = (program: string, ...args: readonly string[]) => execFileSync(program, args, { encoding: "utf8" });
		return {
			ruleset: tell("nft", "list", "ruleset"),
			addresses: tell("ip", "-br", "addr"),
			rules: tell("ip", "-6", "rule"),
			routes: tell("ip", "-6", "route", "show", "table", "all"),
			rpFilters: ["tap0", "tap1"].map((name) => readFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, "utf8")),
		};
	});
}

/** Which instance a place is told it is; empty: no answer came. By curl, with these flags besides. */
export async function askedFrom(place: Place, family: Family, ...flags: readonly string[]): Promise<string> {
	const args = ["-s", "--max-time", "1", ...flags, `${ENDPOINT[family].url}/latest/meta-data/instance-id`];
	return (await said("ip", "netns", "exec", place.name, "curl", ...args)).stdout;
}
