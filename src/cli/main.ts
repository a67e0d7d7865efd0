#!/usr/bin/env node
// The entry. It imports nothing that an older Node could not read, so that such a one can be told about.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
	console.error(`openimds: it needs Node.js 22.18 or newer, and this is ${process.versions.node}. Install a newer one, or run it with npx node@24.`);
	process.exit(1);
}

// What reads the output may have seen enough (| head), or be gone with its terminal: that is no mistake.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
	});
}

const { runCommandLine } = await import("./run.ts");
await runCommandLine(process as Parameters<typeof runCommandLine>[0]);
