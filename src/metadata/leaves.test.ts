// What an instance reads in one place follows from the same facts as what it reads in another.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { anySpec } from "../../test/categories/any-instance.ts";
import { crawl, linesOf, textOf } from "../../test/categories/crawl.ts";
import { launchAlone, MAXIMAL_SPEC, newWorld, snapshotOf, type TestWorld, viewOf } from "../../test/categories/world.ts";
import type { InstanceSpec } from "../model/launch.ts";
import { inCidr } from "../model/network.ts";
import { partitionOf, zoneIdOf } from "../model/region.ts";

/** Reads the tree of an instance below `/latest/`: a value, its lines, or nothing. */
function reader(spec: InstanceSpec, world: TestWorld = newWorld()) {
	const snapshot = snapshotOf(viewOf(launchAlone(spec, world), world));
	const value = (path: string): string | undefined => {
		const answer = snapshot.get(`/latest/${path}`, "2.0");
		return answer && textOf(answer);
	};
	const meta = (path: string) => value(`meta-data/${path}`);
	const list = (path: string): readonly string[] => meta(path)?.split("\n") ?? [];
	const macs = list("network/interfaces/macs/").map((line) => line.replace("/", ""));
	const ofMac = (mac: string, name: string) => meta(`network/interfaces/macs/${mac}/${name}`);
	const primary = macs.find((mac) => ofMac(mac, "device-number") === "0") ?? "";
	return { value, meta, list, macs, ofMac, primary };
}

type Document = Readonly<Record<string, string | readonly string[] | null>>;

const worlds = fc
	.constantFrom("us-east-1", "us-east-2", "ap-southeast-2", "cn-north-1", "us-gov-west-1", "us-isob-east-1")
	.map((region) => newWorld({ region, accountId: "210987654321" }));
const inWorlds = worlds.chain((world) => anySpec(world).map((spec) => [spec, world] as const));

describe("consistency", () => {
	test("the identity document says what the categories say", () => {
		fc.assert(
			fc.property(inWorlds, ([spec, world]) => {
				const { value, meta, list, ofMac, primary } = reader(spec, world);
				const document = JSON.parse(value("dynamic/instance-identity/document") ?? "") as Document;
				const { pendingTime, billingProducts, architecture, ...rest } = document;
				assert.deepEqual(rest, {
					accountId: ofMac(primary, "owner-id"),
					availabilityZone: meta("placement/availability-zone"),
					devpayProductCodes: null,
					marketplaceProductCodes: meta("product-codes") === undefined ? null : list("product-codes"),
					imageId: meta("ami-id"),
					instanceId: meta("instance-id"),
					instanceType: meta("instance-type"),
					kernelId: meta("kernel-id") ?? null,
					privateIp: meta("local-ipv4") ?? null,
					ramdiskId: meta("ramdisk-id") ?? null,
					region: meta("placement/region"),
					version: "2017-09-30",
				});
				const image = world.images.get(spec.imageId ?? world.defaultImageId);
				assert.equal(pendingTime, spec.launchTime ?? "2026-01-02T03:04:05Z");
				assert.equal(architecture, image?.architecture);
				assert.deepEqual(billingProducts ?? [], image?.billingProducts);
				const { AccountId } = JSON.parse(meta("identity-credentials/ec2/info") ?? "") as Document;
				assert.equal(AccountId, document["accountId"]);
			}),
		);
	});

	test("Region, zone, zone id, partition, domain and names agree", () => {
		fc.assert(
			fc.property(inWorlds, ([spec, world]) => {
				const { meta, ofMac, macs } = reader(spec, world);
				const { region } = world.account;
				const zone = meta("placement/availability-zone") ?? "";
				assert.equal(meta("placement/region"), region);
				assert.equal(zone.slice(0, -1), region);
				assert.equal(meta("placement/availability-zone-id"), zoneIdOf(zone));
				const { partition, dnsSuffix } = partitionOf(region);
				assert.equal(meta("services/partition"), partition);
				assert.equal(meta("services/domain"), dnsSuffix);
				for (const mac of macs) {
					assert.match(ofMac(mac, "local-hostname") ?? "", region === "us-east-1" ? /\.ec2\.internal$/ : /\.compute\.internal$/);
					const publicName = ofMac(mac, "public-hostname");
					if (publicName !== undefined) assert.ok(publicName.endsWith(`.${dnsSuffix}`));
					assert.equal(ofMac(mac, "owner-id"), world.account.accountId);
				}
				const info = meta("iam/info");
				if (info !== undefined && info.includes("InstanceProfileArn"))
					assert.ok(info.includes(`"arn:${partition}:iam::${world.account.accountId}:`));
			}),
		);
	});

	test("what is said of the instance is what is said of its primary interface", () => {
		fc.assert(
			fc.property(anySpec(), (spec) => {
				const { meta, list, ofMac, primary } = reader(spec);
				assert.equal(meta("mac"), primary);
				assert.equal(meta("local-ipv4"), ofMac(primary, "local-ipv4s")?.split("\n")[0]);
				assert.equal(meta("ipv6"), ofMac(primary, "ipv6s")?.split("\n")[0]);
				assert.equal(meta("local-hostname"), ofMac(primary, "local-hostname"));
				assert.equal(meta("hostname"), meta("local-hostname"));
				assert.equal(meta("public-hostname"), ofMac(primary, "public-hostname"));
				assert.equal(meta("security-groups"), ofMac(primary, "security-groups"));
				const publicIp = meta("public-ipv4");
				if (publicIp !== undefined) {
					assert.equal(ofMac(primary, "public-ipv4s")?.split("\n")[0], publicIp);
					assert.equal(ofMac(primary, `ipv4-associations/${publicIp}`), meta("local-ipv4"));
				}
				const local = meta("local-ipv4");
				const byId = local === undefined || spec.privateDnsNameOptions?.hostnameType === "resource-name";
				assert.equal(meta("hostname"), `${byId ? spec.instanceId : `ip-${local.replaceAll(".", "-")}`}.ec2.internal`);
				assert.deepEqual(list("network/interfaces/macs").length, spec.networkInterfaces?.length ?? 1);
			}),
		);
	});

	test("each interface's addresses are in its subnet's blocks, those in its VPC's, and its public ones lead to its private ones", () => {
		fc.assert(
			fc.property(anySpec(), (spec) => {
				const { macs, ofMac, list } = reader(spec);
				for (const mac of macs) {
					const all = (name: string) => ofMac(mac, name)?.split("\n") ?? [];
					const within = (addresses: readonly string[], blocks: readonly string[]) =>
						addresses.forEach((address) =>
							assert.ok(
								blocks.some((block) => inCidr(address.replace(/\/.*/, ""), block)),
								`${address} in ${blocks.join()}`,
							),
						);
					assert.equal(ofMac(mac, "mac"), mac);
					within([...all("local-ipv4s"), ...all("ipv4-prefix")], all("subnet-ipv4-cidr-block"));
					within([...all("ipv6s"), ...all("ipv6-prefix")], all("subnet-ipv6-cidr-blocks"));
					within(all("subnet-ipv4-cidr-block"), all("vpc-ipv4-cidr-blocks"));
					within(all("subnet-ipv6-cidr-blocks"), all("vpc-ipv6-cidr-blocks"));
					assert.equal(ofMac(mac, "vpc-ipv4-cidr-block"), all("vpc-ipv4-cidr-blocks")[0]);
					assert.deepEqual(
						list(`network/interfaces/macs/${mac}/ipv4-associations`),
						all("public-ipv4s").toSorted((a, b) => (a < b ? -1 : 1)),
					);
					for (const publicIp of all("public-ipv4s"))
						assert.ok(all("local-ipv4s").includes(ofMac(mac, `ipv4-associations/${publicIp}`) ?? ""));
					assert.equal(all("security-groups").length, all("security-group-ids").length);
				}
				assert.equal(new Set(macs.map((mac) => ofMac(mac, "device-number"))).size, macs.length);
			}),
		);
	});
});

describe("values", () => {
	const maximal = reader(MAXIMAL_SPEC);

	test("notices, events and accelerators have EC2's exact print", () => {
		const { meta } = maximal;
		assert.equal(meta("spot/instance-action"), '{"action": "terminate", "time": "2026-01-02T03:06:00Z"}');
		assert.equal(meta("spot/termination-time"), "2026-01-02T03:06:00Z");
		assert.equal(meta("events/recommendations/rebalance"), '{"noticeTime": "2026-01-02T03:04:00Z"}');
		assert.equal(
			meta("elastic-gpus/associations/egpu-0123456789abcdef0"),
			'{"version_2016_11_30":{"elastic-gpu-id":"egpu-0123456789abcdef0","connection-config":{"ipv4-address":"10.0.0.5","port":2007},"elastic-gpu-type":"eg1.medium"}}',
		);
		assert.equal(
			meta("elastic-inference/associations/eia-bfa21c7904f64a82a21b9f4540169ce1"),
			'{"version_2018_04_12":{"elastic-inference-accelerator-id":"eia-bfa21c7904f64a82a21b9f4540169ce1","elastic-inference-accelerator-type":"eia1.medium"}}',
		);
	});

	test("a stop or a hibernation has no termination time, and without a notice there is no spot/", () => {
		for (const action of ["stop", "hibernate"] as const) {
			const { meta, list } = reader({ ...MAXIMAL_SPEC, spotInterruption: { action, time: "2026-01-02T03:06:00Z" } });
			assert.deepEqual(list("spot"), ["instance-action"]);
			assert.equal(meta("spot/instance-action"), `{"action": "${action}", "time": "2026-01-02T03:06:00Z"}`);
		}
		const { spotInterruption: _, ...unwarned } = MAXIMAL_SPEC;
		const { meta, list } = reader(unwarned);
		assert.equal(meta("spot"), undefined);
		assert.ok(!list("").includes("spot/"));
		assert.equal(meta("instance-life-cycle"), "spot");
	});

	test("values with several lines have no other separator, the primary address first", () => {
		const { meta, ofMac, primary } = maximal;
		assert.equal(ofMac(primary, "local-ipv4s"), "10.0.0.12\n10.0.0.70");
		assert.equal(ofMac(primary, "public-ipv4s"), "198.51.100.8\n198.51.100.9");
		assert.equal(ofMac(primary, "ipv6s"), "2001:db8:1234:1a00::123\n2001:db8:1234:1a00::124");
		assert.equal(ofMac(primary, "security-groups"), "web servers (80, 443)\ndefault");
		assert.equal(ofMac(primary, "vpc-ipv4-cidr-blocks"), "10.0.0.0/16\n10.1.0.0/16");
		assert.equal(meta("ancestor-ami-ids"), "ami-11111111\nami-22222222");
		assert.equal(meta("product-codes"), "3iplms73etrdhxdepv72l6ywj\naw0evgkw8e5c1q413zgy5pjce");
	});

	test("an IPv6-only interface has nothing of IPv4 but its VPC's blocks, and is named for the instance", () => {
		const { meta, list, ofMac, primary, value } = reader({ instanceId: "i-1", subnetId: "subnet-v6" });
		assert.deepEqual(list(`network/interfaces/macs/${primary}`), [
			"device-number",
			"interface-id",
			"ipv6s",
			"local-hostname",
			"mac",
			"network-card",
			"owner-id",
			"security-group-ids",
			"security-groups",
			"subnet-id",
			"subnet-ipv6-cidr-blocks",
			"vpc-id",
			"vpc-ipv4-cidr-block",
			"vpc-ipv4-cidr-blocks",
			"vpc-ipv6-cidr-blocks",
		]);
		assert.equal(ofMac(primary, "local-hostname"), "i-1.ec2.internal");
		assert.equal(meta("local-ipv4"), undefined);
		assert.match(value("dynamic/instance-identity/document") ?? "", /"privateIp" : null,/);
	});

	test("a VPC without host names gives a public address no name", () => {
		const { meta, list, ofMac, primary } = reader({ instanceId: "i-1", subnetId: "subnet-nameless" });
		assert.notEqual(meta("public-ipv4"), undefined);
		assert.equal(meta("public-hostname"), undefined);
		assert.equal(ofMac(primary, "public-hostname"), undefined);
		assert.ok(!list("").includes("public-hostname"));
	});

	test("tags follow the option that is enforced, not the one that is asked for, and are gone when there are none", () => {
		const instance = launchAlone(MAXIMAL_SPEC);
		const pending = {
			...instance,
			appliedMetadataOptions: { ...instance.appliedMetadataOptions, instanceMetadataTags: "disabled" },
		} as const;
		const untagged = launchAlone({ ...MAXIMAL_SPEC, tags: [] });
		for (const one of [pending, untagged]) {
			const snapshot = snapshotOf(viewOf(one));
			for (const path of ["tags", "tags/", "tags/instance", "tags/instance/", "tags/instance/Name"]) {
				assert.equal(snapshot.get(`/latest/meta-data/${path}`, "2.0"), undefined, path);
			}
			assert.ok(!linesOf(snapshot.get("/latest/meta-data", "2.0")!).includes("tags/"));
		}
		assert.deepEqual(maximal.list("tags/instance"), ["Name", "aws:autoscaling:groupName", "empty"]);
		assert.equal(maximal.meta("tags/instance/empty"), "");
	});

	test("a pushed key is there until it ends, and the closing slash that Instance Connect sends changes nothing", () => {
		const { meta, list } = maximal;
		assert.deepEqual(list("managed-ssh-keys"), ["active-keys/", "signer-cert", "signer-ocsp/"]);
		assert.deepEqual(list("managed-ssh-keys/active-keys"), ["ec2-user"]);
		assert.equal(meta("managed-ssh-keys/active-keys/ec2-user/"), meta("managed-ssh-keys/active-keys/ec2-user"));
		assert.equal(meta("managed-ssh-keys/active-keys/gone/"), undefined);
		assert.equal(meta("managed-ssh-keys/signer-cert"), "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----");
	});

	test("an instance whose image and key pair are gone still has a whole tree", () => {
		const view = { ...viewOf(launchAlone(MAXIMAL_SPEC)), image: undefined, keyPairs: [] };
		const found = crawl(snapshotOf(view), "latest");
		const text = (path: string) => textOf(found.get(`/latest/meta-data/${path}`)?.answer ?? assert.fail(path));
		assert.deepEqual(
			[text("ami-manifest-path"), text("profile"), text("block-device-mapping/root")],
			["(unknown)", "default-hvm", "/dev/xvda"],
		);
		assert.ok(!found.has("/latest/meta-data/public-keys"));
	});
});
