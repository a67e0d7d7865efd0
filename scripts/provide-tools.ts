import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findTool, type Tool } from "../test/tools.ts";

/** Installs the tools that are missing where it can: root on Debian. Says what it does, and answers which are missing still. */
export function provideTools(tools: readonly Tool[]): readonly Tool[] {
	let missing = tools.filter((tool) => findTool(tool) === undefined);
	if (missing.length > 0 && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
		if (aptGet("update")) for (const { debianPackage } of missing) aptGet("install", "--yes", "--no-install-recommends", debianPackage);
		missing = missing.filter((tool) => findTool(tool) === undefined);
	}
	for (const { name, debianPackage, suites } of missing) {
		console.log(`Missing: ${name} (Debian package ${debianPackage}). Needed by ${suites.join(", ")}`);
	}
	return missing;
}

function aptGet(...args: string[]): boolean {
	const command = `apt-get ${args.join(" ")}`;
	console.log(command);
	const { status, stderr } = spawnSync("apt-get", ["--quiet", "-o", "DPkg::Lock::Timeout=120", ...args], {
		env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
		stdio: ["ignore", "ignore", "pipe"],
		encoding: "utf8",
	});
	if (status !== 0) console.error(`${command} failed:\n${stderr}`);
	return status === 0;
}
