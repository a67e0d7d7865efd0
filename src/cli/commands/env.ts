import { buildCommand } from "@stricli/core";
import { type Context, note, print, printJson } from "../context.ts";
import { DATA_DIR, INSTANCE, JSON_FLAG } from "../flags.ts";

interface EnvFlags {
	readonly instance?: string;
	readonly role?: boolean;
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const env = buildCommand<EnvFlags, [], Context>({
	docs: {
		brief: "Print what makes the AWS clients of a shell use the running service.",
		fullDescription: `
Prints the lines that lead the AWS clients started from a POSIX shell to the running service: to the control APIs with the account's own
key, and to the metadata endpoint of an instance. With --role, or with --instance, there is no key among them: clients are on the
instance then, and find its role's credentials by themselves, unless they are given others first.

Examples:
  eval "$(openimds env)"
  aws ec2 describe-instances
  eval "$(openimds env --role)"
  aws sts get-caller-identity
  eval "$(openimds env --instance i-1234567890abcdef0)"`,
	},
	parameters: {
		flags: {
			instance: { ...INSTANCE, brief: "The instance to be on, with its role's credentials (default: the first listener's)." },
			role: { kind: "boolean", optional: true, withNegated: false, brief: "No key: the credentials are those of the instance's role." },
			json: JSON_FLAG,
			dataDir: DATA_DIR,
		},
		aliases: { i: "instance" },
	},
	async loader() {
		const { listenerOf, runningService, urlOf } = await import("../running-service.ts");
		const { obstaclesIn } = await import("../obstacles.ts");
		const { apiVariables, instanceVariables } = await import("../client-variables.ts");
		return async function ({ instance, role, json, dataDir }) {
			const service = runningService(this, dataDir);
			const { region, apiAddress } = await service.get("/status");
			const isRole = role === true || instance !== undefined || apiAddress === undefined;
			const variables = {
				...instanceVariables(urlOf((await listenerOf(service, instance)).address), region),
				...(apiAddress !== undefined && apiVariables(urlOf(apiAddress), isRole ? undefined : await service.get("/root-key"))),
			};
			if (json === true) return printJson(this, variables);
			// A session's token beside another key would spoil it.
			if (!isRole) print(this, "unset AWS_SESSION_TOKEN");
			print(this, ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`));
			const obstacles = isRole ? obstaclesIn(this.process.env) : [];
			// Comments come last: without quotes around $(…), all that follows one is a comment, too.
			print(this, ...(obstacles.length > 0 ? obstacles : [isRole ? ROLE : ROOT]).map((line) => `# ${line}`));
			// Where a shell evaluates the lines, nobody reads comments.
			if (!this.process.stdout.isTTY) for (const obstacle of obstacles) note(this, obstacle);
		};
	},
});

const ROLE = "Credentials are the instance's role's, unless AWS_PROFILE, AWS_ACCESS_KEY_ID or ~/.aws/credentials gives others.";
const ROOT = "The key is the account's own, which may do everything. As the instance's role: openimds env --role";

function quoted(value: string): string {
	return `'${value.replaceAll("'", `'\\''`)}'`;
}
