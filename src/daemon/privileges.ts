// From root to a user who may nothing: once what needs root is done.

import { execFileSync } from "node:child_process";
import { chownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

/** Throws a {@link StartError} unless this process can become that user, or is he. */
export function checkUser(user: string | undefined): void {
	if (user === undefined) return;
	const ids = idsOf(user);
	if (process.getuid?.() === 0 || process.getuid?.() === ids.uid) return;
	throw new StartError(`--user ${user}: only root can become another user. Start as root, or leave it out.`);
}

/**
 * Becomes a user, with his groups and no capability, and gives him the data folder. For good: what needs root later, such as an
 * interface that comes, can't be done then.
 */
export function dropPrivileges(user: string | undefined, dataDir: string): void {
	if (user === undefined || process.getuid?.() !== 0) return;
	const { uid, gid, groups } = idsOf(user);
	if (uid === 0) return;
	for (const path of [dataDir, ...readdirSync(dataDir).map((name) => join(dataDir, name))]) chownSync(path, uid, gid);
	process.setgroups?.(groups);
	process.setgid?.(gid);
	process.setuid?.(uid);
}

function idsOf(user: string): { readonly uid: number; readonly gid: number; readonly groups: number[] } {
	const id = (which: string) =>
		execFileSync("id", [which, "--", user], { encoding: "utf8", stdio: "pipe" })
			.split(/\s+/)
			.filter((word) => word !== "")
			.map(Number);
	try {
		const [[uid = 0], [gid = 0], groups] = [id("-u"), id("-g"), id("-G")];
		return { uid, gid, groups };
	} catch {
		throw new StartError(`--user ${user}: there is no such user. \`useradd --system ${user}\` makes one.`);
	}
}
