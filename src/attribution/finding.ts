// What is found out about who is at the other end of a connection.

import type { ConnectionEnds } from "../linux/socket-owner.ts";

/** A TCP connection as its server sees it, addresses as Node prints them. */
export interface SocketEnds extends ConnectionEnds {
	/** Path of the network namespace that the server's socket is in, where it is not the process's own. */
	readonly networkNamespace?: string;
}

/** A program of this machine, as it was while it held the connection. Nothing in it is a secret: see command-line.ts. */
export interface Program {
	readonly pid: number;
	/** Path, as the process itself sees it. */
	readonly executable: string;
	/** The executable's name, and what may be told of its arguments. */
	readonly commandLine: string;
	/** Whom its socket belongs to. */
	readonly uid: number;
	/** The user's name, as this machine has it; the number where it has none. */
	readonly user: string;
	readonly container?: Container;
	/** The systemd unit: a service, a scope. */
	readonly unit?: string;
	/** The network namespace, by the name that `ip netns` has for it or as `net:[INODE]`; missing: the one that openimds is in. */
	readonly networkNamespace?: string;
	readonly startedAtMs: number;
}

/** A program that had ended before more was found out. */
export interface EndedProgram {
	/** Of the thread that connected: the process's own, unless it has several. */
	readonly pid: number;
	/** What it called itself (comm, proc_pid_comm(5)), without what nobody can print; 15 bytes of it at most. */
	readonly name: string;
}

export interface Container {
	readonly id: string;
	/** What runs it; missing: its control group doesn't say. */
	readonly runtime?: string;
}

/** Who it was, or a sentence's worth of why nobody can say. */
export type Finding = { readonly program: Program } | { readonly ended: EndedProgram } | Unknown;

export interface Unknown {
	readonly unknown: string;
	/** It was a program of this machine, and gone: asked earlier, it might have been found. */
	readonly isLate?: true;
	/** Whom the socket belongs to, where that much is known. */
	readonly uid?: number;
	readonly user?: string;
}
