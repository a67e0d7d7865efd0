import { buildCommand } from "@stricli/core";
import type { InstanceSummary } from "../../daemon/control-messages.ts";
import { type Context, note, print, printJson } from "../context.ts";
import { EXIT } from "../failure.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";
import { type Column, table } from "../table.ts";

interface AuditFlags {
	readonly v1?: boolean;
	readonly hopsOver?: number;
	readonly endpointOff?: boolean;
	readonly json?: boolean;
	readonly dataDir?: string;
}

/** An instance, and what was looked for and found in its options. */
interface Finding extends InstanceSummary {
	readonly findings: readonly string[];
}

export const audit = buildCommand<AuditFlags, [], Context>({
	docs: {
		brief: "List instances whose metadata options are not as they should be.",
		fullDescription: `
Lists the instances of the running service whose metadata options are of the kinds asked for; without a kind, those that allow IMDSv1. Exits
with 1 if there is one, and with 0 if there is none: a pipeline can depend on it. What counts is what the endpoint enforces now. Instances
that were terminated are left out.

Examples:
  openimds audit
  openimds audit --v1 --hops-over 1
  openimds audit --endpoint-off --json`,
	},
	parameters: {
		flags: {
			v1: { kind: "boolean", optional: true, withNegated: false, brief: "Those that answer IMDSv1: the endpoint on, tokens optional." },
			hopsOver: {
				kind: "parsed",
				parse: parseHops,
				optional: true,
				placeholder: "N",
				brief: "Those whose tokens may travel more than N hops.",
			},
			endpointOff: { kind: "boolean", optional: true, withNegated: false, brief: "Those whose endpoint is off." },
			json: JSON_FLAG,
			dataDir: DATA_DIR,
		},
	},
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ json, dataDir, ...kinds }) {
			const instances = await runningService(this, dataDir).get("/instances");
			const found = instances.flatMap((instance): readonly Finding[] => {
				const findings = instance.state === "terminated" ? [] : findingsOf(instance, kinds);
				return findings.length === 0 ? [] : [{ ...instance, findings }];
			});
			if (found.length > 0) this.process.exitCode = EXIT.failed;
			if (json === true) return printJson(this, found);
			if (found.length === 0) return note(this, `none of ${instances.length} instances.`);
			const { lines, leftOut } = table(found, COLUMNS, this.process.stdout);
			print(this, ...lines);
			if (leftOut.length > 0) note(this, `left out for want of room: ${leftOut.join(", ")}. --json tells all.`);
			note(this, `${found.length} of ${instances.length} instances. To require tokens: ${MEND}`);
		};
	},
});

const MEND = "aws ec2 modify-instance-metadata-options --http-tokens required --http-endpoint enabled --instance-id ID";

const COLUMNS: readonly Column<Finding>[] = [
	{ title: "INSTANCE", value: ({ instanceId }) => instanceId },
	{ title: "NAME", value: ({ name = "" }) => name, shortest: 12, expendable: 2 },
	{ title: "STATE", value: ({ state }) => state, expendable: 1 },
	{ title: "TOKENS", value: ({ httpTokens }) => httpTokens, expendable: 3 },
	{ title: "HOPS", value: ({ httpPutResponseHopLimit }) => String(httpPutResponseHopLimit), expendable: 4 },
	{ title: "FOUND", value: ({ findings }) => findings.join(", ") },
];

function findingsOf(instance: InstanceSummary, { v1, hopsOver, endpointOff }: AuditFlags): readonly string[] {
	const isOff = instance.httpEndpoint === "disabled";
	const wantsV1 = v1 ?? (hopsOver === undefined && endpointOff !== true);
	return [
		...(wantsV1 && !isOff && instance.httpTokens === "optional" ? ["allows IMDSv1"] : []),
		...(hopsOver !== undefined && !isOff && instance.httpPutResponseHopLimit > hopsOver ? [`more than ${hopsOver} hops`] : []),
		...(endpointOff === true && isOff ? ["endpoint off"] : []),
	];
}

/** As EC2 bounds the hop limit itself. */
const HOPS_MAX = 64;

function parseHops(text: string): number {
	const hops = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
	if (hops <= HOPS_MAX) return hops;
	throw new RangeError(`a whole number from 0 to ${HOPS_MAX}`);
}
