// An instance of a configuration file. Every field is one of model/launch.ts's InstanceSpec, or said to be short for one.

import * as v from "valibot";
import { HOP_LIMIT_MAX, HOP_LIMIT_MIN } from "../model/metadata-options.ts";
import { USER_DATA_MAX_BYTES } from "../model/launch.ts";
import { LIGHTSAIL_NAME_PATTERN } from "../model/lightsail-name.ts";
import { PROFILE_REFERENCE } from "./declared-iam.ts";
import { BLOCK_DEVICES, KERNEL_ID, KEY_NAME, PRODUCT_CODES, RAMDISK_ID } from "./declared-image.ts";
import { ADDRESS_ENTRIES, ipv4, NETWORK_INTERFACE, publicAddressContradictions, zone } from "./declared-network.ts";
import { MANAGED_SSH_KEYS, SCHEDULED_EVENTS } from "./declared-signals.ts";
import { TAGS } from "./declared-tags.ts";
import {
	base64,
	type Contradiction,
	consistent,
	fields,
	flag,
	id,
	integer,
	list,
	matching,
	moment,
	oneOf,
	optional,
	required,
	text,
} from "./field.ts";
import { ENDPOINT_BINDINGS } from "./declared-binding.ts";
import { LISTEN_FORM, parseListen, printPlace } from "./listen.ts";

const ENABLED = oneOf("enabled", "disabled");

const METADATA_OPTIONS = fields({
	httpEndpoint: optional(ENABLED, "Whether the endpoint answers. Default: enabled."),
	httpTokens: optional(
		oneOf("optional", "required"),
		"Whether requests need a session token. Default: optional, but required with imdsSupport.",
	),
	httpPutResponseHopLimit: optional(
		integer(HOP_LIMIT_MIN, HOP_LIMIT_MAX),
		"How many hops a token may travel. Default: 1, but 2 with imdsSupport.",
	),
	httpProtocolIpv6: optional(ENABLED, "Whether the endpoint answers on IPv6. Default: disabled."),
	instanceMetadataTags: optional(ENABLED, "Whether the instance sees its tags. Default: disabled."),
});

/** Unknown blueprints and bundles are the launch's to refuse, with all else that doesn't go together. */
const LIGHTSAIL = fields({
	name: required(
		matching(LIGHTSAIL_NAME_PATTERN, "2 to 255 letters, digits and _.-, a letter or digit or _ first and last"),
		"Its name, which is all that Lightsail knows it by.",
	),
	blueprintId: required(text(64), "What it is made of, such as amazon_linux_2 or ubuntu_24_04: `aws lightsail get-blueprints`."),
	bundleId: required(text(64), "What it runs on, such as nano_3_0: `aws lightsail get-bundles`."),
});

export const INSTANCE = v.pipe(
	fields({
		instanceId: optional(id("i"), "Its id. Default: one that follows from the Name tag, or from the position in the list."),
		state: optional(oneOf("running", "stopped"), "Whether it runs; a stopped instance reaches no metadata. Default: running."),
		imageId: optional(id("ami"), "Its image. Default: one without imdsSupport."),
		instanceType: optional(
			matching(/^[a-z][0-9a-z-]{0,31}\.[0-9a-z-]{1,31}$/, "an instance type, such as t3.micro"),
			"Its type. Default: t3.micro.",
		),
		launchTime: optional(moment(), "When it was launched. Default: when it was first applied."),
		reservationId: optional(id("r"), "Its reservation. Default: one that follows from the instance's id."),
		amiLaunchIndex: optional(integer(0, 100_000), "Its place in the launch. Default: 0."),
		placement: optional(
			v.pipe(
				fields({
					availabilityZone: optional(zone(), "The zone. Default: the subnet's, or the Region's zone a."),
					groupName: optional(text(255), "The placement group."),
					partitionNumber: optional(integer(1, 7), "The partition, in a group of that strategy."),
					hostId: optional(id("h"), "The Dedicated Host."),
					outpostArn: optional(
						matching(/^arn:[a-z-]+:outposts:[0-9a-z-]+:\d{12}:outpost\/op-[0-9A-Za-z]{1,64}$/, "the ARN of an Outpost"),
						"The Outpost.",
					),
				}),
				consistent(({ partitionNumber, groupName }) =>
					partitionNumber === undefined || groupName !== undefined
						? []
						: [{ path: ["partitionNumber"], message: "needs a placement group; add groupName" }],
				),
			),
			"Where it runs.",
		),
		privateDnsNameOptions: optional(
			fields({
				hostnameType: optional(
					oneOf("ip-name", "resource-name"),
					"Whether private host names are made of the address or of the id. Default: ip-name.",
				),
			}),
			"Its private host name.",
		),
		metadataOptions: optional(METADATA_OPTIONS, "How it may reach its metadata."),
		tags: optional(TAGS, "Tags; `{Name: web}` is short for `[{key: Name, value: web}]`."),
		iamInstanceProfile: optional(
			PROFILE_REFERENCE,
			"Its instance profile; a string is short for its name or ARN. A role has a profile of its own name.",
		),
		keyName: optional(KEY_NAME, "The key pair."),
		networkInterfaces: optional(
			list(NETWORK_INTERFACE, 64, 1),
			"Its network interfaces. Default: one, of which the next six fields speak.",
		),
		...ADDRESS_ENTRIES,
		securityGroupIds: optional(list(id("sg"), 16, 1), "Ids of security groups. Default: the VPC's group default."),
		userData: optional(
			v.pipe(
				v.string(`text of at most ${USER_DATA_MAX_BYTES} bytes`),
				v.check(
					(data) => data.isWellFormed() && Buffer.byteLength(data) <= USER_DATA_MAX_BYTES,
					`text of at most ${USER_DATA_MAX_BYTES} bytes`,
				),
				v.transform((data) => Buffer.from(data).toString("base64")),
			),
			"User data as text.",
		),
		userDataBase64: optional(base64(USER_DATA_MAX_BYTES), "User data in base64, for what is no text."),
		blockDeviceMappings: optional(BLOCK_DEVICES, "Its devices. Default: the image's."),
		system: optional(oneOf("nitro", "xen", "xen-on-nitro"), "The hypervisor. Default: nitro."),
		kernelId: optional(KERNEL_ID, "Its kernel. Default: the image's."),
		ramdiskId: optional(RAMDISK_ID, "Its RAM disk. Default: the image's."),
		productCodes: optional(PRODUCT_CODES, "Its AWS Marketplace product codes. Default: the image's."),
		instanceLifecycle: optional(oneOf("on-demand", "spot", "scheduled", "capacity-block"), "How it was bought. Default: on-demand."),
		instanceAction: optional(oneOf("none", "shutdown", "bundle-pending"), "What it is told to get ready for. Default: none."),
		spotInterruption: optional(
			fields({
				action: required(oneOf("terminate", "stop", "hibernate"), "What will happen."),
				time: required(moment(), "When; EC2 gives two minutes' notice."),
			}),
			"The interruption notice of a Spot Instance.",
		),
		rebalanceRecommendation: optional(
			fields({ noticeTime: required(moment(), "When it was given.") }),
			"The rebalance recommendation of a Spot Instance.",
		),
		scheduledEvents: optional(SCHEDULED_EVENTS, "Maintenance events, to come and past."),
		autoScalingTargetState: optional(
			oneOf("Detached", "InService", "Standby", "Terminated", "Warmed:Hibernated", "Warmed:Running", "Warmed:Stopped", "Warmed:Terminated"),
			"The life-cycle state that its Auto Scaling group moves it to.",
		),
		hibernationOptions: optional(
			fields({ configured: required(flag(), "Whether it can hibernate.") }),
			"Hibernation, as hibernation/configured shows it.",
		),
		monitoring: optional(ENABLED, "Detailed monitoring, as fws/instance-monitoring shows it."),
		elasticGpus: optional(
			list(
				fields({
					elasticGpuId: required(id("egpu"), "Its id."),
					elasticGpuType: required(matching(/^eg\d\.[0-9a-z]{1,16}$/, "a type, such as eg1.medium"), "Its type."),
					ipv4Address: required(ipv4(), "Where it is reached."),
					port: required(integer(1, 65_535), "Where it is reached."),
				}),
				16,
			),
			"Elastic GPUs.",
		),
		elasticInferenceAccelerators: optional(
			list(
				fields({
					elasticInferenceAcceleratorId: required(id("eia"), "Its id."),
					elasticInferenceAcceleratorType: required(matching(/^eia\d\.[0-9a-z]{1,16}$/, "a type, such as eia1.medium"), "Its type."),
				}),
				16,
			),
			"Elastic Inference accelerators.",
		),
		managedSshKeys: optional(MANAGED_SSH_KEYS, "What EC2 Instance Connect has pushed."),
		endpointListen: optional(listeners(), "Where the instance's own metadata endpoint listens; a string is short for a list of one."),
		endpointBindings: optional(ENDPOINT_BINDINGS, "What tells it from others where the endpoint is shared."),
		lightsail: optional(LIGHTSAIL, "Makes it an instance of Amazon Lightsail, which EC2's APIs don't see."),
	}),
	consistent((spec) => contradictionsIn(spec)),
	v.transform(({ userDataBase64, ...instance }) => (userDataBase64 === undefined ? instance : { ...instance, userData: userDataBase64 })),
);

function contradictionsIn(spec: {
	readonly userData?: string;
	readonly userDataBase64?: string;
	readonly publicIpAddress?: string;
	readonly associatePublicIpAddress?: boolean;
	readonly imageId?: string;
	readonly instanceType?: string;
	readonly lightsail?: object;
}): readonly Contradiction[] {
	const twice = spec.userData !== undefined && spec.userDataBase64 !== undefined;
	const decidedOtherwise = { imageId: "blueprintId", instanceType: "bundleId" } as const;
	const followed = (["imageId", "instanceType"] as const).filter((field) => spec.lightsail !== undefined && spec[field] !== undefined);
	return [
		...publicAddressContradictions(spec),
		...followed.map((field) => ({
			path: [field],
			message: `may not be given beside lightsail, whose ${decidedOtherwise[field]} says it; leave out ${field}`,
		})),
		...(twice ? [{ path: ["userDataBase64"], message: "may not be given beside userData; leave out one of them" }] : []),
	];
}

function listeners() {
	const one = v.pipe(
		v.string(LISTEN_FORM),
		v.check((input) => parseListen(input) !== undefined && !input.includes("="), LISTEN_FORM),
		v.transform((input) => {
			const listen = parseListen(input);
			return listen === undefined ? input : printPlace(listen.place);
		}),
	);
	return v.union(
		[
			v.pipe(
				one,
				v.transform((listen) => [listen]),
			),
			list(one, 16),
		],
		`${LISTEN_FORM}, or a list of such`,
	);
}
