import { buildCommand } from "@stricli/core";
import { type Context, print, printJson } from "../context.ts";
import { durationText } from "../durations.ts";
import { DATA_DIR, JSON_FLAG } from "../flags.ts";
import type { ServiceStatus } from "../../daemon/control-messages.ts";
import type { ListenerStatus } from "../../daemon/listeners.ts";
import { urlOf } from "../running-service.ts";
import { pairs } from "../table.ts";

interface StatusFlags {
	readonly json?: boolean;
	readonly dataDir?: string;
}

export const status = buildCommand<StatusFlags, [], Context>({
	docs: {
		brief: "Tell about the running service.",
		fullDescription: `
Tells which service runs on the data folder: version, since when, where it listens, what it was asked.

Examples:
  openimds status
  openimds status --json`,
	},
	parameters: { flags: { json: JSON_FLAG, dataDir: DATA_DIR } },
	async loader() {
		const { runningService } = await import("../running-service.ts");
		return async function ({ json, dataDir }) {
			const service = await runningService(this, dataDir).get("/status");
			if (json === true) return printJson(this, service);
			const { version, pid, startedAt, region, instances, listeners, connections, requests } = service;
			const lines = pairs([
				["version", version],
				["process", `${pid}, for ${durationText(Math.max(0, (Date.now() - Date.parse(startedAt)) / 1000))}`],
				["data folder", service.dataDir],
				["Region", region],
				["instances", String(instances)],
				["control APIs", service.apiAddress === undefined ? "off" : `http://${service.apiAddress}`],
				...(service.metricsAddress === undefined ? [] : [["metrics", `http://${service.metricsAddress}/metrics`] as const]),
				["listeners", listeners.map(printListener).join("\n") || "none"],
				...(service.missingPlaces.length === 0 ? [] : [["waits for", service.missingPlaces.join("\n")] as const]),
				["hop limit", service.hopLimit.enforced ? "enforced" : `OFF: ${service.hopLimit.reason}`],
				["connections", `${connections.open} open, ${connections.accepted} accepted, ${connections.timedOut} timed out`],
				["refused", refusals(service)],
				["tokens", requests === undefined ? "not counted" : `${requests.tokens} issued`],
				...(service.attribution === undefined
					? []
					: [["callers", NOT_LOOKED_UP[service.attribution] ?? `looked up ${service.attribution}`] as const]),
				["requests", requests === undefined ? "not counted (--no-metrics)" : printRequests(requests)],
			]);
			print(this, ...lines);
		};
	},
});

const NOT_LOOKED_UP: Readonly<Record<string, string>> = {
	off: "not looked up (--no-attribution)",
	beginning: "not looked up yet",
	failed: "not looked up: the log says why",
};

function printRequests({ withToken, withoutToken, rejectedWithoutToken }: NonNullable<ServiceStatus["requests"]>): string {
	return `${withToken} with a token, ${withoutToken} without, ${rejectedWithoutToken} refused for want of one`;
}

function printListener({ address, place, instanceId }: ListenerStatus): string {
	const where = address.startsWith("unix:") ? address : urlOf(address);
	return `${where}${place === undefined ? "" : ` at ${place}`} ${instanceId === undefined ? "by binding" : `as ${instanceId}`}`;
}

/** What is seldom is told only where it was. */
function refusals({ connections, requests }: ServiceStatus): string {
	return [
		`${connections.overLimit} over the limit`,
		`${connections.unknownCaller} from nobody known`,
		...(connections.ipv6Disabled > 0 ? [`${connections.ipv6Disabled} on IPv6, which is disabled`] : []),
		...(connections.badProxyHeader > 0 ? [`${connections.badProxyHeader} from proxies that named nobody`] : []),
		...(requests !== undefined && requests.throttled > 0 ? [`${requests.throttled} requests too fast`] : []),
	].join(", ");
}
