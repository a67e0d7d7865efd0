/** The condition keys of tags in a request; nothing where there are none. */
export function requestTagContext(
	tags: readonly { readonly key: string; readonly value: string }[],
): Readonly<Record<string, string | readonly string[]>> {
	if (tags.length === 0) return {};
	return {
		...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
		"aws:TagKeys": tags.map(({ key }) => key),
	};
}
