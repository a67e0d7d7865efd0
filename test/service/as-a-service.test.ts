// As systemd and operators run it: restarts that refuse nobody, sockets that are handed over, privileges that are dropped, probes.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test, type TestContext } from "node:test";
import { MAIN, startService, temporaryFolder, tokenFrom } from "../running-service.ts";
import { requireTool } from "../tools.ts";

const ID = "i-0123456789abcdef0";
const ip = requireTool("ip");
const setpriv = requireTool("setpriv");
const socketActivate = requireTool("systemd-socket-activate");
const analyze = requireTool("systemd-analyze");
const asRoot = process.getuid?.() === 0 ? false : "needs root";

const REQUEST = "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n";

/** Asks on a connection of its own; "" where it was closed, or an error's code. */
function ask(at: { port: number; host: string } | { path: string }): Promise<string> {
	return new Promise((resolve) => {
		let answer = "";
		const socket = connect({ ...at, noDelay: true } as Parameters<typeof connect>[0] & object, () => void socket.end(REQUEST));
		socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
		socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
		socket.once("close", () => resolve(answer.split("\r\n\r\n")[1] ?? answer));
	});
}

function probe(dataDir: string, path: string): string {
	const socket = join(dataDir, "control.sock");
	return execFileSync("curl", ["-s", "-w", " %{http_code}", "--unix-socket", socket, `http://localhost${path}`], { encoding: "utf8" });
}

/** The fields of /proc/PID/status. */
function processStatus(pid: number): ReadonlyMap<string, string> {
	const lines = readFileSync(`/proc/${pid}/status`, "utf8").trim().split("\n");
	return new Map(
		lines.map((line) => [
			line.split(":")[0] ?? "",
			line
				.slice(line.indexOf(":") + 1)
				.trim()
				.replaceAll("\t", " "),
		]),
	);
}

describe("SIGUSR2", () => {
	test("starts the program again under its process id, and refuses no connection meanwhile", async (t) => {
		const folder = temporaryFolder(t);
		const path = join(folder, "a.sock");
		const configuration = `instances:\n  - instanceId: ${ID}\n    endpointListen: ["127.0.0.1:0", "[::1]:0", "unix:${path}"]\n`;
		const service = await startService(t, { configuration });
		const { pid, listeners } = await service.status();
		const places = listeners.map(({ address }) => {
			if (address.startsWith("unix:")) return { path };
			const { hostname, port } = new URL(`http://${address}`);
			return { host: hostname.replaceAll(/[[\]]/g, ""), port: Number(port) };
		});
		const token = await tokenFrom(service.url, 600);
		const asked = new AbortController();
		const asking = places.map(async (place) => {
			const answers = new Map<string, number>();
			while (!asked.signal.aborted) {
				const answer = await ask(place);
				answers.set(answer, (answers.get(answer) ?? 0) + 1);
			}
			return answers;
		});
		for (let restart = 0; restart < 2; restart++) {
			const before = (await service.status()).startedAt;
			const restarting = service.nextLog(/restarting/);
			service.signal("SIGUSR2");
			await restarting;
			for (let now = before; now === before;) {
				await new Promise((resolve) => setTimeout(resolve, 100));
				now = (await service.status().catch(() => undefined))?.startedAt ?? before;
			}
		}
		asked.abort();
		for (const answers of await Promise.all(asking)) assert.deepEqual([...answers.keys()], [ID]);
		const after = await service.status();
		assert.equal(after.pid, pid);
		assert.deepEqual(after.listeners, listeners, "on the ports it had");
		const held = await fetch(`${service.url}/latest/meta-data/instance-id`, { headers: { "X-aws-ec2-metadata-token": token } });
		assert.equal(await held.text(), ID, "a token opens it still");
	});

	test("changes nothing where the configuration would not start again, or nothing is kept", async (t) => {
		const service = await startService(t, { configuration: `instances:\n  - instanceId: ${ID}\n    endpointListen: "127.0.0.1:0"\n` });
		writeFileSync(service.configFile, "instances: [{ nonsense: 1 }]\n");
		const refused = service.nextLog(/not restarted.*|nonsense/);
		service.signal("SIGUSR2");
		assert.match(await refused, /nonsense/);
		assert.equal(await (await fetch(`${service.url}/latest/meta-data/instance-id`)).text(), ID);
	});
});

describe("probes", () => {
	test("are answered on the control socket, and are no paths where instances ask", async (t) => {
		const service = await startService(t);
		assert.equal(probe(service.dataDir, "/healthz"), '{"status":"ok"} 200');
		assert.equal(probe(service.dataDir, "/readyz"), '{"status":"ready"} 200');
		for (const path of ["/healthz", "/readyz", "/status", "/metrics"]) assert.equal((await fetch(`${service.url}${path}`)).status, 404);
	});

	test("a listener that can't be had makes it not ready", async (t) => {
		const service = await startService(t, { configuration: `instances:\n  - instanceId: ${ID}\n    endpointListen: "127.0.0.1:0"\n` });
		const { port } = new URL(service.url);
		const taken = `instances:\n  - instanceId: ${ID}\n    endpointListen: ["127.0.0.1:0", "0.0.0.0:${port}"]\n`;
		writeFileSync(service.configFile, taken);
		const logged = service.nextLog(/another program listens there/);
		service.signal("SIGHUP");
		await logged;
		assert.match(probe(service.dataDir, "/readyz"), /"not ready".*another program listens there.* 503$/);
		assert.equal(probe(service.dataDir, "/healthz"), '{"status":"ok"} 200');
	});
});

describe("under systemd", () => {
	test("a socket that systemd holds is served as it is, and outlasts the service", { skip: socketActivate.skip }, async (t) => {
		const dataDir = temporaryFolder(t);
		const port = 20_000 + (process.pid % 20_000);
		const child = spawn(
			socketActivate.path,
			["-l", `127.0.0.1:${port}`, process.execPath, MAIN, "serve", "--data-dir", dataDir, "--endpoint-listen", `127.0.0.1:${port}`],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		t.after(() => endOf(child, "SIGKILL"));
		const listening = createInterface({ input: child.stderr });
		await once(listening, "line"); // it listens, and the service starts with the first connection
		const answer = await ask({ host: "127.0.0.1", port });
		assert.match(answer, /^i-[0-9a-f]{17}$/, "the connection that started it is answered");
		await endOf(child, "SIGTERM");
	});

	test("it is told when the service is ready, and when it stops", { skip: asRoot }, async (t) => {
		const folder = temporaryFolder(t);
		const path = join(folder, "notify.sock");
		// Node has no datagrams on Unix sockets.
		const listener = spawn("python3", [
			"-uc",
			`import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(${JSON.stringify(path)}); print("bound")\nwhile True: print(s.recv(100).decode())`,
		]);
		t.after(() => endOf(listener, "SIGKILL"));
		const told = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
		assert.equal((await told.next()).value, "bound");
		process.env["NOTIFY_SOCKET"] = path;
		const service = await startService(t);
		delete process.env["NOTIFY_SOCKET"];
		assert.equal((await told.next()).value, "READY=1");
		await service.stop();
		assert.equal((await told.next()).value, "STOPPING=1");
	});

	test("the unit gives it little: systemd's own count is 2.0 at most", { skip: analyze.skip }, () => {
		execFileSync(analyze.path, ["security", "--offline=true", "--threshold=20", "deploy/systemd/openimds.service"], { stdio: "pipe" });
	});

	test("what the unit gives is enough for EC2's addresses", { skip: ip.skip || setpriv.skip || asRoot }, async (t) => {
		const namespace = `oimds-unit-${process.pid}`;
		execFileSync(ip.path, ["netns", "add", namespace]);
		t.after(() => execFileSync(ip.path, ["netns", "del", namespace]));
		execFileSync(ip.path, ["-n", namespace, "link", "set", "lo", "up"]);
		const dataDir = temporaryFolder(t);
		execFileSync("chown", ["nobody", dataDir]);
		const capabilities = "-all,+net_admin,+net_bind_service";
		const within = ["netns", "exec", namespace, setpriv.path, "--reuid=nobody", "--regid=nogroup", "--clear-groups"];
		const rights = ["inh-caps", "ambient-caps", "bounding-set"].map((set) => `--${set}=${capabilities}`);
		const serve = [process.execPath, MAIN, "serve", "--link-local", "--data-dir", dataDir, "--endpoint-listen", "127.0.0.1:0"];
		const child = spawn(ip.path, [...within, ...rights, "--no-new-privs", ...serve], { stdio: ["ignore", "pipe", "inherit"] });
		t.after(() => endOf(child, "SIGKILL"));
		for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("ready")) break;
		const url = "http://169.254.169.254/latest/meta-data/instance-id";
		assert.match(execFileSync(ip.path, ["netns", "exec", namespace, "curl", "-s", url], { encoding: "utf8" }), /^i-/);
		await endOf(child, "SIGTERM");
		assert.doesNotMatch(execFileSync(ip.path, ["-n", namespace, "addr"], { encoding: "utf8" }), /169\.254|fd00:ec2/);
	});
});

describe("--user", () => {
	test("gives up root, and the data folder to the user", { skip: asRoot }, async (t) => {
		const service = await startService(t, {
			configuration: `instances:\n  - instanceId: ${ID}\n    endpointListen: "127.0.0.1:0"\n`,
			flags: ["--user", "nobody"],
		});
		const { pid } = await service.status();
		const status = processStatus(pid);
		assert.equal(status.get("Uid"), "65534 65534 65534 65534");
		assert.equal(status.get("Gid"), "65534 65534 65534 65534");
		assert.equal(status.get("Groups"), "65534");
		for (const set of ["CapPrm", "CapEff", "CapAmb"]) assert.match(status.get(set) ?? "", /^0+$/, set);
		assert.equal(statSync(join(service.dataDir, "store.sqlite")).uid, 65_534);
		writeFileSync(service.configFile, `instances:\n  - { instanceId: ${ID}, endpointListen: "127.0.0.1:0", instanceType: c3.large }\n`);
		const applied = service.nextLog(/configuration applied/);
		service.signal("SIGHUP");
		await applied;
		assert.equal(await (await fetch(`${service.url}/latest/meta-data/instance-type`)).text(), "c3.large");
	});

	test("is refused to who isn't root, and for nobody there is", { skip: setpriv.skip || asRoot }, async (t) => {
		const serve = [MAIN, "serve", "--ephemeral", "--endpoint-listen", "127.0.0.1:0", "--user"];
		assert.match(await failure(t, process.execPath, [...serve, "nosuchuser"]), /there is no such user/);
		const asNobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups", process.execPath];
		assert.match(await failure(t, setpriv.path, [...asNobody, ...serve, "daemon"]), /only root can become another user/);
	});
});

/** What a program that is to fail says. */
async function failure(t: TestContext, program: string, args: readonly string[]): Promise<string> {
	const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
	t.after(() => endOf(child, "SIGKILL"));
	let errors = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
	const [code] = (await once(child, "close")) as [number];
	assert.notEqual(code, 0);
	return errors;
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = once(child, "exit");
	child.kill(signal);
	await gone;
}
