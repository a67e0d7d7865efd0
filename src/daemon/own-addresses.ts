import { existsSync } from "node:fs";
import { isIPv6 } from "node:net";
import type { AddressProblem } from "../host/addresses.ts";
import { type EntrancePlace, placeName } from "../model/endpoint-binding.ts";

/** EC2's addresses where this service has put them, and what kept it from that. */
export class OwnAddresses {
	readonly #recordFile: string;
	#problems: readonly AddressProblem[] = [];

	/** @param recordFile what we added is written there, for a start after a crash. */
	constructor(recordFile: string) {
		this.#recordFile = recordFile;
	}

	/** Puts them at these places where they are not there, takes away what we put elsewhere, and says what it changed. */
	async settle(places: readonly EntrancePlace[]): Promise<readonly string[]> {
		if (places.length === 0 && !existsSync(this.#recordFile)) return [];
		const { addAddresses, addCommands, planAddresses, printCommand, removeAddresses } = await loadHost();
		const stuck = await removeAddresses(this.#recordFile, places);
		const plan = await planAddresses(places);
		const failed = await addAddresses(plan, this.#recordFile);
		this.#problems = [...stuck, ...plan.problems, ...failed];
		const added = plan.missing.filter(({ place, address }) => this.problemOf(place, address) === undefined);
		return added.flatMap((own) => addCommands(own).map(printCommand));
	}

	/** What keeps an address from being at a place; `undefined`: nothing. IPv6 that is off is no failure. */
	problemOf(place: EntrancePlace, address: string): { readonly sentence: string; readonly fatal: boolean } | undefined {
		const name = placeName(place);
		const problem = this.#problems.find((each) => placeName(each.place) === name && each.address === address);
		return problem && { sentence: `${problem.message} This mends it: ${problem.mend}`, fatal: !isIPv6(address) };
	}

	/** What is wrong with a place as a whole: it is down, or nobody can look at it. */
	sentencesAbout(place: EntrancePlace): readonly string[] {
		const name = placeName(place);
		const about = this.#problems.filter((each) => placeName(each.place) === name && each.address === undefined);
		return about.map(({ message, mend }) => `${message} This mends it: ${mend}`);
	}

	/** Takes away what we put there; answers what could not be. */
	async leave(): Promise<readonly string[]> {
		if (!existsSync(this.#recordFile)) return [];
		const stuck = await (await loadHost()).removeAddresses(this.#recordFile);
		return stuck.map(({ message, mend }) => `${message} This mends it: ${mend}`);
	}
}

/** Only when there is something to do: most services own no address, and start faster for it. */
async function loadHost() {
	const { addAddresses, addCommands, planAddresses, removeAddresses } = await import("../host/addresses.ts");
	const { printCommand } = await import("../host/command.ts");
	return { addAddresses, addCommands, planAddresses, printCommand, removeAddresses };
}
