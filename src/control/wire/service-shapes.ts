import type { GeneratedModel, Member } from "../models/service-model.ts";

/** A service's model, ready to be walked. */
export interface ServiceShapes {
	readonly version: string;
	readonly xmlNamespace: string;
	/** Those that OpenIMDS has. */
	readonly operations: ReadonlyMap<string, OperationShapes>;
	/** Those that AWS has, and OpenIMDS doesn't. */
	readonly unsupportedOperations: ReadonlySet<string>;
	/** The names of exceptions, by their codes in the Query protocol, where those differ. */
	readonly errors: ReadonlyMap<string, string>;
}

export interface OperationShapes {
	readonly input: StructureShape;
	/** `undefined`: it gives nothing at all. */
	readonly output: StructureShape | undefined;
}

export interface StructureShape {
	readonly members: readonly MemberShape[];
	/** Members by their names in a request. */
	readonly byParameter: ReadonlyMap<string, MemberShape>;
}

export interface MemberShape {
	/** In the API, in a request, in a response. */
	readonly name: string;
	readonly parameter: string;
	readonly element: string;
	/** What it is; of lists and maps, what they hold. */
	readonly type: ScalarShape | StructureShape;
	/** It is a list, whose items are elements of this name. */
	readonly list: string | undefined;
	/** It is a map from strings. */
	readonly map: boolean;
	readonly required: boolean;
	/** Its value must not be quoted. */
	readonly sensitive: boolean;
}

export interface ScalarShape {
	readonly scalar: (typeof SCALARS)[number];
	/** Of a string that can't be just any. */
	readonly values?: ReadonlySet<string>;
}

const SCALARS = ["string", "boolean", "integer", "long", "double", "timestamp", "blob"] as const;

/** Links what a generated model says by name. */
export function shapesOf(model: GeneratedModel): ServiceShapes {
	const structures = new Map(
		Object.keys(model.structures).map((name) => [name, { members: [] as MemberShape[], byParameter: new Map<string, MemberShape>() }]),
	);
	const types = new Map<string, ScalarShape | StructureShape>([
		...SCALARS.map((scalar) => [scalar, { scalar }] as const),
		...Object.entries(model.enums).map(([name, values]) => [name, { scalar: "string", values: new Set(values.split("|")) }] as const),
		...structures,
	]);
	for (const [name, { members, byParameter }] of structures) {
		for (const [member, written] of Object.entries(model.structures[name] ?? {})) {
			const shape = memberShape(member, written, types);
			members.push(shape);
			byParameter.set(shape.parameter, shape);
		}
	}
	const structure = (name: string): StructureShape => structures.get(name) ?? fail(name);
	return {
		version: model.version,
		xmlNamespace: model.xmlNamespace,
		operations: new Map(
			Object.entries(model.operations).map(([name, { input, output }]) => [
				name,
				{ input: structure(input), output: output === null ? undefined : structure(output) },
			]),
		),
		unsupportedOperations: new Set(model.unsupportedOperations),
		errors: new Map(Object.entries(model.errors ?? {})),
	};
}

function memberShape(name: string, written: Member, types: ReadonlyMap<string, ScalarShape | StructureShape>): MemberShape {
	return {
		name,
		parameter: written.in ?? name,
		element: written.out ?? name,
		type: types.get(written.type) ?? fail(written.type),
		list: written.list,
		map: written.map ?? false,
		required: written.required ?? false,
		sensitive: written.sensitive ?? false,
	};
}

function fail(type: string): never {
	throw new Error(`the model has no type ${type}`);
}
