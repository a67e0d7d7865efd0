import type { Records } from "./inventory.ts";

/**
 * The zones of the account's Region, by name.
 *
 * Quirk: those that have a subnet, so that whatever is listed can be launched into.
 */
export function zoneNames({ subnet }: Pick<Records, "subnet">): readonly string[] {
	return [...new Set([...subnet.values()].map(({ availabilityZone }) => availabilityZone))].toSorted();
}
