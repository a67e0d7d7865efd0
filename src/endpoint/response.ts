// What goes over the wire, to the byte (metadata-endpoint.md §1.2, §1.11; Nitro flavour). All strings here are
// "binary": one character a byte.

import type { Answer } from "../metadata/answer.ts";

/** A refusal, or another answer that is the same for everybody: what stands before `Date` and after `Connection`. */
export interface FixedResponse {
	readonly status: 200 | 400 | 401 | 403 | 404 | 405 | 503;
	readonly before: string;
	readonly after: string;
}

// AWS: the second line of the DTD starts with TAB TAB SPACE on Nitro; 339 bytes with the closing newline (capture C7).
const NOT_FOUND_PAGE =
	'<?xml version="1.0" encoding="iso-8859-1"?>\n' +
	'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n' +
	'\t\t "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n' +
	'<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n' +
	" <head>\n  <title>404 - Not Found</title>\n </head>\n <body>\n  <h1>404 - Not Found</h1>\n </body>\n</html>\n";

const TEXT = "Content-Type: text/plain\r\n";
const NO_BODY = "Content-Length: 0\r\n";
const NOT_FOUND_BEFORE = `HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: ${NOT_FOUND_PAGE.length}\r\n`;

/** AWS: what may be done with the token path (capture C2). */
const TOKEN_ALLOW = "Allow: OPTIONS, PUT\r\n";
/** Gap: no capture shows what EC2 allows elsewhere; GET and HEAD are documented, OPTIONS follows the token path. */
const METADATA_ALLOW = "Allow: OPTIONS, HEAD, GET\r\n";

/** Gap: no capture of a 400 exists; it is given the 401's form. */
export const BAD_REQUEST = emptyTextLast(400, "400 Bad Request");
export const UNAUTHORIZED = emptyTextLast(401, "401 Unauthorized");
/** Gap: no capture of a 503 exists; it is given the 401's form. */
export const SERVICE_UNAVAILABLE = emptyTextLast(503, "503 Service Unavailable");
// AWS: the 403 alone has its type before Date (capture C1).
export const FORBIDDEN: FixedResponse = { status: 403, before: `HTTP/1.1 403 Forbidden\r\n${NO_BODY}${TEXT}`, after: "\r\n" };
export const NOT_FOUND: FixedResponse = { status: 404, before: NOT_FOUND_BEFORE, after: `\r\n${NOT_FOUND_PAGE}` };
export const NOT_FOUND_HEAD: FixedResponse = { status: 404, before: NOT_FOUND_BEFORE, after: "\r\n" };
// AWS: "Not Allowed", not "Method Not Allowed" (capture C2).
export const NOT_ALLOWED_ON_TOKEN = emptyTextLast(405, "405 Not Allowed", TOKEN_ALLOW);
export const NOT_ALLOWED = emptyTextLast(405, "405 Not Allowed", METADATA_ALLOW);
export const OPTIONS_OF_TOKEN = emptyTextLast(200, "200 OK", TOKEN_ALLOW);
export const OPTIONS_OF_METADATA = emptyTextLast(200, "200 OK", METADATA_ALLOW);

/** Tells a client that waits for leave to send its body to go on (RFC 9110 §10.1.1). */
export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

const TTL_HEADER = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: ";

/** Writes responses: it knows the date, which every one of them carries. */
export class ResponseWriter {
	#second = Number.NaN;
	#dateAndServer = "";

	/**
	 * The response to a GET that found something.
	 *
	 * @param ttlSeconds left of the request's token; 0: it had none.
	 */
	found(answer: Answer, ttlSeconds: number, keepAlive: boolean, nowMs: number): string {
		const date = this.#date(nowMs);
		const { sent } = answer;
		if (sent !== undefined && sent.date === date && sent.ttlSeconds === ttlSeconds && sent.keepAlive === keepAlive) return sent.response;
		const response = this.#found(answer, ttlSeconds, keepAlive, date) + answer.body;
		answer.sent = { response, date, ttlSeconds, keepAlive };
		return response;
	}

	/** The same to a HEAD. */
	foundHead(answer: Answer, ttlSeconds: number, keepAlive: boolean, nowMs: number): string {
		return this.#found(answer, ttlSeconds, keepAlive, this.#date(nowMs));
	}

	token(token: string, ttlSeconds: number, keepAlive: boolean, nowMs: number): string {
		const close = keepAlive ? "" : "Connection: close\r\n";
		return (
			`HTTP/1.1 200 OK\r\n${TTL_HEADER}${ttlSeconds}\r\nContent-Length: ${token.length}\r\n` +
			`${this.#date(nowMs)}${close}${TEXT}\r\n${token}`
		);
	}

	fixed({ before, after }: FixedResponse, keepAlive: boolean, nowMs: number): string {
		return `${before}${this.#date(nowMs)}${keepAlive ? "" : "Connection: close\r\n"}${after}`;
	}

	#found(answer: Answer, ttlSeconds: number, keepAlive: boolean, date: string): string {
		const ttl = ttlSeconds === 0 ? "" : `${TTL_HEADER}${ttlSeconds}\r\n`;
		return `HTTP/1.1 200 OK\r\n${ttl}${answer.head}${date}${keepAlive ? "" : "Connection: close\r\n"}\r\n`;
	}

	#date(nowMs: number): string {
		const second = Math.floor(nowMs / 1000);
		if (second !== this.#second) {
			this.#second = second;
			this.#dateAndServer = `Date: ${new Date(nowMs).toUTCString()}\r\nServer: EC2ws\r\n`;
		}
		return this.#dateAndServer;
	}
}

/** A response without a body in the form of the 401 and 405: its type stands last. */
function emptyTextLast(status: FixedResponse["status"], statusText: string, allow = ""): FixedResponse {
	return { status, before: `HTTP/1.1 ${statusText}\r\n${allow}${NO_BODY}`, after: `${TEXT}\r\n` };
}
