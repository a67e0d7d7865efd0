import { buildCommand } from "@stricli/core";
import { type Context, print, printJson } from "../context.ts";
import { EXIT } from "../failure.ts";
import { JSON_FLAG } from "../flags.ts";
import { HOST_FLAGS, type HostFlags } from "../host-flags.ts";
import { pairs } from "../table.ts";

export const hostCheck = buildCommand<HostFlags, [], Context>({
	docs: {
		brief: "Check whether this host is ready for its instances.",
		fullDescription: `
Looks at what the instances' endpointBindings need of this host, line by line: addresses, the way back, nftables, the hop limit, privileges,
port 80. What is wrong is followed by the command that mends it. Exits with 0 only if nothing is.

Examples:
  sudo openimds host check
  sudo openimds host check --config openimds.yaml --json`,
	},
	parameters: { flags: { ...HOST_FLAGS, json: JSON_FLAG } },
	async loader() {
		const [{ hostSubject }, { planHost }, { checkHost }, { serviceRecordOf }] = await Promise.all([
			import("../host-flags.ts"),
			import("../../host/host-plan.ts"),
			import("../../host/host-check.ts"),
			import("../../host/host-record.ts"),
		]);
		return async function ({ json, ...flags }) {
			const { instances, interfaces, dataDir, servicePid, sameFlags } = await hostSubject(this, flags);
			const findings = await checkHost(await planHost(instances, interfaces), {
				pid: servicePid,
				recordFile: serviceRecordOf(dataDir),
				applyCommand: `sudo openimds host apply${sameFlags}`,
				cleanCommand: `sudo openimds host clean${flags.dataDir === undefined ? "" : ` --data-dir ${dataDir}`}`,
			});
			const isOk = findings.every((finding) => finding.isOk);
			if (!isOk) this.process.exitCode = EXIT.failed;
			if (json === true) return printJson(this, { ok: isOk, findings });
			print(
				this,
				...pairs(
					findings.map((finding) => [
						finding.isOk ? "ok" : "WRONG",
						[finding.name, ...(finding.mend ? [`→ ${finding.mend}`] : [])].join("\n"),
					]),
				),
			);
		};
	},
});
