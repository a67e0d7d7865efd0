// An ordinary program with the AWS SDK for JavaScript, run in a lab: tells what it may, or who it is.

import { fromInstanceMetadata } from "@aws-sdk/credential-providers";
import { MetadataService } from "@aws-sdk/ec2-metadata-service";

const asked = process.argv[2];
if (asked === "credentials") tell(await fromInstanceMetadata()());
if (asked === "metadata") {
	const metadata = new MetadataService();
	const instanceId = await metadata.request("/latest/meta-data/instance-id", {});
	tell({ instanceId, region: await metadata.request("/latest/meta-data/placement/region", {}) });
}

function tell(what: unknown): void {
	process.stdout.write(JSON.stringify(what));
}
