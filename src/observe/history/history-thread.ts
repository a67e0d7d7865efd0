// The thread of the history: everything that touches the disk, away from the event loop that answers requests.
import { setImmediate } from "node:timers/promises";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { FromThread, HistoryThreadData, Question, ToThread } from "./history-messages.ts";
import type { MetricRows } from "./read-metrics.ts";
import { Recorder } from "./recorder.ts";

const port = threadPort();
const tell = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const recorder = new Recorder({ ...(workerData as HistoryThreadData), say: (sentence) => tell({ sentence }) });
let isKeepingHouse = false;
let isClosed = false;

port.on("message", (message: ToThread) => {
	if ("question" in message) {
		void answer(message.id, message.question);
		return;
	}
	recorder.record(message.batch);
	if (!isKeepingHouse) void keepHouse();
});

async function answer(id: number, question: Question): Promise<void> {
	try {
		for (const part of partsOf(question)) {
			if (part.length > 0) tell({ id, part }, question.about === "read" ? buffersOf(part) : []);
			await setImmediate();
		}
		tell({ id, end: true });
	} catch (error) {
		tell({ id, end: true, failure: error instanceof Error ? error.message : String(error) });
	}
	if (isClosed) port.close();
}

function partsOf(question: Question): Iterable<readonly unknown[]> {
	switch (question.about) {
		case "read":
			return recorder.ask((file) => file.read(question.ask));
		case "list":
			return recorder.ask((file) => file.list(question.ask.fromMs, question.ask.toMs));
		case "observed":
			return recorder.ask((file) => file.observed(question.ask));
		case "calls":
			return recorder.ask((file) => [file.calls(question.ask.sinceMs)]);
		case "lastCalls":
			return recorder.ask((file) => [file.lastCalls()]);
		case "settled":
			recorder.settle();
			return [];
		case "close":
			isClosed = true;
			recorder.close();
			return [];
	}
}

function buffersOf(part: readonly unknown[]): ArrayBuffer[] {
	return (part as readonly MetricRows[]).map(({ rows }) => rows.buffer);
}

/** A slice at a time: who asks something meanwhile waits for one of them at most. */
async function keepHouse(): Promise<void> {
	isKeepingHouse = true;
	for (const _ of recorder.keepHouse()) {
		await setImmediate();
		if (isClosed) break;
	}
	isKeepingHouse = false;
}

function threadPort(): MessagePort {
	if (parentPort === null) throw new Error("history-thread.ts is the entry of a thread.");
	return parentPort;
}
