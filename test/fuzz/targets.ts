/** What is fuzzed. An input is bytes: then it can be kept as a file, and tried again. */
import type fc from "fast-check";
import { pathTarget } from "./path-properties.ts";
import { assertLlhttpAgrees, assertPiecesAgree } from "./request-properties.ts";
import { requests } from "./requests.ts";
import { assertTokensHold, tokenInputs } from "./token-properties.ts";

export interface FuzzTarget {
	readonly inputs: fc.Arbitrary<Buffer>;
	/** Throws if the input shows a bug. */
	readonly check: (input: Buffer) => void;
}

/** Every target, by the name of its folder in corpus/. */
export const FUZZ_TARGETS: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
	request: () => ({
		inputs: requests(),
		check(input) {
			assertLlhttpAgrees(input);
			assertPiecesAgree(input);
		},
	}),
	token: () => ({ inputs: tokenInputs(), check: assertTokensHold }),
	path: pathTarget,
};

/** A folder a target, a file an input: what was found once, and what it would be a pity not to look at. */
export const CORPUS = "test/fuzz/corpus";
