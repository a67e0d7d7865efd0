/** A policy that AWS keeps for all accounts. */
export interface AwsManagedPolicy {
	readonly policyName: string;
	readonly path: string;
	readonly description: string;
	readonly document: object;
}

/**
 * The managed policy of an ARN such as `arn:aws:iam::aws:policy/AdministratorAccess`, in any partition; undefined: none of ours.
 */
export function awsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
	const [, place] = /^arn:aws[a-z-]*:iam::aws:policy(\/.+)$/.exec(arn) ?? [];
	return AWS_MANAGED_POLICIES.find(({ path, policyName }) => place === `${path}${policyName}`);
}

/**
 * AWS: the documents as the AWS Managed Policy Reference Guide has them (2026).
 *
 * Gap: AWS has well over a thousand of them.
 */
export const AWS_MANAGED_POLICIES: readonly AwsManagedPolicy[] = [
	{
		policyName: "AdministratorAccess",
		path: "/",
		description: "Provides full access to AWS services and resources.",
		document: policy(allow(["*"])),
	},
	{
		policyName: "PowerUserAccess",
		path: "/",
		description: "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
		document: policy(
			{ Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
			allow([
				"account:GetAccountInformation",
				"account:GetGovCloudAccountInformation",
				"account:GetPrimaryEmail",
				"account:ListRegions",
				"iam:CreateServiceLinkedRole",
				"iam:DeleteServiceLinkedRole",
				"iam:ListRoles",
				"organizations:DescribeEffectivePolicy",
				"organizations:DescribeOrganization",
			]),
		),
	},
	{
		policyName: "ReadOnlyAccess",
		path: "/",
		description: "Provides read-only access to AWS services and resources.",
		// Gap: AWS's own has more than a thousand actions; these are the ones of the services that are here.
		document: policy(
			allow([
				"autoscaling:Describe*",
				"cloudwatch:Describe*",
				"cloudwatch:Get*",
				"cloudwatch:List*",
				"ec2:Describe*",
				"ec2:Get*",
				"ec2:List*",
				"iam:Generate*",
				"iam:Get*",
				"iam:List*",
				"iam:Simulate*",
				"lightsail:Get*",
				"sts:GetAccessKeyInfo",
				"sts:GetCallerIdentity",
				"sts:GetSessionToken",
			]),
		),
	},
	{
		policyName: "AmazonEC2FullAccess",
		path: "/",
		description: "Provides full access to Amazon EC2 via the AWS Management Console.",
		document: policy(allow(["ec2:*"]), allow(["elasticloadbalancing:*"]), allow(["cloudwatch:*"]), allow(["autoscaling:*"]), {
			Effect: "Allow",
			Action: "iam:CreateServiceLinkedRole",
			Resource: "*",
			Condition: {
				StringEquals: {
					"iam:AWSServiceName": [
						"autoscaling.amazonaws.com",
						"ec2scheduled.amazonaws.com",
						"elasticloadbalancing.amazonaws.com",
						"spot.amazonaws.com",
						"spotfleet.amazonaws.com",
						"transitgateway.amazonaws.com",
					],
				},
			},
		}),
	},
	{
		policyName: "AmazonEC2ReadOnlyAccess",
		path: "/",
		description: "Provides read only access to Amazon EC2 via the AWS Management Console.",
		document: policy(
			allow(["ec2:Describe*", "ec2:GetSecurityGroupsForVpc"]),
			allow(["elasticloadbalancing:Describe*"]),
			allow(["cloudwatch:ListMetrics", "cloudwatch:GetMetricStatistics", "cloudwatch:Describe*"]),
			allow(["autoscaling:Describe*"]),
		),
	},
	{
		policyName: "IAMFullAccess",
		path: "/",
		description: "Provides full access to IAM via the AWS Management Console.",
		document: policy(
			allow([
				"iam:*",
				"organizations:DescribeAccount",
				"organizations:DescribeOrganization",
				"organizations:DescribeOrganizationalUnit",
				"organizations:DescribePolicy",
				"organizations:ListChildren",
				"organizations:ListParents",
				"organizations:ListPoliciesForTarget",
				"organizations:ListRoots",
				"organizations:ListPolicies",
				"organizations:ListTargetsForPolicy",
			]),
		),
	},
	{
		policyName: "IAMReadOnlyAccess",
		path: "/",
		description: "Provides read only access to IAM via the AWS Management Console.",
		document: policy(
			allow([
				"iam:GenerateCredentialReport",
				"iam:GenerateServiceLastAccessedDetails",
				"iam:Get*",
				"iam:List*",
				"iam:SimulateCustomPolicy",
				"iam:SimulatePrincipalPolicy",
			]),
		),
	},
	{
		policyName: "AmazonSSMManagedInstanceCore",
		path: "/",
		description: "The policy for Amazon EC2 Role to enable AWS Systems Manager service core functionality.",
		document: policy(
			allow([
				"ssm:DescribeAssociation",
				"ssm:GetDeployablePatchSnapshotForInstance",
				"ssm:GetDocument",
				"ssm:DescribeDocument",
				"ssm:GetManifest",
				"ssm:GetParameter",
				"ssm:GetParameters",
				"ssm:ListAssociations",
				"ssm:ListInstanceAssociations",
				"ssm:PutInventory",
				"ssm:PutComplianceItems",
				"ssm:PutConfigurePackageResult",
				"ssm:UpdateAssociationStatus",
				"ssm:UpdateInstanceAssociationStatus",
				"ssm:UpdateInstanceInformation",
			]),
			allow([
				"ssmmessages:CreateControlChannel",
				"ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel",
				"ssmmessages:OpenDataChannel",
			]),
			allow([
				"ec2messages:AcknowledgeMessage",
				"ec2messages:DeleteMessage",
				"ec2messages:FailMessage",
				"ec2messages:GetEndpoint",
				"ec2messages:GetMessages",
				"ec2messages:SendReply",
			]),
		),
	},
];

function policy(...statements: readonly object[]): object {
	return { Version: "2012-10-17", Statement: statements };
}

function allow(actions: readonly string[]): object {
	return { Effect: "Allow", Action: actions, Resource: "*" };
}
