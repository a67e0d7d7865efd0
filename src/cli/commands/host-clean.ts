import { buildCommand } from "@stricli/core";
import { type Context, note, print, printJson } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { dataDirOf, DATA_DIR, JSON_FLAG } from "../flags.ts";

interface CleanFlags {
	readonly dataDir?: string;
	readonly json?: boolean;
}

export const hostClean = buildCommand<CleanFlags, [], Context>({
	docs: {
		brief: "Undo what was applied to this host.",
		fullDescription: `
Removes all that "openimds host apply" has ever put in this host's network, and gives settings their old values. Addresses that a killed
service left behind are removed, too; those of a running one are not. It takes root.

Example:
  sudo openimds host clean`,
	},
	parameters: { flags: { dataDir: DATA_DIR, json: JSON_FLAG } },
	async loader() {
		const [{ isServed }, { cleanHost }, { appliedRecord, serviceRecordOf }, { lackingOf }] = await Promise.all([
			import("../host-flags.ts"),
			import("../../host/host-changes.ts"),
			import("../../host/host-record.ts"),
			import("../../host/privileges.ts"),
		]);
		return async function ({ dataDir, json }) {
			if (lackingOf(["CAP_NET_ADMIN"]).length > 0) {
				throw new Failure("This user may not change the network of this host. Try: sudo openimds host clean");
			}
			const folder = dataDirOf(this, dataDir);
			const steps = await cleanHost(appliedRecord(), (await isServed(folder)) ? [] : [serviceRecordOf(folder)]);
			if (steps.some(({ failure }) => failure !== undefined)) this.process.exitCode = EXIT.failed;
			if (json === true) return printJson(this, { steps });
			for (const { name, failure } of steps) print(this, failure === undefined ? `undone    ${name}` : `FAILED    ${name}: ${failure}`);
			if (steps.length === 0) note(this, "there is nothing to undo.");
		};
	},
});
