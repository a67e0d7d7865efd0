// What is asked of a service that Prometheus watches: each kind of request and refusal, and how often.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import { DescribeInstancesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { ListUsersCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Api, rejectsWith } from "../api/api.ts";
import type { Lifetime } from "../running-service.ts";
import { bodyOf, Client, request, statusOf } from "../wire/client.ts";

export const [OPTIONAL, REQUIRED, DISABLED, CROWDED, HASTY] = ["a", "b", "c", "d", "e"].map((end) => `i-0000000000000000${end}`) as [
	string,
	string,
	string,
	string,
	string,
];
export const CONFIGURATION = `
instances:
  - { instanceId: ${OPTIONAL}, endpointListen: 127.0.0.1:0, iamInstanceProfile: demo }
  - { instanceId: ${REQUIRED}, endpointListen: 127.0.0.1:0, metadataOptions: { httpTokens: required } }
  - { instanceId: ${DISABLED}, endpointListen: 127.0.0.1:0, metadataOptions: { httpEndpoint: disabled } }
  - { instanceId: ${CROWDED}, endpointListen: 127.0.0.1:0 }
  - { instanceId: ${HASTY}, endpointListen: 127.0.0.1:0 }
roles:
  - { roleName: demo }
`;
const PROXY = "127.0.0.2";
export const CONNECTIONS_OF_ONE = 3;
const REQUEST_RATE = 50;
export const FLAGS =
	`--endpoint-listen 127.0.0.1:0=bindings --proxy-peer ${PROXY} --metrics-listen 127.0.0.1:0 ` +
	`--max-connections-per-caller ${CONNECTIONS_OF_ONE} --request-rate ${REQUEST_RATE}`;

const TOKEN = "PUT /latest/api/token";
const TTL = "X-aws-ec2-metadata-token-ttl-seconds: 60";
const CREDENTIALS = "GET /latest/meta-data/iam/security-credentials/demo";
const KEPT = "Connection: keep-alive";
const INSTANCE_ID = "GET /latest/meta-data/instance-id";

/** What was asked, and what came of it. */
export interface Asked {
	/** By version and status, as in `v1 200`. */
	readonly requests: ReadonlyMap<string, number>;
	/** Those of the instance that is throttled. */
	readonly hasty: { readonly answered: number; readonly throttled: number };
	readonly connections: number;
	readonly open: number;
}

/** Asks well and badly, so that each panel has something to show. */
export async function askEndpoint(t: Lifetime, { service }: Api): Promise<Asked> {
	const requests = new Map<string, number>();
	let connections = 0;
	const portOf = (instanceId: string) => Number(new URL(service.urls.get(instanceId) ?? "").port);
	const open = async (port: number) => {
		connections++;
		const client = await Client.open(port);
		t.after(() => client.close());
		return client;
	};
	const count = (version: string, answer: string) => {
		const series = `${version} ${statusOf(answer)}`;
		requests.set(series, (requests.get(series) ?? 0) + 1);
	};
	const ask = async (instanceId: string, series: string, text: string, times = 1) => {
		const [version = "", status] = series.split(" ");
		let answer = "";
		for (let time = 0; time < times; time++) {
			const client = await open(portOf(instanceId));
			answer = await client.write(text).rest();
			client.close();
			assert.equal(statusOf(answer), Number(status), text);
			count(version, answer);
		}
		return answer;
	};

	// Says nothing, until it is closed for that.
	const silent = await open(portOf(OPTIONAL));
	const token = `X-aws-ec2-metadata-token: ${bodyOf(await ask(OPTIONAL, "token 200", request(TOKEN, [TTL]), 3))}`;
	await ask(OPTIONAL, "v1 200", request(INSTANCE_ID), 5);
	await ask(OPTIONAL, "v1 404", request("GET /latest/nothing"), 2);
	await ask(OPTIONAL, "v2 200", request(INSTANCE_ID, [token]), 4);
	await ask(OPTIONAL, "v2 404", request("GET /latest/nothing", [token]));
	await ask(OPTIONAL, "v2 401", request(INSTANCE_ID, ["X-aws-ec2-metadata-token: bad"]), 2);
	await ask(OPTIONAL, "v1 200", request(CREDENTIALS), 2);
	await ask(OPTIONAL, "v2 200", request(CREDENTIALS, [token]), 2);
	await ask(OPTIONAL, "token 400", request(TOKEN));
	await ask(OPTIONAL, "token 403", request(TOKEN, [TTL, "X-Forwarded-For: 10.0.0.1"]));
	await ask(OPTIONAL, "other 405", request("POST /latest/meta-data/"));
	await ask(OPTIONAL, "other 400", "nonsense\r\n");
	await ask(REQUIRED, "v1 401", request(INSTANCE_ID), 3);
	await ask(DISABLED, "v1 403", request(INSTANCE_ID));

	const bindings = (await service.status()).listeners.find(({ instanceId }) => instanceId === undefined);
	const shared = Number(bindings?.address.split(":")[1]);
	for (let stranger = 0; stranger < 2; stranger++) assert.equal(await (await open(shared)).write(request(INSTANCE_ID)).rest(), "");
	const proxied = createConnection({ port: shared, host: "127.0.0.1", localAddress: PROXY });
	connections++;
	proxied.end(request(INSTANCE_ID)).resume();
	await once(proxied, "close");

	for (let each = 0; each < CONNECTIONS_OF_ONE; each++) {
		count("v1", await (await open(portOf(CROWDED))).write(request(INSTANCE_ID, [KEPT])).response());
	}
	assert.equal(await (await open(portOf(CROWDED))).rest(), "");

	const hasty = { answered: 0, throttled: 0 };
	const client = await open(portOf(HASTY));
	for (let sent = 0; sent < 4 * REQUEST_RATE; sent++) {
		const answer = await client.write(request(INSTANCE_ID, [KEPT])).response();
		count("v1", answer);
		hasty[statusOf(answer) === 200 ? "answered" : "throttled"]++;
	}
	client.close();
	assert.ok(hasty.throttled > 0);

	assert.equal(await silent.rest(), "");
	return { requests, hasty, connections, open: CONNECTIONS_OF_ONE };
}

export const API_CALLS = 5;

export async function askApis(api: Api): Promise<void> {
	await api.ec2.send(new DescribeInstancesCommand({}));
	await api.ec2.send(new DescribeInstancesCommand({ InstanceIds: [OPTIONAL] }));
	await rejectsWith(
		api.ec2.send(new RunInstancesCommand({ ImageId: "ami-00000000000000000", MinCount: 1, MaxCount: 1 })),
		"InvalidAMIID.NotFound",
	);
	await api.iam.send(new ListUsersCommand({}));
	const { sts } = api.as({ ...api.rootKey, secretAccessKey: "another" });
	await rejectsWith(sts.send(new GetCallerIdentityCommand({})), "SignatureDoesNotMatch", 403);
}
