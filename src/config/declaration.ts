// What a configuration file may say. docs/openimds.schema.json is generated from here.

import * as v from "valibot";
import { HOP_LIMIT_MAX, HOP_LIMIT_MIN } from "../model/metadata-options.ts";
import { REGION_PATTERN } from "../model/region.ts";
import { INSTANCE_PROFILE, ROLE } from "./declared-iam.ts";
import { IMAGE, KEY_PAIR } from "./declared-image.ts";
import { INSTANCE } from "./declared-instance.ts";
import { SECURITY_GROUP, SUBNET, VPC } from "./declared-network.ts";
import { fields, integer, list, matching, oneOf, optional } from "./field.ts";

const ENABLED = oneOf("enabled", "disabled");

const ACCOUNT = fields({
	accountId: optional(matching(/^\d{12}$/, "12 digits in quotes"), "Default: 123456789012."),
	region: optional(matching(REGION_PATTERN, "a Region's name, such as us-east-1"), "Default: us-east-1."),
	instanceMetadataDefaults: optional(
		fields({
			httpEndpoint: optional(ENABLED, "As in metadataOptions."),
			httpTokens: optional(oneOf("optional", "required"), "As in metadataOptions."),
			httpPutResponseHopLimit: optional(integer(HOP_LIMIT_MIN, HOP_LIMIT_MAX), "As in metadataOptions."),
			instanceMetadataTags: optional(ENABLED, "As in metadataOptions."),
			httpTokensEnforced: optional(ENABLED, "Refuse instances whose tokens are optional."),
		}),
		"Metadata options of instances that don't say; a field left out has no preference.",
	),
});

export const DECLARATION = v.pipe(
	fields({
		account: optional(ACCOUNT, "The one account and Region that the service stands for."),
		images: optional(list(IMAGE, 1_000), "Images beside the two default ones."),
		roles: optional(list(ROLE, 1_000), "Roles. Each gets an instance profile of its name unless one is declared."),
		instanceProfiles: optional(list(INSTANCE_PROFILE, 1_000), "Instance profiles."),
		keyPairs: optional(list(KEY_PAIR, 1_000), "Public halves of key pairs."),
		vpcs: optional(list(VPC, 100), "VPCs beside the default one."),
		subnets: optional(list(SUBNET, 1_000), "Subnets beside those of the default VPC."),
		securityGroups: optional(list(SECURITY_GROUP, 1_000), "Security groups; every VPC has one named default."),
		instances: optional(list(INSTANCE, 65_536), "Instances."),
	}),
	v.title("OpenIMDS configuration"),
);

/** What a configuration file says, once it is found to be well-formed; plan.ts finds what contradicts what. */
export type Declaration = v.InferOutput<typeof DECLARATION>;
