/** The reader beside Node's own parser: what ours accepts, llhttp accepts, and both read the same (security.md S5). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { readWithLlhttp } from "../../test/fuzz/llhttp.ts";
import { assertLlhttpAgrees, readMessage } from "../../test/fuzz/request-properties.ts";
import { requests } from "../../test/fuzz/requests.ts";
import { INCOMPLETE, REFUSED } from "./request.ts";

describe("the reader and llhttp", () => {
	test("agree on whatever the reader accepts", async () => {
		// In portions, because the streams that llhttp was given are cleaned up between turns of the event loop.
		for (let portion = 0; portion < 30; portion++) {
			fc.assert(fc.property(requests(), assertLlhttpAgrees), { numRuns: 1000 });
			await new Promise<void>((resolve) => setImmediate(resolve));
		}
	});

	test("are shown enough that both accept, and enough that only one does", () => {
		const outcomes = fc.sample(requests(), 2000).map((bytes) => {
			const ours = readMessage(bytes);
			return ours === REFUSED ? "refused" : ours === INCOMPLETE ? "incomplete" : ours.length < bytes.length ? "followed" : "whole";
		});
		for (const outcome of ["refused", "incomplete", "followed", "whole"]) {
			assert.ok(outcomes.filter((each) => each === outcome).length > 100, outcome);
		}
	});

	test("would show a difference: llhttp sees lengths, ends and refusals as this test believes", () => {
		const see = (...pieces: string[]) => readWithLlhttp(pieces.map((piece) => Buffer.from(piece, "latin1")));
		const [whole] = see("PUT /a?b HTTP/1.1\r\nHost:  x\t\r\nContent-Length: 2\r\n\r\na", "b").requests;
		assert.deepEqual(whole, {
			method: "PUT",
			url: "/a?b",
			httpVersion: "1.1",
			headers: [
				["Host", "x"],
				["Content-Length", "2"],
			],
			keepAlive: true,
			expectsContinue: false,
			completeAtPiece: 1,
		});
		assert.equal(see("PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\na").requests[0]?.completeAtPiece, -1);
		assert.equal(see("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n").requests.length, 2);
		assert.equal(see("GET / HTTP/1.1\nX: y\n\n").refusal, "HPE_INVALID_VERSION");
		assert.equal(see("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n").refusal, "HPE_INVALID_CONTENT_LENGTH");
		assert.equal(see("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\t\r\n\r\n").refusal, "HPE_INVALID_TRANSFER_ENCODING");
	});
});
