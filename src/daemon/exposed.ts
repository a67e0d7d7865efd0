// Every metric that Prometheus can read, in one list.

import type { Endpoint } from "../endpoint/endpoint.ts";
import type { CredentialIssuer } from "../identity/role-credentials.ts";
import type { RequestCounts } from "../observe/request-counts.ts";
import { type Exposed, type Sample, single } from "../observe/prometheus.ts";
import { REQUEST_VERSIONS, seriesOf, STATUSES } from "../observe/request-series.ts";
import type { AskingMode } from "../replica/replica.ts";
import type { Tenant } from "../replica/tenant.ts";
import type { ApiCounts } from "./api-counts.ts";
import type { Listeners } from "./listeners.ts";

/** Where the numbers come from. */
export interface Sources {
	readonly endpoint: Pick<Endpoint, "open" | "counts">;
	readonly counts: RequestCounts;
	readonly replica: { tenants(): Iterable<Asked> };
	readonly listeners: Pick<Listeners, "status">;
	readonly issuer: Pick<CredentialIssuer, "issued" | "lastIssuedMs">;
	readonly api: ApiCounts;
	/** How many revisions of the store the endpoint has not seen yet. */
	readonly storeLag: () => Promise<number>;
	readonly startedAtMs: number;
}

/** What is looked at of an instance. */
type Asked = Pick<Tenant, "reachable" | "httpEndpoint" | "httpTokens">;

/** Instances that have a label of their own; the others share one. */
const INSTANCES_TOLD = 1000;

export function exposed({ endpoint, counts, replica, listeners, issuer, api, storeLag, startedAtMs }: Sources): readonly Exposed[] {
	const { counts: connections } = endpoint;
	return [
		{
			type: "counter",
			name: "openimds_requests_total",
			help: "Metadata requests by version (v1: without a token; v2: with one; token: for one) and HTTP status.",
			// All of them, zeros too: of a series that begins with its first request, increase() never sees that one.
			samples: () =>
				REQUEST_VERSIONS.flatMap((version) =>
					STATUSES.map((status) => ({ labels: { version, status: String(status) }, value: counts.total(seriesOf(version, status)) })),
				),
		},
		{
			type: "counter",
			name: "openimds_refusals_total",
			help: "Metadata requests and connections that were refused, by reason.",
			samples: () =>
				Object.entries({
					"no-token": counts.total(seriesOf("v1", 401)),
					"bad-token": counts.total(seriesOf("v2", 401)),
					forbidden: sumOf(counts, 403),
					"bad-request": sumOf(counts, 400),
					"not-allowed": sumOf(counts, 405),
					throttled: sumOf(counts, 503),
					"unknown-caller": connections.unknownCaller,
					"too-many-connections": connections.overLimit,
					"too-slow": connections.timedOut,
					"ipv6-disabled": connections.ipv6Disabled,
					"bad-proxy-header": connections.badProxyHeader,
				}).map(([reason, value]) => ({ labels: { reason }, value })),
		},
		single("counter", "openimds_tokens_issued_total", "Session tokens issued.", () => counts.total(seriesOf("token", 200))),
		{
			type: "counter",
			name: "openimds_instance_v1_requests_total",
			help: `Requests without a token that were let in, found or not (200, 404), by instance; from the ${INSTANCES_TOLD + 1}st on as "other".`,
			samples: byInstance(counts, seriesOf("v1", 200), seriesOf("v1", 404)),
		},
		{
			type: "counter",
			name: "openimds_instance_v1_rejected_total",
			help: "Requests without a token that were rejected, likewise.",
			samples: byInstance(counts, seriesOf("v1", 401)),
		},
		single("gauge", "openimds_connections", "Open connections of metadata clients.", () => endpoint.open),
		single("counter", "openimds_connections_total", "Connections of metadata clients.", () => connections.accepted),
		{
			type: "gauge",
			name: "openimds_instances",
			help: "Instances, by whether they may ask for metadata without a token (off: nor with one).",
			samples: () => {
				const modes = Map.groupBy(replica.tenants(), modeOf);
				return (["optional", "required", "off"] as const).map((tokens) => ({ labels: { tokens }, value: modes.get(tokens)?.length ?? 0 }));
			},
		},
		single("gauge", "openimds_listeners", "Open listeners of the metadata endpoint.", () => listeners.status().length),
		single("gauge", "openimds_store_lag_revisions", "Changes of the store that the metadata endpoint has not seen yet.", storeLag),
		single(
			"counter",
			"openimds_role_credentials_issued_total",
			"Sets of role credentials made, hourly refreshes included.",
			() => issuer.issued,
		),
		single(
			"gauge",
			"openimds_role_credentials_last_issued_timestamp_seconds",
			"When the last set of role credentials was made; 0: never.",
			() => issuer.lastIssuedMs / 1000,
		),
		{
			type: "counter",
			name: "openimds_api_requests_total",
			help: "Requests to the control APIs, by service, operation and error code.",
			samples: () => api.samples(),
		},
		single("gauge", "openimds_start_time_seconds", "When the service started.", () => startedAtMs / 1000),
		single("gauge", "process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss()),
		single("counter", "process_cpu_seconds_total", "Processor time, user and system.", () => {
			const { user, system } = process.cpuUsage();
			return (user + system) / 1e6;
		}),
	];
}

function sumOf(counts: RequestCounts, status: (typeof STATUSES)[number]): number {
	return REQUEST_VERSIONS.reduce((sum, version) => sum + counts.total(seriesOf(version, status)), 0);
}

function modeOf({ reachable, httpEndpoint, httpTokens }: Asked): AskingMode {
	return reachable && httpEndpoint === "enabled" ? httpTokens : "off";
}

/** By who was told first, not by who has most now: an instance that went from a series of its own to the others' would make a counter fall. */
function byInstance(counts: RequestCounts, ...series: readonly number[]): Exposed["samples"] {
	const told = new Set<string>();
	return () => {
		const totals = new Map<string, number>();
		for (const each of series) for (const [id, value] of counts.totalsOf(each)) totals.set(id, (totals.get(id) ?? 0) + value);
		let others = 0;
		const samples: Sample[] = [];
		for (const [instance_id, value] of [...totals].toSorted(([, a], [, b]) => b - a)) {
			if (told.size < INSTANCES_TOLD) told.add(instance_id);
			if (told.has(instance_id)) samples.push({ labels: { instance_id }, value });
			else others += value;
		}
		return others === 0 ? samples : [...samples, { labels: { instance_id: "other" }, value: others }];
	};
}
