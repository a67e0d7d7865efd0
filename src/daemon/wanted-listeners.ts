// Which listeners there should be, and whose each one is.

import type { Config } from "../config/config.ts";
import { type Listen, parseListen, type Place, printPlace } from "../config/listen.ts";
import {
	type EntranceClaim,
	entranceClaims,
	type EntrancePlace,
	METADATA_IPV4,
	METADATA_IPV6,
	placeName,
	placeOf,
} from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";

/** A listener that somebody asked for on the command line, or the one there is when nobody did. */
export interface AskedListen extends Listen {
	/** Nobody asked: it is not missed where every instance has a listener of its own. */
	readonly byDefault?: boolean;
}

/** What is asked of the service as a whole. */
export interface Asked {
	readonly listen: readonly AskedListen[];
	/** Own EC2's addresses: at the places that instances are bound to, and at these interfaces. */
	readonly linkLocal?: { readonly interfaces: readonly string[] };
}

/** What a configuration asks. */
export function askedOf({ endpointListen, defaultListener, linkLocal }: Config): Asked {
	const listen = endpointListen.map((each) => ({ ...each, byDefault: defaultListener }));
	return linkLocal === undefined ? { listen } : { listen, linkLocal };
}

/** What an instance says about listeners: those of its own, and how it is told from others. */
export interface ListenerWish {
	readonly instanceId: string;
	readonly endpointListen: readonly string[];
	readonly claims: readonly EntranceClaim[];
	/** Whether it is over: nothing listens for it. */
	readonly ended: boolean;
}

/** What an instance's record says about listeners. */
export function wishOf(instance: Instance): ListenerWish {
	const { instanceId, endpointListen, state } = instance;
	return { instanceId, endpointListen, claims: entranceClaims(instance), ended: state === "terminated" };
}

/** For one instance, or for whoever is bound to the place and the address that a connection comes from. */
export type Whose = { readonly instanceId: string } | { readonly boundAt: string | undefined };

export interface WantedListener {
	readonly listen: Place;
	/** The interface that it is bound to, or the namespace that it is in. */
	readonly place?: EntrancePlace;
	readonly whose: Whose;
	/** What makes two listeners the same one before and after a change. */
	readonly name: string;
}

/** The interface through which a machine's own programs reach its addresses. */
export const LOOPBACK_INTERFACE = "lo";

const EC2_LISTENS: readonly Place[] = [
	{ host: METADATA_IPV4, port: 80 },
	{ host: METADATA_IPV6, port: 80 },
];

/**
 * The listeners that flags and instances ask for. One that names no instance is the only instance's that is reached in no
 * other way: where there are several, nobody is guessed (security.md S1).
 *
 * @returns what is wanted, and a sentence for each listener that can't be had.
 */
export function wantedListeners(
	{ listen: asked, linkLocal }: Asked,
	all: readonly ListenerWish[],
): { wanted: readonly WantedListener[]; problems: readonly string[] } {
	const wishes = all.filter(({ ended }) => !ended);
	const own = wishes.flatMap(({ instanceId, endpointListen }) =>
		endpointListen.flatMap((text, index): readonly WantedListener[] => {
			const { place } = parseListen(text) ?? {};
			return place === undefined ? [] : [{ listen: place, whose: { instanceId }, name: `${instanceId} #${index} ${text}` }];
		}),
	);
	const without = wishes
		.filter(({ endpointListen, claims }) => endpointListen.length === 0 && claims.length === 0)
		.map(({ instanceId }) => instanceId);
	const problems: string[] = [];
	const shared = asked.flatMap(({ place: listen, whose, byDefault }, index): readonly WantedListener[] => {
		const name = `flag #${index} ${printPlace(listen)}`;
		if (whose === "bindings") return [{ listen, whose: { boundAt: undefined }, name }];
		const instanceId = whose?.instanceId ?? onlyOne(without);
		if (instanceId !== undefined) return [{ listen, whose: { instanceId }, name }];
		if (without.length > 0 || byDefault !== true) problems.push(unclear(printPlace(listen), without));
		return [];
	});
	return { wanted: [...shared, ...own, ...linkLocalListeners(linkLocal, wishes, without, problems)], problems };
}

function linkLocalListeners(
	linkLocal: Asked["linkLocal"],
	wishes: readonly ListenerWish[],
	without: readonly string[],
	problems: string[],
): readonly WantedListener[] {
	if (linkLocal === undefined) return [];
	const bound = wishes.flatMap(({ claims }) => claims.flatMap(({ place }) => place ?? []));
	const given = linkLocal.interfaces.map((name) => placeName({ interface: name }) ?? "");
	const places = new Set([...bound, ...given]);
	if (places.size > 0) return [...places].flatMap((name) => ec2Listeners(placeOf(name), { boundAt: name }));
	const instanceId = onlyOne(without);
	if (instanceId === undefined) {
		problems.push(
			"--link-local finds no interface: no instance has an endpointBinding that names one, and for the programs of this machine " +
				`${without.length} instances could be meant. Give instances endpointBindings, or name one with --link-local-interface.`,
		);
		return [];
	}
	return ec2Listeners({ interface: LOOPBACK_INTERFACE }, { instanceId });
}

function ec2Listeners(place: EntrancePlace, whose: Whose): readonly WantedListener[] {
	return EC2_LISTENS.map((listen) => ({ listen, place, whose, name: `${printPlace(listen)} at ${placeName(place)}` }));
}

function onlyOne(instanceIds: readonly string[]): string | undefined {
	return instanceIds.length === 1 ? instanceIds[0] : undefined;
}

function unclear(address: string, without: readonly string[]): string {
	if (without.length === 0) {
		return `The listener ${address} is nobody's: every instance has listeners of its own. Leave it out, or write ${address}=INSTANCE_ID.`;
	}
	const some = without.slice(0, 4).join(", ") + (without.length > 4 ? ", …" : "");
	return (
		`The listener ${address} names no instance, and ${without.length} could be meant (${some}). ` +
		`Write --endpoint-listen ${address}=${without[0]}, or give instances an endpointListen of their own.`
	);
}
