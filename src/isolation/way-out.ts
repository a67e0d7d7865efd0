// The rest of the network in a namespace, by pasta (https://passt.top): it needs no rights, and nothing of the host is changed.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, watch } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { IsolatedProcess } from "./isolated-process.ts";

/** The way out of a namespace, or why there is none. */
export type WayOut = { close(): Promise<void> } | { readonly reason: string };

const FLAGS = [
	"--foreground",
	"--quiet",
	"--config-net",
	// The gateway is the gateway, and not this machine by another name.
	"--no-map-gw",
	// Nothing comes in; what listens on this machine's loopback is reached on the namespace's.
	"--tcp-ports=none",
	"--udp-ports=none",
	"--tcp-ns=auto",
	"--udp-ns=auto",
];

// Where we end without a word, its lifeline, the third descriptor, ends, too, and then so does pasta, which would go on for ever.
const SCRIPT = '(read -r _ <&3; kill $$) 2>/dev/null & exec pasta "$@" 3<&-';

/** Connects the namespace of a process to the network of this one, and waits until it is. */
export async function openWayOut(isolated: Pick<IsolatedProcess, "child" | "inUserNamespace">): Promise<WayOut> {
	const namespaces = `/proc/${isolated.child.pid}/ns`;
	const folder = mkdtempSync(join(tmpdir(), "openimds-pasta-"));
	// pasta drops rights before it looks, and could not open a file of root's process by its path. What it inherits, it may.
	const namespace = openSync(`${namespaces}/net`, "r");
	try {
		const pidFile = join(folder, "pid");
		const target = isolated.inUserNamespace
			? ["--userns", `${namespaces}/user`, "--netns", `${namespaces}/net`]
			: ["--netns-only", "--netns", "/proc/self/fd/0"];
		const { uid, gid } = userInfo();
		// It would become nobody otherwise, who has no rights in the namespace.
		const asRoot = uid === 0 ? ["--runas", `${uid}:${gid}`] : [];
		const pasta = spawn("sh", ["-c", SCRIPT, "sh", ...FLAGS, "--pid", pidFile, ...asRoot, ...target], {
			stdio: [namespace, "ignore", "pipe", "pipe"],
			// Ctrl-C is the command's.
			detached: true,
		});
		const lifeline = pasta.stdio[3] as Writable;
		pasta.once("exit", () => lifeline.destroy());
		const reason = await connected(pasta, folder, pidFile);
		if (reason !== undefined) return { reason };
		const gone = once(pasta, "exit");
		return {
			async close() {
				lifeline.destroy();
				await gone;
			},
		};
	} finally {
		closeSync(namespace);
		rmSync(folder, { recursive: true });
	}
}

/** Waits for the file that pasta writes once all is done; answers why it ended before. */
function connected(pasta: ChildProcess, folder: string, pidFile: string): Promise<string | undefined> {
	return new Promise((resolve) => {
		let complaints = "";
		pasta.stderr?.setEncoding("utf8").on("data", (text: string) => (complaints += text));
		const watcher = watch(folder, () => {
			if ((statSync(pidFile, { throwIfNoEntry: false })?.size ?? 0) > 0) settle(undefined);
		});
		const settle = (reason: string | undefined) => {
			watcher.close();
			resolve(reason);
		};
		pasta.once("close", (code) => settle(code === 127 ? 'pasta is not installed (Debian: "apt-get install passt")' : reasonIn(complaints)));
	});
}

function reasonIn(complaints: string): string {
	const last = complaints.trim().split("\n").at(-1) ?? "";
	return `pasta says "${last}"${/\btun\b/.test(last) ? " (/dev/net/tun must be there, and this user's to write)" : ""}`;
}
