/** Two guests with the same address, on a tap each: what the host needs for that, and what keeps them in. */
import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";
import {
	addressOf,
	buildLab,
	ENDPOINT,
	FAMILIES,
	GUEST,
	ip,
	type Lifetime,
	nft,
	noLab,
	type Place,
	run,
	setSysctls,
} from "../network/lab.ts";
import { serveLinkLocal } from "../network/link-local-service.ts";
import { askedFrom, configuration, hostCommands, ON_TAPS, said, stateOf, TENANTS } from "./scene.ts";

/** The lab sees to the way back; without that the host is as many are: strict, and with no route to either guest. */
async function buildScene(t: Lifetime) {
	const lab = buildLab(t, [GUEST, GUEST]);
	setSysctls(lab.host, { "ipv4/conf/tap0/rp_filter": 1, "ipv4/conf/tap1/rp_filter": 1 });
	ip(lab.host, ["route del fd00:1::/64 dev tap0", "route del fd00:1::/64 dev tap1"]);
	const [first, second] = lab.guests as [Place, Place];
	const { dataDir } = await serveLinkLocal(t, lab.host, ON_TAPS);
	return { place: lab.host, first, second, host: hostCommands(t, lab.host, ON_TAPS, dataDir) };
}

const skip = noLab;
// Settled, because a failure at the top level would leave everything behind.
const [scene] = await Promise.allSettled(skip === false ? [buildScene({ after: after as TestContext["after"] })] : []);

function at() {
	if (scene?.status !== "fulfilled") throw new Error("there is no scene", { cause: scene?.reason });
	return scene.value;
}

test(
	"before the host is made ready no guest is answered, then each is its own instance, and undone all is as it was",
	{ skip },
	async () => {
		const { place, first, second, host } = at();
		const before = stateOf(place);
		const answers = () => Promise.all(FAMILIES.flatMap((family) => [askedFrom(first, family), askedFrom(second, family)]));
		assert.deepEqual(await answers(), ["", "", "", ""]);
		assert.equal((await host("check")).code, 1);

		const applied = await host("apply");
		assert.equal(applied.code, 0, applied.stdout);
		// The guests have just found that nobody has the address, and it takes them a while to ask for it again.
		for (let round = 0; round < 10 && (await answers()).includes(""); round++);
		assert.deepEqual(await answers(), [...TENANTS, ...TENANTS]);
		const check = await host("check");
		assert.equal(check.code, 0, check.stdout);

		assert.equal((await host("clean")).code, 0);
		assert.deepEqual(stateOf(place), before, "the addresses are the running service's, and stay");
		assert.equal((await host("apply")).code, 0);
	},
);

for (const family of FAMILIES) {
	test(`${family}: connections of the same ends at both taps are kept apart, also by a firewall that tracks them`, { skip }, async () => {
		const { place, first, second } = at();
		nft(
			place,
			`table inet firewall {
				chain input {
					type filter hook input priority 0
					ct state invalid drop
				}
			}`,
		);
		const from = ["--local-port", family === "IPv4" ? "40004" : "40006", "--max-time", "20"];
		assert.deepEqual(await Promise.all([askedFrom(first, family, ...from), askedFrom(second, family, ...from)]), TENANTS);
		const tracked = await run(place, "cat", ["/proc/net/nf_conntrack"]).catch(() => "");
		assert.doesNotMatch(tracked, /169\.254\.169\.254|fd00:0ec2/);
		await run(place, "nft", ["delete", "table", "inet", "firewall"]);
	});

	test(
		`${family}: without the endpoint's address here, requests do not go on to where the host's own metadata may be`,
		{ skip },
		async (t) => {
			const lab = buildLab(t, [GUEST, { ipv4: "192.0.2.2/24", ipv6: "2001:db8::2/64" }]);
			const [guest, cloud] = lab.guests as [Place, Place];
			setSysctls(lab.host, { "ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1 });
			ip(lab.host, [
				"addr add 192.0.2.1/24 dev tap1",
				"addr add 2001:db8::1/64 dev tap1",
				"addr add 10.0.0.1/24 dev tap0",
				"addr add fd00:1::1/64 dev tap0",
			]);
			ip(lab.host, [`route add ${ENDPOINT[family].host} via ${family === "IPv4" ? "192.0.2.2" : "2001:db8::2"}`]);
			ip(cloud, [`addr add ${ENDPOINT[family].host} dev lo`, "route add default via 192.0.2.1", "route add default via 2001:db8::1"]);
			const via = family === "IPv4" ? "10.0.0.1" : "fd00:1::1";
			ip(guest, [`route replace ${ENDPOINT[family].host} via ${via}`]);
			// There nobody listens, which is an answer, too: 7 is curl's code for "refused", 28 for none at all.
			const asked = () =>
				said("ip", "netns", "exec", guest.name, "curl", "-s", "--max-time", "1", ENDPOINT[family].url).then(({ code }) => code);
			assert.equal(await asked(), 7);
			const host = hostCommands(t, lab.host, configuration(["{ interface: tap0 }"]));
			await host("apply");
			ip(lab.host, [`addr del ${ENDPOINT[family].host}/${family === "IPv4" ? 32 : 128} dev tap0`]);
			assert.equal(await asked(), 28);
		},
	);
}

test("with sources named, a tap's other sources are not heard", { skip }, async (t) => {
	const { host: place, guests } = buildLab(t, [GUEST]);
	const yaml = configuration([`{ interface: tap0, sourceAddresses: [${addressOf(GUEST.ipv4)}] }`]);
	const host = hostCommands(t, place, yaml);
	assert.equal((await host("apply")).code, 0);
	const service = await serveLinkLocal(t, place, yaml);
	const [guest] = guests as [Place];
	ip(guest, ["addr add 10.0.0.9/32 dev eth0"]);
	assert.deepEqual([await askedFrom(guest, "IPv4"), await askedFrom(guest, "IPv4", "--interface", "10.0.0.9")], [TENANTS[0], ""]);
	assert.equal(await askedFrom(guest, "IPv6"), "");
	assert.deepEqual((await service.status()).connections.accepted, 1, "the service does not even see the others");
});
