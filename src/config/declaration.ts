// What a configuration file may say. docs/openimds.schema.json is generated from here.

import * as v from "valibot";
import { HOP_LIMIT_MAX, HOP_LIMIT_MIN } from "../model/metadata-options.ts";
import { REGION_PATTERN } from "../model/region.ts";
import { INSTANCE_PROFILE, ROLE, USER } from "./declared-iam.ts";
import { IMAGE, KEY_PAIR, SNAPSHOT } from "./declared-image.ts";
import { INSTANCE } from "./declared-instance.ts";
import { SECURITY_GROUP, SUBNET, VPC } from "./declared-network.ts";
import { ORGANIZATION } from "./declared-organization.ts";
import { MANAGED_POLICY } from "./declared-policy.ts";
import { fields, integer, list, matching, oneOf, optional } from "./field.ts";

const ENABLED = oneOf("enabled", "disabled");

const ACCOUNT = fields({
	accountId: optional(matching(/^\d{12}$/, "12 digits in quotes"), "The account's id. Default: 123456789012."),
	region: optional(matching(REGION_PATTERN, "a Region's name, such as us-east-1"), "The Region. Default: us-east-1."),
	instanceMetadataDefaults: optional(
		fields({
			httpEndpoint: optional(ENABLED, "Whether the endpoint answers."),
			httpTokens: optional(oneOf("optional", "required"), "Whether requests need a session token."),
			httpPutResponseHopLimit: optional(integer(HOP_LIMIT_MIN, HOP_LIMIT_MAX), "How many hops a token may travel."),
			instanceMetadataTags: optional(ENABLED, "Whether instances see their tags."),
			httpTokensEnforced: optional(ENABLED, "Whether instances whose tokens are optional are refused. Default: disabled."),
		}),
		"Metadata options of instances that say nothing of theirs; what is left out has no preference.",
	),
	organization: optional(ORGANIZATION, "What the account's organization imposes on it. Default: it is in none."),
});

export const DECLARATION = v.pipe(
	fields({
		account: optional(ACCOUNT, "The one account and Region that the service stands for."),
		snapshots: optional(list(SNAPSHOT, 1_000), "Snapshots, which images can be made of."),
		images: optional(list(IMAGE, 1_000), "Images, beside the two that are always there."),
		policies: optional(list(MANAGED_POLICY, 1_000), "Managed policies of the account, for roles and users to have in common."),
		users: optional(list(USER, 1_000), "Users: who asks the control APIs with keys of their own."),
		roles: optional(list(ROLE, 1_000), "Roles. Each gets an instance profile of its name unless one is declared."),
		instanceProfiles: optional(list(INSTANCE_PROFILE, 1_000), "Instance profiles: what instances take roles by."),
		keyPairs: optional(list(KEY_PAIR, 1_000), "Key pairs, their public halves only."),
		vpcs: optional(list(VPC, 100), "VPCs, beside the default one."),
		subnets: optional(list(SUBNET, 500), "Subnets, beside the six of the default VPC."),
		securityGroups: optional(list(SECURITY_GROUP, 1_000), "Security groups; every VPC has one that is called default."),
		instances: optional(list(INSTANCE, 65_536), "The instances that are served."),
	}),
	v.title("OpenIMDS configuration"),
);

/** What a configuration file says, once it is found to be well-formed; plan.ts finds what contradicts what. */
export type Declaration = v.InferOutput<typeof DECLARATION>;
