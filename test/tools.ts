/**
 * The programs that suites run besides Node, in one table. `npm test` installs the missing ones where it can (root on Debian);
 * elsewhere the suites that need one are skipped by name with the reason, and under CI=true a missing one is a failure.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Tool {
	readonly name: string;
	/** Arguments that make it do nothing and exit with 0, or with the status named. */
	readonly probe: readonly string[];
	readonly probeStatus?: number;
	/** Where Debian's is, if another program of that name may come before it in PATH and is not meant. */
	readonly path?: string;
	readonly debianPackage: string;
	/** The beginnings of the paths of the test files that ask for it. */
	readonly suites: readonly string[];
}

export const TOOLS = [
	{
		name: "aws",
		path: "/usr/bin/aws",
		probe: ["--version"],
		debianPackage: "awscli",
		suites: ["test/conformance/", "test/network/", "test/cli/exec", "test/api/lightsail"],
	},
	{
		name: "python3",
		path: "/usr/bin/python3",
		probe: ["-c", "import boto3"],
		debianPackage: "python3-boto3",
		suites: ["test/conformance/control-options", "test/conformance/control-metrics"],
	},
	{ name: "nginx", probe: ["-v"], debianPackage: "nginx-light", suites: ["scripts/bench.ts", "scripts/bench-fairness.ts"] },
	{ name: "wrk", probe: ["-v"], probeStatus: 1, debianPackage: "wrk", suites: ["scripts/bench.ts", "scripts/bench-fairness.ts"] },
	{ name: "curl", probe: ["--version"], debianPackage: "curl", suites: ["test/", "src/attribution/"] },
	{ name: "ip", probe: ["-V"], debianPackage: "iproute2", suites: ["test/network/", "test/host/", "test/cli/", "test/service/"] },
	{
		name: "nft",
		path: "/usr/sbin/nft",
		probe: ["--version"],
		debianPackage: "nftables",
		suites: ["test/network/", "test/host/", "test/cli/"],
	},
	{ name: "tcpdump", probe: ["--version"], debianPackage: "tcpdump", suites: ["test/network/", "test/cli/exec"] },
	{ name: "pasta", probe: ["--version"], debianPackage: "passt", suites: ["test/cli/exec"] },
	{ name: "cloud-init", probe: ["--version"], debianPackage: "cloud-init", suites: ["test/network/"] },
	{ name: "script", probe: ["--version"], debianPackage: "bsdutils", suites: ["test/cli/exec"] },
	{ name: "systemd-analyze", probe: ["--version"], debianPackage: "systemd", suites: ["test/service/"] },
	{ name: "systemd-socket-activate", probe: ["--version"], debianPackage: "systemd", suites: ["test/service/"] },
	{
		name: "prometheus",
		path: "/usr/bin/prometheus",
		probe: ["--version"],
		debianPackage: "prometheus",
		suites: ["test/service/prometheus"],
	},
	{
		name: "promtool",
		path: "/usr/bin/promtool",
		probe: ["--version"],
		debianPackage: "prometheus",
		suites: ["test/service/prometheus"],
	},
	{
		name: "setpriv",
		probe: ["--version"],
		debianPackage: "util-linux",
		suites: ["test/service/", "test/cli/", "test/network/", "src/attribution/"],
	},
	{ name: "prlimit", probe: ["--version"], debianPackage: "util-linux", suites: ["test/durability/", "test/api/failing-store"] },
	{ name: "openssl", probe: ["version"], debianPackage: "openssl", suites: ["src/identity/", "test/"] },
] as const satisfies readonly Tool[];

type ToolName = (typeof TOOLS)[number]["name"];

/**
 * Where a tool is, or why the test that needs it is skipped:
 * `const openssl = requireTool("openssl")`, then `test("…", { skip: openssl.skip }, () => { …openssl.path… })`.
 */
export function requireTool(name: ToolName): { path: string; skip: string | false } {
	const tool: Tool | undefined = TOOLS.find((each) => each.name === name);
	if (tool === undefined) throw new Error(`${name} is not in the table of test/tools.ts`);
	const path = findTool(tool);
	if (path !== undefined) return { path, skip: false };
	const skip = `${name} is not installed (Debian package ${tool.debianPackage})`;
	if (process.env["CI"] === "true") throw new Error(`${skip}, and CI skips nothing`);
	return { path: name, skip };
}

/** The first of that name in PATH that really runs: a version manager's shim may be there without a program behind it. */
export function findTool({ name, probe, probeStatus = 0, path }: Tool): string | undefined {
	const candidates = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
	return (path === undefined ? candidates : [path]).find(
		(candidate) => isExecutable(candidate) && spawnSync(candidate, probe, { stdio: "ignore" }).status === probeStatus,
	);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false; // accessSync tells by throwing
	}
}
