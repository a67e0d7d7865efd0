import { buildCommand } from "@stricli/core";
import type { InstanceSummary } from "../../daemon/control-messages.ts";
import { type Context, note, print, printJson } from "../context.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";
import { type Column, table } from "../table.ts";

interface ListFlags {
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const instancesList = buildCommand<ListFlags, [], Context>({
	docs: {
		brief: "List the instances of the running service.",
		fullDescription: `
Lists the instances of the running service, and where each is asked. On a narrow terminal some columns are left out.

Examples:
  openimds instances
  openimds instances --json
  openimds instances show i-1234567890abcdef0`,
	},
	parameters: { flags: { json: JSON_FLAG, dataDir: DATA_DIR } },
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ json, dataDir }) {
			const instances = await runningService(this, dataDir).get("/instances");
			if (json === true) return printJson(this, instances);
			if (instances.length === 0)
				return note(this, `There are no instances. Declare some in a file and start with "openimds serve --config FILE".`);
			const { lines, leftOut } = table(instances, COLUMNS, this.process.stdout);
			print(this, ...lines);
			if (leftOut.length > 0) note(this, `left out for want of room: ${leftOut.join(", ")}. "openimds instances show ID" tells all.`);
		};
	},
});

const COLUMNS: readonly Column<InstanceSummary>[] = [
	{ title: "INSTANCE", value: ({ instanceId }) => instanceId },
	{ title: "NAME", value: ({ name = "" }) => name, shortest: 12, expendable: 1 },
	{ title: "STATE", value: ({ state }) => state, expendable: 2 },
	{ title: "TYPE", value: ({ instanceType }) => instanceType, expendable: 6 },
	{ title: "ADDRESS", value: ({ privateIpAddress = "" }) => privateIpAddress, expendable: 5 },
	{ title: "TOKENS", value: ({ httpTokens }) => httpTokens, expendable: 3 },
	{ title: "HOPS", value: ({ httpPutResponseHopLimit }) => String(httpPutResponseHopLimit), expendable: 4 },
	{ title: "ENDPOINT", value: endpointOf },
];

/** Where it is asked, and whether it answers there. */
function endpointOf({ listeners, httpEndpoint }: InstanceSummary): string {
	return [...(listeners.length === 0 ? [] : [listeners.join(",")]), ...(httpEndpoint === "enabled" ? [] : [`(${httpEndpoint})`])].join(" ");
}
