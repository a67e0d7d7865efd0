// Which listeners there should be, and whose each one is.

import { type Listen, parseListen, printListen } from "../config/listen.ts";

/** A listener that somebody asked for on the command line, or the one there is when nobody did. */
export interface AskedListen extends Listen {
	/** Nobody asked: it is not missed where every instance has a listener of its own. */
	readonly byDefault?: boolean;
}

/** What an instance says about listeners: those of its own. */
export interface ListenerWish {
	readonly instanceId: string;
	readonly endpointListen: readonly string[];
}

export interface WantedListener {
	readonly listen: Listen;
	readonly instanceId: string;
	/** What makes two listeners the same one before and after a change. */
	readonly name: string;
}

/**
 * The listeners that flags and instances ask for. One that names no instance is the only instance's that has none of
 * its own: where there are several, nobody is guessed (security.md S1).
 *
 * @returns what is wanted, and a sentence for each listener that can't be had.
 */
export function wantedListeners(
	asked: readonly AskedListen[],
	wishes: readonly ListenerWish[],
): { wanted: readonly WantedListener[]; problems: readonly string[] } {
	const own = wishes.flatMap(({ instanceId, endpointListen }) =>
		endpointListen.flatMap((text, index) => {
			const listen = parseListen(text);
			return listen === undefined ? [] : [{ listen, instanceId, name: `${instanceId} #${index} ${text}` }];
		}),
	);
	const without = wishes.filter(({ endpointListen }) => endpointListen.length === 0).map(({ instanceId }) => instanceId);
	const problems: string[] = [];
	const shared = asked.flatMap((listen, index): readonly WantedListener[] => {
		const instanceId = listen.instanceId ?? (without.length === 1 ? without[0] : undefined);
		if (instanceId !== undefined) return [{ listen, instanceId, name: `flag #${index} ${printListen(listen)}` }];
		if (without.length > 0 || listen.byDefault !== true) problems.push(unclear(listen, without));
		return [];
	});
	return { wanted: [...shared, ...own], problems };
}

function unclear(listen: Listen, without: readonly string[]): string {
	const address = printListen(listen);
	if (without.length === 0) {
		return `The listener ${address} is nobody's: every instance has listeners of its own. Leave it out, or write ${address}=INSTANCE_ID.`;
	}
	const some = without.slice(0, 4).join(", ") + (without.length > 4 ? ", …" : "");
	return (
		`The listener ${address} names no instance, and ${without.length} could be meant (${some}). ` +
		`Write --endpoint-listen ${address}=${without[0]}, or give instances an endpointListen of their own.`
	);
}
