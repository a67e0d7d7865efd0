import { rm } from "node:fs/promises";
import type { BlockList } from "node:net";
import { networkInterfaces } from "node:os";
import { type Place, printPlace } from "../config/listen.ts";
import type { Endpoint, ListenAt, OpenListener } from "../endpoint/endpoint.ts";
import type { Entrance } from "../endpoint/entrance.ts";
import { closeInherited, type InheritedSocket } from "../linux/inherited-sockets.ts";
import { loadLibc } from "../linux/libc.ts";
import { openListeningSocket } from "../linux/listening-socket.ts";
import { type EntrancePlace, placeName } from "../model/endpoint-binding.ts";
import type { Replica } from "../replica/replica.ts";
import type { OwnAddresses } from "./own-addresses.ts";
import { placeIdentity } from "./place-identity.ts";
import { StartError } from "./start-error.ts";
import { type Asked, LOOPBACK_INTERFACE, type WantedListener, wantedListeners, type Whose } from "./wanted-listeners.ts";
import { clearTheWay } from "./unix-socket.ts";

/** A listener as people are shown it. */
export interface ListenerStatus {
	/** `HOST:PORT` as bound, or `unix:PATH`. */
	readonly address: string;
	/** `interface tap0`, `namespace /run/netns/a`, where it is bound to one. */
	readonly place?: string;
	/** Missing: for whoever is bound to where a connection comes from. */
	readonly instanceId?: string;
}

interface Opened {
	readonly wanted: WantedListener;
	/** Which of the interfaces that have had this name, likewise namespaces; "" for neither. */
	readonly identity: string;
	readonly listener: OpenListener;
	whose: Whose;
}

/** What listeners are made with. */
export interface ListenersOptions {
	readonly endpoint: Endpoint;
	readonly replica: Replica;
	readonly asked: Asked;
	readonly ownAddresses: OwnAddresses;
	/** Sockets that listened before this process did. */
	readonly inherited?: readonly InheritedSocket[];
	readonly proxies?: BlockList;
	/** Told of what is no failure of the whole: a listener that has to wait. */
	readonly warn?: (sentence: string) => void;
	/** Told of what is changed on this machine. */
	readonly note?: (sentence: string) => void;
}

/** How often interfaces and namespaces are looked for: a machine that starts takes longer to ask. */
const LOOK_MS = 1000;

/** The open listeners, kept in step with what flags and instances ask for, and with the interfaces that there are. */
export class Listeners {
	readonly #options: ListenersOptions;
	readonly #opened = new Map<string, Opened>();
	#wanted: readonly WantedListener[] = [];
	/** The places that are waited for. */
	#missing: ReadonlySet<string> = new Set();
	/** What could not be opened at a place that is there: to try again each second would help nobody. */
	readonly #refused = new Set<string>();
	/** The interface where an address was last. */
	readonly #interfaceOf = new Map<string, string>();
	/** Whose address has gone from its interface. */
	readonly #lost = new Set<string>();
	/** Those that no listener has taken yet. */
	#inherited: readonly InheritedSocket[];
	#problems: readonly string[] = [];
	#last: Promise<void> = Promise.resolve();
	#look: NodeJS.Timeout | undefined;

	constructor(options: ListenersOptions) {
		this.#options = options;
		this.#inherited = [...(options.inherited ?? [])];
	}

	/**
	 * Opens what is wanted and not open yet, closes what is no longer wanted; one time after the other, since opening takes
	 * its time, and what is being opened must not be opened twice.
	 *
	 * @throws {StartError} when a listener can't be bound, or it is not clear whose it is; the others are as they should be.
	 */
	reconcile(): Promise<void> {
		const inTurn = () => this.#reconcile();
		this.#last = this.#last.then(inTurn, inTurn);
		return this.#last;
	}

	/** Reconciles whenever an interface or a namespace comes or goes, until {@link stop}. `failed` is told of what can't be had. */
	followPlaces(failed: (error: unknown) => void): void {
		this.#look = setInterval(() => void this.#reconcileIfPlacesChanged().catch(failed), LOOK_MS).unref();
	}

	/** Sentences on what could not be had the last time. */
	get problems(): readonly string[] {
		return this.#problems;
	}

	/** The sockets that listen, for the program that replaces this one. */
	get sockets(): ReadonlyMap<string, number> {
		return new Map([...this.#opened].map(([name, { listener, identity }]) => [heirName(name, identity), listener.fd]));
	}

	/** Resolves once nothing is being opened or closed. */
	async settled(): Promise<void> {
		await this.#last.catch(() => {}); // Whoever asked for it was told.
	}

	/** Opens and closes nothing any more. */
	async stop(): Promise<void> {
		clearInterval(this.#look);
		await this.settled();
	}

	/** Removes what listeners leave behind, once they are closed for good. */
	async cleanUp(): Promise<void> {
		for (const { wanted } of this.#opened.values()) await removeUnixSocket(wanted.listen);
	}

	/** What is open now. */
	status(): readonly ListenerStatus[] {
		return [...this.#opened.values()].map(({ wanted: { listen, place }, listener, whose }) => {
			const name = place && placeName(place);
			return {
				address: printPlace("path" in listen ? listen : { host: listen.host, port: listener.port }),
				...(name === undefined ? {} : { place: name }),
				...("instanceId" in whose ? whose : {}),
			};
		});
	}

	/** The places where nothing listens, because they are not there. */
	get missing(): readonly string[] {
		return [...this.#missing];
	}

	async #reconcileIfPlacesChanged(): Promise<void> {
		const interfaces = networkInterfaces();
		for (const one of this.#wanted) {
			const { place, name, listen } = one;
			if (this.#refused.has(name)) continue;
			const identity = await placeIdentity(place ?? this.#guestInterfaceOf(one) ?? {});
			if (identity !== this.#opened.get(name)?.identity) return this.reconcile();
			if (place === undefined) continue;
			// A link that goes down loses its IPv6 addresses; one that is down now is not among these.
			const addresses = interfaces[place.interface ?? ""];
			const lost = addresses !== undefined && "host" in listen && !addresses.some(({ address }) => address === listen.host);
			if (lost && !this.#lost.has(name)) {
				this.#lost.add(name); // Tried once: who took it away may do so again.
				return this.reconcile();
			}
			if (!lost) this.#lost.delete(name);
		}
	}

	async #reconcile(): Promise<void> {
		const { asked, replica } = this.#options;
		const { wanted, problems: unclear } = wantedListeners(asked, [...replica.tenants()]);
		this.#wanted = wanted;
		const problems = [...unclear];
		const missing = new Set<string>();
		const here = new Map<string, string>();
		for (const one of wanted) {
			const { place } = one;
			const identity = await placeIdentity(place ?? this.#guestInterfaceOf(one) ?? {});
			if (identity !== undefined) here.set(one.name, identity);
			else if (place !== undefined) missing.add(placeName(place) ?? "");
		}
		for (const [name, { listener, identity, wanted: before }] of this.#opened) {
			if (here.get(name) === identity) continue;
			listener.close();
			this.#opened.delete(name);
			await removeUnixSocket(before.listen);
		}
		this.#refused.clear();
		const places = wanted.filter(({ name }) => here.has(name)).flatMap(({ place }) => place ?? []);
		for (const change of await this.#options.ownAddresses.settle(places)) this.#options.note?.(`changed on this machine: ${change}`);
		for (const one of wanted) {
			const identity = here.get(one.name);
			const opened = this.#opened.get(one.name);
			if (opened !== undefined) opened.whose = one.whose;
			else if (identity !== undefined) {
				const problem = await this.#open(one, identity);
				if (problem !== undefined) problems.push(problem);
			}
		}
		this.#tellMissing(missing);
		for (const socket of this.#inherited) {
			this.#options.warn?.(`Nothing is to listen on ${printPlace(socket.place)}, a socket that this process was given: it is closed.`);
			closeInherited(socket);
		}
		this.#inherited = [];
		this.#problems = [...new Set(problems)];
		if (problems.length > 0) throw new StartError(this.#problems.join("\n"));
	}

	#tellMissing(missing: ReadonlySet<string>): void {
		for (const place of missing) {
			if (!this.#missing.has(place)) this.#options.warn?.(`There is no ${place} (yet): nothing listens there until there is.`);
		}
		this.#missing = missing;
	}

	/** Opens a listener; answers what kept it from that. */
	async #open(wanted: WantedListener, identity: string): Promise<string | undefined> {
		const { listen, place, name, whose } = wanted;
		try {
			if (place !== undefined && !("path" in listen)) {
				const refusal = this.#options.ownAddresses.problemOf(place, listen.host);
				if (refusal !== undefined) {
					this.#refused.add(name);
					if (refusal.fatal) return refusal.sentence;
					this.#options.warn?.(refusal.sentence);
					return undefined;
				}
			}
			const opened: { whose: Whose; listener?: OpenListener } = { whose };
			const inherited = this.#takeInherited(wanted, identity);
			const at = inherited === undefined ? await listenAt(listen, place ?? this.#guestInterfaceOf(wanted)) : { fd: inherited.fd };
			const listener = await this.#options.endpoint.listen(at, this.#entrance(place, opened));
			this.#opened.set(name, Object.assign(opened, { wanted, identity, listener }));
			return undefined;
		} catch (error) {
			this.#refused.add(name);
			return [bindProblem(wanted, error), ...(place === undefined ? [] : this.#options.ownAddresses.sentencesAbout(place))].join(" ");
		}
	}

	/**
	 * The guests' interface that has a listener's address. The kernel lets a guest reach every address of the host, a neighbour's own one
	 * behind the neighbour's tap, too; a socket bound to that tap it does not. The host's own programs still get there.
	 */
	#guestInterfaceOf({ listen, place }: Pick<WantedListener, "listen" | "place">): EntrancePlace | undefined {
		if (place !== undefined || "path" in listen) return undefined;
		const [name] =
			Object.entries(networkInterfaces()).find(([, addresses = []]) => addresses.some(({ address }) => address === listen.host)) ?? [];
		if (name !== undefined) this.#interfaceOf.set(listen.host, name);
		// One that is down is not listed, and still has its address.
		const last = this.#interfaceOf.get(listen.host);
		const isGuests = last !== LOOPBACK_INTERFACE && this.#wanted.some((each) => each.place?.interface === last);
		return last !== undefined && isGuests ? { interface: last } : undefined;
	}

	/** By the name that we gave it; systemd's by where it is. */
	#takeInherited({ name, listen, place }: WantedListener, identity: string): InheritedSocket | undefined {
		const found = this.#inherited.find((socket) =>
			socket.name === undefined
				? printPlace(socket.place) === printPlace(listen) && socket.interface === place?.interface
				: socket.name === heirName(name, identity),
		);
		this.#inherited = this.#inherited.filter((socket) => socket !== found);
		return found;
	}

	/** Asked for each request: a listener can change hands, and its instance can stop or go. */
	#entrance(place: EntrancePlace | undefined, opened: { readonly whose: Whose }): Entrance {
		const { replica, proxies } = this.#options;
		const where =
			place === undefined
				? {}
				: {
						onThisMachine: place.interface === LOOPBACK_INTERFACE,
						...(place.networkNamespace !== undefined && { networkNamespace: place.networkNamespace }),
					};
		const { whose } = opened;
		if ("instanceId" in whose) {
			return {
				callerOf: () => ("instanceId" in opened.whose ? replica.tenant(opened.whose.instanceId) : undefined),
				...where,
			};
		}
		return {
			callerOf: (source) => replica.tenantAt(whose.boundAt, source),
			bySource: true,
			...where,
			...(proxies && { proxies }),
		};
	}
}

async function removeUnixSocket(listen: Place): Promise<void> {
	if ("path" in listen) await rm(listen.path, { force: true });
}

/** What a listener's socket is called when it is handed over: one at an interface that has been made anew is another. */
function heirName(name: string, identity: string): string {
	return `${name} #${identity}`;
}

async function listenAt(listen: Place, place: EntrancePlace | undefined): Promise<ListenAt> {
	if ("path" in listen) await clearTheWay(listen.path);
	// Node would remove a Unix socket from its folder when it closes its descriptor, though the program that replaces this one has another.
	const byDescriptor = place !== undefined || ("path" in listen && "libc" in loadLibc());
	return byDescriptor ? { fd: openListeningSocket(listen, place) } : listen;
}

const BIND_PROBLEMS: Readonly<Record<string, string>> = {
	EADDRINUSE: "another program listens there. Choose another with --endpoint-listen HOST:PORT (port 0: any free one)",
	EACCES: "this user may not. Ports below 1024 need privileges; choose another with --endpoint-listen HOST:PORT",
	EADDRNOTAVAIL: "no interface of this machine has that address. Choose another with --endpoint-listen HOST:PORT",
	EAFNOSUPPORT: "this machine has no such address family. Choose another with --endpoint-listen HOST:PORT",
};

/** The same where the address is given, and can't be chosen otherwise. */
const PLACE_PROBLEMS: Readonly<Record<string, string>> = {
	EADDRINUSE: "another program listens there; `ss -ltnp 'sport = :80'` names it",
	EACCES: "this user may not. Start as root, or give the service CAP_NET_BIND_SERVICE",
	EPERM: "this user may not. Start as root, or give the service CAP_NET_ADMIN (interfaces) and CAP_SYS_ADMIN (network namespaces)",
	EADDRNOTAVAIL: "the address is not there (any more). `openimds host check` tells what is missing",
	ENODEV: "the interface has just gone",
	ENOENT: "the network namespace has just gone",
};

function bindProblem({ listen, place }: WantedListener, error: unknown): string {
	const code = (error as NodeJS.ErrnoException).code ?? "";
	const where = place === undefined ? "" : ` at ${placeName(place)}`;
	const why = (place === undefined ? BIND_PROBLEMS : PLACE_PROBLEMS)[code] ?? (error instanceof Error ? error.message : String(error));
	return `Can't listen on ${printPlace(listen)}${where}: ${why}.`;
}
