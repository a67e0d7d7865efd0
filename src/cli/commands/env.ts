import { buildCommand } from "@stricli/core";
import { type Context, note, print, printJson } from "../context.ts";
import { DATA_DIR, INSTANCE, JSON_FLAG } from "../flags.ts";

interface EnvFlags {
	readonly instance?: string;
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const env = buildCommand<EnvFlags, [], Context>({
	docs: {
		brief: "Print what makes the AWS clients of a shell be on an instance.",
		fullDescription: `
Prints the lines that put the AWS clients started from a POSIX shell on an instance: its metadata endpoint and its Region.
They find its role's credentials there by themselves, unless they are given others first.

Examples:
  eval "$(openimds env)"
  eval "$(openimds env --instance i-1234567890abcdef0)"
  aws configure list`,
	},
	parameters: {
		flags: {
			instance: { ...INSTANCE, brief: "The instance to be on (default: the first listener's)." },
			json: JSON_FLAG,
			dataDir: DATA_DIR,
		},
		aliases: { i: "instance" },
	},
	async loader() {
		const { listenerOf, runningService, urlOf } = await import("../running-service.ts");
		const { obstaclesIn } = await import("../obstacles.ts");
		const { instanceVariables } = await import("../instance-variables.ts");
		return async function ({ instance, json, dataDir }) {
			const service = runningService(this, dataDir);
			const { address } = await listenerOf(service, instance);
			const { region } = await service.get("/status");
			const variables = instanceVariables(urlOf(address), region);
			if (json === true) return printJson(this, variables);
			print(this, ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`));
			const obstacles = obstaclesIn(this.process.env);
			// Comments come last: without quotes around $(…), all that follows one is a comment, too.
			print(this, ...(obstacles.length === 0 ? [USUAL] : obstacles).map((line) => `# ${line}`));
			// Where a shell evaluates the lines, nobody reads comments.
			if (!this.process.stdout.isTTY) for (const obstacle of obstacles) note(this, obstacle);
		};
	},
});

const USUAL = "Credentials are the instance's role's, unless AWS_PROFILE, AWS_ACCESS_KEY_ID or ~/.aws/credentials gives others.";

function quoted(value: string): string {
	return `'${value.replaceAll("'", `'\\''`)}'`;
}
