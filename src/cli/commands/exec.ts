import { buildCommand } from "@stricli/core";
import type { Context } from "../context.ts";
import type { ExecFlags } from "../execute.ts";
import { DATA_DIR, INSTANCE } from "../flags.ts";

const onOff = { kind: "boolean", optional: true, withNegated: false } as const;

export const exec = buildCommand<ExecFlags, [string, ...string[]], Context>({
	docs: {
		brief: "Run a program as if on an instance.",
		fullDescription: `
Runs a program whose AWS clients find themselves on an instance: of the running service, or where there is none, of one of its own for as long as
the program runs. They find it by the variables that "openimds env" prints; with --isolated at the addresses of EC2 itself, 169.254.169.254 and
fd00:ec2::254, in a network namespace of the program's own, which needs no root. There the rest of the network is reached through pasta, if that is
installed (Debian: passt).

Standard streams, signals and the exit code are the program's. Exit codes of our own: 125 where it could not be started, 126 where it may not be,
127 where there is no such program.

Examples:
  openimds exec -- aws configure list
  openimds exec --isolated -- npm test
  openimds exec --isolated --http-tokens required -- ./probe.sh
  openimds exec --config openimds.yaml --instance i-1234567890abcdef0 -- bash`,
	},
	parameters: {
		flags: {
			isolated: { ...onOff, brief: "Give it a network of its own, in which 169.254.169.254 and fd00:ec2::254 answer." },
			instance: { ...INSTANCE, brief: "The instance to be on (default: the first listener's, or the only one)." },
			ephemeral: { ...onOff, brief: "Start a service of its own, even if one runs. The next three do so, too." },
			config: { kind: "parsed", parse: String, optional: true, placeholder: "FILE", brief: "What that serves." },
			role: { kind: "parsed", parse: roleName, optional: true, placeholder: "NAME", brief: "The role that the instance has." },
			httpTokens: { kind: "enum", values: ["optional", "required"], optional: true, brief: "Whether requests need a session token." },
			dataDir: DATA_DIR,
		},
		aliases: { i: "instance" },
		positional: {
			kind: "array",
			minimum: 1,
			parameter: { parse: String, placeholder: "COMMAND", brief: "The program, and what it is given. Put -- before it." },
		},
	},
	async loader() {
		const { execute } = await import("../execute.ts");
		return async function (flags, command, ...args) {
			await execute(this, flags, { command, args });
		};
	},
});

function roleName(text: string): string {
	if (!/^(?!\.{1,2}$)[\w+=,.@-]{1,64}$/.test(text)) throw new Error("1 to 64 letters, digits and characters of _+=,.@-");
	return text;
}
