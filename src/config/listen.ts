import { isIP, isIPv6 } from "node:net";
import { canonicalIp } from "../model/network.ts";

/** Where to listen: an address and a port, 0 for a free one that the system chooses; or a Unix socket. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

/** Where to listen, and for whom. */
export interface Listen {
	readonly place: Place;
	/** An instance, or whoever is bound to the address that a connection comes from. Missing: the instance that the service chooses. */
	readonly whose?: { readonly instanceId: string } | "bindings";
}

export const LISTEN_FORM =
	"HOST:PORT; the host an IP address (IPv6 in brackets) or localhost, the port 0 to 65535 (0: any free one); or unix:/PATH, at most 107 bytes";

/** The kernel's bound for the path of a Unix socket (unix(7): 108 bytes with the closing zero). */
const SOCKET_PATH_MAX_BYTES = 107;

/** Reads `HOST:PORT` or `unix:/PATH`, and what may follow either, `=INSTANCE_ID` or `=bindings`; `undefined` where the text is none of these. */
export function parseListen(text: string): Listen | undefined {
	const [, placeText = "", whoseText] = /^([^=]+)(?:=(bindings|i-[0-9A-Za-z]{1,64}))?$/.exec(text) ?? [];
	const place = placeText.startsWith("unix:") ? parsePath(placeText.slice("unix:".length)) : parseAddress(placeText);
	if (place === undefined) return undefined;
	if (whoseText === undefined) return { place };
	return { place, whose: whoseText === "bindings" ? whoseText : { instanceId: whoseText } };
}

/** `HOST:PORT` or `unix:/PATH`, as {@link parseListen} reads it. */
export function printPlace(place: Place): string {
	if ("path" in place) return `unix:${place.path}`;
	return isIPv6(place.host) ? `[${place.host}]:${place.port}` : `${place.host}:${place.port}`;
}

/** The places that the system would refuse because of an earlier one, each with that; both by their position. */
export function clashesOf(places: readonly Place[]): readonly { readonly at: number; readonly earlier: number }[] {
	const taken = new Map<string, number>();
	return places.flatMap((place, at) => {
		if ("port" in place && place.port === 0) return [];
		const { mine, theirs } = "path" in place ? { mine: [place.path], theirs: [place.path] } : socketsOf(place);
		const earlier = theirs.map((name) => taken.get(name)).find((each) => each !== undefined);
		for (const name of mine) if (!taken.has(name)) taken.set(name, at);
		return earlier === undefined ? [] : [{ at, earlier }];
	});
}

/** What a listener takes, and what may not be taken for it to have that. */
function socketsOf({ host, port }: { readonly host: string; readonly port: number }): { mine: string[]; theirs: string[] } {
	const everywhere = isIPv6(host) ? "::" : "0.0.0.0";
	const anywhere = `anywhere ${everywhere} ${port}`;
	return {
		mine: [`${host} ${port}`, anywhere],
		theirs: [`${host} ${port}`, host === everywhere ? anywhere : `${everywhere} ${port}`],
	};
}

function parseAddress(text: string): Place | undefined {
	const [, bracketed, plain, digits = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
	const host = bracketed ?? (plain === "localhost" ? "127.0.0.1" : plain);
	const port = Number(digits);
	if (host === undefined || isIP(host) !== (bracketed === undefined ? 4 : 6) || port > 65_535) return undefined;
	return { host: canonicalIp(host), port };
}

function parsePath(path: string): Place | undefined {
	return /^\/[^=,\p{Cc}]+$/u.test(path) && Buffer.byteLength(path) <= SOCKET_PATH_MAX_BYTES ? { path } : undefined;
}
