// The child that kill.test.ts kills: continues the stream in the store given, in groups of differing sizes, and says each write once it is
// acknowledged.
import assert from "node:assert/strict";
import { writeSync } from "node:fs";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { streamWrite } from "./stream.ts";

const [path = ""] = process.argv.slice(2);
say("opening");
const store = await openSqliteStore({ path });
let n = Number(await store.revision());
say("open");
for (;;) await Promise.all(Array.from({ length: 1 + (n % 9) }, () => write(++n)));

async function write(n: number): Promise<void> {
	const { key, value, expected } = streamWrite(n);
	const done = value === undefined ? await store.delete(key, expected) : (await store.put(key, value, expected)) === BigInt(n);
	assert.ok(done, `write ${n}`);
	say(String(n));
}

/** Gone to the pipe before it returns, so that what was said outlives the process. */
function say(line: string): void {
	writeSync(1, `${line}\n`);
}
