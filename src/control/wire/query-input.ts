import { scalarValue, type ScalarValue } from "./scalar-values.ts";
import type { QueryParameters } from "./query-parameters.ts";
import type { MemberShape, ScalarShape, StructureShape } from "./service-shapes.ts";
import type { WireError } from "./wire-error.ts";

/** What sets the Query protocols apart when they read parameters. */
export interface QueryDialect {
	/** `X.1` is an item of a list; otherwise `X.member.1`, as the model names the items. */
	readonly listsAreFlat: boolean;
	/** `X=` is a list without items. */
	readonly emptyListsAreSent: boolean;
	readonly unknownParameter: (parameter: string) => WireError;
	readonly missingParameter: (parameter: string) => WireError;
	/** Anything that is wrong with the way a parameter is named, or with a value that isn't a scalar. */
	readonly invalidParameter: (message: string) => WireError;
	/** @param text the value, or what may be told of it. */
	readonly invalidValue: (parameter: string, text: string, shape: ScalarShape) => WireError;
}

/** AWS: no operation takes more of anything at once than 1000 (ids of DescribeInstances and its like, metrics of PutMetricData). */
export const MAX_ITEMS = 1000;

/** Clients count from 1; whoever leaves gaps, leaves small ones. A list takes as much memory as it has items, whatever their numbers. */
const MAX_INDEX = 10_000;

/**
 * Turns the parameters of a request into the input of an operation, a plain object with only the members that came. The items of a list
 * are in the order of their indices, which may have gaps, as EC2 reads them.
 *
 * Nothing is made but what the shapes know, so the depth of an input is theirs.
 *
 * @throws {WireError} of the dialect, for the first parameter that doesn't fit, or that is missing.
 */
export function decodeQueryInput(shape: StructureShape, parameters: QueryParameters, dialect: QueryDialect): object {
	const input: StructureNode = { kind: "structure", shape, path: "", children: new Map() };
	for (const [parameter, text] of parameters) {
		if (!NO_MEMBERS.has(parameter)) placeInStructure(input, { parameter, text, segments: parameter.split("."), at: 0 }, dialect);
	}
	return finished(input, dialect) as object;
}

/** What tells the operation. None has members of these names. */
const NO_MEMBERS: ReadonlySet<string> = new Set(["Action", "Version"]);

/** What has come of an input so far. */
type Node = StructureNode | ListNode | ValueNode;

interface StructureNode {
	readonly kind: "structure";
	readonly shape: StructureShape;
	/** Its name in the request, with a dot behind it. */
	readonly path: string;
	/** By the members' names in the API. */
	readonly children: Map<string, Node>;
}

interface ListNode {
	readonly kind: "list";
	/** By their indices. */
	readonly items: Map<number, Node>;
}

interface ValueNode {
	readonly kind: "value";
	readonly value: ScalarValue;
}

/** A parameter on its way to its place. */
interface Placing {
	readonly parameter: string;
	readonly text: string;
	readonly segments: readonly string[];
	/** The next segment that tells the way. */
	at: number;
}

function placeInStructure(node: StructureNode, placing: Placing, dialect: QueryDialect): void {
	const member = node.shape.byParameter.get(placing.segments[placing.at] ?? "");
	if (member === undefined) throw dialect.unknownParameter(placing.parameter);
	placing.at += 1;
	const child = node.children.get(member.name);
	if (member.list === undefined) {
		node.children.set(member.name, placed(child, member, placing, dialect));
	} else {
		const list: ListNode = child?.kind === "list" ? child : { kind: "list", items: new Map() };
		node.children.set(member.name, list);
		placeInList(list, member, placing, dialect);
	}
}

function placeInList(list: ListNode, member: MemberShape, placing: Placing, dialect: QueryDialect): void {
	const { parameter, segments } = placing;
	const path = segments.slice(0, placing.at).join(".");
	if (placing.at === segments.length && dialect.emptyListsAreSent && placing.text === "") return;
	const prefix = dialect.listsAreFlat ? [] : [member.list];
	const index = segments[placing.at + prefix.length];
	if (index === undefined) {
		throw dialect.invalidParameter(`The parameter ${path} is a list. Number its items, as in ${[path, ...prefix, "1"].join(".")}.`);
	}
	if (!dialect.listsAreFlat && segments[placing.at] !== member.list) throw dialect.unknownParameter(parameter);
	if (!/^\d+$/.test(index)) throw dialect.unknownParameter(parameter);
	if (!/^[1-9]\d*$/.test(index) || Number(index) > MAX_INDEX) {
		throw dialect.invalidParameter(`Invalid index '${index}' in the parameter ${parameter}. Use an index between 1 and ${MAX_INDEX}.`);
	}
	placing.at += prefix.length + 1;
	list.items.set(Number(index), placed(list.items.get(Number(index)), member, placing, dialect));
	if (list.items.size > MAX_ITEMS) throw dialect.invalidParameter(`The parameter ${path} can have no more than ${MAX_ITEMS} items.`);
}

/** @returns `node`, or a new one for what was not there. */
function placed(node: Node | undefined, member: MemberShape, placing: Placing, dialect: QueryDialect): Node {
	const { parameter, segments, text, at } = placing;
	const path = segments.slice(0, at).join(".");
	if ("scalar" in member.type) {
		if (at < segments.length) throw dialect.invalidParameter(`The parameter ${parameter} is not allowed: ${path} is a single value.`);
		const value = scalarValue(text, member.type);
		if (value === undefined) throw dialect.invalidValue(parameter, member.sensitive ? "(hidden)" : text, member.type);
		return { kind: "value", value };
	}
	if (at === segments.length) {
		throw dialect.invalidParameter(
			`The parameter ${path} is a structure. Give its members, as in ${path}.${member.type.members[0]?.parameter}.`,
		);
	}
	const structure: StructureNode =
		node?.kind === "structure" ? node : { kind: "structure", shape: member.type, path: `${path}.`, children: new Map() };
	placeInStructure(structure, placing, dialect);
	return structure;
}

function finished(node: Node, dialect: QueryDialect): unknown {
	switch (node.kind) {
		case "value":
			return node.value;
		case "list":
			return [...node.items].sort(([a], [b]) => a - b).map(([, item]) => finished(item, dialect));
		case "structure":
			return finishedStructure(node, dialect);
	}
}

function finishedStructure({ shape, path, children }: StructureNode, dialect: QueryDialect): object {
	const input: Record<string, unknown> = {};
	for (const { name, parameter, required } of shape.members) {
		const child = children.get(name);
		if (child !== undefined) {
			input[name] = finished(child, dialect);
		} else if (required) {
			throw dialect.missingParameter(path + parameter);
		}
	}
	return input;
}
