// Where an instance is asked for its metadata, as the APIs tell it.

import { entranceClaims, printClaim } from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";
import type { Tag } from "../model/tag.ts";

/**
 * Where an instance's metadata is asked, as a tag.
 *
 * Quirk: reserved (`aws:`), so that tools which compare tags with a plan leave it alone; it is computed, no tag in the metadata, and nobody
 * can change it.
 */
const ENDPOINT_TAG = "aws:openimds:endpoint";

/** The tags of an instance as the APIs show them: its own, and where it is asked. */
export function describedTags(instance: Instance): readonly Tag[] {
	const endpoint = endpointOf(instance);
	return endpoint === undefined ? instance.tags : [...instance.tags, { key: ENDPOINT_TAG, value: endpoint }];
}

/** Where an instance with a listener or a binding of its own is asked, as far as its record tells. */
export function endpointOf(instance: Instance): string | undefined {
	const [listen] = instance.endpointListen;
	if (listen !== undefined) return listen.startsWith("unix:") || listen.endsWith(":0") ? undefined : `http://${listen}`;
	const [claim] = entranceClaims(instance);
	return claim && `from ${printClaim(claim)}`;
}
