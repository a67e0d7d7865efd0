import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { requireTool } from "../../test/tools.ts";
import { Attributor } from "./attributor.ts";
import type { Finding, Program } from "./finding.ts";
import { factsOf } from "./process-facts.ts";
import { descriptorOf } from "./processes.ts";

const linux = process.platform === "linux" ? false : "programs are told from their connections on Linux";
const root = linux !== false ? linux : process.geteuid?.() === 0 ? false : "other users' programs take root";
const curl = requireTool("curl");

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const NOBODY = 65_534;

function open(t: TestContext): Attributor {
	const attributor = new Attributor({ failed: (sentence) => assert.fail(sentence) });
	t.after(() => attributor.close());
	return attributor;
}

/** A server that tells of the other end of each connection when it has sent a request; it answers before, or once that is known. */
class Asked {
	readonly server: Server;
	readonly #findings: ((finding: Finding) => void)[] = [];

	constructor(t: TestContext, attributor: Attributor, { answerFirst = false } = {}) {
		this.server = createServer((socket) => {
			socket.on("error", () => {});
			socket.once("data", () => {
				if (answerFirst) socket.end(ANSWER);
				void attributor.find(caller(socket)).then((finding) => {
					if (!answerFirst) socket.end(ANSWER);
					this.#findings.shift()?.(finding);
					return finding;
				});
			});
		});
		t.after(() => this.server.close());
	}

	async listen(host = "127.0.0.1"): Promise<string> {
		this.server.listen(0, host);
		await once(this.server, "listening");
		return `127.0.0.1:${this.port}`;
	}

	get port(): number {
		return (this.server.address() as { port: number }).port;
	}

	next(): Promise<Finding> {
		return new Promise((resolve) => this.#findings.push(resolve));
	}
}

function caller(socket: Socket): Parameters<Attributor["find"]>[0] {
	const { remoteAddress, remotePort, localAddress, localPort } = socket;
	const { fd } = (socket as unknown as { readonly _handle: { readonly fd: number } })._handle;
	if (remoteAddress === undefined || remotePort === undefined) return { ends: undefined, fd };
	return { ends: { clientAddress: remoteAddress, clientPort: remotePort, serverAddress: localAddress!, serverPort: localPort! }, fd };
}

function start(t: TestContext, command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
	const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"], ...options });
	t.after(() => child.kill("SIGKILL"));
	return child;
}

function programOf(finding: Finding): Program {
	assert.ok("program" in finding, JSON.stringify(finding));
	return finding.program;
}

/** A script that asks once and stays. */
function script(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "openimds-attribution-"));
	t.after(() => rmSync(folder, { recursive: true }));
	execFileSync("chmod", ["755", folder]);
	const path = join(folder, "old-client.mjs");
	writeFileSync(path, `import { get } from "node:http"; get(process.argv[2], (r) => r.resume()); setInterval(() => {}, 1000);`);
	return path;
}

for (const host of ["127.0.0.1", "::"]) {
	test(`curl is named, asked at ${host}`, { skip: linux || curl.skip }, async (t) => {
		const asked = new Asked(t, open(t));
		const address = await asked.listen(host);
		const finding = asked.next();
		const child = start(t, curl.path, ["-s", "-H", "X-Secret: hunter2", `http://${address}/latest/meta-data/`]);
		const program = programOf(await finding);
		assert.equal(program.pid, child.pid);
		assert.match(program.executable, /\/curl$/);
		assert.equal(program.commandLine, `curl -s -H … http://${address}/latest/meta-data/`);
		assert.equal(program.uid, process.getuid?.());
		assert.equal(program.networkNamespace, undefined);
		assert.ok(Math.abs(Date.now() - program.startedAtMs) < 60_000, String(program.startedAtMs));
	});
}

test("a script is named by its interpreter and its file", { skip: linux }, async (t) => {
	const asked = new Asked(t, open(t));
	const address = await asked.listen();
	const finding = asked.next();
	const path = script(t);
	const child = start(t, process.execPath, [path, `http://${address}/latest/`, "--password=hunter2"]);
	const program = programOf(await finding);
	assert.equal(program.pid, child.pid);
	assert.equal(program.executable, readlinkSync("/proc/self/exe"));
	assert.equal(program.commandLine, `node ${path} http://${address}/latest/ --password=…`);
});

test("another user's program is named, with its user", { skip: root }, async (t) => {
	const asked = new Asked(t, open(t));
	const address = await asked.listen();
	const finding = asked.next();
	start(t, process.execPath, [script(t), `http://${address}/latest/`], { uid: NOBODY, gid: NOBODY, cwd: "/" });
	const { user, uid } = programOf(await finding);
	assert.deepEqual({ user, uid }, { user: "nobody", uid: NOBODY });
});

test("a program in a user namespace is its user's outside of it", { skip: root || curl.skip }, async (t) => {
	const asked = new Asked(t, open(t));
	const address = await asked.listen();
	const finding = asked.next();
	const options = { uid: NOBODY, gid: NOBODY, cwd: "/" };
	start(t, "unshare", ["--user", "--map-root-user", curl.path, "-s", `http://${address}/`], options);
	const { executable, user } = programOf(await finding);
	assert.match(executable, /\/curl$/);
	assert.equal(user, "nobody");
});

test("who was handed a connection by its parent is not taken for the one that opened it", { skip: linux }, async (t) => {
	const asked = new Asked(t, open(t));
	await asked.listen();
	const finding = asked.next();
	// The second shell has the socket, too, and is the newer process.
	const line = `exec 3<>/dev/tcp/127.0.0.1/${asked.port}; bash -c 'printf "GET / HTTP/1.1\\r\\n\\r\\n" >&3; cat <&3; true'; true`;
	const child = start(t, "bash", ["-c", line]);
	const program = programOf(await finding);
	assert.equal(program.pid, child.pid);
	assert.equal(program.commandLine, "bash -c …");
});

test("who connects by a Unix socket is named by the kernel's word", { skip: linux || curl.skip }, async (t) => {
	const asked = new Asked(t, open(t));
	const folder = mkdtempSync(join(tmpdir(), "openimds-attribution-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	asked.server.listen(join(folder, "socket"));
	await once(asked.server, "listening");
	const finding = asked.next();
	const child = start(t, curl.path, ["-s", "--unix-socket", join(folder, "socket"), "http://localhost/latest/"]);
	const program = programOf(await finding);
	assert.equal(program.pid, child.pid);
	assert.equal(program.commandLine, "curl -s --unix-socket … http://localhost/latest/");
});

test("whoever is gone is unknown", { skip: linux }, async (t) => {
	const attributor = open(t);
	const ends = { clientAddress: "127.0.0.1", clientPort: 1, serverAddress: "127.0.0.1", serverPort: 80 };
	assert.deepEqual(await attributor.find({ ends, fd: -1 }), {
		unknown: "the socket was gone: its program had closed it or ended",
		isLate: true,
	});
});

test("an address that is nobody's here is a guest's", { skip: root }, async (t) => {
	const attributor = open(t);
	for (const clientAddress of ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"]) {
		const finding = await attributor.find({
			ends: { clientAddress, clientPort: 1, serverAddress: clientAddress.includes(".") ? "127.0.0.1" : "::1", serverPort: 80 },
			fd: -1,
		});
		assert.match("unknown" in finding ? finding.unknown : "", /^no socket of this machine has the address [\w.:]+7: it was a guest/);
	}
	assert.deepEqual(await attributor.find({ ends: undefined, fd: -1 }), { unknown: "the connection was gone" });
});

const choice = existsSync("/proc/sys/kernel/ns_last_pid") ? false : "this kernel lets nobody choose a process's number";

test("a number that another process has by now names nobody", { skip: root || choice }, async (t) => {
	const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
	t.after(() => server.close());
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	const hold = (target: number) => `require("node:net").connect(${target}, "127.0.0.1"); setInterval(() => {}, 1000)`;
	const connected = once(server, "connection");
	const first = start(t, process.execPath, ["-e", hold(port)]);
	await connected;
	const pid = first.pid!;
	const link = socketLinkOf(pid);
	const descriptor = descriptorOf(pid, link)!;
	const suspect = { pid, holds: { descriptor, link }, serverAddress: "127.0.0.1" };
	assert.equal(factsOf(suspect)?.facts.pid, pid);
	first.kill("SIGKILL");
	await once(first, "exit");
	assert.equal(factsOf(suspect), undefined);
	// Others start processes as well: the number is ours after a few tries.
	for (let tries = 0; tries < 200; tries++) {
		writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
		const again = once(server, "connection");
		const second = start(t, process.execPath, ["-e", hold(port)]);
		if (second.pid === pid) {
			await again;
			assert.equal(factsOf(suspect), undefined);
			assert.equal(factsOf({ ...suspect, holds: { descriptor, link: socketLinkOf(pid) } })?.facts.pid, pid);
			return;
		}
		second.kill("SIGKILL");
		await once(second, "exit");
	}
	assert.fail("in 200 tries, its number was never given out again");
});

/** Of the TCP socket: the last that it opened. */
function socketLinkOf(pid: number): string {
	const links = execFileSync("find", [`/proc/${pid}/fd`, "-lname", "socket:*", "-printf", "%f %l\n"], { encoding: "utf8" });
	const sorted = links
		.trim()
		.split("\n")
		.toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
	return sorted[0]!.split(" ")[1]!;
}

test("where other users' processes may not be looked into, the user is named and what would help", { skip: root }, async (t) => {
	const program = [
		`import { createServer } from "node:net";`,
		`const { Attributor } = await import(${JSON.stringify(new URL("attributor.ts", import.meta.url).href)});`,
		`const attributor = new Attributor({ failed: console.error });`,
		`createServer((c) => attributor.find({ fd: -1, ends: { clientAddress: c.remoteAddress, clientPort: c.remotePort,`,
		`serverAddress: c.localAddress, serverPort: c.localPort } }).then((f) => console.log(JSON.stringify(f))))`,
		`.listen(0, "127.0.0.1", function () { console.log(this.address().port); });`,
	].join("\n");
	const options: SpawnOptions = { uid: NOBODY, gid: NOBODY, cwd: "/", stdio: ["ignore", "pipe", "inherit"] };
	const child = start(t, process.execPath, ["--input-type=module", "-e", program], options);
	const lines = child.stdout!.setEncoding("utf8");
	const [port] = (await once(lines, "data")) as [string];
	const client = connect(Number(port), "127.0.0.1");
	t.after(() => client.destroy());
	const [line] = (await once(lines, "data")) as [string];
	assert.deepEqual(JSON.parse(line), {
		unknown:
			"the process belongs to user root (uid 0), whose processes openimds may not look into: run it as root, or give it CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH",
		uid: 0,
		user: "root",
	});
});

test("curl that has its answer first is never taken for another, and is named in the end", { skip: linux || curl.skip }, async (t) => {
	const asked = new Asked(t, open(t), { answerFirst: true });
	const address = await asked.listen();
	for (let run = 1; run <= 500; run++) {
		const finding = asked.next();
		const child = start(t, curl.path, ["-s", `http://${address}/`]);
		const [found] = await Promise.all([finding, once(child, "exit")]);
		if ("unknown" in found) assert.equal(found.isLate, true, found.unknown);
		else if ("ended" in found) assert.deepEqual(found.ended, { pid: child.pid, name: "curl" });
		else {
			assert.equal(found.program.pid, child.pid);
			assert.equal(found.program.commandLine, `curl -s http://${address}`);
			t.diagnostic(`run ${run} was named`);
			return;
		}
	}
	assert.fail("never in 500 runs");
});

test("ten thousand short connections leave no more than 256 waiting, and all are told of", { skip: linux, timeout: 110_000 }, async (t) => {
	const attributor = open(t);
	const outcomes = { named: 0, late: 0, slow: 0, refused: 0 };
	let waiting = 0;
	let mostWaiting = 0;
	const found: Promise<void>[] = [];
	const server = createServer((socket) => {
		socket.on("error", () => {});
		mostWaiting = Math.max(mostWaiting, ++waiting);
		const before = waiting;
		found.push(
			attributor.find(caller(socket)).then((finding) => {
				waiting--;
				if ("program" in finding) {
					outcomes.named++;
					assert.equal(finding.program.pid, process.pid);
				} else if ("ended" in finding) assert.fail(JSON.stringify(finding));
				else if (finding.isLate === true) outcomes.late++;
				else if (finding.unknown.startsWith("not found within ")) outcomes.slow++;
				else {
					assert.equal(finding.unknown, "not looked up: 256 others were waiting");
					assert.ok(before > 256, String(before));
					outcomes.refused++;
				}
				return undefined;
			}),
		);
		socket.end(ANSWER);
	}).listen(0, "127.0.0.1");
	t.after(() => server.close());
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	const client = async (connections: number) => {
		for (let n = 0; n < connections; n++) {
			const socket = connect(port, "127.0.0.1");
			socket.resume();
			await once(socket, "close");
		}
	};
	await Promise.all(Array.from({ length: 100 }, () => client(100)));
	await Promise.all(found);
	assert.ok(mostWaiting <= 257, String(mostWaiting));
	assert.equal(outcomes.named + outcomes.late + outcomes.slow + outcomes.refused, 10_000);
	t.diagnostic(JSON.stringify({ ...outcomes, mostWaiting }));
});

test("a process that only looks up ends", { skip: linux }, async (t) => {
	const program = [
		`const { Attributor } = await import(${JSON.stringify(new URL("attributor.ts", import.meta.url).href)});`,
		"const attributor = new Attributor({ failed: console.error });",
		"const until = setInterval(() => {}, 1000);",
		"await attributor.how;",
		"clearInterval(until);",
	].join("\n");
	const [code] = (await once(start(t, process.execPath, ["--input-type=module", "-e", program]), "exit")) as [number];
	assert.equal(code, 0);
});

test("what is looked up while it ends stays unknown, and so does what comes later", { skip: linux }, async () => {
	const attributor = new Attributor({ failed: (sentence) => assert.fail(sentence) });
	const ends = { clientAddress: "127.0.0.1", clientPort: 1, serverAddress: "127.0.0.1", serverPort: 80 };
	const waiting = Array.from({ length: 300 }, () => attributor.find({ ends, fd: -1 }));
	await attributor.close();
	const findings = await Promise.all([...waiting, attributor.find({ ends, fd: -1 })]);
	const ending = findings.filter((finding) => "unknown" in finding && finding.unknown === "not looked up: openimds is ending");
	const refused = findings.filter((finding) => "unknown" in finding && finding.unknown === "not looked up: 256 others were waiting");
	assert.equal(refused.length, 44);
	assert.equal(ending.length, 257);
});
