/** `npm run check`: everything that is verified without running the program. Goes on after a failure, so that one run tells all. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const steps = Object.entries(scripts).filter(([name]) => name.startsWith("check:"));

const failed = steps.filter(([name, command]) => {
	const startMs = performance.now();
	const { status } = spawnSync(command, { shell: true, stdio: "inherit" });
	console.log(`${status === 0 ? "✔" : "✖"} ${name} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
	return status !== 0;
});

if (failed.length > 0) {
	console.error(`\nFailed: ${failed.map(([name]) => `npm run ${name}`).join(", ")}`);
	if (failed.some(([name]) => name === "check:format")) console.error("npm run format mends the format.");
	process.exitCode = 1;
}
