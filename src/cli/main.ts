#!/usr/bin/env node
// The entry. It imports nothing that an older Node could not read, so that such a one can be told about.

import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
	console.error(`openimds: it needs Node.js 22.18 or newer, and this is ${process.versions.node}: install a newer one.`);
	process.exit(1);
}

// A checkout's sources are stripped of their types at every start, which takes longer than all the rest. What comes of it is kept
// beside the packages: whoever may write there may change the program anyway. An installed program has nothing to strip.
if (import.meta.filename.endsWith(".ts")) module.enableCompileCache(`${import.meta.dirname}/../../node_modules/.cache/openimds`);

// What reads the output may have seen enough (| head), or be gone with its terminal: that is no mistake.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
	});
}

const { runCommandLine } = await import("./run.ts");
await runCommandLine(process as Parameters<typeof runCommandLine>[0]);
