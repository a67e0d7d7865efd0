import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Api, Credentials } from "../api/api.ts";
import { type Lifetime, temporaryFolder } from "../running-service.ts";
import { requireTool } from "../tools.ts";

/** The AWS CLI of Debian (2.9), or why tests that need it are skipped. */
export const aws = requireTool("aws");

/** Runs `aws` with words that have a space between them, and gives what it prints, read as JSON; `undefined`: nothing. */
export type AwsCommand = <T = unknown>(words: string) => Promise<T>;

/** The AWS CLI of somebody, on nobody's settings. A command that fails throws an error whose message has what it says. */
export function awsCommand(t: Lifetime, { apiUrl, region, rootKey }: Api, credentials: Credentials = rootKey): AwsCommand {
	const env = { ...clientEnvironment(region, credentials), HOME: temporaryFolder(t), AWS_PAGER: "" };
	return async <T>(words: string) => {
		// Debian's CLI is older than AWS_ENDPOINT_URL.
		const { stdout } = await promisify(execFile)(aws.path, [...words.split(" "), "--endpoint-url", apiUrl, "--output", "json"], { env });
		return (stdout.trim() === "" ? undefined : JSON.parse(stdout)) as T;
	};
}

/** The environment of a client that has a Region and a key, and looks for neither elsewhere. */
export function clientEnvironment(region: string, { accessKeyId, secretAccessKey, sessionToken }: Credentials): Record<string, string> {
	return {
		PATH: process.env["PATH"] ?? "",
		AWS_DEFAULT_REGION: region,
		AWS_ACCESS_KEY_ID: accessKeyId,
		AWS_SECRET_ACCESS_KEY: secretAccessKey,
		AWS_EC2_METADATA_DISABLED: "true",
		...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
	};
}
