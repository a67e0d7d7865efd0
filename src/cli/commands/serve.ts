import { buildCommand, type FlagParametersForType } from "@stricli/core";
import { homedir } from "node:os";
import { type Flags, LOG_LEVELS, readConfig } from "../../config/config.ts";
import { type Context, print } from "../context.ts";

const text = { kind: "parsed", parse: String, optional: true } as const;
const onOff = { kind: "boolean", optional: true } as const;

interface ServeFlags extends Flags {
	readonly dryRun?: boolean;
}

const FLAGS: FlagParametersForType<ServeFlags, Context> = {
	endpointListen: {
		...text,
		variadic: true,
		placeholder: "HOST:PORT[=ID]",
		brief:
			"Where to listen, and for which instance; several times for several. Port 0: any free one. unix:/PATH: a Unix socket. " +
			"=bindings: for whom the instances' endpointBindings tell (default: 127.0.0.1:1338).",
	},
	linkLocal: {
		...onOff,
		withNegated: false,
		brief:
			"Own 169.254.169.254 and fd00:ec2::254, port 80, on the interfaces that instances are bound to; on lo for programs of this machine.",
	},
	linkLocalInterface: { ...text, variadic: true, placeholder: "NAME", brief: "And on this one; several times for several." },
	dryRun: { ...onOff, withNegated: false, brief: "Say where it would listen and what it would change on this machine, and do neither." },
	proxyPeer: {
		...text,
		variadic: true,
		placeholder: "ADDRESS[/N]",
		brief: "Who must say with the PROXY protocol, version 2, for whom he asks, where bindings tell who is asking.",
	},
	config: {
		...text,
		placeholder: "FILE",
		brief: "What to serve: instances, images, roles, … Without it, one instance is made at first start and kept.",
	},
	watch: { ...onOff, withNegated: false, brief: "Apply the file again whenever it changes; SIGHUP does so at any time." },
	user: { ...text, placeholder: "NAME", brief: "Whom to become once the listeners are open, when started as root." },
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
	apiListen: {
		...text,
		placeholder: "HOST:PORT|off",
		brief:
			"Where the control APIs (EC2, IAM, STS, CloudWatch, Lightsail) are asked; every request must be signed (default: 127.0.0.1:1339).",
	},
	launchEndpoint: {
		...text,
		placeholder: "HOST:FIRST-LAST|…",
		brief:
			"Where instances that RunInstances makes are asked: a port each; interface=NAME or bindings: by their private addresses, there " +
			"or wherever bindings count (default: 127.0.0.1:20000-29999).",
	},
	transitionDelayMs: { ...text, placeholder: "MS", brief: "How long a change of state or of options is pending (default: 200)." },
	apiStrict: { ...onOff, withNegated: false, brief: "Refuse what EC2 takes and is likely a mistake: options beside a disabled endpoint." },
	browserGuard: {
		...onOff,
		brief: "Refuse loopback requests that may be a web page's: a Host of some other name, Origin, Sec-Fetch-* (default: on).",
	},
	metrics: { ...onOff, brief: "Count requests by instance and minute, and keep the counts for CloudWatch (default: on)." },
	attribution: { ...onOff, brief: "Look up which programs of this machine call without a token (default: on)." },
	metricsListen: {
		...text,
		placeholder: "HOST:PORT|off",
		brief: "Where Prometheus may ask for /metrics, without a signature: never where instances can (default: off).",
	},
	maxConnections: { ...text, placeholder: "N", brief: "Connections at a time (default: 10000)." },
	maxConnectionsPerCaller: { ...text, placeholder: "N", brief: "Connections at a time of one instance (default: 2000)." },
	requestRate: {
		...text,
		placeholder: "N|ec2",
		brief: "Requests a second of one instance, 503 beyond; ec2: its 1024 packets (default: as many as come).",
	},
};

export const serve = buildCommand<ServeFlags, [], Context>({
	docs: {
		brief: "Serve instance metadata. The default command.",
		fullDescription: `
Serves the metadata of EC2 instances (IMDSv1 and IMDSv2) until it is told to stop: SIGINT or SIGTERM lets requests under way finish, a second one
does not. SIGUSR2 starts it again as it is installed now, and refuses no connection meanwhile. It prints a line for each listener, then one that starts with "ready". Each flag is an environment variable, too: --data-dir is OPENIMDS_DATA_DIR.

Examples:
  openimds
  openimds --ephemeral --endpoint-listen 127.0.0.1:0
  openimds serve --config openimds.yaml --watch
  openimds serve --link-local --dry-run
  openimds serve --config openimds.yaml --link-local`,
	},
	parameters: { flags: FLAGS },
	async loader() {
		const [{ startService }, { untilStopped }] = await Promise.all([import("../../daemon/service.ts"), import("../until-stopped.ts")]);
		return async function (flags) {
			const config = readConfig(flags, { environment: this.process.env, homeDir: homedir(), workingDir: this.process.cwd() });
			if (flags.dryRun === true) {
				const { tellWhatWouldStart } = await import("../../daemon/dry-run.ts");
				return tellWhatWouldStart(config, (line) => print(this, line));
			}
			await untilStopped(this.process, () => startService(config, (line) => print(this, line)));
		};
	},
});
