import { isIPv6 } from "node:net";
import type { EntrancePlace } from "../model/endpoint-binding.ts";
import { placeName } from "../model/endpoint-binding.ts";
import { addCommands, addAddresses, type AddressProblem, planAddresses, removeAddresses } from "../host/addresses.ts";
import { printCommand } from "../host/command.ts";

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
		const stuck = await removeAddresses(this.#recordFile, places);
		if (places.length === 0) {
			this.#problems = stuck;
			return [];
		}
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

	/** Takes away what we put there; answers what could not be. */
	async leave(): Promise<readonly string[]> {
		const stuck = await removeAddresses(this.#recordFile);
		return stuck.map(({ message, mend }) => `${message} This mends it: ${mend}`);
	}
}
