// Makes a host ready for its instances, and puts it back as it was.

import { nameOf, removeAddresses } from "./addresses.ts";
import { type Command, run } from "./command.ts";
import { changeHostRecord, readHostRecord } from "./host-record.ts";
import type { Need } from "./need.ts";
import { deleteTable, tableState } from "./nftables.ts";
import { restoreRpFilter, rpFilterOf, undoIpv6ReturnPath } from "./return-path.ts";

/** One thing that was changed, or was to be. */
export interface Step {
	readonly name: string;
	/** What kept it from being done. */
	readonly failure?: string;
}

/** Brings about what is not in place, one after the other. What it takes to undo it is written down first. */
export async function applyNeeds(needs: readonly Need[], recordFile: string): Promise<readonly Step[]> {
	const steps: Step[] = [];
	for (const { name, commands, remember } of needs.filter(({ isInPlace }) => !isInPlace)) {
		remember?.(recordFile);
		steps.push(await step(name, commands));
	}
	return steps;
}

/**
 * Undoes all that {@link applyNeeds} has ever done in this network.
 *
 * @param leftovers the records of services that left without removing their addresses.
 */
export async function cleanHost(recordFile: string, leftovers: readonly string[]): Promise<readonly Step[]> {
	const steps: Step[] = [];
	for (const family of ["bridge", "inet"] as const) {
		if ((await tableState(family, undefined)) === "another")
			steps.push(await step(`nftables table ${family} openimds`, [deleteTable(family)]));
	}
	const ipv6 = await undoIpv6ReturnPath();
	if (ipv6.length > 0) steps.push(await step("IPv6's way back", ipv6));
	for (const before of readHostRecord(recordFile).rpFilters) {
		// An interface that is gone has taken its settings with it.
		if (rpFilterOf(before.interface) === undefined) continue;
		steps.push(await step(`net.ipv4.conf.${before.interface}.rp_filter`, [restoreRpFilter(before)]));
	}
	changeHostRecord(recordFile, (record) => ({ ...record, rpFilters: [] }));
	for (const file of [recordFile, ...leftovers]) {
		const names = readHostRecord(file).addresses.map(nameOf);
		const problems = new Map(
			(await removeAddresses(file)).map(({ place, address, message }) => [address && nameOf({ place, address }), message]),
		);
		for (const name of names) {
			const failure = problems.get(name);
			steps.push({ name, ...(failure === undefined ? {} : { failure }) });
		}
	}
	return steps;
}

async function step(name: string, commands: readonly Command[]): Promise<Step> {
	for (const command of commands) {
		const { failure } = await run(command);
		if (failure !== undefined) return { name, failure };
	}
	return { name };
}
