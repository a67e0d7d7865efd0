/** A tag of a resource. */
export interface Tag {
	readonly key: string;
	readonly value: string;
}

const METADATA_TAG_KEY = /^[0-9a-zA-Z\-_+=,.@:]{1,255}$/;
const RESERVED_KEYS = new Set([".", "..", "_index"]);

/** Whether a key may stand in `tags/instance/`: it must be a path segment that needs no escaping (control-apis.md §1.7). */
export function fitsMetadata(tagKey: string): boolean {
	return METADATA_TAG_KEY.test(tagKey) && !RESERVED_KEYS.has(tagKey);
}

/** What is allowed, in EC2's own words (control-apis.md §1.6; the two backslashes are AWS's). */
export function unfitTagKey(tagKey: string): string {
	return (
		`'${tagKey}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\\\-_+=,.@:]{1,255}), ` +
		`and must not be a reserved name ('.', '..', '_index')`
	);
}
