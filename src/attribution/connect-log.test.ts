import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConnectLog, type SocketEvent, WINDOW_MS } from "./connect-log.ts";

const ESTABLISHED = 1;
const SYN_SENT = 2;
const CLOSE = 7;

const begins = (socket: string, thread: number, atMs: number): SocketEvent => ({ socket, thread, atMs, newState: SYN_SENT, ends: "" });
const fails = (socket: string, atMs: number): SocketEvent => ({ socket, thread: 0, atMs, newState: CLOSE, ends: "" });
/** In whosever time. */
const succeeds = (socket: string, ends: string, atMs: number): SocketEvent => ({ socket, thread: 0, atMs, newState: ESTABLISHED, ends });

function logOf(...events: readonly SocketEvent[]): ConnectLog {
	const log = new ConnectLog();
	log.note(events, Infinity, -Infinity);
	return log;
}

test("the thread that began to connect a socket made the connection, in whatever order that is told", () => {
	const log = logOf(succeeds("a", "1>80", 5.1), begins("b", 8, 5), succeeds("b", "2>80", 5.2), begins("a", 7, 5));
	assert.deepEqual(log.find("1>80", 6), { thread: 7, atMs: 5.1 });
	assert.deepEqual(log.find("2>80", 6), { thread: 8, atMs: 5.2 });
	assert.equal(log.find("3>80", 6), undefined);
});

test("a connection that is there at the next look was begun before it", () => {
	const log = logOf(begins("a", 7, 5));
	log.note([succeeds("a", "1>80", 900)], Infinity, -Infinity);
	assert.deepEqual(log.find("1>80", 901), { thread: 7, atMs: 900 });
});

test("a socket that failed to connect has nothing to do with the next at its address", () => {
	assert.equal(logOf(begins("a", 7, 1), fails("a", 2), succeeds("a", "1>80", 4)).find("1>80", 5), undefined);
	const log = logOf(begins("a", 7, 1), fails("a", 2), begins("a", 8, 3), succeeds("a", "1>80", 4));
	assert.equal(log.find("1>80", 5)?.thread, 8);
});

test("two connections with equal ends in one second are nobody's, and one is its maker's again a second later", () => {
	const log = logOf(begins("a", 7, 1), succeeds("a", "1>80", 1), begins("b", 8, 500), succeeds("b", "1>80", 500));
	assert.equal(log.find("1>80", 600), undefined);
	assert.equal(log.find("1>80", 1 + WINDOW_MS + 1)?.thread, 8);
	// The second was not there yet by then.
	assert.equal(log.find("1>80", 499)?.thread, 7);
	// Whoever made the other is not known, but there was another.
	log.note([succeeds("c", "9>80", 600), begins("d", 8, 600), succeeds("d", "9>80", 601)], Infinity, -Infinity);
	assert.equal(log.find("9>80", 700), undefined);
});

test("a connection from long before, or from later, is another", () => {
	const log = logOf(begins("a", 7, 10_000), succeeds("a", "1>80", 10_000));
	assert.equal(log.find("1>80", 10_000 + WINDOW_MS)?.thread, 7);
	assert.equal(log.find("1>80", 10_001 + WINDOW_MS), undefined);
	assert.equal(log.find("1>80", 9999), undefined);
});

test("where events are lost, nothing is told before a second has passed that is whole", () => {
	const log = logOf(begins("a", 7, 1), begins("b", 8, 2));
	log.note([succeeds("a", "1>80", 4999), succeeds("b", "2>80", 5001), begins("c", 9, 5002), succeeds("c", "3>80", 5003)], Infinity, 5000);
	for (const ends of ["1>80", "2>80", "3>80"]) assert.equal(log.find(ends, 5999), undefined, ends);
	assert.equal(log.find("3>80", 6000)?.thread, 9);
	// Its beginning may have been another's: what came between is lost.
	for (const ends of ["1>80", "2>80"]) assert.equal(log.find(ends, 6000), undefined, ends);
});

test("it holds some thousands of connections, and knows since when it holds all", () => {
	const log = new ConnectLog();
	for (let n = 0; n <= 4096; n++) log.note([begins(`s${n}`, n + 1, n), succeeds(`s${n}`, `${n}>80`, n)], Infinity, -Infinity);
	assert.equal(log.find("4096>80", 4097)?.thread, 4097);
	assert.equal(log.find("2000>80", 2001), undefined);
	// It is still there, but an equal one from just before may be forgotten.
	assert.equal(log.find("3000>80", 3001), undefined);
	assert.equal(log.find("3000>80", 3100)?.thread, 3001);
});

test("thousands that connect to nobody push each other out, and are nobody's then", () => {
	const log = logOf(...Array.from({ length: 5000 }, (_, n) => begins(`s${n}`, n + 1, n / 1000)));
	log.note([succeeds("s0", "0>80", 6), succeeds("s4999", "4999>80", 6)], Infinity, -Infinity);
	assert.equal(log.find("0>80", 7), undefined);
	assert.equal(log.find("4999>80", 7)?.thread, 5000);
});

test("whatever is told, a connection is its maker's or nobody's", () => {
	const life = fc.record({
		socket: fc.constantFrom("a", "b", "c"),
		thread: fc.integer({ min: 1, max: 9 }),
		ends: fc.constantFrom("1>80", "2>80", "3>80", "4>80"),
		ok: fc.boolean(),
		gapMs: fc.integer({ min: 1, max: 400 }),
		lost: fc.constantFrom(false, false, false, true),
		/** It happened while was read: its end was seen, and its beginning only at the next look. */
		halfRead: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(life, { maxLength: 30 }), fc.nat({ max: 8 }), (lives, batch) => {
			const log = new ConnectLog();
			const made: { ends: string; thread: number; atMs: number }[] = [];
			let atMs = 0;
			let told: SocketEvent[] = [];
			let wholeSinceMs = -Infinity;
			for (const [index, { socket, thread, ends, ok, gapMs, lost, halfRead }] of lives.entries()) {
				atMs += gapMs;
				const both = [begins(socket, thread, atMs), ok ? succeeds(socket, ends, atMs + 0.5) : fails(socket, atMs + 0.5)];
				if (ok) made.push({ ends, thread, atMs: atMs + 0.5 });
				if (lost) wholeSinceMs = atMs + 0.7;
				else told.unshift(...both);
				if (index % (batch + 1) !== 0) continue;
				const unread = halfRead ? told.filter((event) => event === both[0]) : [];
				log.note(
					told.filter((event) => !unread.includes(event)),
					atMs,
					wholeSinceMs,
				);
				[told, wholeSinceMs] = [unread, -Infinity];
			}
			log.note(told, Infinity, wholeSinceMs);
			for (const one of made) {
				const equal = made.filter(
					(each) => each.ends === one.ends && each.atMs <= one.atMs + 0.1 && each.atMs >= one.atMs + 0.1 - WINDOW_MS,
				);
				const found = log.find(one.ends, one.atMs + 0.1);
				if (found !== undefined) assert.deepEqual([equal.length, found.thread], [1, one.thread]);
				if (lives.every(({ lost }) => !lost) && equal.length === 1) assert.equal(found?.thread, one.thread);
			}
		}),
	);
});

test("what happened while it was read waits: its beginning, on another processor, may have been passed by", () => {
	const log = logOf(begins("a", 7, 1));
	log.note([succeeds("a", "1>80", 9)], 8, -Infinity);
	log.note([fails("a", 8.1), begins("a", 8, 8.2)], 20, -Infinity);
	assert.equal(log.find("1>80", 10)?.thread, 8);
});
