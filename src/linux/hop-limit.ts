// The hop limit: the IP TTL, or the IPv6 hop limit, of what a connection sends from now on (metadata-endpoint.md §1.12).

import { type Libc, loadLibc } from "./libc.ts";

/** Sets the hop limit of a connection's socket, by its file descriptor; answers whether it could. */
export type LimitHops = (fd: number, hops: number) => boolean;

/** How hops are limited here, or why they can't be. */
export type HopLimit = { readonly limitHops: LimitHops } | { readonly reason: string };

const IPPROTO_IP = 0;
const IP_TTL = 2;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;

/** What is set where a limit is proved: no system's default. */
const PROOF_HOPS = 37;

/** Makes sure, with sockets of both families and what the kernel says of them afterwards, that hops can be limited. */
export function openHopLimit(): HopLimit {
	const loaded = loadLibc();
	if ("reason" in loaded) return loaded;
	const { libc } = loaded;
	const problem = prove(libc, AF_INET) ?? prove(libc, AF_INET6);
	return problem === undefined ? { limitHops: limiter(libc) } : { reason: problem };
}

function limiter(libc: Libc): LimitHops {
	const number = new Int32Array(1);
	const value = Buffer.from(number.buffer);
	return (fd, hops) => {
		number[0] = hops;
		const isIpv6 = libc.setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, value, 4) === 0;
		// An IPv4 peer of an IPv6 socket is answered with IPv4's option; an IPv4 socket has this one only.
		return libc.setsockopt(fd, IPPROTO_IP, IP_TTL, value, 4) === 0 || isIpv6;
	};
}

/** The sentence that says what is wrong; `undefined` where nothing is. */
function prove(libc: Libc, family: number): string | undefined {
	const fd = libc.socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	// No IPv6 in this kernel: nothing can come in that way either.
	if (fd < 0) return family === AF_INET6 ? undefined : libc.failure("socket").message;
	try {
		if (!limiter(libc)(fd, PROOF_HOPS)) return libc.failure("setsockopt").message;
		const number = new Int32Array(1);
		const value = Buffer.from(number.buffer);
		const [level, name] = family === AF_INET ? [IPPROTO_IP, IP_TTL] : [IPPROTO_IPV6, IPV6_UNICAST_HOPS];
		if (libc.getsockopt(fd, level, name, value, [value.length]) !== 0) return libc.failure("getsockopt").message;
		const [hops] = number;
		return hops === PROOF_HOPS ? undefined : `the kernel took a hop limit of ${PROOF_HOPS} and says it is ${hops}`;
	} finally {
		libc.close(fd);
	}
}
