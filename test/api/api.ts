// A service whose APIs are asked by the real SDK.

import assert from "node:assert/strict";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { LightsailClient } from "@aws-sdk/client-lightsail";
import { STSClient } from "@aws-sdk/client-sts";
import { ServiceClient } from "../../src/daemon/service-client.ts";
import { type Lifetime, type RunningService, startService } from "../running-service.ts";

export interface Credentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken?: string;
}

/** Clients of one caller. */
export interface Clients {
	readonly ec2: EC2Client;
	readonly iam: IAMClient;
	readonly sts: STSClient;
	readonly cloudwatch: CloudWatchClient;
	readonly lightsail: LightsailClient;
}

export interface Api extends Clients {
	readonly service: RunningService;
	/** `http://HOST:PORT` of the APIs. */
	readonly apiUrl: string;
	readonly region: string;
	readonly rootKey: Credentials;
	/** Clients of somebody else. */
	as(credentials: Credentials): Clients;
}

/**
 * Services of several tests run at a time: each has a hundred ports of its own for the instances that it launches, below those that the
 * system gives out itself, so that a service that starts again finds them free.
 */
const PORT_RANGES = 125;
let started = 0;

/** Starts a service of its own, with the account's own key for the clients. */
export async function startApi(t: Lifetime, options: Parameters<typeof startService>[1] = {}): Promise<Api> {
	const firstPort = 20_000 + ((process.pid * 7 + started++) % PORT_RANGES) * 100;
	const own = options.flags ?? [];
	const ports = own.includes("--launch-endpoint") ? [] : ["--launch-endpoint", `127.0.0.1:${firstPort}-${firstPort + 99}`];
	const flags = ["--api-listen", "127.0.0.1:0", ...ports, ...own];
	const service = await startService(t, { ...options, flags });
	const { apiAddress, region } = await service.status();
	assert.ok(apiAddress !== undefined);
	const apiUrl = `http://${apiAddress}`;
	const rootKey = await new ServiceClient(service.dataDir).get("/root-key");
	const as = (credentials: Credentials): Clients => {
		const settings = { endpoint: apiUrl, region, credentials, maxAttempts: 1 };
		const clients = {
			ec2: new EC2Client(settings),
			iam: new IAMClient(settings),
			sts: new STSClient(settings),
			cloudwatch: new CloudWatchClient(settings),
			lightsail: new LightsailClient(settings),
		};
		t.after(() => Object.values(clients).forEach((client) => client.destroy()));
		return clients;
	};
	return { service, apiUrl, region, rootKey, as, ...as(rootKey) };
}

/** Passes if a call is refused with a code, and a status of HTTP (400 unless it is said otherwise). Gives the message. */
export async function rejectsWith(call: Promise<unknown>, code: string, status = 400): Promise<string> {
	try {
		await call;
	} catch (error) {
		const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
		assert.deepEqual({ code: name, status: $metadata?.httpStatusCode }, { code, status }, message);
		return message;
	}
	assert.fail(`not refused, but expected ${code}`);
}
