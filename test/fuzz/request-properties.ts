/** What must hold for every input of any kind: the tests check it for a moment, `npm run fuzz` for hours, the corpus again each time. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { INCOMPLETE, readRequest, REFUSED, Request } from "../../src/endpoint/request.ts";
import { readWithLlhttp, type SeenRequest } from "./llhttp.ts";

/** The message that the bytes begin with, as the reader tells it; without one, {@link INCOMPLETE} or {@link REFUSED}. */
export interface Message {
	readonly length: number;
	readonly method: string;
	readonly path: string;
	readonly host: string | undefined;
	readonly tokens: readonly string[];
	readonly ttls: number;
	/** The last one. */
	readonly ttl: string | undefined;
	readonly forwarded: boolean;
	readonly fromWebPage: boolean;
	readonly keepAlive: boolean;
	readonly expectsContinue: boolean;
}

// One for all, as in the endpoint: what a request leaves behind must not reach the next.
const request = new Request();

export function readMessage(bytes: Buffer, available = bytes.length): Message | typeof INCOMPLETE | typeof REFUSED {
	const length = readRequest(bytes, available, request);
	if (length === INCOMPLETE || length === REFUSED) return length;
	const text = (start: number, end: number) => bytes.toString("latin1", start, end);
	const { method, path, hostStart, hostEnd, tokenCount, tokenSpans, ttlCount, ttlStart, ttlEnd } = request;
	const { forwarded, fromWebPage, keepAlive, expectsContinue } = request;
	return {
		length,
		method,
		path,
		host: hostStart < 0 ? undefined : text(hostStart, hostEnd),
		tokens: Array.from({ length: tokenCount }, (_, i) => text(tokenSpans[2 * i]!, tokenSpans[2 * i + 1]!)),
		ttls: ttlCount,
		ttl: ttlCount === 0 ? undefined : text(ttlStart, ttlEnd),
		forwarded,
		fromWebPage,
		keepAlive,
		expectsContinue,
	};
}

/** What the reader accepts, llhttp accepts too, and both read the same out of it, up to the same byte. */
export function assertLlhttpAgrees(bytes: Buffer): void {
	const ours = readMessage(bytes);
	if (ours === INCOMPLETE || ours === REFUSED) return;
	const last = ours.length - 1;
	const { requests, refusal } = readWithLlhttp([bytes.subarray(0, last), bytes.subarray(last, ours.length)]);
	assert.equal(refusal, undefined, "llhttp refuses it");
	assert.equal(requests.length, 1, "llhttp sees another number of requests");
	const [theirs] = requests;
	assert.ok(theirs !== undefined);
	assert.equal(theirs.completeAtPiece, 1, "llhttp sees its end elsewhere");
	assert.deepEqual(ours, { length: ours.length, ...meaningOf(theirs) });
	// Quirk: llhttp reads Proxy-Connection like Connection; RFC 9112 §9.3 has clients not send it and servers not heed it.
	if (ours.keepAlive && values(theirs, "proxy-connection").length === 0) assert.ok(theirs.keepAlive, "llhttp would close");
}

/** However a message is cut, it is incomplete until it is whole, and refused once and for all. */
export function assertPiecesAgree(bytes: Buffer): void {
	const whole = readMessage(bytes);
	// A refusal may come at any point; every longer piece must be refused too.
	let refusedAt = -1;
	for (let end = 0; end <= bytes.length; end++) {
		// What lies behind the end is what a buffer that all connections share would hold.
		const piece = readMessage(bytes, end);
		if (piece === REFUSED) {
			if (refusedAt < 0) refusedAt = end;
			continue;
		}
		assert.ok(refusedAt < 0, `refused at byte ${refusedAt}, not refused at ${end}`);
		if (piece === INCOMPLETE) assert.ok(typeof whole === "number" || end < whole.length, `incomplete at byte ${end}`);
		else assert.ok(piece.length <= end && isDeepStrictEqual(piece, whole), `another message at byte ${end}`);
	}
}

/** What a request means, told anew from llhttp's account of it and in another way than the reader's. */
function meaningOf(theirs: SeenRequest): Omit<Message, "length"> {
	const { method, url, httpVersion, expectsContinue } = theirs;
	const [, authority, path = ""] = /^(?:http:\/\/([^/?]*))?([^?]*)/i.exec(url) ?? [];
	const connection = values(theirs, "connection").flatMap((value) => value.toLowerCase().split(/[ \t]*,[ \t]*/));
	const ttls = values(theirs, "x-aws-ec2-metadata-token-ttl-seconds");
	const names = theirs.headers.map(([name]) => name.toLowerCase());
	return {
		method,
		path: path === "" ? "/" : path,
		host: authority ?? values(theirs, "host")[0],
		tokens: values(theirs, "x-aws-ec2-metadata-token"),
		ttls: ttls.length,
		ttl: ttls.at(-1),
		forwarded: names.includes("x-forwarded-for"),
		fromWebPage: names.some((name) => name === "origin" || /^sec-fetch-(?!mode$)./.test(name)),
		keepAlive: httpVersion === "1.1" && connection.includes("keep-alive") && !connection.includes("close"),
		// Node takes the expectation out of whatever stands around it; the reader wants it to be all there is.
		expectsContinue: expectsContinue && values(theirs, "expect").at(-1)?.toLowerCase() === "100-continue",
	};
}

function values({ headers }: SeenRequest, wanted: string): string[] {
	return headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? value : []));
}
