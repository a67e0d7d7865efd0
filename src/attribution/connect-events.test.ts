import assert from "node:assert/strict";
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { on, once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, symlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { requireTool } from "../../test/tools.ts";
import { openTracefs } from "../linux/tracefs.ts";
import { Attributor } from "./attributor.ts";
import { openConnectEvents } from "./connect-events.ts";
import type { Finding } from "./finding.ts";

const curl = requireTool("curl");
const probe = openConnectEvents();
const noEvents = "reason" in probe ? probe.reason : false;
if (!("reason" in probe)) probe.close();

/**
 * Thousands of connections of another test at the same time may make the kernel forget events: nothing is told then, and for a second after.
 * So it is tried again, for that long at most.
 */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;

let attributor: Promise<Attributor> | undefined;
after(async () => (await attributor)?.close());

/** What becomes of a process. */
interface Client {
	readonly exited: Promise<unknown>;
	/** Nobody has its output open any more; missing: it has none. */
	readonly silent: Promise<unknown> | null;
}

/** Looks for who made connections to it, when nothing but the kernel's events leads there any more. */
class Late {
	readonly port: number;
	readonly #attributor: Attributor;
	readonly #accepted: AsyncIterator<[Socket]>;

	constructor(server: Server, known: Attributor) {
		this.port = (server.address() as { port: number }).port;
		this.#attributor = known;
		this.#accepted = on(server, "connection") as AsyncIterator<[Socket]>;
	}

	/** What is found once something has happened, at one of a few tries; with the process that it ought to be. */
	async findAfter(client: () => ChildProcess, happened: (child: Client, socket: Socket) => Promise<unknown>) {
		const untilMs = performance.now() + PATIENCE_MS;
		for (;;) {
			const child = client();
			// From the beginning: it may be over before its connection is seen here.
			const [exited, silent] = [once(child, "exit"), child.stdout && once(child.stdout.resume(), "end")];
			const finding = await this.find((socket) => happened({ exited, silent }, socket));
			if (!("unknown" in finding)) return { finding, pid: child.pid };
			assert.ok(finding.isLate && performance.now() < untilMs, finding.unknown);
			await wait(PAUSE_MS);
		}
	}

	/** What is found of the next connection once something has happened. */
	async find(happened: (socket: Socket) => Promise<unknown>): Promise<Finding> {
		const [socket] = (await this.#accepted.next()).value as [Socket];
		const acceptedAtMs = performance.now();
		socket.on("error", () => {}).resume();
		const { remoteAddress, remotePort, localAddress, localPort } = socket;
		const ends = { clientAddress: remoteAddress!, clientPort: remotePort!, serverAddress: localAddress!, serverPort: localPort! };
		await happened(socket);
		return this.#attributor.find({ ends, acceptedAtMs, fd: -1 });
	}
}

async function listen(t: TestContext, host = "127.0.0.1"): Promise<Late> {
	const server = createServer().listen(0, host);
	t.after(() => server.close());
	await once(server, "listening");
	return new Late(server, await (attributor ??= begin()));
}

/** One that knows what has just been connected, which is so a second after its beginning. */
async function begin(): Promise<Attributor> {
	const begun = new Attributor({ failed: (sentence) => assert.fail(sentence) });
	assert.equal(await begun.how, "by connect events");
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const late = new Late(server, begun);
	for (;;) {
		const client = connect(late.port, "127.0.0.1");
		const finding = await late.find((socket) => (client.destroy(), once(socket, "close")));
		if ("program" in finding) {
			assert.equal(finding.program.pid, process.pid);
			server.close();
			return begun;
		}
		assert.ok("unknown" in finding && finding.isLate, JSON.stringify(finding));
	}
}

function start(t: TestContext, command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
	const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"], ...options });
	t.after(() => {
		child.stdin?.destroy();
		child.kill("SIGKILL");
	});
	return child;
}

/** Makes a connection, closes it when it is answered, and stays. */
const CLIENT = `const socket = require("node:net").connect(PORT, "HOST").on("data", () => socket.destroy()); setInterval(() => {}, 1000);`;

for (const [host, via] of [
	["127.0.0.1", "127.0.0.1"],
	["::1", "::1"],
	["::", "127.0.0.1"],
	["::", "::ffff:127.0.0.1"],
] as const) {
	test(`who has closed its socket is named all the same: ${via} at ${host}`, { skip: noEvents }, async (t) => {
		const late = await listen(t, host);
		const script = CLIENT.replace("PORT", String(late.port)).replace("HOST", via);
		for (let client = 0; client < 3; client++) {
			const { finding, pid } = await late.findAfter(
				() => start(t, process.execPath, ["-e", script]),
				(_, socket) => (socket.write("answer"), once(socket, "close")),
			);
			assert.ok("program" in finding, JSON.stringify(finding));
			assert.equal(finding.program.pid, pid);
			assert.equal(finding.program.commandLine, "node -e …");
			assert.equal(finding.program.uid, 0);
			assert.equal(finding.program.networkNamespace, undefined);
		}
	});
}

test("a connection that one of its threads has made is a process's", { skip: noEvents }, async (t) => {
	const late = await listen(t);
	const script = CLIENT.replace("PORT", String(late.port)).replace("HOST", "127.0.0.1");
	const { finding, pid } = await late.findAfter(
		() => start(t, process.execPath, ["-e", `new (require("node:worker_threads").Worker)(${JSON.stringify(script)}, { eval: true })`]),
		(_, socket) => (socket.write("answer"), once(socket, "close")),
	);
	assert.equal("program" in finding && finding.program.pid, pid, JSON.stringify(finding));
});

test("the user is the one whose program it is", { skip: noEvents }, async (t) => {
	const late = await listen(t);
	const script = CLIENT.replace("PORT", String(late.port)).replace("HOST", "127.0.0.1");
	const { finding } = await late.findAfter(
		() => start(t, process.execPath, ["-e", script], { uid: 65_534, gid: 65_534, cwd: "/" }),
		(_, socket) => (socket.write("answer"), once(socket, "close")),
	);
	assert.equal("program" in finding && finding.program.user, "nobody", JSON.stringify(finding));
});

test("a program that has ended is named by what it called itself", { skip: noEvents || curl.skip }, async (t) => {
	const late = await listen(t);
	const { finding, pid } = await late.findAfter(
		() => start(t, curl.path, ["-s", "--max-time", "10", `http://127.0.0.1:${late.port}/`]),
		({ exited }, socket) => (socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), exited),
	);
	assert.deepEqual(finding, { ended: { pid, name: "curl" } });
});

test("a program that has ended and whose parent does not want to know is named as well", { skip: noEvents || curl.skip }, async (t) => {
	const late = await listen(t);
	const script = `${curl.path} -s --max-time 10 http://127.0.0.1:${late.port}/ & exec sleep 1000 >/dev/null`;
	const { finding, pid: parent } = await late.findAfter(
		() => start(t, "sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] }),
		// Its output is closed when it ends.
		({ silent }, socket) => (socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), silent!),
	);
	const pid = Number(readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8"));
	assert.deepEqual(finding, { ended: { pid, name: "curl" } });
});

for (const [name, shown] of [
	["a b=c [0] d: 1", "a b=c [0] d: 1"],
	["\u001B[31mred", "[31mred"],
	["\u00FF\u00FE", "ÿþ"],
	["a-name-that-is-longer-than-15", "a-name-that-is-"],
	["two\nlines", "two"],
] as const) {
	test(`names are what somebody likes: ${JSON.stringify(name)}`, { skip: noEvents }, async (t) => {
		const late = await listen(t);
		const folder = mkdtempSync(join(tmpdir(), "openimds-attribution-"));
		t.after(() => rmSync(folder, { recursive: true }));
		symlinkSync("/bin/bash", join(folder, name));
		const { finding, pid } = await late.findAfter(
			() => start(t, join(folder, name), ["-c", `exec 3<>/dev/tcp/127.0.0.1/${late.port}`]),
			({ exited }) => exited,
		);
		assert.deepEqual(finding, { ended: { pid, name: shown } });
	});
}

/** The instances of threads of a process. */
function instancesOf(threads: readonly string[]): readonly string[] {
	const tracefs = openTracefs();
	try {
		return readdirSync(`${tracefs.path}/instances`).filter((name) => threads.some((thread) => name === `openimds-${thread}`));
	} finally {
		tracefs.close();
	}
}

/** A process that looks up until it is told to end. */
async function lookingUp(t: TestContext, options: SpawnOptions = {}, wrapper: readonly string[] = []) {
	const program = [
		`const { Attributor } = await import(${JSON.stringify(new URL("attributor.ts", import.meta.url).href)});`,
		"const attributor = new Attributor({ failed: console.error });",
		"setInterval(() => {}, 1000);",
		"console.log(await attributor.how);",
		`process.stdin.on("data", async () => (await attributor.close(), process.exit()));`,
		// Whoever waits for this test's output would wait for a process that outlived a wrapper, too.
		`process.stdin.on("end", () => process.exit());`,
	].join("\n");
	const [command, ...args] = [...wrapper, process.execPath, "--input-type=module", "-e", program];
	const child = start(t, command, args, { ...options, stdio: ["pipe", "pipe", "inherit"] });
	const [how] = (await once(child.stdout!.setEncoding("utf8"), "data")) as [string];
	return { child, how: how.trim() };
}

test("nothing is left when it is closed, and what a killed process has left goes with the next start", { skip: noEvents }, async (t) => {
	const [killed, closed] = [await lookingUp(t), await lookingUp(t)];
	const [killedThreads, closedThreads] = [killed, closed].map(({ child }) => readdirSync(`/proc/${child.pid}/task`));
	assert.equal(instancesOf(killedThreads!).length, 1);
	assert.equal(instancesOf(closedThreads!).length, 1);
	closed.child.stdin!.write("end");
	await once(closed.child, "exit");
	assert.deepEqual(instancesOf(closedThreads!), []);
	killed.child.kill("SIGKILL");
	await once(killed.child, "exit");
	assert.equal(existsSync(`/proc/${killed.child.pid}`), false);
	const before = instancesOf(readdirSync("/proc/self/task"));
	const next = new Attributor({ failed: (sentence) => assert.fail(sentence) });
	assert.equal(await next.how, "by connect events");
	assert.deepEqual(instancesOf(killedThreads!), []);
	assert.equal(instancesOf(readdirSync("/proc/self/task")).length, before.length + 1);
	await next.close();
	assert.deepEqual(instancesOf(readdirSync("/proc/self/task")), before);
});

test("what somebody else has among the instances stays", { skip: noEvents }, async (t) => {
	const tracefs = openTracefs();
	t.after(() => tracefs.close());
	const names = [`openimds-test-${process.pid}`, `other-${process.pid}`, `openimds-${process.pid}`].map(
		(name) => `${tracefs.path}/instances/${name}`,
	);
	for (const name of names) mkdirSync(name);
	try {
		const opened = openConnectEvents();
		assert.ok(!("reason" in opened));
		opened.close();
		// The last has the number of this very thread.
		assert.deepEqual(
			names.map((name) => existsSync(name)),
			[true, true, false],
		);
	} finally {
		for (const name of names) if (existsSync(name)) rmdirSync(name);
	}
});

test("without root, connections are looked up without events", { skip: noEvents }, async (t) => {
	const { how } = await lookingUp(t, { uid: 65_534, gid: 65_534, cwd: "/" });
	assert.match(how, /^by scanning: the kernel's tracing can't be used here \(fsopen: EPERM\)$/);
});

test("where processes have numbers of a PID namespace, events are not believed", { skip: noEvents }, async (t) => {
	const { how } = await lookingUp(t, {}, ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]);
	assert.equal(how, "by scanning: the kernel's tracing tells of other processes than are seen here");
});

test("who begins at the same moment does not keep another from it", { skip: noEvents }, async (t) => {
	const program = [
		`const { openConnectEvents } = await import(${JSON.stringify(new URL("connect-events.ts", import.meta.url).href)});`,
		"for (let n = 0; n < 20; n++) {",
		"  const events = openConnectEvents();",
		`  if ("reason" in events) throw new Error(events.reason);`,
		"  events.close();",
		"}",
	].join("\n");
	const children = Array.from({ length: 4 }, () => start(t, process.execPath, ["--input-type=module", "-e", program]));
	for (const [code] of await Promise.all(children.map((child) => once(child, "exit")))) assert.equal(code, 0);
});
