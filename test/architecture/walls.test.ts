/** Lints one probe file a room that imports every room and package, and compares what .oxlintrc.json lets through with this table. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, test } from "node:test";

interface Walls {
	readonly probe: string;
	readonly rooms: readonly string[];
	readonly packages: readonly string[];
}

const ROOMS = [
	"model/id.ts",
	"metadata/tree.ts",
	"token/authority.ts",
	"identity/document.ts",
	"endpoint/connection.ts",
	"store/port.ts",
	"store/sqlite/engine.ts",
	"store/nats/engine.ts",
	"replica/index.ts",
	"iam/policy.ts",
	"sigv4/signature.ts",
	"control/errors.ts",
	"control/pipeline.ts",
	"control/operations/ec2/RunInstances.ts",
	"control/wire/ec2-query.ts",
	"importers/terraform.ts",
	"observe/log.ts",
	"config/schema.ts",
	"cli/serve.ts",
	"daemon/compose.ts",
	"linux/hop-limit.ts",
	"host/addresses.ts",
	"isolation/launch.ts",
	"attribution/caller-facts.ts",
];
const PACKAGES = ["@nats-io/kv", "@stricli/core", "hono", "koffi", "pino", "prom-client", "valibot", "yaml"];

const everyControlFile = ROOMS.filter((room) => room.startsWith("control/"));
const everyRoomBut = (...without: string[]) => ROOMS.filter((room) => !without.some((prefix) => room.startsWith(prefix)));

const WALLS: readonly Walls[] = [
	{ probe: "model/probe.ts", rooms: ["model/id.ts"], packages: [] },
	{ probe: "metadata/probe.ts", rooms: ["metadata/tree.ts", "model/id.ts", "identity/document.ts", "iam/policy.ts"], packages: [] },
	{ probe: "token/probe.ts", rooms: ["token/authority.ts"], packages: [] },
	{ probe: "sigv4/probe.ts", rooms: ["sigv4/signature.ts"], packages: [] },
	{ probe: "identity/probe.ts", rooms: ["identity/document.ts", "model/id.ts"], packages: [] },
	{ probe: "iam/probe.ts", rooms: ["iam/policy.ts", "model/id.ts"], packages: [] },
	{ probe: "observe/probe.ts", rooms: ["observe/log.ts"], packages: ["pino", "prom-client"] },
	{ probe: "store/probe.ts", rooms: ["store/port.ts"], packages: [] },
	{ probe: "store/sqlite/probe.ts", rooms: ["store/port.ts", "store/sqlite/engine.ts"], packages: [] },
	{ probe: "store/nats/probe.ts", rooms: ["store/port.ts", "store/nats/engine.ts"], packages: ["@nats-io/kv"] },
	{
		probe: "replica/probe.ts",
		rooms: ["replica/index.ts", "model/id.ts", "metadata/tree.ts", "identity/document.ts", "store/port.ts"],
		packages: [],
	},
	{
		probe: "endpoint/probe.ts",
		rooms: ["endpoint/connection.ts", "model/id.ts", "metadata/tree.ts", "token/authority.ts", "replica/index.ts", "observe/log.ts"],
		packages: [],
	},
	{ probe: "linux/probe.ts", rooms: ["linux/hop-limit.ts", "model/id.ts"], packages: [] },
	{ probe: "linux/libc.ts", rooms: ["linux/hop-limit.ts", "model/id.ts"], packages: ["koffi"] },
	{ probe: "attribution/probe.ts", rooms: ["attribution/caller-facts.ts", "linux/hop-limit.ts", "model/id.ts"], packages: [] },
	{ probe: "host/probe.ts", rooms: ["host/addresses.ts", "linux/hop-limit.ts", "model/id.ts"], packages: [] },
	{
		probe: "isolation/probe.ts",
		rooms: ["isolation/launch.ts", "host/addresses.ts", "linux/hop-limit.ts", "model/id.ts"],
		packages: [],
	},
	{
		probe: "control/probe.ts",
		rooms: [
			...everyControlFile,
			"model/id.ts",
			"store/port.ts",
			"sigv4/signature.ts",
			"iam/policy.ts",
			"identity/document.ts",
			"observe/log.ts",
			"attribution/caller-facts.ts",
		],
		packages: PACKAGES,
	},
	{
		probe: "control/operations/ec2/probe.ts",
		rooms: [
			"control/errors.ts",
			"control/operations/ec2/RunInstances.ts",
			"model/id.ts",
			"store/port.ts",
			"observe/log.ts",
			"attribution/caller-facts.ts",
		],
		packages: [],
	},
	{ probe: "control/wire/probe.ts", rooms: ["control/errors.ts", "control/wire/ec2-query.ts"], packages: PACKAGES },
	{
		probe: "importers/probe.ts",
		rooms: ["importers/terraform.ts", "model/id.ts", "control/operations/ec2/RunInstances.ts"],
		packages: ["yaml"],
	},
	{ probe: "config/probe.ts", rooms: ["config/schema.ts", "model/id.ts", "iam/policy.ts"], packages: ["valibot", "yaml"] },
	{
		probe: "cli/probe.ts",
		rooms: ["cli/serve.ts", "config/schema.ts", "importers/terraform.ts", "daemon/compose.ts", "host/addresses.ts", "isolation/launch.ts"],
		packages: ["@stricli/core"],
	},
	{ probe: "daemon/probe.ts", rooms: everyRoomBut("cli/"), packages: PACKAGES },
	{ probe: "endpoint/connection.test.ts", rooms: everyRoomBut("cli/", "daemon/"), packages: PACKAGES },
	{ probe: "cli/serve.test.ts", rooms: ROOMS, packages: PACKAGES },
];

const folder = mkdtempSync(join(tmpdir(), "openimds-walls-"));
after(() => rmSync(folder, { recursive: true }));

test("the lint rules let each room import what its row allows, and nothing else", () => {
	writeRules();
	for (const { probe } of WALLS)
		write(
			probe,
			importsOf(probe)
				.map((path) => `import "${path}";\n`)
				.join(""),
		);
	const refused = lint();

	for (const { probe, rooms, packages } of WALLS) {
		const accepted = importsOf(probe).filter((_, line) => !refused.has(`src/${probe}:${line + 1}`));
		const expected = [...rooms.map((room) => pathTo(room, probe)), ...packages, "node:fs", "node:fs/promises"];
		assert.deepEqual(accepted.toSorted(), expected.toSorted(), probe);
	}
});

test("every room has its walls", () => {
	const walled = new Set(WALLS.map(({ probe }) => probe.split("/")[0]));
	const rooms = readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
	assert.deepEqual(
		rooms.map(({ name }) => name).filter((name) => !walled.has(name)),
		[],
	);
});

function importsOf(probe: string): string[] {
	return [...ROOMS.map((room) => pathTo(room, probe)), ...PACKAGES, "node:fs", "node:fs/promises"];
}

function pathTo(room: string, probe: string): string {
	const path = relative(dirname(probe), room);
	return path.startsWith(".") ? path : `./${path}`;
}

/** The walls of .oxlintrc.json alone: the probes' files do not exist, so no rule that needs types or modules can run. */
function writeRules(): void {
	const { overrides } = JSON.parse(readFileSync(".oxlintrc.json", "utf8")) as { overrides: { rules: Record<string, unknown> }[] };
	const walls = overrides.filter(({ rules }) => "no-restricted-imports" in rules);
	writeFileSync(join(folder, ".oxlintrc.json"), JSON.stringify({ categories: { correctness: "off" }, overrides: walls }));
}

function write(probe: string, text: string): void {
	const path = join(folder, "src", probe);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

/** The refused imports as "file:line". */
function lint(): Set<string> {
	const { stdout, stderr } = spawnSync(process.execPath, [join(process.cwd(), "node_modules/oxlint/bin/oxlint"), "--format=unix"], {
		cwd: folder,
		encoding: "utf8",
	});
	assert.match(stdout, /problems/, stdout + stderr);
	return new Set([...stdout.matchAll(/^(.+?:\d+):\d+: .*no-restricted-imports/gm)].map(([, place]) => String(place)));
}
