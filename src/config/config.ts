// Flags, environment and defaults in one record. Nothing but Node is loaded here: most starts have no configuration file.

import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { INTERFACE_NAME, INTERFACE_NAME_FORM } from "../model/endpoint-binding.ts";
import { canonicalIp, parseCidr } from "../model/network.ts";
import { clashesOf, LISTEN_FORM, type Listen, parseListen } from "./listen.ts";

/** How the service is to run, but for what it serves. */
export interface Config {
	/** Absolute. Not used with `ephemeral`: such a service has a folder of its own while it runs. */
	readonly dataDir: string;
	/** Keep everything in memory. */
	readonly ephemeral: boolean;
	/** Absolute. */
	readonly configFile?: string;
	/** Apply the configuration file whenever it changes. */
	readonly watch: boolean;
	readonly endpointListen: readonly Listen[];
	/** Nobody said where to listen: the listener is the default one. */
	readonly defaultListener: boolean;
	/** Own EC2's addresses on the interfaces and in the namespaces that instances are bound to, and on these. */
	readonly linkLocal?: { readonly interfaces: readonly string[] };
	/** Addresses and blocks of the peers that speak the PROXY protocol, for others, where bindings tell who is asking. */
	readonly proxyPeers: readonly string[];
	/** Whom to become once what needs root is done. */
	readonly user?: string;
	readonly logLevel: LogLevel;
	/** Where the control APIs are asked; missing: nowhere. */
	readonly apiListen?: { readonly host: string; readonly port: number };
	/** Refuse what EC2 takes and most people would call a mistake. */
	readonly apiStrict: boolean;
	/** Where instances that the APIs launch are asked. */
	readonly launchEndpoint: LaunchEndpoint;
	/** How long a change of an instance's state, or of its options, is under way. */
	readonly transitionDelayMs: number;
	/** Refuse on loopback listeners what may be a web page's request. */
	readonly browserGuard: boolean;
	/** Count requests by instance and minute, and keep the counts. */
	readonly metrics: boolean;
	/** Look up which programs of this machine call without a token. */
	readonly attribution: boolean;
	/** Where Prometheus may ask; missing: nowhere. */
	readonly metricsListen?: { readonly host: string; readonly port: number };
	/** Bounds that differ from the endpoint's own. */
	readonly limits: Limits;
}

/** A listener each, at one of these ports; or by their private addresses, at an interface or at listeners that go by bindings. */
export type LaunchEndpoint =
	| { readonly host: string; readonly firstPort: number; readonly lastPort: number }
	| { readonly boundAt: { readonly interface?: string } };

/** The endpoint's bounds, where somebody chose them. */
interface Limits {
	readonly maxConnections?: number;
	readonly maxConnectionsPerCaller?: number;
	/** Requests a second of each caller, or EC2's bound on packets. */
	readonly requestRate?: number | "ec2";
}

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** What the command line says; what it leaves out, the environment may say. */
export interface Flags {
	readonly dataDir?: string;
	readonly ephemeral?: boolean;
	readonly config?: string;
	readonly watch?: boolean;
	readonly endpointListen?: readonly string[];
	readonly linkLocal?: boolean;
	readonly linkLocalInterface?: readonly string[];
	readonly proxyPeer?: readonly string[];
	readonly user?: string;
	readonly logLevel?: string;
	readonly apiListen?: string;
	readonly apiStrict?: boolean;
	readonly launchEndpoint?: string;
	readonly transitionDelayMs?: string;
	readonly browserGuard?: boolean;
	readonly metrics?: boolean;
	readonly attribution?: boolean;
	readonly metricsListen?: string;
	readonly maxConnections?: string;
	readonly maxConnectionsPerCaller?: string;
	readonly requestRate?: string;
}

/** What a process knows of its surroundings. */
export interface Surroundings {
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly homeDir: string;
	readonly workingDir: string;
}

/** A flag or an environment variable that can't be used. */
export class SettingError extends Error {
	/** `--endpoint-listen` or `OPENIMDS_ENDPOINT_LISTEN`. */
	readonly setting: string;

	constructor(setting: string, message: string) {
		super(`${setting}: ${message}`);
		this.name = "SettingError";
		this.setting = setting;
	}
}

const DEFAULT_LISTEN: Listen = { place: { host: "127.0.0.1", port: 1338 } };
const DEFAULT_API_LISTEN = { host: "127.0.0.1", port: 1339 };
const DEFAULT_LAUNCH_ENDPOINT: LaunchEndpoint = { host: "127.0.0.1", firstPort: 20_000, lastPort: 29_999 };
const COUNT_MAX = 1_000_000;

/** AWS: seconds, as a rule (control-apis.md §1.2: 0–1 s here); long enough to be seen. */
const DEFAULT_TRANSITION_DELAY_MS = 200;
const TRANSITION_DELAY_MAX_MS = 600_000;

/**
 * The configuration of a process; flags win over the environment, which wins over the defaults.
 *
 * @throws {SettingError} for values that are not allowed, and flags that contradict each other.
 */
export function readConfig(flags: Flags, { environment, homeDir, workingDir }: Surroundings): Config {
	const settings = Object.fromEntries(SETTINGS.map((name) => [name, settingOf(name, flags, environment)])) as Record<
		Name,
		Setting | undefined
	>;
	const { dataDir, config, endpointListen, linkLocalInterface } = settings;
	const linkLocal = settings.linkLocal === undefined ? linkLocalInterface !== undefined : readFlag(settings.linkLocal);
	if (!linkLocal && linkLocalInterface !== undefined) {
		throw new SettingError(
			sourceOf(linkLocalInterface),
			`names interfaces for EC2's addresses, but ${sourceOf(settings.linkLocal)} is off`,
		);
	}
	const ephemeral = settings.ephemeral !== undefined && readFlag(settings.ephemeral);
	const watch = settings.watch !== undefined && readFlag(settings.watch);
	if (watch && config === undefined) {
		throw new SettingError(sourceOf(settings.watch), "watches the configuration file, but there is none; add --config FILE");
	}
	if (flags.ephemeral === true && flags.dataDir !== undefined) {
		throw new SettingError("--ephemeral", "keeps nothing, but --data-dir says where to keep it; leave out one of them");
	}
	return Object.freeze({
		dataDir: resolve(workingDir, dataDir?.values[0] ?? defaultDataDir(environment, homeDir)),
		ephemeral,
		...(config === undefined ? {} : { configFile: resolve(workingDir, config.values[0] ?? "") }),
		watch,
		endpointListen: endpointListen === undefined ? [DEFAULT_LISTEN] : readListeners(endpointListen),
		defaultListener: endpointListen === undefined,
		...(linkLocal ? { linkLocal: { interfaces: linkLocalInterface === undefined ? [] : readInterfaces(linkLocalInterface) } } : {}),
		proxyPeers: settings.proxyPeer === undefined ? [] : readPeers(settings.proxyPeer),
		...(settings.user === undefined ? {} : { user: readUser(settings.user) }),
		logLevel: settings.logLevel === undefined ? "info" : readLogLevel(settings.logLevel),
		...(settings.apiListen === undefined ? { apiListen: DEFAULT_API_LISTEN } : placeOrOff("apiListen", settings.apiListen)),
		apiStrict: settings.apiStrict !== undefined && readFlag(settings.apiStrict),
		launchEndpoint: settings.launchEndpoint === undefined ? DEFAULT_LAUNCH_ENDPOINT : readLaunchEndpoint(settings.launchEndpoint),
		transitionDelayMs:
			settings.transitionDelayMs === undefined ? DEFAULT_TRANSITION_DELAY_MS : readTransitionDelay(settings.transitionDelayMs),
		browserGuard: settings.browserGuard === undefined || readFlag(settings.browserGuard),
		metrics: settings.metrics === undefined || readFlag(settings.metrics),
		attribution: settings.attribution === undefined || readFlag(settings.attribution),
		...(settings.metricsListen === undefined ? {} : placeOrOff("metricsListen", settings.metricsListen)),
		limits: {
			...(settings.maxConnections && { maxConnections: readCount(settings.maxConnections) }),
			...(settings.maxConnectionsPerCaller && { maxConnectionsPerCaller: readCount(settings.maxConnectionsPerCaller) }),
			...(settings.requestRate && { requestRate: readRate(settings.requestRate) }),
		},
	});
}

/** By the XDG Base Directory Specification, which says that a relative XDG_DATA_HOME is to be ignored. */
function defaultDataDir(environment: Surroundings["environment"], homeDir: string): string {
	const xdg = environment["XDG_DATA_HOME"];
	return join(xdg?.startsWith("/") ? xdg : join(homeDir, ".local", "share"), "openimds");
}

/**
 * The settings, each a flag `--data-dir` and a variable `OPENIMDS_DATA_DIR`. No name begins with PORT or SERVICE: Kubernetes sets
 * variables such as OPENIMDS_PORT and OPENIMDS_SERVICE_HOST where a service is called openimds. For the same reason unknown ones are let be.
 */
const SETTINGS = [
	"dataDir",
	"ephemeral",
	"config",
	"watch",
	"endpointListen",
	"linkLocal",
	"linkLocalInterface",
	"proxyPeer",
	"user",
	"logLevel",
	"apiListen",
	"apiStrict",
	"launchEndpoint",
	"transitionDelayMs",
	"browserGuard",
	"metrics",
	"attribution",
	"metricsListen",
	"maxConnections",
	"maxConnectionsPerCaller",
	"requestRate",
] as const satisfies readonly (keyof Flags)[];

type Name = (typeof SETTINGS)[number];

/** Those that can be given several times; a variable has commas between them. */
const LISTS: readonly Name[] = ["endpointListen", "linkLocalInterface", "proxyPeer"];

interface Setting {
	readonly source: string;
	readonly values: readonly string[];
}

function settingOf(name: Name, flags: Flags, environment: Surroundings["environment"]): Setting | undefined {
	const words = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
	const flag = flags[name];
	const values = flag === undefined ? [] : [flag].flat().map(String);
	if (values.length > 0) return nonEmpty({ source: `--${words}`, values });
	const variable = `OPENIMDS_${words.toUpperCase().replaceAll("-", "_")}`;
	const value = environment[variable];
	if (value === undefined || value === "") return undefined;
	return { source: variable, values: LISTS.includes(name) ? value.split(",").map((each) => each.trim()) : [value] };
}

function nonEmpty(setting: Setting): Setting {
	if (setting.values.includes("")) throw new SettingError(setting.source, "is empty; give it a value or leave it out");
	return setting;
}

function sourceOf(setting: Setting | undefined): string {
	return setting?.source ?? "";
}

function readListeners({ source, values }: Setting): readonly Listen[] {
	const listeners = values.map((value) => {
		const listen = parseListen(value);
		if (listen === undefined) {
			throw new SettingError(
				source,
				`${JSON.stringify(value)} is not allowed; allowed: ${LISTEN_FORM}; then, if you like, =INSTANCE_ID or =bindings`,
			);
		}
		return listen;
	});
	for (const { at, earlier } of clashesOf(listeners.map(({ place }) => place))) {
		throw new SettingError(source, `${values[at]} is taken by ${values[earlier]}; allowed: another port, or 0 for any`);
	}
	return listeners;
}

function placeOrOff(name: "apiListen" | "metricsListen", { source, values: [value = ""] }: Setting): Pick<Config, typeof name> {
	if (value === "off") return {};
	const listen = parseListen(value);
	if (listen !== undefined && "host" in listen.place && listen.whose === undefined) return { [name]: listen.place };
	throw new SettingError(source, `${JSON.stringify(value)} is not allowed; allowed: HOST:PORT with an IP address or localhost, or off`);
}

function readLaunchEndpoint({ source, values: [value = ""] }: Setting): LaunchEndpoint {
	if (value === "bindings") return { boundAt: {} };
	const [, name = ""] = /^interface=(.*)$/.exec(value) ?? [];
	if (INTERFACE_NAME.test(name)) return { boundAt: { interface: name } };
	const [, first = "", lastPort = "0"] = /^(.*:\d+)-(\d{1,5})$/.exec(value) ?? [];
	const { place } = parseListen(first) ?? {};
	if (place !== undefined && "host" in place && place.port > 0 && place.port <= Number(lastPort) && Number(lastPort) <= 65_535) {
		return { host: place.host, firstPort: place.port, lastPort: Number(lastPort) };
	}
	throw new SettingError(
		source,
		`${JSON.stringify(value)} is not allowed; allowed: HOST:FIRST-LAST, such as 127.0.0.1:20000-29999, bindings, or interface=NAME`,
	);
}

function readTransitionDelay({ source, values: [value = ""] }: Setting): number {
	const delayMs = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
	if (delayMs <= TRANSITION_DELAY_MAX_MS) return delayMs;
	throw new SettingError(
		source,
		`${JSON.stringify(value)} is not allowed; allowed: a whole number of milliseconds from 0 to ${TRANSITION_DELAY_MAX_MS}`,
	);
}

function readInterfaces({ source, values }: Setting): readonly string[] {
	for (const value of values) {
		if (INTERFACE_NAME.test(value)) continue;
		throw new SettingError(source, `${JSON.stringify(value)} is not allowed; allowed: ${INTERFACE_NAME_FORM}`);
	}
	return [...new Set(values)];
}

function readPeers({ source, values }: Setting): readonly string[] {
	return values.map((value) => {
		if (isIP(value) !== 0 || parseCidr(value) !== undefined) return canonicalIp(value);
		throw new SettingError(source, `${JSON.stringify(value)} is not allowed; allowed: an IP address, or a block such as 10.0.0.0/24`);
	});
}

function readUser({ source, values: [value = ""] }: Setting): string {
	if (/^[a-z_][0-9a-z_-]{0,31}\$?$/.test(value)) return value;
	throw new SettingError(source, `${JSON.stringify(value)} is not allowed; allowed: the name of a user`);
}

function readRate(setting: Setting): number | "ec2" {
	return setting.values[0] === "ec2" ? "ec2" : readCount(setting, "ec2, or ");
}

function readFlag({ source, values: [value = ""] }: Setting): boolean {
	if (!["true", "false", "1", "0"].includes(value)) {
		throw new SettingError(source, `${JSON.stringify(value)} is not allowed; allowed: true, false, 1, 0`);
	}
	return value === "true" || value === "1";
}

function readLogLevel({ source, values: [value = ""] }: Setting): LogLevel {
	const level = LOG_LEVELS.find((each) => each === value);
	if (level === undefined) throw new SettingError(source, `${JSON.stringify(value)} is not allowed; allowed: ${LOG_LEVELS.join(", ")}`);
	return level;
}

function readCount({ source, values: [value = ""] }: Setting, orElse = ""): number {
	const count = /^\d{1,7}$/.test(value) ? Number(value) : 0;
	if (count < 1 || count > COUNT_MAX) {
		throw new SettingError(source, `${JSON.stringify(value)} is not allowed; allowed: ${orElse}a whole number from 1 to ${COUNT_MAX}`);
	}
	return count;
}
