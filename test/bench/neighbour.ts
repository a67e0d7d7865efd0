// The neighbour whom the noise must not touch: a process that asks at a steady, modest rate and notes how long each answer takes.
// It is told what to do by messages, one after the other, so that its own code is warm when it counts.

import { connect, type Socket } from "node:net";

export interface NeighbourTask {
	readonly url: string;
	/** A session token; empty: none is sent. */
	readonly token: string;
	readonly seconds: number;
}

/** In microseconds, from asking to the answer's last byte. */
export interface NeighbourReport {
	/** Over one connection that stays open: from the request. */
	readonly kept: readonly number[];
	/** Over a connection each: from `connect`. */
	readonly fresh: readonly number[];
	/** Without an answer, or with another than 200. */
	readonly failed: number;
}

/** 500 requests a second over the kept connection, 100 over a new one each: under 2 % of what the service can do. */
const TICK_MS = 2;
const TICKS_PER_CONNECTION = 5;
/** How long answers are waited for at the end, before they count as failed. */
const PATIENCE_MS = 5_000;

process.on("message", (task: NeighbourTask) => {
	void ask(task).then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit());

async function ask({ url, token, seconds }: NeighbourTask): Promise<NeighbourReport> {
	const { hostname, port } = new URL(url);
	const connectTo = (): Socket => connect({ host: hostname, port: Number(port), noDelay: true });
	const head = (connection: string) =>
		`GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: ${hostname}\r\nConnection: ${connection}\r\nX-aws-ec2-metadata-token: ${token}\r\n\r\n`;
	const [keepAlive, close] = [head("keep-alive"), head("close")];
	const kept: number[] = [];
	const fresh: number[] = [];
	let failed = 0;
	const underWay = new Set<Socket>();

	const socket = connectTo();
	// When the request under way was sent, and when others were due meanwhile. One answer answers them all: a server that stalls
	// would else be asked less often for it, and look better; and asked for each one later, it would look as if it had stalled for longer.
	let dueUs: number[] = [];
	const closed = new Promise<void>((resolve) => socket.on("close", resolve));
	socket.on("error", () => {});
	socket.on("data", (bytes) => {
		const answeredUs = nowUs();
		if (isAnswer(bytes)) kept.push(...dueUs.map((since) => answeredUs - since));
		else failed += dueUs.length;
		dueUs = [];
	});
	const askOnce = () => {
		const since = nowUs();
		const once = connectTo();
		let answered = false;
		underWay.add(once);
		once.on("connect", () => once.write(close));
		once.on("data", (bytes) => {
			if (answered || !isAnswer(bytes)) return;
			answered = true;
			fresh.push(nowUs() - since);
		});
		once.on("error", () => {});
		once.on("close", () => {
			underWay.delete(once);
			if (!answered) failed++;
		});
	};

	for (let tick = 0, ticks = (seconds * 1000) / TICK_MS; tick < ticks; tick++) {
		await after(TICK_MS);
		dueUs.push(nowUs());
		if (dueUs.length === 1) socket.write(keepAlive);
		if (tick % TICKS_PER_CONNECTION === 0) askOnce();
	}
	for (let waited = 0; waited < PATIENCE_MS && (dueUs.length > 0 || underWay.size > 0); waited += TICK_MS) await after(TICK_MS);
	socket.destroy();
	await closed;
	return { kept, fresh, failed: failed + dueUs.length + underWay.size };
}

/** The answer is small: it comes in one piece. */
function isAnswer(bytes: Buffer): boolean {
	return bytes.toString("latin1", 0, 13) === "HTTP/1.1 200 ";
}

function nowUs(): number {
	return performance.now() * 1000;
}

function after(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
