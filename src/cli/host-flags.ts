// Which instances a host command is about: those of a configuration file, or of the running service.

import { homedir } from "node:os";
import { readConfig } from "../config/config.ts";
import { ServiceClient } from "../daemon/service-client.ts";
import { StartError } from "../daemon/start-error.ts";
import type { BoundInstance } from "../host/bindings.ts";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import { DATA_DIR } from "./flags.ts";

export interface HostFlags {
	readonly config?: string;
	readonly dataDir?: string;
	readonly linkLocalInterface?: readonly string[];
	readonly json?: boolean;
}

const text = { kind: "parsed", parse: String, optional: true } as const;

/** What says which instances are meant. */
export const HOST_FLAGS = {
	config: { ...text, placeholder: "FILE", brief: "The configuration file of the instances (default: those of the running service)." },
	dataDir: DATA_DIR,
	linkLocalInterface: { ...text, variadic: true, placeholder: "NAME", brief: "An interface besides those that instances are bound to." },
} as const;

/** What a host command is about. */
export interface HostSubject {
	readonly instances: readonly BoundInstance[];
	readonly interfaces: readonly string[];
	readonly dataDir: string;
	/** The process of the running service. */
	readonly servicePid: number | undefined;
	/** The flags that say the same again. */
	readonly sameFlags: string;
}

/** @throws {Failure} where nothing tells of instances. */
export async function hostSubject({ process }: Context, { config, dataDir, linkLocalInterface }: HostFlags): Promise<HostSubject> {
	const flags = { ...(config && { config }), ...(dataDir && { dataDir }), ...(linkLocalInterface && { linkLocalInterface }) };
	const settings = readConfig(flags, { environment: process.env, homeDir: homedir(), workingDir: process.cwd() });
	const service = new ServiceClient(settings.dataDir);
	const status = await unlessNoneRuns(service.get("/status"));
	return {
		instances: settings.configFile === undefined ? await servedInstances(service) : await declaredInstances(settings.configFile),
		interfaces: settings.linkLocal?.interfaces ?? [],
		dataDir: settings.dataDir,
		servicePid: status?.pid,
		sameFlags: [
			...(settings.configFile === undefined ? [] : [` --config ${settings.configFile}`]),
			...(dataDir === undefined ? [] : [` --data-dir ${settings.dataDir}`]),
			...(linkLocalInterface ?? []).map((name) => ` --link-local-interface ${name}`),
		].join(""),
	};
}

/** Whether a service runs on a data folder. */
export async function isServed(dataDir: string): Promise<boolean> {
	return (await unlessNoneRuns(new ServiceClient(dataDir).get("/status"))) !== undefined;
}

async function declaredInstances(file: string): Promise<readonly BoundInstance[]> {
	const { planFile } = await import("../config/declaration-file.ts");
	const writes = planFile(file, new Map(), Date.now());
	return writes.flatMap(({ value }) => (value !== undefined && "endpointBindings" in value.record ? [value.record] : []));
}

async function servedInstances(service: ServiceClient): Promise<readonly BoundInstance[]> {
	try {
		const ids = (await service.get("/instances")).map(({ instanceId }) => instanceId);
		const details = await Promise.all(ids.map((id) => service.instance(id)));
		return details.flatMap((detail) => (detail === undefined ? [] : [detail.instance]));
	} catch (error) {
		throw error instanceof StartError ? new Failure(`${error.message} Or name the file that tells of the instances with --config.`) : error;
	}
}

async function unlessNoneRuns<T>(answer: Promise<T>): Promise<T | undefined> {
	try {
		return await answer;
	} catch (error) {
		if (error instanceof StartError) return undefined;
		throw error;
	}
}
