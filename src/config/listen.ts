import { isIP, isIPv6 } from "node:net";
import { canonicalIp } from "../model/network.ts";

/** Where to listen, and for whom. */
export interface Listen {
	readonly host: string;
	/** 0: a free port that the system chooses. */
	readonly port: number;
	/** Missing: for the instance that the service chooses. */
	readonly instanceId?: string;
}

export const LISTEN_FORM = "HOST:PORT; the host an IP address (IPv6 in brackets) or localhost, the port 0 to 65535 (0: any free one)";

/** Reads `HOST:PORT` or `HOST:PORT=INSTANCE_ID`; `undefined` where the text is neither. */
export function parseListen(text: string): Listen | undefined {
	const [, bracketed, plain, digits = "", instanceId] =
		/^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]=\s]+)):(\d{1,5})(?:=(i-[0-9A-Za-z]{1,64}))?$/.exec(text) ?? [];
	const host = bracketed ?? (plain === "localhost" ? "127.0.0.1" : plain);
	const port = Number(digits);
	if (host === undefined || isIP(host) !== (bracketed === undefined ? 4 : 6) || port > 65_535) return undefined;
	return { host: canonicalIp(host), port, ...(instanceId === undefined ? {} : { instanceId }) };
}

/** `HOST:PORT`, as {@link parseListen} reads it. */
export function printListen({ host, port }: Listen): string {
	return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The listeners that the system would refuse because of an earlier one, each with that; both by their position. */
export function clashesOf(listeners: readonly Listen[]): readonly { readonly at: number; readonly earlier: number }[] {
	const taken = new Map<string, number>();
	return listeners.flatMap(({ host, port }, at) => {
		if (port === 0) return [];
		const everywhere = isIPv6(host) ? "::" : "0.0.0.0";
		const anywhere = `anywhere ${everywhere} ${port}`;
		const earlier = taken.get(`${host} ${port}`) ?? taken.get(host === everywhere ? anywhere : `${everywhere} ${port}`);
		for (const place of [`${host} ${port}`, anywhere]) if (!taken.has(place)) taken.set(place, at);
		return earlier === undefined ? [] : [{ at, earlier }];
	});
}
