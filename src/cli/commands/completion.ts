import { buildCommand } from "@stricli/core";
import { SCRIPTS, type Shell, SHELLS } from "../completion-scripts.ts";
import { type Context, print } from "../context.ts";

export const completion = buildCommand<object, [shell: Shell], Context>({
	docs: {
		brief: "Print a script that completes commands in a shell.",
		fullDescription: `
Prints a script that completes commands, flags, instance ids and metadata paths in a shell. The last two are the running service's.

Examples:
  source <(openimds completion bash)    in ~/.bashrc
  source <(openimds completion zsh)     in ~/.zshrc, below compinit
  openimds completion fish > ~/.config/fish/completions/openimds.fish`,
	},
	parameters: {
		positional: {
			kind: "tuple",
			parameters: [{ placeholder: "SHELL", parse: parseShell, brief: SHELLS.join(", "), proposeCompletions: () => SHELLS }],
		},
	},
	func(_, shell) {
		print(this, SCRIPTS[shell]);
	},
});

function parseShell(text: string): Shell {
	const shell = SHELLS.find((each) => each === text);
	if (shell === undefined) throw new RangeError(SHELLS.join(", "));
	return shell;
}
