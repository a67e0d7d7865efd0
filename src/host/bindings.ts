// Instances' bindings as a host sees them: places, sources, ports.

import { type EndpointBinding, type EntrancePlace, placeName, sourcesOf } from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";

/** What is looked at of an instance. */
export type BoundInstance = Pick<Instance, "endpointBindings" | "networkInterfaces" | "metadataOptions">;

/** A binding, with what follows from its instance. */
export interface Bound {
	readonly binding: EndpointBinding;
	/** {@link placeName} of its place. */
	readonly place: string | undefined;
	/** Where its requests come from; `undefined`: anywhere there. */
	readonly sources: readonly string[] | undefined;
	/** Its sources, or the instance's own addresses. */
	readonly likelySources: readonly string[];
	readonly usesIpv6: boolean;
}

export function boundOf(instance: BoundInstance): readonly Bound[] {
	const { endpointBindings, networkInterfaces, metadataOptions } = instance;
	const own = networkInterfaces.flatMap(({ privateIpAddresses, ipv6Addresses }) => [
		...privateIpAddresses.map(({ privateIpAddress }) => privateIpAddress),
		...ipv6Addresses,
	]);
	return endpointBindings.map((binding) => {
		const sources = sourcesOf(binding, instance);
		const usesIpv6 = metadataOptions.httpProtocolIpv6 === "enabled";
		return { binding, place: placeName(binding), sources, likelySources: sources ?? own, usesIpv6 };
	});
}

/** Where the endpoint's addresses belong: where bindings and flags say, or else on `lo`, as `serve --link-local` has it. */
export function placesOf(bound: readonly Bound[], interfaces: readonly string[]): readonly EntrancePlace[] {
	const all: readonly EntrancePlace[] = [...bound.map(({ binding }) => binding), ...interfaces.map((name) => ({ interface: name }))];
	const places = all.flatMap(({ interface: name, networkNamespace }): readonly EntrancePlace[] => {
		if (name !== undefined) return [{ interface: name }];
		return networkNamespace === undefined ? [] : [{ networkNamespace }];
	});
	const distinct = new Map(places.map((place) => [placeName(place), place]));
	return distinct.size === 0 ? [{ interface: "lo" }] : [...distinct.values()];
}

/** The bindings through which requests come in at an interface: its own, and those that name no place. */
export function boundAt(device: string, bound: readonly Bound[]): readonly Bound[] {
	return bound.filter(({ place }) => place === undefined || place === placeName({ interface: device }));
}
