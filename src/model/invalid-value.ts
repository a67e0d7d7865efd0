/** A value that contradicts what else is known. The message says what is allowed. */
export class InvalidValue extends Error {
	/** Where the value stands, from the thing being made: `["networkInterfaces", 0, "subnetId"]`. */
	readonly path: readonly (string | number)[];
	/** Missing: it is wrong in itself. Otherwise another has it, or nothing is left. */
	readonly reason: "taken" | "exhausted" | undefined;

	constructor(path: readonly (string | number)[], message: string, reason?: "taken" | "exhausted") {
		super(message);
		this.name = "InvalidValue";
		this.path = path;
		this.reason = reason;
	}
}

/** "no image ami-1; known: ami-2, ami-3": a name that stands for nothing, and those that stand for something. */
export function unknownName(noun: string, name: string, known: ReadonlyMap<string, unknown>): string {
	const names = [...known.keys()];
	const shown = names.length === 0 ? "none is declared" : `known: ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}`;
	return `no ${noun} "${name}"; ${shown}`;
}
