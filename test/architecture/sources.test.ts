/** House rules on the text of src/ that the linter has no rule for. */
import assert from "node:assert/strict";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const sources = globSync("src/**/*.ts").toSorted();
const code = sources.filter((file) => !file.endsWith(".test.ts"));

/** The methods of the data plane that may wait: they start and stop the listening, and no request passes them. */
const MAY_WAIT: Readonly<Record<string, readonly string[]>> = { "src/endpoint/endpoint.ts": ["listen", "drain"] };

test("the data plane awaits nothing", () => {
	const endpoint = code.filter((file) => file.startsWith("src/endpoint/"));
	assert.deepEqual(linesMatching(endpoint, /\b(async|await|Promise)\b|\.then\(/, MAY_WAIT), []);
});

test("only src/index.ts exports what another file made", () => {
	const others = code.filter((file) => file !== "src/index.ts");
	assert.deepEqual(linesMatching(others, /^\s*export\b.*\bfrom\s*"/), []);
});

test("a class extends nothing but an error", () => {
	assert.deepEqual(linesMatching(code, /\bclass\b.*\bextends\s+(?!\w*Error\b)/), []);
});

test("a TODO has an issue's number", () => {
	const marked = sources.filter((file) => /\b(TODO|FIXME|XXX)\b(?! ?\(?#\d)/.test(readFileSync(file, "utf8")));
	assert.deepEqual(marked, []);
});

test("no folder is a drawer for everything", () => {
	const drawers = ["lib", "utils", "helpers", "common", "shared", "core", "types"];
	const folders = readdirSync("src", { withFileTypes: true, recursive: true }).filter((entry) => entry.isDirectory());
	assert.deepEqual(
		folders.map(({ name }) => name).filter((name) => drawers.includes(name)),
		[],
	);
});

/** The matching lines of code: comments are left out, the text of strings, and the async methods of a file in `without`. */
function linesMatching(files: readonly string[], pattern: RegExp, without: Readonly<Record<string, readonly string[]>> = {}): string[] {
	return files.flatMap((file) => {
		const text = readFileSync(file, "utf8").replaceAll(/\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"/g, (match) =>
			match.startsWith("/") ? "" : '""',
		);
		const rest = (without[file] ?? []).reduce(
			(before, method) => before.replace(new RegExp(`^\tasync ${method}\\([^]*?^\t}$`, "m"), ""),
			text,
		);
		return rest
			.split("\n")
			.filter((line) => pattern.test(line))
			.map((line) => `${file}: ${line.trim()}`);
	});
}
