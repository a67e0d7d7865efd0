// The thread that looks connections up (attributor.ts): reading /proc takes its time, and no answer waits for it.

import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { openSocketOwners } from "../linux/socket-owner.ts";
import { openConnectEvents } from "./connect-events.ts";
import type { Finding } from "./finding.ts";
import { Lookups } from "./lookups.ts";
import { QuestionBox } from "./question-box.ts";
import { userNames } from "./user-names.ts";

/** What the thread sends: the place of a question, and the answer. */
export type Reply = readonly [place: number, finding: Finding];

/** What it sends first: how it looks up. */
export interface Beginning {
	readonly how: string;
}

/** Quirk: this thread's, which Linux takes for a process here. Woken at the usual one, it took a processor from who answers, for a millisecond and more. */
try {
	setPriority(0, 10);
} catch {
	// Not allowed, as under a hardened systemd unit: then it takes what it gets.
}
const owners = openSocketOwners();
if ("reason" in owners) throw new Error(owners.reason);
// Much of what is looked for in /proc is not there any more: thousands of errors that nobody reads.
Error.stackTraceLimit = 0;
const opened = openConnectEvents();
const events = "reason" in opened ? undefined : opened;
const how = "reason" in opened ? `by scanning: ${opened.reason}` : "by connect events";
parentPort?.postMessage({ how } satisfies Beginning, []);
const lookups = new Lookups({ owners, ...(events && { events }), userName: userNames(), nowMs: () => performance.now() });
const box = new QuestionBox(workerData as SharedArrayBuffer);
for (let taken = box.take(); taken !== undefined; taken = box.take()) {
	const { place, question } = taken;
	parentPort?.postMessage([place, answer(question)] satisfies Reply, []);
}
events?.close();
owners.close();

function answer(question: string): Finding {
	try {
		return find(question.split("\n"));
	} catch (error) {
		return { unknown: `it could not be looked up (${error instanceof Error ? error.message : String(error)})` };
	}
}

/** The questions are attributor.ts's. */
function find([kind, ...fields]: readonly string[]): Finding {
	if (kind === "peer") return lookups.findPeer(Number(fields[0]), Number(fields[1]), Number(fields[2]));
	const [byMs, clientAddress = "", clientPort, serverAddress = "", serverPort, networkNamespace = ""] = fields;
	const ends = { clientAddress, clientPort: Number(clientPort), serverAddress, serverPort: Number(serverPort) };
	return lookups.find(networkNamespace === "" ? ends : { ...ends, networkNamespace }, Number(byMs));
}
