import { readFileSync } from "node:fs";

/** Capabilities that the work on a host takes, by their numbers (linux/capability.h). */
const CAPABILITIES = { CAP_NET_BIND_SERVICE: 10, CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 } as const;

export type Capability = keyof typeof CAPABILITIES;

/** Those of some capabilities that this process does not have. */
export function lackingOf(needed: readonly Capability[]): readonly Capability[] {
	const [, mask = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
	return needed.filter((name) => ((BigInt(`0x${mask}`) >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}
