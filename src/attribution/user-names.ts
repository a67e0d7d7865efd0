import { readFileSync, statSync } from "node:fs";

/**
 * Names users as this machine does, whatever a container calls them: by a file like /etc/passwd (passwd(5)), read again when it changed.
 *
 * Gap: users that only a directory service knows (nsswitch.conf(5)) are their numbers.
 *
 * @returns the user's name; the number where there is none.
 */
export function userNames(path = "/etc/passwd"): (uid: number) => string {
	let names: ReadonlyMap<number, string> = new Map();
	let changedMs = -1;
	return (uid) => {
		const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
		if (mtimeMs !== changedMs) [names, changedMs] = [read(path), mtimeMs];
		return names.get(uid) ?? String(uid);
	};
}

function read(path: string): ReadonlyMap<number, string> {
	const names = new Map<number, string>();
	for (const line of text(path).split("\n")) {
		const [name = "", , number = ""] = line.split(":");
		// The first name that a number has is the one that everybody shows.
		if (/^[\w.@$-]{1,64}$/.test(name) && /^\d{1,10}$/.test(number) && !names.has(Number(number))) names.set(Number(number), name);
	}
	return names;
}

function text(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return ""; // Numbers do as well.
	}
}
