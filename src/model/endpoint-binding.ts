// How an instance's requests come in: what tells the endpoint who is asking, by structure and never by what the request says.

import type { Instance } from "./instance.ts";

/** AWS: the addresses of the metadata service; the second is for instances whose `httpProtocolIpv6` is enabled (metadata-endpoint.md §1.13). */
export const METADATA_IPV4 = "169.254.169.254";
export const METADATA_IPV6 = "fd00:ec2::254";

/** As the kernel has it (net/core/dev.c, `dev_valid_name`), less what would need quotes in a shell or in nftables. */
export const INTERFACE_NAME = /^(?!\.{1,2}$)[0-9A-Za-z._@+-]{1,15}$/;
export const INTERFACE_NAME_FORM = "the name of a network interface: 1 to 15 letters, digits and . _ @ + -";

/** One way in. Exactly one of `interface` and `networkNamespace`, or `sourceAddresses` alone. */
export interface EndpointBinding {
	/** The host's interface that the requests arrive at: the instance's own tap or veth, or a bridge it shares. */
	readonly interface?: string;
	/** Its port of the bridge named by `interface`. `openimds host apply` keeps its addresses from coming in at any other. */
	readonly bridgePort?: string;
	/** Absolute path of a network namespace, in which the endpoint listens. */
	readonly networkNamespace?: string;
	/**
	 * The addresses that requests come from. Missing: the instance's own with a `bridgePort`, else whatever comes in there.
	 * Alone: wherever the binding table is asked, behind proxies too.
	 */
	readonly sourceAddresses?: readonly string[];
}

/** Where the binding table is asked. */
export interface EntrancePlace {
	readonly interface?: string;
	readonly networkNamespace?: string;
}

/** What a binding lays claim to: one source, or every one, of a place. */
export interface EntranceClaim {
	/** {@link placeName} of the place; `undefined`: any. */
	readonly place: string | undefined;
	/** A canonical address; `undefined`: every one. */
	readonly source: string | undefined;
}

/** `interface tap0`, `namespace /run/netns/a`; `undefined` for no place in particular. */
export function placeName({ interface: name, networkNamespace }: EntrancePlace): string | undefined {
	if (name !== undefined) return `interface ${name}`;
	return networkNamespace === undefined ? undefined : `namespace ${networkNamespace}`;
}

/** The place of a {@link placeName}. */
export function placeOf(name: string): EntrancePlace {
	const [kind = "", rest = ""] = name.split(/ (.*)/s);
	return kind === "interface" ? { interface: rest } : { networkNamespace: rest };
}

/** What an instance's bindings lay claim to. */
export function entranceClaims(instance: Pick<Instance, "endpointBindings" | "networkInterfaces">): readonly EntranceClaim[] {
	return instance.endpointBindings.flatMap((binding): readonly EntranceClaim[] => {
		const place = placeName(binding);
		return sourcesOf(binding, instance)?.map((source) => ({ place, source })) ?? [{ place, source: undefined }];
	});
}

/** The addresses that requests of a binding come from; `undefined`: any. */
export function sourcesOf(
	{ bridgePort, sourceAddresses }: EndpointBinding,
	{ networkInterfaces }: Pick<Instance, "networkInterfaces">,
): readonly string[] | undefined {
	if (sourceAddresses !== undefined) return sourceAddresses;
	if (bridgePort === undefined) return undefined;
	return networkInterfaces.flatMap(({ privateIpAddresses, ipv6Addresses }) => [
		...privateIpAddresses.map(({ privateIpAddress }) => privateIpAddress),
		...ipv6Addresses,
	]);
}

/**
 * The claims that can't be told from an earlier one of another instance, each with that; both by their position. A source
 * of no place in particular is one of every place where a binding names it.
 */
export function clashingClaims(
	claims: readonly { readonly instanceId: string; readonly claim: EntranceClaim }[],
): readonly { readonly at: number; readonly earlier: number }[] {
	const taken = new Map<string, number>();
	return claims.flatMap(({ instanceId, claim }, at) => {
		const { mine, theirs } = takenBy(claim);
		const earlier = theirs.map((name) => taken.get(name)).find((each) => each !== undefined && claims[each]?.instanceId !== instanceId);
		for (const name of mine) if (!taken.has(name)) taken.set(name, at);
		return earlier === undefined ? [] : [{ at, earlier }];
	});
}

/** What a claim takes, and what may not be taken for it. */
function takenBy({ place, source }: EntranceClaim): { mine: readonly string[]; theirs: readonly string[] } {
	if (source === undefined) return { mine: [`all of ${place}`, `some of ${place}`], theirs: [`some of ${place}`] };
	if (place === undefined) return { mine: [`${source} anywhere`, `${source} somewhere`], theirs: [`${source} somewhere`] };
	const here = `${source} at ${place}`;
	return { mine: [here, `some of ${place}`, `${source} somewhere`], theirs: [here, `all of ${place}`, `${source} anywhere`] };
}

/** What people call a claim: `10.0.0.5 at interface br0`. */
export function printClaim({ place, source }: EntranceClaim): string {
	return [source, place].filter((part) => part !== undefined).join(" at ");
}
