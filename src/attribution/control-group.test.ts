import assert from "node:assert/strict";
import { test } from "node:test";
import { type Place, placeOf } from "./control-group.ts";

const ID = "0123456789abcdef".repeat(4);

const CASES: readonly (readonly [title: string, text: string, place: Place])[] = [
	["a service", "0::/system.slice/nginx.service\n", { unit: "nginx.service" }],
	["a session", "0::/user.slice/user-1000.slice/session-3.scope\n", { unit: "session-3.scope" }],
	["a service of a user", "0::/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service\n", { unit: "sync.service" }],
	["nothing", "0::/\n", {}],
	["an empty text", "", {}],
	["Docker", `0::/system.slice/docker-${ID}.scope\n`, { container: { id: ID, runtime: "docker" } }],
	["Docker, by folders", `0::/docker/${ID}\n`, { container: { id: ID, runtime: "docker" } }],
	["Docker, version 1", `12:memory:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/\n`, { container: { id: ID, runtime: "docker" } }],
	[
		"a service in a container",
		`0::/docker/${ID}/system.slice/app.service\n`,
		{ container: { id: ID, runtime: "docker" }, unit: "app.service" },
	],
	[
		"containerd, by Kubernetes",
		`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n`,
		{ container: { id: ID, runtime: "containerd" } },
	],
	[
		"containerd, nested",
		`0::/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:${ID}\n`,
		{ container: { id: ID, runtime: "containerd" } },
	],
	["Kubernetes, by folders", `0::/kubepods/burstable/pod1/${ID}\n`, { container: { id: ID } }],
	["CRI-O", `0::/kubepods.slice/kubepods-pod1.slice/crio-${ID}.scope\n`, { container: { id: ID, runtime: "cri-o" } }],
	["CRI-O's monitor is none", `0::/system.slice/crio-conmon-${ID}.scope\n`, { unit: `crio-conmon-${ID}.scope` }],
	["Podman", `0::/machine.slice/libpod-${ID}.scope/container\n`, { container: { id: ID, runtime: "podman" } }],
	[
		"Podman of a user",
		`0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope\n`,
		{ container: { id: ID, runtime: "podman" } },
	],
	["LXC", "0::/lxc.payload.web\n", { container: { id: "web", runtime: "lxc" } }],
	["LXC, version 1", "4:pids:/lxc/web\n", { container: { id: "web", runtime: "lxc" } }],
	["LXC's monitor is none", "0::/lxc.monitor.web\n", {}],
	[
		"a container of systemd's",
		"0::/machine.slice/systemd-nspawn@web.service/payload\n",
		{ container: { id: "web", runtime: "systemd-nspawn" } },
	],
	["ECS", `0::/ecs/0123/${ID.slice(0, 32)}-265927825\n`, { container: { id: `${ID.slice(0, 32)}-265927825`, runtime: "docker" } }],
	["a container beside our own", `0::/../docker-${ID}.scope\n`, { container: { id: ID, runtime: "docker" } }],
	["a short number that is no container", "8:pids:/process_api/fc1dcb4b9d68a59f97af6846a6dfcfd5\n0::/\n", {}],
	["a colon in a name", "0::/system.slice/a:b.service\n", { unit: "a:b.service" }],
	["control characters", "0::/system.slice/a\u001bb.service\n", { unit: "ab.service" }],
];

for (const [title, text, place] of CASES)
	test(`a control group tells where a process belongs: ${title}`, () => assert.deepEqual(placeOf(text), place));
