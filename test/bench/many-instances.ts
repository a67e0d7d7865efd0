/** The id of one of {@link manyInstances}. */
export function instanceIdOf(index: number): string {
	return `i-${index.toString(16).padStart(17, "0")}`;
}

/** A configuration with so many instances in one subnet. */
export function manyInstances(count: number): object {
	return {
		vpcs: [{ vpcId: "vpc-0bench", cidrBlocks: ["10.0.0.0/16"] }],
		subnets: [{ subnetId: "subnet-0bench", vpcId: "vpc-0bench", cidrBlock: "10.0.0.0/16", availabilityZone: "us-east-1a" }],
		securityGroups: [{ groupId: "sg-0bench", groupName: "bench", vpcId: "vpc-0bench" }],
		roles: [{ roleName: "bench" }],
		instances: Array.from({ length: count }, (_, index) => ({
			instanceId: instanceIdOf(index),
			subnetId: "subnet-0bench",
			privateIpAddress: `10.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
			iamInstanceProfile: "bench",
			tags: { Name: `bench-${index}`, team: "metadata" },
		})),
	};
}
