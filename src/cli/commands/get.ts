import { buildCommand } from "@stricli/core";
import type { GetFlags } from "../ask-metadata.ts";
import type { Context } from "../context.ts";
import { completePaths } from "../completions.ts";
import { DATA_DIR, INSTANCE, JSON_FLAG } from "../flags.ts";

const TTL_MAX_SECONDS = 21_600;

export const get = buildCommand<GetFlags, [path?: string], Context>({
	docs: {
		brief: "Ask an instance's metadata, as a program on it does.",
		fullDescription: `
Asks an instance's metadata as a program on it does: with a session token (IMDSv2), or without one (IMDSv1) with --v1.
A path is looked up below /latest/meta-data/, or below /latest/ if it begins with meta-data, dynamic or user-data;
one that begins with a slash or a version is taken as it is. Without a path, meta-data is listed.

Whom it asks: --endpoint, else the listener of --instance, else $AWS_EC2_METADATA_SERVICE_ENDPOINT, else the first
listener of the running service. Values are printed byte for byte; only on a terminal is a line end added.

Examples:
  openimds get instance-id
  openimds get iam/security-credentials/
  openimds get dynamic/instance-identity/document
  openimds get user-data > user-data
  openimds get /2021-03-23/meta-data/tags/instance/Name
  openimds get -r meta-data/              all values, with their paths
  openimds get -r / --json                everything, as one object
  openimds get hostname --instance i-1234567890abcdef0`,
	},
	parameters: {
		positional: {
			kind: "tuple",
			parameters: [
				{
					placeholder: "PATH",
					optional: true,
					parse: String,
					brief: "What to ask for; meta-data/ if left out.",
					proposeCompletions(partial) {
						return completePaths(this, partial);
					},
				},
			],
		},
		flags: {
			recursive: { kind: "boolean", optional: true, withNegated: false, brief: "Everything below PATH, as a tree." },
			instance: { ...INSTANCE, brief: "The instance to ask." },
			endpoint: {
				kind: "parsed",
				parse: String,
				optional: true,
				placeholder: "URL",
				brief: "The endpoint to ask, such as http://169.254.169.254.",
			},
			ttl: {
				kind: "parsed",
				parse: parseTtl,
				optional: true,
				placeholder: "SECONDS",
				brief: `Life of the session token, 1 to ${TTL_MAX_SECONDS} (default: 60).`,
			},
			v1: { kind: "boolean", optional: true, withNegated: false, brief: "Ask without a token." },
			json: JSON_FLAG,
			dataDir: DATA_DIR,
		},
		aliases: { r: "recursive", i: "instance" },
	},
	async loader() {
		const { askMetadata } = await import("../ask-metadata.ts");
		return function (flags, path) {
			return askMetadata(this, flags, path);
		};
	},
});

function parseTtl(text: string): number {
	const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
	if (seconds < 1 || seconds > TTL_MAX_SECONDS) throw new RangeError(`whole seconds, 1 to ${TTL_MAX_SECONDS}`);
	return seconds;
}
