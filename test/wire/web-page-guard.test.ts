/** A web page must not reach a listener on loopback (security.md S7), and everybody else must. */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, test } from "node:test";
import { message } from "./bad-messages.ts";
import { bodyOf, exchange, request, statusLine } from "./client.ts";
import { startService } from "./service.ts";

const INSTANCE = "i-0000000000000000a";
const INSTANCE_ID = "/latest/meta-data/instance-id";
const TOKEN_PUT = "PUT /latest/api/token";
const TTL = "X-aws-ec2-metadata-token-ttl-seconds: 60";

const instances = [{ instanceId: INSTANCE }];
const guarded = await startService({ instances });
const open = await startService({ instances, webPageGuard: false });

/** An address of this machine that others could reach it under. */
const outside = Object.values(networkInterfaces())
	.flatMap((addresses) => addresses ?? [])
	.find(({ family, internal }) => family === "IPv4" && !internal)?.address;

/** What a browser would send for a page that found its way here, as header lines besides the request line. */
const PAGES: Readonly<Record<string, { line?: string; headers: readonly string[] }>> = {
	"a name of the page's own (DNS rebinding)": { headers: ["Host: evil.example"] },
	"the same with a port": { headers: ["Host: evil.example:1338"] },
	"a name that begins like localhost": { headers: ["Host: localhost.evil.example"] },
	"a name that ends like localhost": { headers: ["Host: evil-localhost:80"] },
	"a name below localhost": { headers: ["Host: a.localhost"] },
	"localhost with a dot, which DNS may be asked for": { headers: ["Host: localhost."] },
	"a name that begins like an address": { headers: ["Host: 127.0.0.1.evil.example"] },
	"an address with a letter": { headers: ["Host: 127.0.0.1a"] },
	"a single label": { headers: ["Host: metadata"] },
	"EC2's own name for it": { headers: ["Host: instance-data.ec2.internal"] },
	"two hosts in one": { headers: ["Host: 127.0.0.1, evil.example"] },
	"a name beside an address": { headers: ["Host: 127.0.0.1 evil.example"] },
	"an address and a user": { headers: ["Host: evil@127.0.0.1"] },
	"a name above ASCII": { headers: ["Host: l\u00f6calhost"] },
	"an absolute target with a name": { line: `http://evil.example${INSTANCE_ID}`, headers: ["Host: 127.0.0.1"] },
	"an absolute target with a name and no Host": { line: `http://evil.example:1338${INSTANCE_ID}`, headers: [] },
	"a request across origins": { headers: ["Host: 127.0.0.1", "Origin: http://evil.example"] },
	"the origin of a sandbox": { headers: ["Host: 127.0.0.1", "Origin: null"] },
	"an empty origin": { headers: ["Host: localhost", "oRiGiN:"] },
	"its own origin": { headers: ["Host: 127.0.0.1:1338", "Origin: http://127.0.0.1:1338"] },
	"an image of a page": { headers: ["Host: 127.0.0.1", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image", "Sec-Fetch-Site: cross-site"] },
	"a link that somebody followed": { headers: ["Host: 127.0.0.1", "sec-fetch-site: none"] },
	"a WebSocket": { headers: ["Host: 127.0.0.1", "Origin: http://evil.example", "Connection: Upgrade", "Upgrade: websocket"] },
};

/** What command lines, SDKs and scripts send. */
const OTHERS: Readonly<Record<string, { line?: string; headers: readonly string[] }>> = {
	"EC2's address": { headers: ["Host: 169.254.169.254"] },
	"loopback and a port": { headers: ["Host: 127.0.0.1:1338"] },
	localhost: { headers: ["Host: localhost"] },
	"localhost and a port, in capitals": { headers: ["Host: LocalHost:1338"] },
	"EC2's IPv6 address": { headers: ["Host: [fd00:ec2::254]"] },
	"IPv6 loopback and a port": { headers: ["Host: [::1]:1338"] },
	"no Host": { headers: [] },
	"an empty Host": { headers: ["Host:"] },
	"an absolute target with an address, through which a Host is not heard": {
		line: `http://169.254.169.254${INSTANCE_ID}`,
		headers: ["Host: evil.example"],
	},
	"an absolute target of IPv6": { line: `http://[fd00:ec2::254]:80${INSTANCE_ID}`, headers: [] },
	"an absolute target of localhost": { line: `http://localhost${INSTANCE_ID}`, headers: [] },
	"Node's fetch, which marks its mode and no more": { headers: ["Host: localhost:1338", "Sec-Fetch-Mode: cors", "Accept-Language: *"] },
	"headers that only resemble a page's": {
		headers: ["Host: 127.0.0.1", "Origins: a", "Sec-CH-UA: a", "Referer: http://evil.example/", "Cookie: a=b"],
	},
};

const FORBIDDEN = "HTTP/1.1 403 Forbidden";

function texts({ line = INSTANCE_ID, headers }: { line?: string; headers: readonly string[] }): Record<"GET" | "PUT", string> {
	const put = line === INSTANCE_ID ? TOKEN_PUT : `PUT ${line.replace(INSTANCE_ID, "/latest/api/token")}`;
	return { GET: message(`GET ${line} HTTP/1.1`, headers), PUT: message(`${put} HTTP/1.1`, [...headers, TTL]) };
}

describe("a listener on loopback", () => {
	for (const [name, page] of Object.entries(PAGES)) {
		test(`refuses with 403 ${name}, and does not when it is told to let pages in`, async () => {
			const { GET, PUT } = texts(page);
			for (const text of [GET, PUT]) {
				const refusal = await exchange(guarded.portOf(INSTANCE), text);
				assert.equal(statusLine(refusal), FORBIDDEN);
				assert.equal(bodyOf(refusal), "");
				assert.doesNotMatch(refusal, /^Access-Control/im);
				assert.equal(statusLine(await exchange(open.portOf(INSTANCE), text)), "HTTP/1.1 200 OK");
			}
		});
	}

	for (const [name, one] of Object.entries(OTHERS)) {
		test(`serves ${name}`, async () => {
			const { GET, PUT } = texts(one);
			assert.equal(bodyOf(await exchange(guarded.portOf(INSTANCE), GET)), INSTANCE);
			assert.equal(bodyOf(await exchange(guarded.portOf(INSTANCE), PUT)).length, 56);
		});
	}

	test("gives a page's preflight no leave, whatever method it asks for", async () => {
		for (const method of ["GET", "PUT"]) {
			const headers = [
				"Origin: http://evil.example",
				`Access-Control-Request-Method: ${method}`,
				"Access-Control-Request-Private-Network: true",
			];
			const answer = await exchange(guarded.portOf(INSTANCE), request(`OPTIONS ${INSTANCE_ID}`, headers));
			assert.equal(statusLine(answer), FORBIDDEN);
			assert.doesNotMatch(answer, /^Allow|^Access-Control/im);
		}
	});

	test("is one by its address, however it is spelled", async () => {
		for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1", "0:0:0:0:0:0:0:1"]) {
			const port = await guarded.listen(host, INSTANCE);
			const at = host.includes(":") ? "::1" : host;
			assert.equal(statusLine(await exchange(port, message(`GET / HTTP/1.1`, ["Host: evil.example"]), at)), FORBIDDEN, host);
			assert.equal(bodyOf(await exchange(port, message(`GET ${INSTANCE_ID} HTTP/1.1`, ["Host: [::1]"]), at)), INSTANCE, host);
		}
	});
});

test(
	"a listener that others can reach serves any Host: it has no page to fear that a client couldn't be",
	{ skip: outside === undefined && "this machine has no address but loopback" },
	async () => {
		const port = await guarded.listen(outside ?? "", INSTANCE);
		for (const page of Object.values(PAGES)) {
			assert.equal(statusLine(await exchange(port, texts(page).GET, outside)), "HTTP/1.1 200 OK");
		}
	},
);

test("a listener on all addresses guards what comes in over loopback, and nothing else", async () => {
	const page = message(`GET ${INSTANCE_ID} HTTP/1.1`, ["Host: evil.example"]);
	const port = await guarded.listen("0.0.0.0", INSTANCE);
	assert.equal(statusLine(await exchange(port, page, "127.0.0.1")), FORBIDDEN);
	if (outside !== undefined) assert.equal(statusLine(await exchange(port, page, outside)), "HTTP/1.1 200 OK");
	assert.equal(statusLine(await exchange(await guarded.listen("::", INSTANCE), page, "::1")), FORBIDDEN);
});
