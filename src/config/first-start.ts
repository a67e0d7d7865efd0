import type { MetadataOptions } from "../model/metadata-options.ts";
import type { Declaration } from "./declaration.ts";

/** The role of the first start's instance. */
export const FIRST_START_ROLE = "openimds-demo-role";

const USER_DATA = `#!/bin/bash
# The user data of the instance that OpenIMDS makes at its first start.
echo "Hello from $(hostname)"
`;

/** Harmless: nobody has its private half, which was thrown away when the pair was made. */
const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtAt3P58XN9I21sVXeVDRGZTnYMBSy673q5hQm2Whfq openimds-demo-key";

/** What somebody wants otherwise than the first start has it. */
export interface FirstStartChoices {
	readonly roleName?: string;
	readonly metadataOptions?: Partial<MetadataOptions>;
}

/**
 * What there is without a configuration file: one instance with a bit of everything that guides speak of. It is used
 * while the store has no instance at all; its id is random, and kept because its record is.
 */
export function firstStart(instanceId: string, { roleName = FIRST_START_ROLE, metadataOptions }: FirstStartChoices = {}): Declaration {
	return {
		roles: [{ roleName }],
		keyPairs: [{ keyName: "openimds-demo-key", publicKey: PUBLIC_KEY }],
		instances: [
			{
				instanceId,
				instanceType: "t3.micro",
				tags: [{ key: "Name", value: "openimds-demo" }],
				metadataOptions: { instanceMetadataTags: "enabled", ...metadataOptions },
				iamInstanceProfile: { name: roleName },
				keyName: "openimds-demo-key",
				associatePublicIpAddress: true,
				userData: Buffer.from(USER_DATA).toString("base64"),
			},
		],
	};
}
