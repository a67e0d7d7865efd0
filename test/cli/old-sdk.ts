/**
 * A program with an SDK from before IMDSv2: what aws-sdk 2.500.0 does when it loads an instance's credentials, byte for byte
 * (lib/metadata_service.js, lib/http/node.js; compared with the package itself). It prints `loaded ROLE`, or `failed STATUS`, each time that
 * this changes, and goes on until its standard input ends.
 *
 *     old-sdk.ts URL [--every=MS] [ANYTHING]
 */
import { Agent, get } from "node:http";

const BASE_PATH = "/latest/meta-data/iam/security-credentials/";

const [url = "", ...flags] = process.argv.slice(2);
const everyMs = Number(flags.find((flag) => flag.startsWith("--every="))?.slice("--every=".length) ?? Infinity);
const agent = new Agent({ keepAlive: process.env["AWS_NODEJS_CONNECTION_REUSE_ENABLED"] === "1" });
const headers = { "User-Agent": `aws-sdk-nodejs/2.500.0 ${process.platform}/${process.version}` };

let told = "";
process.stdin.resume().once("end", () => process.exit());
await loadAgain();

async function loadAgain(): Promise<void> {
	const now = await loadCredentials().catch((error: NodeJS.ErrnoException) => `failed ${error.code}`);
	if (now !== told) process.stdout.write(`${now}\n`);
	told = now;
	if (everyMs < Infinity) setTimeout(() => void loadAgain(), everyMs);
}

async function loadCredentials(): Promise<string> {
	const list = await request(BASE_PATH);
	if (list.status !== 200) return `failed ${list.status}`;
	const [role = ""] = list.body.split("\n");
	const credentials = await request(BASE_PATH + role);
	return credentials.status === 200 ? `loaded ${role}` : `failed ${credentials.status}`;
}

function request(path: string): Promise<{ status: number; body: string }> {
	return new Promise((resolve, reject) => {
		const asked = get(`${url}${path}`, { agent, headers }, (response) => {
			let body = "";
			response.setEncoding("utf8").on("data", (text: string) => (body += text));
			response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
		});
		asked.on("error", reject);
	});
}
