// What an instance that nobody asks costs. The figure is taken by this same file in a process of its own: see `measure`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { putWorld } from "../../test/categories/stored-world.ts";
import { IDENTITY_KEYS, ISSUER, newWorld, NOW_MS } from "../../test/categories/world.ts";
import { launch } from "../model/launch.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { Replica } from "./replica.ts";

const INSTANCES = 10_000;

/** The aim is half of it (issue 2, section 3); a process's pages come and go by the megabyte. */
const BOUND_BYTES = 16 * 1024;

interface Figures {
	readonly instances: number;
	readonly residentBytes: number;
	readonly usedBytes: number;
	readonly loadMs: number;
}

const measured = process.env["MEASURED_STORE"];
if (measured !== undefined) {
	process.stdout.write(JSON.stringify(await measure(measured)));
} else {
	test(`each of ${INSTANCES} instances that nobody asks holds at most ${BOUND_BYTES / 1024} KiB`, async (context) => {
		const folder = mkdtempSync(join(tmpdir(), "openimds-memory-"));
		context.after(() => rmSync(folder, { recursive: true }));
		const path = join(folder, "store.db");
		await fill(path);
		const { NODE_TEST_CONTEXT: _, ...env } = process.env;
		const output = execFileSync(process.execPath, ["--expose-gc", import.meta.filename], {
			env: { ...env, MEASURED_STORE: path },
			encoding: "utf8",
		});
		const { instances, residentBytes, usedBytes, loadMs } = JSON.parse(output) as Figures;
		assert.equal(instances, INSTANCES);
		const each = (bytes: number) => `${(bytes / INSTANCES / 1024).toFixed(2)} KiB`;
		context.diagnostic(`an instance unasked: ${each(residentBytes)} resident, ${each(usedBytes)} of it used; all loaded in ${loadMs} ms`);
		assert.ok(residentBytes / INSTANCES <= BOUND_BYTES, each(residentBytes));
	});
}

/** Instances as people have them: a profile, a key pair, four tags, user data. */
async function fill(path: string): Promise<void> {
	const world = newWorld();
	const instances = Array.from({ length: INSTANCES }, (_, n) =>
		launch(
			{
				instanceId: `i-${n.toString(16).padStart(17, "0")}`,
				subnetId: "subnet-large",
				iamInstanceProfile: { name: "web" },
				keyName: "my-public-key",
				tags: ["Name", "Environment", "Owner", "aws:autoscaling:groupName"].map((key) => ({ key, value: `value-${n}` })),
				userData: Buffer.from(`#!/bin/sh\necho ${n}\n`).toString("base64"),
			},
			world,
			NOW_MS,
		),
	);
	const store = await openSqliteStore({ path });
	await putWorld(store, world, instances);
	await store.close();
}

async function measure(path: string): Promise<Figures> {
	const store = await openSqliteStore({ path });
	const replica = new Replica({ identityKeys: IDENTITY_KEYS, issuer: ISSUER });
	const before = memory();
	const startMs = performance.now();
	await replica.follow(store, (error) => {
		throw error;
	});
	const loadMs = Math.round(performance.now() - startMs);
	const after = memory();
	const figures = { instances: replica.size, residentBytes: after.rss - before.rss, usedBytes: after.used - before.used, loadMs };
	replica.stop();
	await store.close();
	return figures;
}

function memory(): { rss: number; used: number } {
	for (let i = 0; i < 3; i++) globalThis.gc?.();
	const { rss, heapUsed, external } = process.memoryUsage();
	return { rss, used: heapUsed + external };
}
