// The name server of many hosts is a program on their loopback (systemd-resolved's 127.0.0.53), which a namespace has one of its own of.
// What is asked of it there is asked again here.

import { createSocket, Socket as DatagramSocket } from "node:dgram";
import { isIPv6, type Server } from "node:net";
import { listen, passOn } from "./relay.ts";

/** A name server on loopback, and what listens in its stead inside. */
export interface NameServer {
	readonly address: string;
	readonly stead: Server | DatagramSocket;
}

export const DNS_PORT = 53;

/** So long resolvers wait for an answer, twice (resolv.conf(5)). */
const ANSWER_MS = 10_000;

/** The name servers on loopback that a resolv.conf(5) names. */
export function loopbackNameServers(resolvConf: string): readonly string[] {
	return [...resolvConf.matchAll(/^nameserver\s+(127\.[\d.]+|::1)\s*$/gm)].map(([, address = ""]) => address);
}

/** Answers as the name server does that this process reaches at the same address. */
export function answerAs({ address, stead }: NameServer): void {
	if (!(stead instanceof DatagramSocket)) return listen(stead, (client) => passOn(client, { host: address, port: DNS_PORT }));
	stead.on("message", (query, from) => {
		const asking = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", signal: AbortSignal.timeout(ANSWER_MS) });
		// Nobody listens there, and the resolver waits in vain, as it would outside.
		asking.on("error", () => {});
		asking.on("message", (answer) => {
			asking.close();
			stead.send(answer, from.port, from.address);
		});
		asking.send(query, DNS_PORT, address);
	});
	// An answer that could not be sent.
	stead.on("error", () => {});
}
