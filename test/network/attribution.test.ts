/** Programs in other networks than the service's, and users who may not look into everything. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { on, once } from "node:events";
import { createServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { Attributor } from "../../src/attribution/attributor.ts";
import { openConnectEvents } from "../../src/attribution/connect-events.ts";
import type { Finding, SocketEnds } from "../../src/attribution/finding.ts";
import { openListeningSocket } from "../../src/linux/listening-socket.ts";
import { requireTool } from "../tools.ts";
import { addressOf, buildLab, ENDPOINT, type Family, FAMILIES, GUEST, ip, type Lab, NEIGHBOUR, noLab, type Place, within } from "./lab.ts";

const PORT = 8080;
const setpriv = requireTool("setpriv");

/** A host that serves at the tap of its first guest. */
function build(t: TestContext): Lab {
	const lab = buildLab(t, [GUEST, NEIGHBOUR]);
	ip(lab.host, [
		`addr add ${ENDPOINT.IPv4.host}/32 dev tap0`,
		`addr add ${ENDPOINT.IPv6.host}/128 dev tap0 nodad`,
		`route add ${addressOf(GUEST.ipv4)} dev tap0`,
	]);
	return lab;
}

type Find = (ends: SocketEnds) => Promise<Finding>;

/** Looks up with all rights that this process has. */
function openFind(t: TestContext): Find {
	const attributor = new Attributor({ failed: (sentence) => assert.fail(sentence) });
	t.after(() => attributor.close());
	return (ends) => attributor.find({ ends, fd: -1 });
}

/** Looks up as one that may not enter other networks. */
async function findWithoutAdmin(ends: SocketEnds): Promise<Finding> {
	const attributor = new URL("../../src/attribution/attributor.ts", import.meta.url).href;
	const program = [
		`const { Attributor } = await import(${JSON.stringify(attributor)});`,
		"const attributor = new Attributor({ failed: console.error });",
		`console.log(JSON.stringify(await attributor.find({ ends: ${JSON.stringify(ends)}, fd: -1 })));`,
		"process.exit();",
	].join("\n");
	// Nothing else keeps that process alive.
	const args = [
		"--bounding-set",
		"-sys_admin",
		"--",
		process.execPath,
		"--input-type=module",
		"-e",
		`setInterval(() => {}, 1000);\n${program}`,
	];
	const { stdout } = await promisify(execFile)("setpriv", args);
	return JSON.parse(stdout) as Finding;
}

/** Asks from a place; what is found of it. */
async function ask(
	t: TestContext,
	{ lab, from, family, isTold, find = openFind(t) }: { lab: Lab; from: Place; family: Family; isTold: boolean; find?: Find },
): Promise<{ readonly finding: Finding; readonly pid: number | undefined }> {
	const { host } = ENDPOINT[family];
	const server = createServer();
	t.after(() => server.close());
	server.listen({ fd: openListeningSocket({ host, port: PORT }, { networkNamespace: lab.host.path }) });
	await once(server, "listening");
	const connected = once(server, "connection");
	const url = `http://${family === "IPv6" ? `[${host}]` : host}:${PORT}/latest/meta-data/`;
	const child = within(from, () => spawn("curl", ["-s", "--max-time", "30", url], { stdio: "ignore" }));
	t.after(() => child.kill("SIGKILL"));
	const [socket] = (await connected) as [Socket];
	const { remoteAddress, remotePort, localAddress, localPort } = socket;
	const ends = { clientAddress: remoteAddress!, clientPort: remotePort!, serverAddress: localAddress!, serverPort: localPort! };
	const finding = await find(isTold ? { ...ends, networkNamespace: lab.host.path } : ends);
	socket.destroy();
	server.close();
	return { finding, pid: child.pid };
}

for (const family of FAMILIES) {
	for (const isTold of [true, false]) {
		const how = isTold ? "that is known" : "that nobody told of";
		test(`a program in a guest's network is named, asked over ${family} in a network ${how}`, { skip: noLab }, async (t) => {
			const lab = build(t);
			const from = lab.guests[0]!;
			const { finding, pid } = await ask(t, { lab, from, family, isTold });
			assert.ok("program" in finding, JSON.stringify(finding));
			assert.equal(finding.program.pid, pid);
			assert.match(finding.program.executable, /\/curl$/);
			assert.match(finding.program.commandLine, /^curl -s --max-time … http:\/\/\S+\/latest\/meta-data\/$/);
			assert.equal(finding.program.networkNamespace, from.name);
		});
	}

	test(`who may not enter a network reads its table of sockets, over ${family}`, { skip: noLab || setpriv.skip }, async (t) => {
		const lab = build(t);
		for (const { from, isTold } of [
			{ from: lab.guests[0]!, isTold: true },
			{ from: lab.guests[0]!, isTold: false },
			{ from: lab.host, isTold: true },
		]) {
			const { finding, pid } = await ask(t, { lab, from, family, isTold, find: findWithoutAdmin });
			assert.equal("program" in finding && finding.program.pid, pid, JSON.stringify(finding));
		}
	});

	test(`a program in the host's own network is named over ${family}`, { skip: noLab }, async (t) => {
		const lab = build(t);
		const { finding, pid } = await ask(t, { lab, from: lab.host, family, isTold: true });
		assert.ok("program" in finding, JSON.stringify(finding));
		assert.equal(finding.program.pid, pid);
		assert.equal(finding.program.networkNamespace, lab.host.name);
	});
}

const probe = openConnectEvents();
const noEvents = "reason" in probe ? probe.reason : false;
if (!("reason" in probe)) probe.close();

/** The server at a host's tap, and what connects to it. */
async function serve(t: TestContext, lab: Lab): Promise<AsyncIterator<[Socket]>> {
	const server = createServer((socket) => void socket.on("error", () => {}).resume());
	t.after(() => server.close());
	server.listen({ fd: openListeningSocket({ host: ENDPOINT.IPv4.host, port: PORT }, { networkNamespace: lab.host.path }) });
	await once(server, "listening");
	return on(server, "connection") as AsyncIterator<[Socket]>;
}

/** A client in the guest's network, from one and the same port. */
function callFromPort(t: TestContext, lab: Lab, port: number): ChildProcess {
	const args = ["-s", "--max-time", "30", "--local-port", String(port), `http://${ENDPOINT.IPv4.host}:${PORT}/`];
	const child = within(lab.guests[0]!, () => spawn("curl", args, { stdio: "ignore" }));
	t.after(() => child.kill("SIGKILL"));
	return child;
}

async function accept(lab: Lab, connections: AsyncIterator<[Socket]>) {
	const [socket] = (await connections.next()).value as [Socket];
	const { remoteAddress, remotePort, localAddress, localPort } = socket;
	const ends = { clientAddress: remoteAddress!, clientPort: remotePort!, serverAddress: localAddress!, serverPort: localPort! };
	return { socket, acceptedAtMs: performance.now(), ends: { ...ends, networkNamespace: lab.host.path } };
}

test(
	"a program in a guest's network that has ended is named, and never another with equal ends",
	{ skip: noLab || noEvents },
	async (t) => {
		const attributor = new Attributor({ failed: (sentence) => assert.fail(sentence) });
		t.after(() => attributor.close());
		const labs = [build(t), build(t)] as const;
		const [first, second] = [await serve(t, labs[0]), await serve(t, labs[1])];
		for (let run = 0; ; run++) {
			const child = callFromPort(t, labs[0], 30_000 + run);
			const { socket, ...accepted } = await accept(labs[0], first);
			socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
			await once(child, "exit");
			const finding = await attributor.find({ ...accepted, fd: -1 });
			if ("ended" in finding) {
				assert.deepEqual(finding.ended, { pid: child.pid, name: "curl" });
				break;
			}
			assert.ok("unknown" in finding && run < 1000, JSON.stringify(finding));
		}
		// Now there are two, and one sees no difference.
		const children = labs.map((lab) => callFromPort(t, lab, 29_999));
		const both = [await accept(labs[0], first), await accept(labs[1], second)];
		assert.deepEqual([both[0]!.ends.clientPort, both[0]!.ends.clientAddress], [both[1]!.ends.clientPort, both[1]!.ends.clientAddress]);
		const inTime = Math.max(...both.map(({ acceptedAtMs }) => acceptedAtMs));
		for (const { socket } of both) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
		await Promise.all(children.map((child) => once(child, "exit")));
		for (const { ends } of both) {
			const finding = await attributor.find({ ends, acceptedAtMs: inTime, fd: -1 });
			assert.ok("unknown" in finding, JSON.stringify(finding));
		}
	},
);
