// The first program in new namespaces. It gives them EC2's addresses, hands the sockets that listen there to its parent, and then becomes
// the command: that one is its parent's direct child, so that its exit code, its signals and its standard streams are nobody else's.

import { spawnSync } from "node:child_process";
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, isIPv6, type Server } from "node:net";
import type { LauncherMessage, Program } from "./isolated-process.ts";
import { METADATA_ADDRESSES, METADATA_PORT } from "./metadata-addresses.ts";
import { DNS_PORT, loopbackNameServers } from "./name-servers.ts";

const RESOLV_CONF = "/etc/resolv.conf";

// Nobody is left to answer, or to become the command for.
process.once("disconnect", () => process.exit());

const commands = ["link set lo up", ...METADATA_ADDRESSES.map((address) => `address add ${address} dev lo`)];
// Whatever fails here fails below, too, and is told there: a kernel without IPv6 has no address of it, and needs none.
spawnSync("ip", ["-force", "-batch", "-"], { input: `${commands.join("\n")}\n`, stdio: ["pipe", "ignore", "ignore"] });

const nameServers = existsSync(RESOLV_CONF) ? loopbackNameServers(readFileSync(RESOLV_CONF, "utf8")) : [];
const [ipv4, ipv6] = METADATA_ADDRESSES.map((address) => hand({ metadata: address }, listen(address, METADATA_PORT)));
const names = nameServers.flatMap((nameServer) =>
	[listen(nameServer, DNS_PORT), receive(nameServer)].map((stead) => hand({ nameServer }, stead)),
);
await Promise.allSettled([ipv4, ipv6, ...names]);
await ipv4?.then(
	() => tell({ ready: true }),
	(error: Error) => tell({ failed: error.message }),
);

const [{ command, args, environment }] = (await once(process, "message")) as [Program];
// What is ignored stays ignored in the next program, and Node ignores these: `yes | head` would not end. What is handled does not.
for (const signal of ["SIGPIPE", "SIGXFSZ"]) process.on(signal, () => {});
// The rights in the new namespaces were for what is above: the command has those of its user.
process.execve?.("/usr/bin/env", ["env", "setpriv", "--ambient-caps=-all", "--inh-caps=-all", "--", command, ...args], environment);

async function listen(host: string, port: number): Promise<Server> {
	const server = createServer().listen({ host, port, backlog: 4096, ipv6Only: true });
	await once(server, "listening");
	return server;
}

async function receive(address: string): Promise<DatagramSocket> {
	const socket = createSocket(isIPv6(address) ? "udp6" : "udp4").bind(DNS_PORT, address);
	await once(socket, "listening");
	return socket;
}

async function hand(message: LauncherMessage, socket: Promise<Server | DatagramSocket>): Promise<void> {
	tell(message, await socket);
}

function tell(message: LauncherMessage, socket?: Server | DatagramSocket): void {
	process.send?.(message, socket);
}
