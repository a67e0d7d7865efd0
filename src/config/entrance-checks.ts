// Whether every listener and every binding of the declared instances can be told from those of all others.

import { clashingClaims, entranceClaims, printClaim } from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";
import { InvalidValue } from "../model/invalid-value.ts";
import type { Tag } from "../model/tag.ts";
import type { Launch } from "./launch-all.ts";
import { clashesOf, parseListen } from "./listen.ts";

type Path = readonly (string | number)[];

/**
 * Contradictions among the listeners and bindings of all instances, by what will be stored of them; those that are over have none.
 *
 * @param instances all that will be stored; of those that are refused for something else, only the listeners are looked at.
 * @param launches what is declared; the other instances were there before.
 */
export function checkEntrances(instances: ReadonlyMap<string, Instance>, launches: readonly Launch[]): readonly InvalidValue[] {
	const paths = new Map(launches.map(({ spec, path }) => [spec.instanceId, path]));
	const standing = [...instances.values()].filter(({ instanceId, state }) => state !== "terminated" && !paths.has(instanceId));
	const declared = launches.map(({ spec, path }) => ({ ...spec, ...instances.get(spec.instanceId), path }));
	return [
		...checkListeners([...standing, ...declared]),
		...checkBindings([...standing, ...launches.flatMap(({ spec }) => instances.get(spec.instanceId) ?? [])], paths),
	];
}

/** An instance, and where it listens. */
interface Listening {
	readonly instanceId: string;
	readonly tags?: readonly Tag[];
	readonly endpointListen?: readonly string[];
	/** Missing for instances that are not declared. */
	readonly path?: Path;
}

/** Two may share a listener only if the system chooses its port. */
function checkListeners(instances: readonly Listening[]): readonly InvalidValue[] {
	const listening = instances.flatMap(({ instanceId, tags, endpointListen = [], path }) => {
		const name = nameOf(instanceId, tags);
		return endpointListen.flatMap((text, index) => {
			const { place } = parseListen(text) ?? {};
			return place === undefined ? [] : [{ place, shown: `${text} of ${name}`, at: path && [...path, "endpointListen", index] }];
		});
	});
	return clashesOf(listening.map(({ place }) => place)).flatMap(({ at, earlier }) => {
		const { at: position, shown } = listening[at]!;
		// What isn't declared was there before.
		if (position === undefined) return [];
		return [new InvalidValue(position, `${shown} is taken by ${listening[earlier]!.shown}; allowed: another port, or 0 for any`)];
	});
}

/** Where two are bound to one address, nobody could tell who asks. */
function checkBindings(instances: readonly Instance[], paths: ReadonlyMap<string, Path>): readonly InvalidValue[] {
	const bound = instances.flatMap((instance) =>
		instance.endpointBindings.flatMap((binding, index) =>
			entranceClaims({ ...instance, endpointBindings: [binding] }).map((claim) => ({ ...instance, claim, index })),
		),
	);
	return clashingClaims(bound).flatMap(({ at, earlier }) => {
		const { instanceId, tags, claim, index } = bound[at]!;
		const path = paths.get(instanceId);
		if (path === undefined) return [];
		const other = bound[earlier]!;
		const message =
			`${printClaim(claim)} of ${nameOf(instanceId, tags)} is taken by ${printClaim(other.claim)} of ` +
			`${nameOf(other.instanceId, other.tags)}; allowed: an interface, a namespace or an address of its own`;
		return [new InvalidValue([...path, "endpointBindings", index], message)];
	});
}

function nameOf(instanceId: string, tags: readonly Tag[] = []): string {
	return tags.find(({ key }) => key === "Name")?.value ?? instanceId;
}
