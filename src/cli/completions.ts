// What the shell can offer where a value is typed. Nobody is told what goes wrong here: there is just nothing to offer.

import type { Context } from "./context.ts";
import { absolutePath, BRANCHES, childrenOf } from "./metadata-path.ts";

export async function completeInstanceIds(context: Context): Promise<readonly string[]> {
	try {
		const { runningService } = await import("./running-service.ts");
		return (await runningService(context, undefined).get("/instances")).map(({ instanceId }) => instanceId);
	} catch {
		return []; // Without a running service.
	}
}

/** Paths of the first listener's instance, one level at a time. */
export async function completePaths(context: Context, partial: string): Promise<readonly string[]> {
	try {
		const [{ listenerOf, runningService, urlOf }, { MetadataClient }] = await Promise.all([
			import("./running-service.ts"),
			import("./metadata-client.ts"),
		]);
		const endpoint = new URL(urlOf((await listenerOf(runningService(context, undefined), undefined)).address));
		const client = new MetadataClient({ endpoint, ttlSeconds: 1, v1: false });
		const typed = partial.slice(0, partial.lastIndexOf("/") + 1);
		const directory = absolutePath(typed);
		const { status, body } = await client.get(directory);
		client.close();
		const children = status === 200 ? childrenOf(directory, body.toString()) : [];
		const branches = typed === "" ? childrenOf("/latest/", BRANCHES.join("\n")) : [];
		return [...children, ...branches].map(({ name, isDirectory }) => `${typed}${name}${isDirectory ? "/" : ""}`);
	} catch {
		return []; // Without a running service, or with a closed endpoint.
	}
}
