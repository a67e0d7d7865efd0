import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What clients look at before they ask the endpoint, and what would take it away. */
export function obstaclesIn(environment: NodeJS.ProcessEnv): readonly string[] {
	const file = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? join(homedir(), ".aws", "credentials");
	return [
		...[
			["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
			["AWS_PROFILE"],
			["AWS_WEB_IDENTITY_TOKEN_FILE"],
			["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
			["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
		]
			.filter(([name = ""]) => environment[name])
			.map((names) => `${names[0]} is set, and wins over the instance's role. For the role: unset ${names.join(" ")}`),
		...(environment["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true"
			? ["AWS_EC2_METADATA_DISABLED keeps clients from asking the endpoint. To let them: unset AWS_EC2_METADATA_DISABLED"]
			: []),
		...(existsSync(file) && file !== "/dev/null"
			? [`${file} wins over the instance's role where it has a default profile. For the role: export AWS_SHARED_CREDENTIALS_FILE=/dev/null`]
			: []),
	];
}
