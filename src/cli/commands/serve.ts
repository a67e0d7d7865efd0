import { buildCommand, type FlagParametersForType } from "@stricli/core";
import { homedir } from "node:os";
import { type Flags, LOG_LEVELS, readConfig } from "../../config/config.ts";
import { type Context, print } from "../context.ts";

const text = { kind: "parsed", parse: String, optional: true } as const;
const onOff = { kind: "boolean", optional: true } as const;

const FLAGS: FlagParametersForType<Flags, Context> = {
	endpointListen: {
		...text,
		variadic: true,
		placeholder: "HOST:PORT[=ID]",
		brief: "Where to listen, and for which instance; several times for several. Port 0: any free one (default: 127.0.0.1:1338).",
	},
	config: {
		...text,
		placeholder: "FILE",
		brief: "What to serve: instances, images, roles, … Without it, one instance is made at first start and kept.",
	},
	watch: { ...onOff, withNegated: false, brief: "Apply the file again whenever it changes; SIGHUP does so at any time." },
	dataDir: {
		...text,
		placeholder: "FOLDER",
		brief: "Where keys and instances are kept (default: $XDG_DATA_HOME/openimds, or ~/.local/share/openimds).",
	},
	ephemeral: { ...onOff, withNegated: false, brief: "Keep nothing." },
	logLevel: {
		...text,
		placeholder: "LEVEL",
		brief: `How much to log on standard error: ${LOG_LEVELS.join(", ")} (default: info).`,
		proposeCompletions: () => LOG_LEVELS,
	},
	browserGuard: {
		...onOff,
		brief: "Refuse loopback requests that may be a web page's: a Host of some other name, Origin, Sec-Fetch-* (default: on).",
	},
	maxConnections: { ...text, placeholder: "N", brief: "Connections at a time (default: 10000)." },
	maxConnectionsPerCaller: { ...text, placeholder: "N", brief: "Connections at a time from one address (default: 2000)." },
};

export const serve = buildCommand<Flags, [], Context>({
	docs: {
		brief: "Serve instance metadata. The default command.",
		fullDescription: `
Serves the metadata of EC2 instances (IMDSv1 and IMDSv2) until it is told to stop: SIGINT or SIGTERM lets requests under way finish, a second one
does not. It prints a line for each listener, then one that starts with "ready". Each flag is an environment variable, too: --data-dir is OPENIMDS_DATA_DIR.

Examples:
  openimds
  openimds --ephemeral --endpoint-listen 127.0.0.1:0
  openimds serve --config openimds.yaml --watch
  openimds serve --endpoint-listen 169.254.169.254:80=i-1234567890abcdef0`,
	},
	parameters: { flags: FLAGS },
	async loader() {
		const [{ startService }, { untilStopped }] = await Promise.all([import("../../daemon/service.ts"), import("../until-stopped.ts")]);
		return async function (flags) {
			const config = readConfig(flags, { environment: this.process.env, homeDir: homedir(), workingDir: this.process.cwd() });
			await untilStopped(this.process, () => startService(config, (line) => print(this, line)));
		};
	},
});
