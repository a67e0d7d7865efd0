/**
 * `npm run fuzz -- [--seconds N] [--seed N] [TARGET …]`: the property tests of test/fuzz/ on new inputs for as long as you like (60 s).
 * It stops at the first input that fails, made as small as it can be: printed, and kept in test/fuzz/corpus/, where `npm test` finds it.
 */
import { createHash, randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { CORPUS, FUZZ_TARGETS } from "../test/fuzz/targets.ts";

/** Inputs of one target in a row; then the next has its turn. */
const INPUTS_PER_TURN = 500;
const PROGRESS_MS = 5000;
const SEED_MAX = 0x7fffffff;

const { values, positionals } = parseArgs({
	options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
	allowPositionals: true,
});
const seconds = wholeNumber("--seconds", values.seconds);
const firstSeed = values.seed === undefined ? randomInt(SEED_MAX) : wholeNumber("--seed", values.seed);
const names = positionals.length === 0 ? Object.keys(FUZZ_TARGETS) : positionals;
const targets = await Promise.all(names.map(async (name) => ({ name, inputs: 0, ...(await openTarget(name)) })));

console.log(`Fuzzing ${names.join(", ")} for ${seconds} s from seed ${firstSeed}.`);
const startMs = performance.now();
let toldMs = startMs;
let failed = false;
for (let turn = 0; !failed && performance.now() - startMs < seconds * 1000; turn++) {
	// Each turn has a seed of its own, so that the one that fails can be run alone.
	const seed = (firstSeed + turn) % SEED_MAX;
	for (const target of targets) {
		const run = fc.check(fc.property(target.generated, target.check), { numRuns: INPUTS_PER_TURN, seed });
		target.inputs += run.numRuns;
		if (run.failed) {
			failed = true;
			report(target.name, seed, run.counterexample?.[0], run.errorInstance);
			break;
		}
	}
	// What the targets left to be cleaned up is cleaned up between turns of the event loop.
	await new Promise<void>((resolve) => setImmediate(resolve));
	if (performance.now() - toldMs > PROGRESS_MS) {
		toldMs = performance.now();
		tell(`seed ${seed}`);
	}
}
tell(failed ? "failed" : "nothing found");
process.exitCode = failed ? 1 : 0;

async function openTarget(name: string): Promise<{ generated: fc.Arbitrary<Buffer>; check: (input: Buffer) => void }> {
	const open = FUZZ_TARGETS[name];
	if (open === undefined) throw new Error(`no target "${name}"; allowed: ${Object.keys(FUZZ_TARGETS).join(", ")}`);
	const { inputs, check } = await open();
	return { generated: inputs, check };
}

function tell(what: string): void {
	const counts = targets.map(({ name, inputs }) => `${name} ${inputs}`).join(", ");
	console.log(
		`${((performance.now() - startMs) / 1000).toFixed(0)} s, ${what}: ${counts} inputs, ${Math.round(process.memoryUsage.rss() / 1_000_000)} MB`,
	);
}

function report(name: string, seed: number, input: Buffer | undefined, error: unknown): void {
	console.error(error);
	console.error(`\nTarget ${name} fails. Again: npm run fuzz -- --seed ${seed} ${name}`);
	if (input === undefined) return;
	console.error(`Input, ${input.length} bytes: ${JSON.stringify(input.toString("latin1"))}\nHex: ${input.toString("hex")}`);
	const folder = join(CORPUS, name);
	mkdirSync(folder, { recursive: true });
	const file = join(folder, `found-${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`);
	writeFileSync(file, input);
	console.error(`Kept as ${file}; npm test tries it each time.`);
}

function wholeNumber(flag: string, text: string): number {
	if (!/^\d{1,10}$/.test(text)) throw new Error(`${flag} is "${text}"; allowed: a whole number`);
	return Number(text);
}
