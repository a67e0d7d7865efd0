// The real service in a lab's host, at EC2's own addresses.

import { writeFileSync } from "node:fs";
import { type RunningService, startService } from "../running-service.ts";
import { type Lifetime, type Place, within } from "./lab.ts";

export interface LinkLocalService extends RunningService {
	/** Has it read another configuration; done when it has applied that. */
	reconfigure(configuration: string): Promise<void>;
}

/** Starts `openimds serve --link-local` in a place, waits for its `ready`, and stops it when the test is over. */
export async function serveLinkLocal(
	t: Lifetime,
	place: Place,
	configuration: string,
	{ flags = [], ...options }: { flags?: readonly string[]; dataDir?: string } = {},
): Promise<LinkLocalService> {
	// Its process is started before anything is waited for, and so in that place.
	const service = await within(place, () => startService(t, { configuration, flags: ["--link-local", ...flags], ...options }));
	return {
		...service,
		reconfigure: async (text) => {
			writeFileSync(service.configFile, text);
			const logged = service.nextLog(/configuration (applied|refused)/);
			service.signal("SIGHUP");
			const line = await logged;
			if (!line.includes("applied")) throw new Error(line);
		},
	};
}
