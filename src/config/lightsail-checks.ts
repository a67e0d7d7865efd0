import type { Instance } from "../model/instance.ts";
import { InvalidValue } from "../model/invalid-value.ts";
import { hasLightsailName } from "../model/lightsail-name.ts";
import type { Launch } from "./launch-all.ts";

/**
 * Names of Lightsail that two instances would have.
 *
 * @param instances all that will be stored.
 * @param launches what is declared; the other instances were there before.
 */
export function checkLightsailNames(instances: ReadonlyMap<string, Instance>, launches: readonly Launch[]): readonly InvalidValue[] {
	const paths = new Map(launches.map(({ spec, path }) => [spec.instanceId, path]));
	const named = [...instances.values()].filter(hasLightsailName);
	return [...Map.groupBy(named, ({ lightsail }) => lightsail.name)].flatMap(([name, holders]) => {
		// Who was there before keeps it; else the first that is declared.
		const [first, ...others] = holders.toSorted((a, b) => Number(paths.has(a.instanceId)) - Number(paths.has(b.instanceId)));
		return others.flatMap(({ instanceId }) => {
			const path = paths.get(instanceId);
			const message = `"${name}" is the name of ${first?.instanceId} already; allowed: another name`;
			return path === undefined ? [] : [new InvalidValue([...path, "lightsail", "name"], message)];
		});
	});
}
