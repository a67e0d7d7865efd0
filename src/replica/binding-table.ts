// Which instance a place and an address stand for: what the endpoint looks up where several instances share an entrance.

import type { EntranceClaim } from "../model/endpoint-binding.ts";

/** Every source of a place. */
const ANY = "*";

/** Claims of instances, found by place and source. */
export class BindingTable {
	/** Instances by source, by place ("": no place in particular). More than one: nobody can be told apart, so nobody is answered. */
	readonly #places = new Map<string, Map<string, Set<string>>>();

	add(instanceId: string, claims: readonly EntranceClaim[]): void {
		for (const { place = "", source = ANY } of claims) {
			const sources = this.#places.get(place) ?? new Map<string, Set<string>>();
			this.#places.set(place, sources);
			const claimants = sources.get(source) ?? new Set();
			sources.set(source, claimants.add(instanceId));
		}
	}

	remove(instanceId: string, claims: readonly EntranceClaim[]): void {
		for (const { place = "", source = ANY } of claims) {
			const sources = this.#places.get(place);
			const claimants = sources?.get(source);
			claimants?.delete(instanceId);
			if (claimants?.size === 0) sources?.delete(source);
			if (sources?.size === 0) this.#places.delete(place);
		}
	}

	/**
	 * The instance that asks from an address at a place; `undefined`: none, or more than one.
	 *
	 * @param place `undefined`: no place in particular; only bindings that name none count. They count elsewhere, too, but for sources that a binding of the place has.
	 * @param source a canonical address.
	 */
	find(place: string | undefined, source: string): string | undefined {
		const here = place === undefined ? undefined : this.#places.get(place);
		const [exact, any] = [here?.get(source), here?.get(ANY)];
		return exact === undefined && any === undefined ? onlyOne(this.#places.get("")?.get(source)) : onlyOne(exact ?? any, any ?? exact);
	}
}

/** The one instance in both sets. */
function onlyOne(some: ReadonlySet<string> | undefined, same = some): string | undefined {
	const [first] = some ?? [];
	return first !== undefined && some?.size === 1 && same?.size === 1 && same.has(first) ? first : undefined;
}
