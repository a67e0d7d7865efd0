/** `openimds exec` as those run it who need no root, and as root does. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import type { TestContext } from "node:test";
import { MAIN, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";

export interface User {
	readonly name: string;
	/** What a command line begins with, so that it is this user's. */
	readonly prefix: readonly string[];
	/** Why it can't be this user's here. */
	readonly skip: string | false;
	readonly home: (t: Pick<TestContext, "after">) => string;
}

const isRoot = process.getuid?.() === 0;

const NOBODY = 65_534;
const setpriv = requireTool("setpriv");
const become = [setpriv.path, `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
// Where udev does not run, the device that pasta needs is root's alone: in a mount namespace it is everybody's, as elsewhere.
const withTunnels = [
	"unshare",
	"--mount",
	"sh",
	"-euc",
	`mount -t tmpfs -o mode=755 none /mnt && mknod /mnt/tun c 10 200 && chmod 666 /mnt/tun && mount --bind /mnt/tun /dev/net/tun; exec "$@"`,
	"sh",
];

export const ORDINARY: User = isRoot
	? { name: "nobody", prefix: [...withTunnels, ...become], skip: nobodysObstacle(), home: folderOf(NOBODY) }
	: { name: "this user", prefix: [], skip: ownObstacle(), home: temporaryFolder };

export const ROOT: User = { name: "root", prefix: [], skip: isRoot ? false : "this user is not root", home: temporaryFolder };

/** Whoever runs the tests. */
export const SELF: User = isRoot ? ROOT : ORDINARY;

export interface Outcome {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Started {
	readonly child: ChildProcessWithoutNullStreams;
	readonly outcome: Promise<Outcome>;
	/** Resolves once that is in the output. */
	printed(text: string): Promise<void>;
}

/** Starts a command line of a user's who has set nothing but what is given; it does not outlive the test. */
export function start(
	t: Pick<TestContext, "after">,
	commandLine: readonly string[],
	{ user, environment, ...options }: { user: User; environment?: Readonly<Record<string, string>>; detached?: boolean },
): Started {
	const [program = "", ...args] = [...user.prefix, ...commandLine];
	const child = spawn(program, args, { ...options, env: { PATH: process.env["PATH"], HOME: user.home(t), ...environment } });
	t.after(() => child.kill("SIGKILL"));
	child.stdin.on("error", () => {}); // It may end before it has read all.
	let [stdout, stderr] = ["", ""];
	child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
	child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
	const outcome = new Promise<Outcome>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
	});
	return {
		child,
		outcome,
		printed: (text) =>
			new Promise((resolve, reject) => {
				const look = () => stdout.includes(text) && resolve();
				child.stdout.on("data", look);
				child.on("close", () => reject(new Error(`it ended without ${text}:\n${stdout}${stderr}`)));
				look();
			}),
	};
}

/** The command line of `openimds exec`. */
export function execLine(...args: readonly string[]): readonly string[] {
	return [process.execPath, MAIN, "exec", ...args];
}

function nobodysObstacle(): string | false {
	if (setpriv.skip !== false) return setpriv.skip;
	const [program = "", ...args] = [...withTunnels, ...become];
	if (spawnSync(program, [...args, "true"]).status !== 0) return "root may not mount here";
	return spawnSync(program, [...args, process.execPath, MAIN, "version"]).status === 0 ? false : "nobody can't read this checkout";
}

function ownObstacle(): string | false {
	const { status } = spawnSync("unshare", ["--user", "--map-current-user", "--net", "true"]);
	return status === 0 ? false : "this system makes no namespaces for its users";
}

function folderOf(uid: number): User["home"] {
	return (t) => {
		const folder = temporaryFolder(t);
		chownSync(folder, uid, uid);
		return folder;
	};
}
