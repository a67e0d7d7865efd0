// The hop limit is what EC2 means by it: the TTL of the packets that bring a token, and of no others (metadata-endpoint.md §1.12).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, INSTANCE_ID, readAnswer, requestBytes, TOKEN, tokenFor, whoAmI } from "./asking.ts";
import { capture, type Segment } from "./capture.ts";
import { buildChain, connect, ENDPOINT, FAMILIES, type Family, nft, noLab, type Place, run } from "./lab.ts";
import { serveLinkLocal } from "./link-local-service.ts";

const ID = "i-0a0a0a0a0a0a0a0a0";
const SYSTEM_HOPS = 64;

function configuration(hopLimit: number): string {
	return `
instances:
  - instanceId: ${ID}
    endpointBindings: [{interface: tap0}]
    metadataOptions: {httpTokens: optional, httpProtocolIpv6: enabled, httpPutResponseHopLimit: ${hopLimit}}
`;
}

describe("the hop limit", { skip: noLab }, () => {
	for (const masquerade of [false, true]) {
		test(`keeps tokens from a container ${masquerade ? "behind its guest's address" : "with an address of its own"}, and lets them through when it is 2`, async (t) => {
			const lab = buildChain(t, { containers: 1, masquerade });
			const [guest, container] = [lab.guests[0] as Place, lab.containers[0] as Place];
			const service = await serveLinkLocal(t, lab.host, configuration(1));
			await everyFamily(async (family) => {
				assert.match(await tokenFor(guest, family), /^[\w-]{54}==$/);
				assert.equal(await whoAmI(container, family), ID);
				await assertNoToken(container, family);
			});
			await service.reconfigure(configuration(2));
			await everyFamily(async (family) => {
				assert.match(await tokenFor(guest, family), /^[\w-]{54}==$/);
				assert.match(await tokenFor(container, family), /^[\w-]{54}==$/);
			});
		});
	}

	test("reaches as far as it says, and not one router further", async (t) => {
		const lab = buildChain(t, { containers: 64, masquerade: true, systemHops: 255 });
		const service = await serveLinkLocal(t, lab.host, configuration(3));
		for (const limit of [3, 64]) {
			await service.reconfigure(configuration(limit));
			// As many routers as the limit are between the host and the farther one.
			const [near, far] = [lab.containers[limit - 2] as Place, lab.containers[limit - 1] as Place];
			await everyFamily(async (family) => {
				assert.match(await tokenFor(near, family), /^[\w-]{54}==$/, `${limit} ${family}`);
				assert.equal(await whoAmI(far, family), ID);
				await assertNoToken(far, family);
			});
		}
	});
});

describe("on the wire", { skip: noLab }, () => {
	for (const family of FAMILIES) {
		test(`the answer to a PUT has the limit in every segment, that to a GET the system's, on ${family}`, async (t) => {
			const { guest, recorded } = await recordedGuest(t, 5);
			const [put, get] = [await connect(guest, family), await connect(guest, family)];
			assert.equal((await ask(put, TOKEN)).status, 200);
			assert.equal((await ask(get, INSTANCE_ID)).body, ID);
			const segments = await recorded.complete(guest, family);
			assert.deepEqual(hopsOfAnswers(segments, put.localPort), [5]);
			assert.deepEqual(hopsOfAnswers(segments, get.localPort), [SYSTEM_HOPS]);
			put.destroy();
			get.destroy();
		});

		for (const { name, asked, hops } of [
			{ name: "an answer to a PUT", asked: TOKEN, hops: 5 },
			{ name: "an answer to a GET", asked: INSTANCE_ID, hops: SYSTEM_HOPS },
		]) {
			test(`${name} that must be sent again leaves with ${hops}, on ${family}`, async (t) => {
				const { guest, recorded } = await recordedGuest(t, 5);
				const socket = await connect(guest, family);
				// Acknowledgements without a payload; requests are longer, and get through.
				nft(guest, "table inet lost { chain out { type filter hook output priority 0; tcp dport 80 meta length <= 100 drop; }; }");
				const answer = readAnswer(socket);
				socket.write(requestBytes(asked));
				assert.equal((await answer).status, 200);
				const segments = await recorded.until((all) => answersTo(all, socket.localPort).length >= 4);
				const answers = answersTo(segments, socket.localPort);
				assert.equal(new Set(answers.map(({ seq }) => seq)).size, 1, "one segment, sent again and again");
				assert.deepEqual(new Set(answers.map((segment) => segment.hops)), new Set([hops]));
				socket.destroy();
			});
		}

		test(`a connection that mixes GET and PUT has the limit from its first PUT on, on ${family}`, async (t) => {
			const { guest, recorded } = await recordedGuest(t, 5);
			const socket = await connect(guest, family);
			for (const asked of [INSTANCE_ID, TOKEN, INSTANCE_ID, TOKEN]) assert.equal((await ask(socket, asked)).status, 200);
			const segments = await recorded.complete(guest, family);
			assert.deepEqual(hopsOfAnswers(segments, socket.localPort), [SYSTEM_HOPS, 5, 5, 5]);
			socket.destroy();
		});

		test(`a connection keeps the smallest limit that it ever had, on ${family}`, async (t) => {
			const { guest, recorded, service } = await recordedGuest(t, 5);
			const socket = await connect(guest, family);
			for (const limit of [5, 9, 3]) {
				await service.reconfigure(configuration(limit));
				assert.equal((await ask(socket, TOKEN)).status, 200);
			}
			await service.reconfigure(configuration(9));
			assert.equal((await ask(socket, INSTANCE_ID)).status, 200);
			const fresh = await connect(guest, family);
			assert.equal((await ask(fresh, TOKEN)).status, 200);
			const segments = await recorded.complete(guest, family);
			assert.deepEqual(hopsOfAnswers(segments, socket.localPort), [5, 5, 3, 3]);
			assert.deepEqual(hopsOfAnswers(segments, fresh.localPort), [9]);
			socket.destroy();
			fresh.destroy();
		});
	}
});

/** A guest whose tap is recorded. */
async function recordedGuest(t: Parameters<typeof buildChain>[0], hopLimit: number) {
	const lab = buildChain(t, { containers: 0, masquerade: false });
	const service = await serveLinkLocal(t, lab.host, configuration(hopLimit));
	return { guest: lab.guests[0] as Place, service, recorded: await capture(t, lab.host, "tap0") };
}

async function everyFamily(check: (family: Family) => Promise<void>): Promise<void> {
	await Promise.all(FAMILIES.map(check));
}

/** A client that knows nothing of hops connects, asks, and waits in vain. */
async function assertNoToken(place: Place, family: Family): Promise<void> {
	const header = "X-aws-ec2-metadata-token-ttl-seconds: 60";
	const url = `${ENDPOINT[family].url}${TOKEN.path}`;
	const CURL_TIMED_OUT = 28;
	await assert.rejects(
		run(place, "curl", ["-sg", "--max-time", "2", "-w", "%{time_connect}", "-X", "PUT", "-H", header, url]),
		(error: Error) => {
			const { code, stdout } = error as Error & { code: number; stdout: string };
			assert.equal(code, CURL_TIMED_OUT);
			assert.match(stdout, /^0\.\d*[1-9]\d*$/, "it was connected, and no byte of a body came");
			return true;
		},
	);
}

function answersTo(segments: readonly Segment[], port: number | undefined): readonly Segment[] {
	return segments.filter(({ from, to, payload }) => from.port === 80 && to.port === port && payload.length > 0);
}

/** A segment that was sent again counts once, unless its hops have changed. */
function hopsOfAnswers(segments: readonly Segment[], port: number | undefined): readonly number[] {
	const answers = answersTo(segments, port);
	const isFirst = ({ seq, hops }: Segment, index: number) => answers.findIndex((each) => each.seq === seq && each.hops === hops) === index;
	return answers.filter(isFirst).map(({ hops }) => hops);
}
