// What a process's control groups say about where it belongs: /proc/PID/cgroup (cgroups(7)).

import { printable } from "./command-line.ts";
import type { Container } from "./finding.ts";

export interface Place {
	readonly container?: Container;
	/** The innermost systemd unit; missing where that is only a container's wrapping. */
	readonly unit?: string;
}

/** A segment of a path that is a container's, by who names them so; the id is the first group. */
const CONTAINERS: readonly (readonly [runtime: string | undefined, pattern: RegExp])[] = [
	["docker", /^docker-([0-9a-f]{64})\.scope$/],
	["containerd", /^cri-containerd-([0-9a-f]{64})\.scope$/],
	["cri-o", /^crio-([0-9a-f]{64})(?:\.scope)?$/],
	["podman", /^libpod-([0-9a-f]{64})(?:\.scope)?$/],
	["nerdctl", /^nerdctl-([0-9a-f]{64})\.scope$/],
	["containerd", /^[^/]{1,255}\.slice:cri-containerd:([0-9a-f]{64})$/],
	["lxc", /^lxc\.payload\.([A-Za-z0-9_.-]{1,64})$/],
	["systemd-nspawn", /^systemd-nspawn@([^/]{1,64})\.service$/],
	// ECS: the container's id and a number behind it.
	["docker", /^([0-9a-f]{32}-\d{1,10})$/],
	[undefined, /^([0-9a-f]{64})$/],
];

/** A folder that tells whose containers are in it, where these have no more than an id. */
const PARENTS: Readonly<Record<string, string>> = {
	docker: "docker",
	ecs: "docker",
	lxc: "lxc",
	"lxc.payload": "lxc",
	libpod_parent: "podman",
};

const UNIT = /^[^/]{1,255}\.(?:service|scope|socket|mount|swap)$/;

/** Where a process belongs, by the text of its `/proc/PID/cgroup`. */
export function placeOf(text: string): Place {
	const path = pathOf(text);
	const segments = path.split("/").filter((segment) => segment !== "" && segment !== "..");
	let container: Container | undefined;
	let unit: string | undefined;
	segments.forEach((segment, index) => {
		const found = containerOf(segment, segments[index - 1]);
		// A container in a container is the one that the program is in; what is a unit inside of it, is one of its own.
		if (found !== undefined) [container, unit] = [found, undefined];
		else if (UNIT.test(segment)) unit = printable(segment);
	});
	return { ...(container === undefined ? {} : { container }), ...(unit === undefined ? {} : { unit }) };
}

/** The path that tells most: version 2's, systemd's own of version 1, or where both are the root, that of any controller. */
function pathOf(text: string): string {
	const lines = text.split("\n").map((line) => {
		const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
		return { controllers, path: path ?? "" };
	});
	const told = lines.filter(({ path }) => path !== "" && path !== "/");
	return (told.find(({ controllers }) => controllers === "" || controllers === "name=systemd") ?? told[0])?.path ?? "";
}

function containerOf(segment: string, parent: string | undefined): Container | undefined {
	for (const [runtime, pattern] of CONTAINERS) {
		const [, id] = pattern.exec(segment) ?? [];
		if (id === undefined) continue;
		const known = runtime ?? (parent === undefined ? undefined : PARENTS[parent]);
		return { id: printable(id), ...(known === undefined ? {} : { runtime: known }) };
	}
	// Version 1's folders, by the container's own name.
	if ((parent === "lxc" || parent === "lxc.payload") && /^[A-Za-z0-9_.-]{1,64}$/.test(segment)) return { id: segment, runtime: "lxc" };
	return undefined;
}
