// From a connection to the program at its other end: the thread that made it, where the kernel tells of that (connect-events.ts);
// elsewhere the socket by the kernel's word, and the process that has it by /proc. And what that is.

import { readdirSync, readlinkSync, statSync } from "node:fs";
import { SystemCallError } from "../linux/libc.ts";
import { plainAddress, type SocketOwner, type SocketOwners } from "../linux/socket-owner.ts";
import { monotonicMs } from "../linux/trace-instance.ts";
import { printable } from "./command-line.ts";
import type { ConnectEvents } from "./connect-events.ts";
import type { Connector } from "./connect-log.ts";
import type { Finding, SocketEnds, Unknown } from "./finding.ts";
import { factsOf, type Found, type ProcessFacts } from "./process-facts.ts";
import { descriptorOf, hasEnded, likelyProcesses, networkNamespaceOf, uidOf } from "./processes.ts";
import { readSome } from "./read-some.ts";
import { hasAddress, ownerInTable } from "./socket-table.ts";

/** How long one lookup takes at most, but for the last thing that it began: ten thousand processes, or a machine that is too busy. */
const PATIENCE_MS = 500;
/** How long an address that no network namespace of this machine has, is taken for a guest's without looking again. */
const ELSEWHERE_MS = 60_000;
const ELSEWHERE_MAX = 4096;
/** How many processes are remembered that have asked. */
const KNOWN_MAX = 8;
/** How many processes are looked at without asking whose they are: that alone takes as long as to look, when nothing is in a cache. */
const LIKELIEST = 3;
/** A worker of a worker of a worker … that got its socket from the first. */
const ANCESTORS_MAX = 8;
const NAMES_FOLDER = "/run/netns";

const OWN = "/proc/thread-self";

/** A client's socket, and where. */
interface ClientSocket extends SocketOwner {
	/** `net:[INODE]` */
	readonly namespace: string;
	/** A process of that namespace, where it is not the server's. */
	readonly pid?: number;
}

const GONE = { unknown: "the socket was gone: its program had closed it or ended", isLate: true } as const;
const LATE = { unknown: "the process had ended, or closed the connection, before it was found", isLate: true } as const;
const CUT_SHORT = `not found within ${PATIENCE_MS} ms`;

export interface LookupMeans {
	readonly owners: SocketOwners;
	readonly events?: ConnectEvents;
	readonly userName: (uid: number) => string;
	readonly nowMs: () => number;
}

/** Looks connections up, one after the other. */
export class Lookups {
	readonly #owners: SocketOwners;
	readonly #events: ConnectEvents | undefined;
	readonly #userName: (uid: number) => string;
	readonly #nowMs: () => number;
	readonly #namespace = readlinkSync(`${OWN}/ns/net`);
	/** Processes that have asked lately, the last one last: a hint where to look first, and nothing else. */
	readonly #known = new Set<number>();
	/** Addresses that are not this machine's, and until when that is believed. */
	readonly #elsewhere = new Map<string, number>();
	#untilMs = 0;

	/** @param events missing: nobody tells who connects. */
	constructor({ owners, events, userName, nowMs }: LookupMeans) {
		this.#owners = owners;
		this.#events = events;
		this.#userName = userName;
		this.#nowMs = nowMs;
	}

	/** @param byMs when the connection was there for sure, by the monotonic clock, and not long before. */
	find(ends: SocketEnds, byMs: number): Finding {
		const connector = this.#events?.connectorOf(ends, byMs);
		const connected = connector && this.#programThatConnected(connector, ends);
		if (connected !== undefined) return connected;
		const finding = this.#findBySocket(ends);
		return connector === undefined || "program" in finding ? finding : (this.#endedThatConnected(connector) ?? finding);
	}

	#programThatConnected({ thread, atMs }: Connector, ends: SocketEnds): Finding | undefined {
		const livedAtMs = () => uptimeMs() - (monotonicMs() - atMs);
		const found = factsOf({ pid: thread, livedAtMs, serverAddress: plainAddress(ends.serverAddress) });
		const namespace = found && networkNamespaceOf(thread);
		if (found === undefined || namespace === undefined || namespace === "hidden") return undefined;
		return this.#tell(found.facts, { uid: found.uid, namespace });
	}

	#endedThatConnected({ thread: pid }: Connector): Finding | undefined {
		if (!hasEnded(pid)) return undefined;
		const name = printable(this.#events?.nameOf(pid) ?? "");
		return name === "" ? undefined : { ended: { pid, name } };
	}

	#findBySocket(ends: SocketEnds): Finding {
		this.#untilMs = this.#nowMs() + PATIENCE_MS;
		const owner = this.#ask(ends);
		if (owner !== undefined && owner !== "forbidden") return this.#programOf({ ...owner, namespace: this.#namespaceOf(ends) }, ends);
		const address = plainAddress(ends.clientAddress);
		if (this.#isElsewhere(address)) return { unknown: noSocket(address) };
		if (ends.networkNamespace === undefined && hasAddress(`${OWN}/net`, address)) return GONE;
		return this.#findInNamespaces(ends, address, owner === "forbidden");
	}

	/**
	 * The program that connected a Unix socket, by what the kernel noted of it then.
	 *
	 * @param askedAtMs when it was asked who that is, since the epoch: what began later is another process with the same number.
	 */
	findPeer(pid: number, uid: number, askedAtMs: number): Finding {
		const owner = this.#ownerOf(uid);
		if (pid === 0) return { unknown: "the process is one of another PID namespace", ...owner };
		const namespace = networkNamespaceOf(pid);
		if (namespace === "hidden") return { unknown: hiddenSentence(owner), ...owner };
		const found = namespace === undefined ? undefined : factsOf({ pid, serverAddress: "" });
		if (namespace === undefined || found === undefined || found.facts.startedAtMs > askedAtMs) return { ...LATE, ...owner };
		return this.#tell(found.facts, { uid, namespace });
	}

	/** The client's socket in the server's own namespace, where both mostly are. */
	#ask(ends: SocketEnds): SocketOwner | "forbidden" | undefined {
		if (ends.networkNamespace === undefined) return this.#owners.ownerOf(ends);
		try {
			return this.#owners.ownerIn(ends.networkNamespace, ends);
		} catch (error) {
			return error instanceof SystemCallError && error.code === "EPERM" ? "forbidden" : undefined;
		}
	}

	#namespaceOf({ networkNamespace }: SocketEnds): string {
		return networkNamespace === undefined ? this.#namespace : `net:[${inodeOf(networkNamespace)}]`;
	}

	#findInNamespaces(ends: SocketEnds, address: string, isForbidden: boolean): Finding {
		const seen = new Set(isForbidden ? [] : [this.#namespaceOf(ends)]);
		let finding: Finding | undefined;
		let isHere = false;
		let hidden = 0;
		for (const pid of likelyProcesses(this.#known)) {
			if (this.#isLate()) return finding ?? { unknown: CUT_SHORT };
			const namespace = networkNamespaceOf(pid);
			if (namespace === "hidden") hidden++;
			if (namespace === undefined || namespace === "hidden" || seen.has(namespace)) continue;
			seen.add(namespace);
			try {
				const owner = this.#ownerAt(pid, ends);
				isHere ||= owner === undefined && hasAddress(`/proc/${pid}/net`, address);
				if (owner === undefined) continue;
				// Networks may have the same addresses as others, and two clients the same port: nobody knows then whose connection it is.
				if (finding !== undefined) return { unknown: `two network namespaces have a connection from ${address}:${ends.clientPort}` };
				finding = this.#programOf({ ...owner, namespace, pid }, ends);
			} catch {
				seen.delete(namespace); // That process has ended; another may tell.
			}
		}
		if (finding !== undefined) return finding;
		if (isHere) return GONE;
		if (hidden > 0) return { unknown: `${noSocket(address)}, or a program that openimds may not look into` };
		this.#rememberElsewhere(address);
		return { unknown: noSocket(address) };
	}

	#ownerAt(pid: number, ends: SocketEnds): SocketOwner | undefined {
		try {
			return this.#owners.ownerIn(`/proc/${pid}/ns/net`, ends);
		} catch (error) {
			if (error instanceof SystemCallError && error.code === "EPERM") return ownerInTable(`/proc/${pid}/net`, ends);
			throw error;
		}
	}

	/** The program that has a socket. */
	#programOf(socket: ClientSocket, ends: SocketEnds): Finding {
		const { inode, uid } = socket;
		const link = `socket:[${inode}]`;
		const serverAddress = plainAddress(ends.serverAddress);
		const others: number[] = [];
		let hidden = 0;
		const look = (pid: number): Finding | undefined => {
			const descriptor = descriptorOf(pid, link);
			if (descriptor === "hidden") hidden++;
			if (descriptor === undefined || descriptor === "hidden") return undefined;
			const found = factsOf({ pid, holds: { descriptor, link }, serverAddress });
			return found && this.#tell(this.#firstHolder(found, link, serverAddress).facts, socket);
		};
		let looked = 0;
		for (const pid of socket.pid === undefined ? likelyProcesses(this.#known) : [socket.pid, ...likelyProcesses(this.#known)]) {
			if (this.#isLate()) return { unknown: CUT_SHORT, ...this.#ownerOf(uid) };
			// Most processes are somebody else's. Who has changed its user since, is looked at in the end.
			if (looked++ >= LIKELIEST && uidOf(pid) !== uid) others.push(pid);
			else {
				const finding = look(pid);
				if (finding !== undefined) return finding;
			}
		}
		for (const pid of others) {
			if (this.#isLate()) return { unknown: CUT_SHORT, ...this.#ownerOf(uid) };
			const finding = look(pid);
			if (finding !== undefined) return finding;
		}
		return { ...this.#whyNobody(socket, ends, hidden), ...this.#ownerOf(uid) };
	}

	#ownerOf(uid: number): { readonly uid: number; readonly user: string } {
		return { uid, user: this.#userName(uid) };
	}

	/**
	 * A process gets its socket from its parent, or has opened it. So where both have it, it is the parent that is named, up to the first:
	 * a program that was started in the middle of a request is not taken for the one that asked.
	 */
	#firstHolder(found: Found, link: string, serverAddress: string): Found {
		let first = found;
		for (let generation = 0; generation < ANCESTORS_MAX && first.parentPid > 0; generation++) {
			const descriptor = descriptorOf(first.parentPid, link);
			if (descriptor === undefined || descriptor === "hidden") break;
			const parent = factsOf({ pid: first.parentPid, holds: { descriptor, link }, serverAddress });
			if (parent === undefined) break;
			first = parent;
		}
		return first;
	}

	#tell(facts: ProcessFacts, { uid, namespace }: { uid: number; namespace: string }): Finding {
		this.#known.delete(facts.pid);
		this.#known.add(facts.pid);
		const [oldest] = this.#known;
		if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest);
		const program = { ...facts, ...this.#ownerOf(uid) };
		return { program: namespace === this.#namespace ? program : { ...program, networkNamespace: nameOf(namespace) } };
	}

	#whyNobody({ uid, pid }: ClientSocket, ends: SocketEnds, hidden: number): Unknown {
		if (pid === undefined && this.#ask(ends) === undefined) return LATE;
		if (hidden > 0) return { unknown: hiddenSentence(this.#ownerOf(uid)) };
		if (pid !== undefined) return LATE;
		return { unknown: "no process that is seen here has the socket: it may be one of another PID namespace" };
	}

	#isLate(): boolean {
		return this.#nowMs() > this.#untilMs;
	}

	#isElsewhere(address: string): boolean {
		const untilMs = this.#elsewhere.get(address);
		return untilMs !== undefined && untilMs > this.#nowMs();
	}

	#rememberElsewhere(address: string): void {
		this.#elsewhere.delete(address);
		this.#elsewhere.set(address, this.#nowMs() + ELSEWHERE_MS);
		const [oldest] = this.#elsewhere.keys();
		if (this.#elsewhere.size > ELSEWHERE_MAX && oldest !== undefined) this.#elsewhere.delete(oldest);
	}
}

/** Since the machine was started, asleep or not (CLOCK_BOOTTIME), as processes' times are. */
function uptimeMs(): number {
	return Number.parseFloat(readSome("/proc/uptime", 64).toString("latin1")) * 1000;
}

function noSocket(address: string): string {
	return `no socket of this machine has the address ${address}: it was a guest, or something behind a NAT`;
}

function hiddenSentence({ uid, user }: { uid: number; user: string }): string {
	const rights = "run it as root, or give it CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";
	return `the process belongs to user ${user} (uid ${uid}), whose processes openimds may not look into: ${rights}`;
}

function inodeOf(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

/** What `ip netns` calls a network namespace, where it does. */
function nameOf(namespace: string): string {
	const [inode = ""] = /\d+/.exec(namespace) ?? [];
	try {
		return readdirSync(NAMES_FOLDER).find((name) => inodeOf(`${NAMES_FOLDER}/${name}`) === Number(inode)) ?? namespace;
	} catch {
		return namespace; // There is no such folder before the first `ip netns add`.
	}
}
