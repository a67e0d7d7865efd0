import type { Command } from "./command.ts";

/** Something that a host must have for its instances. */
export interface Need {
	/** What it is: `169.254.169.254 on interface tap0`. */
	readonly name: string;
	/** What it is for, in words that no sentence ends in. */
	readonly reason: string;
	readonly isInPlace: boolean;
	/** What brings it about. */
	readonly commands: readonly Command[];
	/** Writes down what is to be known to undo it. */
	readonly remember?: (recordFile: string) => void;
}

/** Something wrong that is not ours to mend. */
export interface HostProblem {
	/** A sentence. */
	readonly message: string;
	/** The command that mends it. */
	readonly mend: string;
}

export interface Needs {
	readonly needs: readonly Need[];
	readonly problems: readonly HostProblem[];
}
