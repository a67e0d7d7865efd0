/** Programs in other networks than the service's, and users who may not look into everything. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { Attributor } from "../../src/attribution/attributor.ts";
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
