// The text of a configuration file: YAML 1.2, of which JSON is a part. It knows where every value stands.

import {
	type Document,
	isAlias,
	isCollection,
	isMap,
	isPair,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	parseDocument,
	type YAMLError,
} from "yaml";
import { ConfigurationError, type Problem } from "./configuration-error.ts";
import type { Finding } from "./schema-findings.ts";
import { shownPath } from "./shown-value.ts";

/** A file's text, read. */
export interface YamlSource {
	readonly value: unknown;
	/** What is wrong, though the text can be read: names given twice, tags. */
	readonly problems: readonly Problem[];
	/** Finds the place of a finding; where its path leads to nothing, it is the place of the nearest thing above. */
	problemAt(finding: Finding): Problem;
}

type Path = Finding["path"];

/** No sensible file nests deeper. */
const DEPTH_MAX = 32;
const TOO_DEEP = `nested too deeply; allowed: ${DEPTH_MAX} levels`;

/** How often one anchor may be used, directly or through others: one for each of many instances, but no explosion. */
const ALIASES_MAX = 10_000;

/**
 * Reads YAML.
 *
 * @throws {ConfigurationError} where it is none.
 */
export function readYaml(file: string, text: string): YamlSource {
	const lines = new LineCounter();
	const problem = (offset: number, message: string, path: Path = []): Problem => {
		const { line, col } = lines.linePos(offset);
		return { file, line, column: col, field: shownPath(path), message };
	};
	const document = parseDocument(text, {
		lineCounter: lines,
		prettyErrors: false, // they quote the text, which may hold secrets
		resolveKnownTags: false,
		schema: "core",
		stringKeys: true,
		uniqueKeys: false, // found below, with their path
	});
	if (document.errors.length > 0) throw new ConfigurationError(syntaxProblems(document.errors, problem));

	const flaws = flawsOf(document);
	const problems = flaws.map(({ offset, message, path }) => problem(offset, message, path));
	if (flaws.some(({ fatal }) => fatal)) throw new ConfigurationError(problems);
	return {
		value: valueOf(document, file),
		problems: [
			...problems,
			...document.warnings.map(({ pos }) => problem(pos[0], "a tag that has no meaning here; allowed: values without tags")),
		],
		problemAt({ path, atKey, value, message }) {
			const found = locate(document, path, atKey === true);
			return { ...problem(found.offset, message, found.path), ...(value === undefined ? {} : { value }) };
		},
	};
}

function valueOf(document: Document.Parsed, file: string): unknown {
	try {
		return document.toJS({ maxAliasCount: ALIASES_MAX });
	} catch (error) {
		if (!(error instanceof ReferenceError)) throw error;
		throw new ConfigurationError([
			{ file, field: "", message: `its aliases stand for too much; allowed: ${ALIASES_MAX} uses of one anchor` },
		]);
	}
}

/** One problem a line: what follows is mostly the same mistake seen again. */
function syntaxProblems(errors: readonly YAMLError[], problem: (offset: number, message: string) => Problem): readonly Problem[] {
	const deep = errors.find(({ code }) => code === "RESOURCE_EXHAUSTION");
	if (deep !== undefined) return [problem(deep.pos[0], TOO_DEEP)];
	const problems = errors.map(({ code, message, pos }) => {
		if (code === "MULTIPLE_DOCS") return problem(pos[0], "a second document begins here; allowed: one");
		// Messages of the parser can end with a piece of the text, which may hold secrets.
		const sentence = message
			.replace(/(: ["!|>]| sequence \\).*$/s, "")
			.replace("With stringKeys, all keys must be strings", "A name must be text");
		return problem(pos[0], `not YAML: ${sentence}`);
	});
	return problems
		.toSorted((a, b) => Number(a.line) - Number(b.line))
		.filter(({ line }, index, sorted) => index === 0 || line !== sorted[index - 1]?.line);
}

interface Flaw {
	readonly offset: number;
	readonly path: Path;
	readonly message: string;
	/** Without it there is no value. */
	readonly fatal?: true;
}

function flawsOf({ contents }: Document.Parsed): readonly Flaw[] {
	const flaws: Flaw[] = [];
	const anchors = new Set<string>();
	const visit = (node: unknown, path: Path): void => {
		if (isAlias(node) && !anchors.has(node.source)) {
			flaws.push({ offset: startOf(node), path, message: "an alias without an anchor before it; allowed: the name of one", fatal: true });
		}
		if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.add(node.anchor);
		if (!isCollection(node)) return;
		if (path.length >= DEPTH_MAX) {
			flaws.push({ offset: startOf(node), path: path.slice(0, 3), message: TOO_DEEP, fatal: true });
			return;
		}
		const names = new Set<string>();
		for (const [index, item] of node.items.entries()) {
			const name = isPair(item) ? nameOf(item.key) : undefined;
			if (name !== undefined && names.has(name)) {
				flaws.push({ offset: startOf((item as { key: Node }).key), path: [...path, name], message: "is given twice; allowed: once" });
			}
			if (name !== undefined) names.add(name);
			visit(isPair(item) ? item.value : item, [...path, name ?? index]);
		}
	};
	visit(contents, []);
	return flaws;
}

/**
 * Where a path leads. A number that leads into a map stands for its n-th field, and "key" and "value" for its halves: that is how tags
 * are told of, which a file may write as a map.
 */
function locate(document: Document.Parsed, path: Path, atKey: boolean): { offset: number; path: Path } {
	let node: unknown = document.contents;
	let offset = startOf(node);
	const shown = [...path];
	for (const [index, part] of path.entries()) {
		if (isAlias(node)) node = node.resolve(document);
		if (isSeq(node) && typeof part === "number") {
			node = node.items[part];
		} else if (isMap(node)) {
			const pair = typeof part === "number" ? node.items[part] : node.items.findLast(({ key }) => nameOf(key) === part);
			if (pair === undefined) break;
			const last = index === path.length - 1;
			if (typeof part === "number") {
				shown.splice(index, 2, nameOf(pair.key) ?? part);
				return { offset: startOf(path[index + 1] === "value" ? (pair.value ?? pair.key) : pair.key), path: shown };
			}
			if (atKey && last) return { offset: startOf(pair.key), path };
			node = pair.value ?? pair.key;
		} else {
			// A scalar that is short for a map or a list: what is wrong in those is wrong here.
			if (isScalar(node)) return { offset, path: path.slice(0, index) };
			break;
		}
		if (node === undefined) break;
		offset = startOf(node);
	}
	return { offset, path: shown };
}

function nameOf(key: unknown): string | undefined {
	return isScalar(key) ? String(key.value) : undefined;
}

function startOf(node: unknown): number {
	return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
}
