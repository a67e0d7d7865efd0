// A process in a network namespace of its own, in which EC2's metadata addresses are its own loopback's.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:net";
import { userInfo } from "node:os";
import { extname } from "node:path";
import type { NameServer } from "./name-servers.ts";

/** What runs in the end. */
export interface Program {
	readonly command: string;
	readonly args: readonly string[];
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the launcher says; a socket comes with the first two. */
export type LauncherMessage =
	| { readonly metadata: string }
	| { readonly nameServer: string }
	| { readonly ready: true }
	| { readonly failed: string };

/** A process that waits to become a program. */
export interface IsolatedProcess {
	/** The launcher, then the program. */
	readonly child: ChildProcess;
	/** How it ended, whatever it was by then. */
	readonly ended: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
	/** Its network namespace belongs to a user namespace of its own. */
	readonly inUserNamespace: boolean;
	/** They listen on the metadata addresses that this kernel can have, and wait for somebody to answer. */
	readonly servers: readonly Server[];
	/** Where programs inside would ask a name server that only listens out here. */
	readonly nameServers: readonly NameServer[];
	/** To be called once. */
	become(program: Program): void;
}

/** This system makes no namespaces for us; the message is for the user, and tells what would mend it. */
export class IsolationError extends Error {
	override readonly name = "IsolationError";
}

const LAUNCHER = `${import.meta.dirname}/launcher${extname(import.meta.filename)}`;
// As in main.ts: stripping a checkout's sources of their types at each start would take longer than all the rest.
const COMPILE_CACHE = import.meta.filename.endsWith(".ts")
	? { NODE_COMPILE_CACHE: `${import.meta.dirname}/../../node_modules/.cache/openimds` }
	: {};

// As root without a user namespace: in one that maps a single user, the files of all others would seem to be nobody's.
const NETWORK_ONLY = ["--net"];
// Keeps the user's id, and leaves the rights that he has inside to the launcher, which is not root there.
const WITH_USER_NAMESPACE = ["--user", "--map-current-user", "--keep-caps", "--net"];

/**
 * Starts a process in a new network namespace, and a new user namespace where that needs one.
 *
 * @throws {IsolationError} where the system refuses.
 */
export async function startIsolatedProcess(): Promise<IsolatedProcess> {
	// Programs of the administrator are not in every user's PATH.
	const path = `${process.env["PATH"] ?? "/usr/bin:/bin"}:/usr/sbin:/sbin`;
	const flags = allowedFlags(path);
	const child = spawn("unshare", [...flags, "--", process.execPath, LAUNCHER], {
		stdio: ["inherit", "inherit", "inherit", "ipc"],
		// Not the user's variables: those of Node are for his program.
		env: { PATH: path, ...COMPILE_CACHE },
	});
	const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => {
		child.once("exit", (code, signal) => resolve([code, signal]));
	});
	return {
		child,
		ended,
		inUserNamespace: flags === WITH_USER_NAMESPACE,
		...(await socketsOf(child)),
		// One that has ended meanwhile does not hear it.
		become: (program) => void child.send(program, () => {}),
	};
}

function socketsOf(child: ChildProcess): Promise<Pick<IsolatedProcess, "servers" | "nameServers">> {
	const servers: Server[] = [];
	const nameServers: NameServer[] = [];
	return new Promise((resolve, reject) => {
		child.on("message", (message: LauncherMessage, socket) => {
			if ("metadata" in message) servers.push(socket as Server);
			else if ("nameServer" in message) nameServers.push({ address: message.nameServer, stead: socket as NameServer["stead"] });
			else if ("ready" in message) resolve({ servers, nameServers });
			else reject(new IsolationError(`The metadata addresses can't be had in a network namespace: ${message.failed}.`));
		});
		child.once("error", reject);
		child.once("exit", (code, signal) =>
			reject(new IsolationError(`The network namespace was gone before it was ready (${signal ?? code}).`)),
		);
	});
}

/** Tries what will be done: a kernel can allow the namespace, and no rights in it. */
function allowedFlags(path: string): readonly string[] {
	let refusal = "";
	for (const flags of mayMakeNetworkNamespaces() ? [NETWORK_ONLY, WITH_USER_NAMESPACE] : [WITH_USER_NAMESPACE]) {
		const { status, stderr, error } = spawnSync("unshare", [...flags, "--", "ip", "link", "set", "lo", "up"], {
			encoding: "utf8",
			env: { PATH: path, LC_ALL: "C" },
			stdio: ["ignore", "ignore", "pipe"],
		});
		if (status === 0) return flags;
		if (error !== undefined) throw new IsolationError(`--isolated needs unshare, of util-linux 2.38 or newer: ${error.message}.`);
		refusal = stderr.trim().split("\n").at(-1) ?? "";
		if (/failed to execute ip/.test(refusal)) throw new IsolationError('--isolated needs ip. On Debian: "apt-get install iproute2".');
	}
	throw new IsolationError(`This system gives ${userInfo().username} no network namespace (${refusal}). ${mendingOf()}`);
}

/** CAP_SYS_ADMIN; root in a container is without it, as a rule. */
function mayMakeNetworkNamespaces(): boolean {
	const CAP_SYS_ADMIN = 21n;
	const [, effective = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
	return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

/** Where kernels are told to refuse, and how they are told otherwise. */
const SETTINGS = [
	{ file: "/proc/sys/user/max_user_namespaces", refusing: "0", mending: "sysctl user.max_user_namespaces=10000" },
	{ file: "/proc/sys/user/max_net_namespaces", refusing: "0", mending: "sysctl user.max_net_namespaces=10000" },
	{ file: "/proc/sys/kernel/unprivileged_userns_clone", refusing: "0", mending: "sysctl kernel.unprivileged_userns_clone=1" },
	{
		file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		refusing: "1",
		mending: "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
	},
] as const;

function mendingOf(): string {
	const setting = SETTINGS.find(({ file, refusing }) => existsSync(file) && readFileSync(file, "utf8").trim() === refusing);
	if (setting !== undefined) return `As root: "${setting.mending}"; or leave out --isolated.`;
	return 'In a container, start that with "--privileged" or "--security-opt seccomp=unconfined"; or leave out --isolated.';
}
