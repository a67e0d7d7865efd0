// The only file that knows every room: it puts the service together, and takes it apart.

import type { Server } from "node:http";
import { BlockList, isIPv6, type Server as NetServer } from "node:net";
import type { Config } from "../config/config.ts";
import type { FirstStartChoices } from "../config/first-start.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { DEFAULT_LIMITS, EC2_PACKET_RATE, type Limits, requestsPerSecond } from "../endpoint/limits.ts";
import { serviceRecordOf } from "../host/host-record.ts";
import { CredentialIssuer } from "../identity/role-credentials.ts";
import { openHopLimit } from "../linux/hop-limit.ts";
import { bequeath, takeInheritedSockets } from "../linux/inherited-sockets.ts";
import { loadLibc } from "../linux/libc.ts";
import { notify } from "../linux/notify.ts";
import type { Instance } from "../model/instance.ts";
import { Exposition } from "../observe/prometheus.ts";
import { Replica } from "../replica/replica.ts";
import type { Tenant } from "../replica/tenant.ts";
import { type Store, StoreError } from "../store/port.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { TokenAuthority } from "../token/token-authority.ts";
import { type Api, openApi } from "./api.ts";
import { type Planner, plannerOfFile, planFirstStart, watchFile } from "./configuration-source.ts";
import { ApiCounts } from "./api-counts.ts";
import { answerControl } from "./control-answers.ts";
import { openControlSocket } from "./control-socket.ts";
import { type DataFolder, openDataFolder, openEphemeralFolder } from "./data-folder.ts";
import { exposed } from "./exposed.ts";
import { Listeners, type ListenerStatus } from "./listeners.ts";
import { type Log, openLog } from "./log.ts";
import { listenForMetrics, type MetricsServer } from "./metrics-server.ts";
import { Observation } from "./observation.ts";
import { OwnAddresses } from "./own-addresses.ts";
import { checkUser, dropPrivileges } from "./privileges.ts";
import { carryOut, hasAny, readRecords } from "./records.ts";
import { loadOrMakeSecrets } from "./secrets.ts";
import { StartError } from "./start-error.ts";
import { askedOf, wantedListeners, wishOf } from "./wanted-listeners.ts";

/** How long requests under way may take once the service is asked to stop. */
const DRAIN_MS = 5_000;

/** A running service. */
export interface Service {
	/** Resolves once the service has stopped; rejects if it had to. */
	readonly stopped: Promise<void>;
	/** Where commands reach it. */
	readonly dataDir: string;
	/** Lets requests under way finish, then closes everything. */
	stop(): Promise<void>;
	/**
	 * Answers at a server that listens already, for programs of this machine.
	 *
	 * @param instanceId default: the only instance.
	 */
	adopt(server: NetServer, instanceId?: string): void;
	/**
	 * Replaces this program by itself, as it is installed now, under the same process id: requests under way are finished, and
	 * whoever connects meanwhile waits. Where it can't be done, nothing is, and the log says why.
	 */
	restart(): Promise<void>;
	/** Applies what changed in the configuration file. A bad file changes nothing, and the log says why. */
	reload(): Promise<void>;
}

/**
 * Starts the service.
 *
 * @param print called with each line for people: a line per listener, then one that starts with `ready`.
 * @param choices what the instance of a first start has otherwise.
 * @throws {StartError} or {ConfigurationError} with sentences for the user.
 */
export async function startService(config: Config, print: (line: string) => void, choices?: FirstStartChoices): Promise<Service> {
	const folder = await (config.ephemeral ? openEphemeralFolder() : openDataFolder(config.dataDir));
	const opened: Opened = { folder };
	try {
		return await assemble(config, { opened, print, choices });
	} catch (error) {
		await takeApart(opened);
		throw error instanceof StoreError ? new StartError(error.message, { cause: error }) : error;
	}
}

/** What has been opened so far, and must be closed. */
interface Opened {
	readonly folder: DataFolder;
	log?: Log;
	store?: Store;
	replica?: Replica;
	observation?: Observation;
	endpoint?: Endpoint;
	listeners?: Listeners;
	ownAddresses?: OwnAddresses;
	control?: Server;
	api?: Api;
	metricsServer?: MetricsServer;
	stopWatching?: () => void;
}

/** What a start is given beside its configuration. */
interface Start {
	readonly opened: Opened;
	readonly print: (line: string) => void;
	readonly choices: FirstStartChoices | undefined;
}

async function assemble(config: Config, { opened, print, choices }: Start): Promise<Service> {
	const { folder } = opened;
	checkUser(config.user);
	// Keys are made on other threads meanwhile; that takes longest at the first start.
	const secretsMade = loadOrMakeSecrets(folder.path);
	secretsMade.catch(() => {}); // Awaited below; a store that is locked is told first.
	const store = (opened.store = await openSqliteStore({ path: folder.storePath }));
	const log = (opened.log = openLog(config.logLevel));
	const inherited = takeInheritedSockets(process.env, process.pid);
	const { tokenSecret, issuerSecret, apiSecret, identityKeys } = await secretsMade;
	for (const refusal of identityKeys.refusals) log.warn(refusal);
	const libc = loadLibc();
	if (config.linkLocal !== undefined && "reason" in libc) {
		throw new StartError(`--link-local needs sockets bound to interfaces, which can't be had: ${libc.reason}.`);
	}
	const hopLimit = openHopLimit();
	if ("reason" in hopLimit) {
		log.warn(`The hop limit is OFF: ${hopLimit.reason}. Tokens travel as far as their packets do; "openimds host check" tells more.`);
	}

	if (config.configFile !== undefined) await carryOut(store, checked(config, await plannerOfFile(config.configFile)));
	else if (!(await hasAny(store, "instance")))
		await carryOut(
			store,
			checked(config, (records) => planFirstStart(records, choices)),
		);
	const issuer = new CredentialIssuer(issuerSecret);
	const replica = (opened.replica = new Replica({ identityKeys, issuer }));
	const observation = config.metrics
		? (opened.observation = new Observation({ folder: folder.path, attribution: config.attribution, log }))
		: undefined;
	replica.onMode((instanceId, mode) => observation?.noteMode(instanceId, mode));
	const { promise: stopped, resolve: hasStopped, reject: hasFailed } = Promise.withResolvers<void>();
	stopped.catch(() => {}); // Whoever holds the service may look at it later.
	await replica.follow(store, hasFailed);

	const endpoint = (opened.endpoint = new Endpoint({
		authority: new TokenAuthority(tokenSecret),
		limits: limitsOf(config),
		webPageGuard: config.browserGuard,
		...(observation && { observer: observation.observer }),
		...("limitHops" in hopLimit ? hopLimit : {}),
	}));
	const ownAddresses = (opened.ownAddresses = new OwnAddresses(serviceRecordOf(folder.path)));
	const listeners = (opened.listeners = new Listeners({
		endpoint,
		replica,
		ownAddresses,
		inherited,
		asked: askedOf(config),
		...(config.proxyPeers.length > 0 ? { proxies: blockList(config.proxyPeers) } : {}),
		warn: (sentence) => log.warn(sentence),
		note: (sentence) => log.info(sentence),
	}));
	await listeners.reconcile();
	const inStep = keepInStep(replica, listeners, log);
	if (config.linkLocal !== undefined) listeners.followPlaces((error) => log.error(messageOf(error)));
	const apiCounts = new ApiCounts();
	const api = (opened.api = await openApi({
		config,
		store,
		issuer,
		secret: apiSecret,
		log,
		accountId: () => replica.account.accountId,
		async published() {
			await replica.caughtUp(await store.revision());
			await inStep();
		},
		underWay: underWay(replica),
		answered: (request) => apiCounts.note(request),
		...(observation && { metrics: observation.metrics, calls: observation.calls }),
	}));
	const startedAtMs = Date.now();
	if (config.metricsListen !== undefined) {
		if (observation === undefined)
			throw new StartError("--metrics-listen tells what is counted, but --no-metrics counts nothing; leave out one of them.");
		const { counts, latency } = observation.observer;
		// The replica may have passed by the time that the store has answered.
		const storeLag = async () => Math.max(0, Number((await store.revision()) - replica.revision));
		const sources = { endpoint, counts, replica, listeners, issuer, api: apiCounts, storeLag, startedAtMs };
		const exposition = new Exposition(exposed(sources), latency);
		opened.metricsServer = await listenForMetrics(config.metricsListen, exposition, (error) =>
			log.error({ err: error }, "metrics could not be told"),
		);
	}
	const metricsAddress = opened.metricsServer?.address;
	const apiFacts = {
		rootKey: api.rootKey,
		...(api.address !== undefined && { apiAddress: api.address }),
		...(metricsAddress !== undefined && { metricsAddress }),
	};
	const hopLimitReason = "reason" in hopLimit ? { hopLimitReason: hopLimit.reason } : {};
	const facts = {
		replica,
		endpoint,
		observation,
		listeners,
		identityKeys,
		dataDir: folder.path,
		startedAtMs,
		...apiFacts,
		...hopLimitReason,
	};
	opened.control = await openControlSocket(folder.socketPath, {
		tell: (path) => answerControl(path, facts),
		perform: (operation, input) => api.performTrusted(operation, input),
	});

	const reload = reloader(config, { store, replica, listeners, log });
	if (config.watch && config.configFile !== undefined) {
		const watcher = watchFile(
			config.configFile,
			() => void reload(),
			(error) => log.error({ file: config.configFile, reason: error.message }, "the configuration file is no longer watched"),
		);
		opened.stopWatching = () => watcher.close();
	}
	for (const listener of listeners.status()) print(`listening  ${printListener(listener)}`);
	if (api.address !== undefined) print(`listening  http://${api.address}  for the control APIs`);
	if (metricsAddress !== undefined) print(`listening  http://${metricsAddress}/metrics  for Prometheus`);
	dropPrivileges(config.user, folder.path);
	const notifySocket = process.env["NOTIFY_SOCKET"];
	let ending: "for good" | "to start again" | undefined;
	notify(notifySocket, "READY=1");
	observation?.begin();
	print(`ready      ${count(replica.size, "instance")}, data folder ${folder.path}`);
	return {
		stopped,
		dataDir: folder.path,
		reload,
		adopt(server, instanceId) {
			const callerOf = () => (instanceId === undefined ? onlyTenant(replica) : replica.tenant(instanceId));
			endpoint.adopt(server, { callerOf, onThisMachine: true });
		},
		async stop() {
			ending = "for good";
			notify(notifySocket, "STOPPING=1");
			await takeApart(opened);
			hasStopped();
		},
		async restart() {
			if (ending !== undefined) return;
			let heirlooms: Record<string, string | undefined>;
			try {
				if (config.ephemeral) throw new StartError("an ephemeral service keeps nothing that it could start again with");
				// What would keep the new one from starting must keep the old one running.
				if (config.configFile !== undefined) checked(config, await plannerOfFile(config.configFile))(await readRecords(store));
				await listeners.settled();
				heirlooms = bequeath(listeners.sockets);
			} catch (error) {
				return log.error({ reason: messageOf(error) }, "not restarted");
			}
			if (ending !== undefined) return;
			ending = "to start again";
			log.info("restarting");
			await takeApart(opened, ending);
			if (ending !== "to start again") return; // Told to stop meanwhile.
			const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
			process.execve?.(process.execPath, argv, { ...process.env, ...heirlooms });
		},
	};
}

/** Plans, and refuses what would leave a listener without an owner. */
function checked(config: Config, planner: Planner): Planner {
	return (records) => {
		const writes = planner(records);
		const after = new Map(records);
		for (const { key, value } of writes) {
			if (value === undefined) after.delete(key);
			else after.set(key, value);
		}
		const instances = [...after].flatMap(([key, { record }]) => (key.startsWith("instance/") ? [record as Instance] : []));
		const { problems } = wantedListeners(askedOf(config), instances.map(wishOf));
		if (problems.length > 0) throw new StartError(problems.join("\n"));
		return writes;
	};
}

function onlyTenant(replica: Replica): Tenant | undefined {
	const [first, second] = replica.tenants();
	return second === undefined ? first && replica.tenant(first.instanceId) : undefined;
}

function limitsOf({ limits: { requestRate, ...limits } }: Config): Limits {
	if (requestRate === undefined) return { ...DEFAULT_LIMITS, ...limits };
	return { ...DEFAULT_LIMITS, ...limits, requestRate: requestRate === "ec2" ? EC2_PACKET_RATE : requestsPerSecond(requestRate) };
}

function blockList(peers: readonly string[]): BlockList {
	const list = new BlockList();
	for (const peer of peers) {
		const [address = "", prefixLength] = peer.split("/");
		const family = isIPv6(address) ? "ipv6" : "ipv4";
		if (prefixLength === undefined) list.addAddress(address, family);
		else list.addSubnet(address, Number(prefixLength), family);
	}
	return list;
}

/** One reload at a time; a signal that comes meanwhile has its turn. */
function reloader(
	config: Config,
	{ store, replica, listeners, log }: { store: Store; replica: Replica; listeners: Listeners; log: Log },
): () => Promise<void> {
	let last = Promise.resolve();
	const reload = async () => {
		if (config.configFile === undefined) return log.warn("nothing to reload: the service was started without --config");
		try {
			const changes = await carryOut(store, checked(config, await plannerOfFile(config.configFile)));
			await replica.caughtUp(await store.revision());
			await listeners.reconcile().catch(() => {}); // keepInStep's own attempt tells what can't be had
			log.info({ file: config.configFile, changes }, "configuration applied");
		} catch (error) {
			log.error(
				{ file: config.configFile, reason: error instanceof Error ? error.message : String(error) },
				"configuration refused, nothing changed",
			);
		}
	};
	return () => (last = last.then(reload));
}

/** Opens and closes listeners once for all the changes of one moment. What it answers resolves once that is done for all so far. */
function keepInStep(replica: Replica, listeners: Listeners, log: Log): () => Promise<void> {
	let due = false;
	let last = Promise.resolve();
	replica.onChange(() => {
		if (due) return;
		due = true;
		last = new Promise((resolve) => setImmediate(resolve)).then(() => {
			due = false;
			return listeners.reconcile().catch((error: unknown) => log.error(messageOf(error)));
		});
	});
	return () => last;
}

function underWay(replica: Replica): readonly Instance[] {
	return [...replica.tenants()].filter((tenant) => tenant.underWay).map(({ instance }) => instance);
}

async function takeApart(
	{ folder, log, store, replica, observation, endpoint, listeners, ownAddresses, control, api, metricsServer, stopWatching }: Opened,
	why: "for good" | "to start again" = "for good",
): Promise<void> {
	// First what could still open a listener.
	stopWatching?.();
	metricsServer?.close();
	await api?.close(DRAIN_MS);
	replica?.stop();
	await listeners?.stop();
	await endpoint?.drain(DRAIN_MS);
	await observation?.close();
	if (why === "for good") {
		await listeners?.cleanUp();
		for (const sentence of (await ownAddresses?.leave()) ?? []) log?.warn(sentence);
	}
	control?.close();
	control?.closeAllConnections();
	await store?.close();
	await folder.dispose();
}

function printListener({ address, place, instanceId }: ListenerStatus): string {
	const url = address.startsWith("unix:") ? address : `http://${address}`;
	return `${url}${place === undefined ? "" : ` at ${place}`}  ${instanceId === undefined ? "by binding" : `as ${instanceId}`}`;
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function count(n: number, noun: string): string {
	return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
