/**
 * `npm test`: brings the programs the suites need, then runs them on this Node.
 * `npm test -- token` runs the files whose path contains "token"; what begins with "-" goes to node --test.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { TOOLS } from "../test/tools.ts";
import { provideTools } from "./provide-tools.ts";

const options = process.argv.slice(2).filter((arg) => arg.startsWith("-"));
const patterns = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));

const files = globSync(["src/**/*.test.ts", "test/**/*.test.ts"])
	.filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
	.toSorted();
if (files.length === 0) {
	console.error(`No test file's path contains ${patterns.map((pattern) => `"${pattern}"`).join(" or ")}.`);
	process.exit(1);
}

const missing = provideTools(TOOLS.filter(({ suites }) => suites.some((suite) => files.some((file) => file.startsWith(suite)))));
if (missing.length > 0 && process.env["CI"] === "true") {
	console.error("CI skips nothing: the missing programs are a failure.");
	process.exit(1);
}

const nodeArgs = [
	"--test",
	"--test-reporter=spec",
	`--test-concurrency=${availableParallelism()}`,
	"--test-timeout=120000", // nothing hangs for ever: a test that takes two minutes has failed
	...(process.env["CI"] === "true" ? [`--import=${import.meta.resolve("../test/one-seed.ts")}`] : []),
	...options,
	...files,
];
// Several services run at a time, and one port can't be the APIs' of all: who tests them says where.
spawn(process.execPath, nodeArgs, { stdio: "inherit", env: { ...process.env, OPENIMDS_API_LISTEN: "off" } }).on("exit", (code) => {
	process.exitCode = code ?? 1;
});
