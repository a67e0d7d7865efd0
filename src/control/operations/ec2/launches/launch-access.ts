// What a launch must be allowed: every resource that it makes or uses (control-apis.md §3.1, §3.2).

import { defaultVpcId } from "../../../../model/default-network.ts";
import type { Subnet } from "../../../../model/network.ts";
import type { RunInstancesRequest } from "../../../models/ec2.ts";
import type { AccessNeed, Call } from "../../../operation.ts";
import { ec2Arn, tagContext } from "../arns.ts";
import { requestTagContext } from "../../../request-tags.ts";
import { metadataOptionsContext } from "../instances/instance-access.ts";
import { findProfile, passRoleNeeds } from "../instances/instance-profile-lookup.ts";
import { type AskedLaunch, askedLaunchIfKnown, effectiveOptions } from "./launch-parameters.ts";

type Context = NonNullable<AccessNeed["context"]>;

/** The needs of RunInstances. */
export function launchNeeds(input: RunInstancesRequest, call: Call): readonly AccessNeed[] {
	const asked = askedLaunchIfKnown(input, call);
	const { parameters, tags, template } = asked;
	const subnet = subnetOf(asked, call);
	const templateArn = template && ec2Arn(call, "launch-template", template.template.launchTemplateId);
	const ofLaunch: Context = { "ec2:LaunchTemplate": templateArn, "ec2:IsLaunchTemplateResource": "false" };
	const made: Context = { ...ofLaunch, "ec2:AvailabilityZone": zoneOf(asked, subnet, call) };
	const need = (type: string, id: string, context: Context = {}): AccessNeed => ({
		resource: ec2Arn(call, type, id),
		context: { ...(template === undefined ? {} : ofLaunch), ...context },
	});
	return [
		need("instance", "*", { ...made, ...instanceContext(asked, call), ...requestTagContext(tags.instance) }),
		...imageNeeds(asked, call, need),
		...networkNeeds(asked, subnet, call, need, { ...made, ...requestTagContext(tags["network-interface"]) }),
		need("volume", "*", { ...made, ...requestTagContext(tags.volume) }),
		...(parameters.KeyName === undefined ? [] : [need("key-pair", parameters.KeyName, { "ec2:KeyPairName": parameters.KeyName })]),
		...(parameters.Placement?.GroupName ? [need("placement-group", parameters.Placement.GroupName)] : []),
		...(template === undefined ? [] : [need("launch-template", template.template.launchTemplateId, tagContext(template.template.tags))]),
		...tagNeeds(asked, call),
		...passRoleNeeds(parameters.IamInstanceProfile, call),
	];
}

function instanceContext(asked: AskedLaunch, call: Call): Context {
	const { parameters } = asked;
	const profile = parameters.IamInstanceProfile && findProfile(parameters.IamInstanceProfile, call);
	return {
		// AWS: what the instance would get, whoever decided it; never what the request says (§3.1, settled by evidence).
		...metadataOptionsContext(effectiveOptions(asked, call)),
		"ec2:InstanceID": "*",
		"ec2:InstanceType": parameters.InstanceType,
		"ec2:InstanceProfile": profile?.arn,
		"ec2:InstanceMarketType": parameters.InstanceMarketOptions?.MarketType ?? "on-demand",
		"ec2:Tenancy": parameters.Placement?.Tenancy ?? "default",
		"ec2:EbsOptimized": String(parameters.EbsOptimized ?? false),
		"ec2:RootDeviceType": "ebs",
	};
}

type Need = (type: string, id: string, context?: Context) => AccessNeed;

function imageNeeds({ parameters: { ImageId } }: AskedLaunch, call: Call, need: Need): readonly AccessNeed[] {
	if (ImageId === undefined) return [];
	const image = call.records.image.get(ImageId);
	const owner = image?.ownerAlias ?? call.account.accountId;
	const isPublic = image?.ownerAlias !== undefined || image?.launchPermissions?.includes("all") === true;
	return [
		need("image", ImageId, {
			"ec2:ImageID": ImageId,
			"ec2:Owner": owner,
			"ec2:Public": String(isPublic),
			"ec2:RootDeviceType": "ebs",
			...tagContext(image?.tags),
		}),
	];
}

function networkNeeds(asked: AskedLaunch, subnet: Subnet | undefined, call: Call, need: Need, ofInterface: Context): readonly AccessNeed[] {
	const { records } = call;
	const { parameters } = asked;
	const vpcArn = subnet && ec2Arn(call, "vpc", subnet.vpcId);
	const ofVpc: Context = { "ec2:Vpc": vpcArn };
	const named = parameters.SecurityGroups?.map(
		(name) => [...records["security-group"].values()].find((each) => each.groupName === name)?.groupId ?? name,
	);
	const groups = parameters.SecurityGroupIds ?? named ?? parameters.NetworkInterfaces?.flatMap(({ Groups }) => Groups ?? []) ?? [];
	const defaultGroup = [...records["security-group"].values()].find(
		({ groupName, vpcId }) => groupName === "default" && vpcId === subnet?.vpcId,
	);
	const groupIds = groups.length > 0 || defaultGroup === undefined ? groups : [defaultGroup.groupId];
	return [
		...(subnet === undefined
			? []
			: [
					need("subnet", subnet.subnetId, {
						...ofVpc,
						"ec2:SubnetID": subnet.subnetId,
						"ec2:AvailabilityZone": subnet.availabilityZone,
						...tagContext(subnet.tags),
					}),
				]),
		need("network-interface", "*", { ...ofInterface, ...ofVpc, "ec2:Subnet": subnet && ec2Arn(call, "subnet", subnet.subnetId) }),
		...groupIds.map((groupId) =>
			need("security-group", groupId, {
				...ofVpc,
				"ec2:SecurityGroupID": groupId,
				...tagContext(records["security-group"].get(groupId)?.tags),
			}),
		),
	];
}

/** AWS: to launch with tags is to be allowed to tag, too. */
function tagNeeds({ tags }: AskedLaunch, call: Call): readonly AccessNeed[] {
	return (Object.keys(tags) as (keyof typeof tags)[])
		.filter((type) => tags[type].length > 0)
		.map((type) => ({
			action: "ec2:CreateTags",
			resource: ec2Arn(call, type, "*"),
			context: { "ec2:CreateAction": "RunInstances", ...requestTagContext(tags[type]) },
		}));
}

/** The subnet that is named, or the one that the launch will find. */
function subnetOf({ parameters }: AskedLaunch, { records, account }: Call): Subnet | undefined {
	const named = parameters.SubnetId ?? parameters.NetworkInterfaces?.find(({ SubnetId }) => SubnetId !== undefined)?.SubnetId;
	if (named !== undefined) return records.subnet.get(named);
	const zone = parameters.Placement?.AvailabilityZone ?? `${account.region}a`;
	const defaultVpc = defaultVpcId(account);
	return [...records.subnet.values()].find(({ availabilityZone, vpcId }) => availabilityZone === zone && vpcId === defaultVpc);
}

function zoneOf({ parameters }: AskedLaunch, subnet: Subnet | undefined, { account }: Call): string {
	return parameters.Placement?.AvailabilityZone ?? subnet?.availabilityZone ?? `${account.region}a`;
}
