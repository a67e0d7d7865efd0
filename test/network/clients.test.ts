// Unmodified clients at EC2's own addresses, with no variable set: in a guest that must use tokens, and where no token comes to.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";
import { askOnce, tokenFor } from "./asking.ts";
import { bootWithCloudInit, noCloudInit } from "./cloud-init.ts";
import { buildChain, ENDPOINT, FAMILIES, type Family, GUEST, ip, type Lifetime, noLab, type Place, run } from "./lab.ts";
import { type LinkLocalService, serveLinkLocal } from "./link-local-service.ts";

const ID = "i-0a0a0a0a0a0a0a0a0";
const REGION = "eu-central-1";
const ROLE = "web-role";
const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtAt3P58XN9I21sVXeVDRGZTnYMBSy673q5hQm2Whfq me@example.com";
const SDK_CLIENT = new URL("./sdk-client.ts", import.meta.url).pathname;
const aws = requireTool("aws");

type HttpTokens = "optional" | "required";

interface Machines {
	readonly guest: Place;
	/** What asks with tokens where they are required, and from where no token comes back where they are optional. */
	readonly client: Place;
	readonly service: LinkLocalService;
	/** Of the role's credentials. */
	readonly accessKeyId: string;
}

// Several at a time: much of it is waiting for tokens that do not come.
describe("clients", { skip: noLab, concurrency: 3 }, () => {
	for (const family of FAMILIES) {
		for (const httpTokens of ["required", "optional"] as const) {
			const who = httpTokens === "required" ? "in a guest with tokens," : "in a container without tokens,";
			test(
				`${who} the AWS CLI takes its credentials from the role and its region from the instance, on ${family}`,
				{ skip: aws.skip },
				async (t) => {
					const { client, service, accessKeyId } = await startMachines(t, httpTokens, family);
					const told = await run(client, aws.path, ["configure", "list"], homeOf(t, family));
					const ending = accessKeyId.slice(-4);
					assert.match(told, new RegExp(`access_key\\s+\\*+${ending}\\s+iam-role`));
					assert.match(told, /secret_key\s+\*+\S{4}\s+iam-role/);
					assert.match(told, new RegExp(`region\\s+${REGION}\\s+imds`));
					await assertSessions(service, httpTokens);
				},
			);

			test(`${who} the SDK for JavaScript finds the role's credentials, on ${family}`, async (t) => {
				const { client, service, accessKeyId } = await startMachines(t, httpTokens, family);
				const told = await run(client, process.execPath, [SDK_CLIENT, "credentials"], homeOf(t, family));
				assert.equal((JSON.parse(told) as { accessKeyId: string }).accessKeyId, accessKeyId);
				await assertSessions(service, httpTokens);
			});

			test(`cloud-init boots a guest from ${family}, with httpTokens: ${httpTokens}`, { skip: noCloudInit }, async (t) => {
				const { guest, service } = await startMachines(t, httpTokens, family);
				// It asks over IPv6 only where IPv4 leads nowhere.
				if (family === "IPv6") ip(guest, [`route delete ${ENDPOINT.IPv4.host}`]);
				const files = await bootWithCloudInit(t, guest, httpTokens === "required");
				const read = (path: string) => readFileSync(join(files, path), "utf8");
				assert.equal(read("var/lib/cloud/data/instance-id"), `${ID}\n`);
				assert.ok(read("home/debian/.ssh/authorized_keys").endsWith(`${PUBLIC_KEY}\n`));
				assert.match(read("var/lib/user-data-ran"), /^ip-172-31-\d+-\d+\n$/);
				const network = read("etc/systemd/network/10-cloud-init-eth0.network");
				assert.match(network, new RegExp(`MACAddress=${GUEST.mac}\\n[^]*DHCP=ipv4`));
				await assertSessions(service, httpTokens);
			});
		}

		// Where no token comes back it waits for one four times, at each request: too long here.
		test(`in a guest with tokens, the SDK's metadata client finds the instance and its region, on ${family}`, async (t) => {
			const { client, service } = await startMachines(t, "required", family);
			const told = await run(client, process.execPath, [SDK_CLIENT, "metadata"], homeOf(t, family));
			assert.deepEqual(JSON.parse(told), { instanceId: ID, region: REGION });
			await assertSessions(service, "required");
		});
	}
});

async function startMachines(t: Lifetime, httpTokens: HttpTokens, family: Family): Promise<Machines> {
	const lab = buildChain(t, { containers: 1, masquerade: true });
	const [guest, container] = [lab.guests[0] as Place, lab.containers[0] as Place];
	const service = await serveLinkLocal(t, lab.host, configuration(httpTokens));
	// Credentials say whether a token brought them (ec2:RoleDelivery), so there are two sets of them.
	const headers = httpTokens === "required" ? { "X-aws-ec2-metadata-token": await tokenFor(guest, family) } : {};
	const { body } = await askOnce(guest, family, { path: `/latest/meta-data/iam/security-credentials/${ROLE}`, headers });
	const { AccessKeyId: accessKeyId } = JSON.parse(body) as { AccessKeyId: string };
	return { guest, client: httpTokens === "required" ? guest : container, service, accessKeyId };
}

function configuration(httpTokens: HttpTokens): string {
	return `
account: {region: ${REGION}}
roles: [{roleName: ${ROLE}}]
keyPairs: [{keyName: my-key, publicKey: ${PUBLIC_KEY}}]
instances:
  - instanceId: ${ID}
    endpointBindings: [{interface: tap0}]
    metadataOptions: {httpProtocolIpv6: enabled, httpTokens: ${httpTokens}, httpPutResponseHopLimit: 1}
    iamInstanceProfile: ${ROLE}
    keyName: my-key
    networkInterfaces: [{macAddress: "${GUEST.mac}"}]
    userData: |
      #!/bin/sh
      hostname > /var/lib/user-data-ran
`;
}

/** An environment without any variable but where programs and the user are; IPv6 is asked for in the user's own configuration. */
function homeOf(t: Lifetime, family: Family): NodeJS.ProcessEnv {
	const home = temporaryFolder(t);
	mkdirSync(`${home}/.aws`);
	if (family === "IPv6") writeFileSync(`${home}/.aws/config`, "[default]\nec2_metadata_service_endpoint_mode = IPv6\n");
	return { PATH: process.env["PATH"], HOME: home };
}

/** All requests were of one kind; the first was {@link startMachines}'s own. */
async function assertSessions(service: LinkLocalService, httpTokens: HttpTokens): Promise<void> {
	const { withToken, withoutToken, rejectedWithoutToken } = await service.requests();
	const [meant, others] = httpTokens === "required" ? [withToken, withoutToken + rejectedWithoutToken] : [withoutToken, withToken];
	assert.ok(meant > 1, `${meant} requests`);
	assert.equal(others, 0);
}
