// The configuration file: text in, declaration or problems out. It loads the YAML parser and the schema, 0.1 s: import it lazily.

import { readFileSync, statSync } from "node:fs";
import * as v from "valibot";
import type { Stored } from "../model/records.ts";
import { ConfigurationError, type Problem } from "./configuration-error.ts";
import { DECLARATION, type Declaration } from "./declaration.ts";
import { Contradictions, plan, type Write } from "./plan.ts";
import { findingsOf } from "./schema-findings.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

const FILE_MAX_BYTES = 16 * 1024 * 1024;

/** Why a file can't be read, by the system's code. */
const UNREADABLE: Readonly<Record<string, string>> = {
	ENOENT: "there is no such file",
	ENOTDIR: "there is no such file: a part of its path is not a folder",
	EACCES: "may not be read by this user",
	EPERM: "may not be read by this user",
	EISDIR: "is a folder; allowed: a file",
};

const EMPTY = "is empty; the smallest configuration is: instances: [{}]";

/**
 * What a configuration file says.
 *
 * @throws {ConfigurationError} with every problem that it has.
 */
export function readDeclaration(path: string): Declaration {
	return parseDeclaration(readText(path), path);
}

/**
 * What the text of a configuration file says.
 *
 * @throws {ConfigurationError} with every problem that it has.
 */
export function parseDeclaration(text: string, fileName: string): Declaration {
	return parse(text, fileName).declaration;
}

/**
 * The writes that bring the store's records to what a file says; contradictions in it are told with their places, too.
 *
 * @throws {ConfigurationError} with every problem that it has.
 */
export function planFile(path: string, existing: ReadonlyMap<string, Stored>, nowMs: number): readonly Write[] {
	return planText(readText(path), path, existing, nowMs);
}

/** {@link planFile} of a text. */
export function planText(text: string, fileName: string, existing: ReadonlyMap<string, Stored>, nowMs: number): readonly Write[] {
	const { declaration, source } = parse(text, fileName);
	try {
		return plan(declaration, existing, "configuration", nowMs);
	} catch (error) {
		if (!(error instanceof Contradictions)) throw error;
		throw new ConfigurationError(inOrder(error.contradictions.map((each) => source.problemAt(each))));
	}
}

function parse(text: string, fileName: string): { declaration: Declaration; source: YamlSource } {
	const control = text.search(/[^\P{Cc}\t\n\r]/u);
	if (control !== -1) throw new ConfigurationError([controlCharacter(text, control, fileName)]);
	const source = readYaml(fileName, text);
	if (source.value === null || source.value === undefined) throw new ConfigurationError([{ file: fileName, field: "", message: EMPTY }]);
	const { success, output, issues } = v.safeParse(DECLARATION, source.value);
	if (success && source.problems.length === 0) return { declaration: output, source };
	throw new ConfigurationError(inOrder([...source.problems, ...findingsOf(issues ?? []).map((finding) => source.problemAt(finding))]));
}

function readText(path: string): string {
	const refuse = (message: string) => new ConfigurationError([{ file: path, field: "", message }]);
	const tooLarge = `is larger than ${FILE_MAX_BYTES / 1024 / 1024} MiB`;
	let bytes: Buffer;
	try {
		if (statSync(path).size > FILE_MAX_BYTES) throw refuse(tooLarge);
		bytes = readFileSync(path);
	} catch (error) {
		if (error instanceof ConfigurationError) throw error;
		const { code = "", message } = error as NodeJS.ErrnoException;
		throw refuse(UNREADABLE[code] ?? `can't be read: ${message}`);
	}
	if (bytes.length > FILE_MAX_BYTES) throw refuse(tooLarge);
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		// The decoder says no more than that it failed.
		throw refuse("is not UTF-8 text; save it as UTF-8");
	}
}

function controlCharacter(text: string, offset: number, file: string): Problem {
	const before = text.slice(0, offset).split("\n");
	const code = text.charCodeAt(offset).toString(16).padStart(2, "0");
	const message = `a control character (0x${code}) is not allowed; allowed: text`;
	return { file, line: before.length, column: Number(before.at(-1)?.length) + 1, field: "", message };
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
	return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
