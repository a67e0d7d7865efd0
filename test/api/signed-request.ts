// Requests to the APIs as bytes, signed by hand: what an SDK would never send.

import assert from "node:assert/strict";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Api, Credentials } from "./api.ts";

/** A request that is to be signed, and where it may differ from what is sent. */
export interface Unsigned {
	readonly method?: string;
	readonly path?: string;
	readonly query?: Readonly<Record<string, string>>;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Buffer;
	readonly service?: string;
	readonly region?: string;
	readonly credentials?: Credentials;
	readonly signingDate?: Date;
}

/** A request as it goes out. */
export interface Outgoing {
	readonly method: string;
	/** Path and query. */
	readonly target: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Buffer;
}

export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	/** In UTF-8. */
	readonly body: string;
	readonly bytes: Buffer;
}

/** What every answer of an error says. */
export interface Refusal {
	readonly status: number;
	readonly code: string;
	readonly message: string;
}

export const FORM = "application/x-www-form-urlencoded";

/** A form of EC2. */
export function ec2Form(action: string, rest = ""): string {
	return `Action=${action}&Version=2016-11-15${rest === "" ? "" : `&${rest}`}`;
}

/** Signs a request in its headers. */
export async function signed(api: Pick<Api, "apiUrl" | "region" | "rootKey">, unsigned: Unsigned): Promise<Outgoing> {
	const { method = "POST", path = "/", query = {}, body = "", signingDate = new Date() } = unsigned;
	const headers = { host: new URL(api.apiUrl).host, ...(body.length > 0 && { "content-type": FORM }), ...unsigned.headers };
	const made = await signer(api, unsigned).sign({ ...addressed(api), method, path, query, headers, body }, { signingDate });
	return { method, target: targetOf(path, query), headers: made.headers, body };
}

/** Signs a GET in its query string. */
export async function presigned(
	api: Pick<Api, "apiUrl" | "region" | "rootKey">,
	unsigned: Unsigned & { readonly expiresIn?: number },
): Promise<Outgoing> {
	const { path = "/", query = {}, signingDate = new Date(), expiresIn = 60 } = unsigned;
	const headers = { host: new URL(api.apiUrl).host };
	const request = { ...addressed(api), method: "GET", path, query, headers };
	const made = await signer(api, unsigned).presign(request, { signingDate, expiresIn });
	return { method: "GET", target: targetOf(path, made.query as Record<string, string>), headers, body: "" };
}

/** Sends a request as it is, whatever its signature says. */
export function send({ apiUrl }: Pick<Api, "apiUrl">, { method, target, headers, body }: Outgoing): Promise<Answer> {
	const { hostname, port } = new URL(apiUrl);
	// Node says the length of a body by itself only where it expects one.
	const length = body.length > 0 && !("transfer-encoding" in headers) ? { "content-length": Buffer.byteLength(body) } : {};
	return new Promise((resolve, reject) => {
		const settings = { hostname, port, method, path: target, headers: { ...headers, ...length }, agent: false };
		const request = httpRequest(settings, (response) => {
			const chunks: Buffer[] = [];
			response.on("data", (chunk: Buffer) => chunks.push(chunk));
			response.on("end", () => {
				const bytes = Buffer.concat(chunks);
				resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes.toString(), bytes });
			});
			response.on("error", reject);
		});
		request.on("error", reject);
		request.end(body);
	});
}

/** What an error answer says; passes only for one as every SDK reads it: XML, one code, one message, the request's id twice. */
export function refusalOf({ status, headers, body }: Omit<Answer, "bytes">): Refusal {
	assert.match(String(headers["content-type"]), /^text\/xml(;charset=UTF-8)?$/);
	const [, code, message = ""] =
		/<Error>(?:<Type>\w+<\/Type>)?<Code>([A-Za-z.]+)<\/Code><Message>([^<]*)<\/Message><\/Error>/.exec(body) ?? [];
	assert.ok(code !== undefined, `no error of AWS's form: ${body.slice(0, 300)}`);
	assert.match(body, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<(Response|ErrorResponse)[ >]/);
	const [, requestId] = /<Request(?:ID|Id)>([0-9a-f-]{36})<\/Request(?:ID|Id)>/.exec(body) ?? [];
	assert.equal(headers["x-amzn-requestid"], requestId);
	assert.ok(requestId !== undefined, `no request id: ${body.slice(0, 300)}`);
	assert.doesNotMatch(body, /<html|\bat \w+ \(|node:internal|\.ts:\d/i);
	return { status, code, message: unescaped(message) };
}

function addressed({ apiUrl }: Pick<Api, "apiUrl">) {
	const { hostname, port } = new URL(apiUrl);
	return { protocol: "http:", hostname, port: Number(port) };
}

function signer({ region, rootKey }: Pick<Api, "region" | "rootKey">, unsigned: Unsigned): SignatureV4 {
	const { credentials = rootKey, service = "ec2" } = unsigned;
	return new SignatureV4({ credentials, region: unsigned.region ?? region, service, sha256: Sha256 });
}

function targetOf(path: string, query: Readonly<Record<string, string>>): string {
	const encoded = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
	return encoded.length === 0 ? path : `${path}?${encoded.join("&")}`;
}

function unescaped(text: string): string {
	return text
		.replaceAll("&lt;", "<")
		.replaceAll("&gt;", ">")
		.replaceAll("&quot;", '"')
		.replaceAll("&#39;", "'")
		.replaceAll("&apos;", "'")
		.replaceAll("&amp;", "&");
}
