// The instance that a program is put on: one of the running service, or of a service that lives as long as the program does.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { homedir } from "node:os";
import { type Config, readConfig } from "../config/config.ts";
import type { ServiceStatus } from "../daemon/control-messages.ts";
import { ServiceClient } from "../daemon/service-client.ts";
import { type Context, note } from "./context.ts";
import { Failure, UsageError } from "./failure.ts";
import { listed } from "./nearest.ts";
import { connectionTo, isConnectable, listenerOf, noInstance, runningService, urlOf } from "./running-service.ts";

/** What the command line says of the instance. */
export interface SourceFlags {
	readonly instance?: string;
	readonly ephemeral?: boolean;
	readonly config?: string;
	readonly role?: string;
	readonly httpTokens?: "optional" | "required";
	readonly dataDir?: string;
}

/** Where a program's metadata come from. */
export interface InstanceSource {
	readonly region: string;
	/** The URL of the endpoint, as a program on this machine reaches it. */
	url(): Promise<string>;
	/** Answers at servers that listen already, and nobody else takes connections of. */
	answerAt(servers: readonly Server[]): Promise<void>;
	/** Ends what was started. */
	stop(): Promise<void>;
}

/**
 * The running service's instance; that of a service of our own where flags ask for one, or none runs.
 *
 * @throws {UsageError}, {Failure} or {StartError} with a sentence for the user.
 */
export async function openInstanceSource(context: Context, flags: SourceFlags): Promise<InstanceSource> {
	const asksForOwn = [flags.ephemeral, flags.config, flags.role, flags.httpTokens].some((flag) => flag !== undefined);
	if (asksForOwn) return ofOwnService(context, flags);
	const client = runningService(context, flags.dataDir);
	// Who names an instance means that of a service, and is told when there is none.
	const status = flags.instance === undefined ? await statusIfRunning(client) : await client.get("/status");
	return status === undefined ? ofOwnService(context, flags) : ofRunningService(context, client, { ...flags, ...status });
}

async function statusIfRunning(client: ServiceClient): Promise<ServiceStatus | undefined> {
	try {
		return await client.get("/status");
	} catch (error) {
		const { code = "" } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
		if (["ENOENT", "ECONNREFUSED"].includes(code)) return undefined;
		throw error;
	}
}

function ofRunningService(
	context: Context,
	client: ServiceClient,
	{ instance, region }: Pick<ServiceStatus, "region"> & Pick<SourceFlags, "instance">,
): InstanceSource {
	return {
		region,
		async url() {
			return urlOf((await listenerOf(client, instance)).address);
		},
		async answerAt(servers) {
			const { address, instanceId = "" } = await listenerOf(client, instance, isConnectable);
			const { relay } = await import("../isolation/relay.ts");
			const problem = relay(servers, {
				address: connectionTo(address),
				options: async () => (await client.instance(instanceId))?.instance.appliedMetadataOptions,
			});
			if (problem !== undefined) note(context, `The hop limit is OFF inside: ${problem}.`);
		},
		async stop() {},
	};
}

async function ofOwnService(context: Context, flags: SourceFlags): Promise<InstanceSource> {
	const config = ownConfig(context, flags);
	const { startService } = await import("../daemon/service.ts");
	const service = await startService(config, () => {}, {
		...(flags.role === undefined ? {} : { roleName: flags.role }),
		// So that both of EC2's addresses answer.
		metadataOptions: { httpProtocolIpv6: "enabled", ...(flags.httpTokens === undefined ? {} : { httpTokens: flags.httpTokens }) },
	});
	try {
		const client = new ServiceClient(service.dataDir);
		const instanceId = await chosenOf(client, flags.instance);
		const { region } = await client.get("/status");
		return {
			region,
			async url() {
				const server = createServer().listen(0, "127.0.0.1");
				await once(server, "listening");
				service.adopt(server, instanceId);
				return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
			},
			async answerAt(servers) {
				for (const server of servers) service.adopt(server, instanceId);
			},
			stop: () => service.stop(),
		};
	} catch (error) {
		await service.stop();
		throw error;
	}
}

/** How the service runs: it says nothing unless something is wrong, and listens where instances of a file say. */
function ownConfig({ process: { env: environment, cwd } }: Context, { instance, config: file, role, httpTokens }: SourceFlags): Config {
	const {
		linkLocal: _,
		apiListen: __,
		metricsListen: ___,
		...config
	} = readConfig(
		{
			ephemeral: true,
			...(file === undefined ? {} : { config: file }),
			...(environment["OPENIMDS_LOG_LEVEL"] ? {} : { logLevel: "warn" }),
		},
		{ environment, homeDir: homedir(), workingDir: cwd() },
	);
	if (config.configFile === undefined && instance !== undefined) {
		throw new UsageError("--instance names one of a running service, or of --config FILE: there is but one instance without.");
	}
	if (config.configFile !== undefined && (role ?? httpTokens) !== undefined) {
		const flag = role === undefined ? "--http-tokens" : "--role";
		throw new UsageError(`${flag} is for the instance that there is without a configuration file; write it into ${config.configFile}.`);
	}
	// Nobody asks it for counts, and its threads would take longer to start than most programs to end.
	return { ...config, endpointListen: [], metrics: false };
}

async function chosenOf(client: ServiceClient, wanted: string | undefined): Promise<string> {
	const ids = (await client.get("/instances")).map(({ instanceId }) => instanceId);
	if (wanted !== undefined && !ids.includes(wanted)) throw noInstance(wanted, ids);
	const [only] = wanted === undefined && ids.length === 1 ? ids : [wanted];
	if (only !== undefined) return only;
	throw new Failure(`${ids.length} instances could be meant. Say which with --instance: ${listed(ids)}.`);
}
