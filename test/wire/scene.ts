/** Five instances and what is asked of them, by the clock of one moment: then every byte of an answer is known. */
import { bodyOf, exchange, request } from "./client.ts";
import { startService } from "./service.ts";

export const START_MS = Date.parse("2026-01-02T03:04:05Z");
/** The same as answers print it. */
export const DATE = "Fri, 02 Jan 2026 03:04:05 GMT";

export const INSTANCE_ID = "/latest/meta-data/instance-id";
export const TOKEN_PATH = "/latest/api/token";
export const TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds";
/** One that is granted. */
export const TTL = `${TTL_HEADER}: 60`;
export const XFF = "X-Forwarded-For: 1.2.3.4";

/** Tokens optional, with a role, a key and user data. */
export const OPTIONAL = "i-0000000000000000a";
/** The same with tokens required. */
export const REQUIRED = "i-0000000000000000b";
/** The same with the endpoint disabled. */
export const DISABLED = "i-0000000000000000c";
/** Nothing in particular: no role, no user data. */
export const PLAIN = "i-0000000000000000d";
/** A Spot Instance with a tag. */
export const SPOT = "i-0000000000000000e";
/** For tests that start a service of their own. */
export const ANOTHER = "i-0000000000000000f";

export const USER_DATA = Buffer.from("#!/bin/sh\necho h\u00e9\n\0\xff\r\n\r\n", "latin1");

export const clock = { nowMs: START_MS };

const role = { iamInstanceProfile: { name: "demo" } };
export const service = await startService({
	clock,
	instances: [
		{ instanceId: OPTIONAL, ...role, keyName: "demo-key", userData: USER_DATA.toString("base64") },
		{ instanceId: REQUIRED, ...role, userData: "eA==", metadataOptions: { httpTokens: "required" } },
		{ instanceId: DISABLED, ...role, metadataOptions: { httpEndpoint: "disabled" } },
		{ instanceId: PLAIN },
		{ instanceId: SPOT, instanceLifecycle: "spot", tags: [{ key: "aws:autoscaling:groupName", value: "my-asg \u00e9" }] },
	],
});

/** Asks on a connection of its own; the service closes it. */
export function ask(instanceId: string, line: string, ...headers: string[]): Promise<string> {
	return exchange(service.portOf(instanceId), request(line, headers));
}

export async function tokenOf(instanceId: string, ttlSeconds = 21_600): Promise<string> {
	return bodyOf(await ask(instanceId, `PUT ${TOKEN_PATH}`, `${TTL_HEADER}: ${ttlSeconds}`));
}

export function withToken(token: string): string {
	return `X-aws-ec2-metadata-token: ${token}`;
}
