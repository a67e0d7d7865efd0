import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { forbiddenByEnforcement, type InstanceMetadataDefaults, type MetadataOptions, resolveMetadataOptions } from "./metadata-options.ts";

type Tokens = "optional" | "required" | undefined;

/** The documented rows of control-apis.md §1.3: launch, account, image → result. */
const HTTP_TOKENS: readonly (readonly [launch: Tokens, account: Tokens, image: "v2.0" | undefined, result: "optional" | "required"])[] = [
	["required", undefined, "v2.0", "required"],
	["required", "required", "v2.0", "required"],
	["required", "optional", "v2.0", "required"],
	["optional", undefined, "v2.0", "optional"],
	["optional", "required", "v2.0", "optional"],
	["optional", "optional", "v2.0", "optional"],
	[undefined, undefined, "v2.0", "required"],
	[undefined, "required", "v2.0", "required"],
	[undefined, "optional", "v2.0", "optional"],
	["required", undefined, undefined, "required"],
	["required", "required", undefined, "required"],
	["required", "optional", undefined, "required"],
	["optional", undefined, undefined, "optional"],
	["optional", "required", undefined, "optional"],
	["optional", "optional", undefined, "optional"],
	[undefined, undefined, undefined, "optional"],
	[undefined, "required", undefined, "required"],
	[undefined, "optional", undefined, "optional"],
];

const N = 7;
const M = 33;

/** The hop limit's table; N and M stand for any number. */
const HOP_LIMIT: readonly (readonly [
	launch: number | undefined,
	account: number | undefined,
	image: "v2.0" | undefined,
	result: number,
])[] = [
	[N, undefined, undefined, N],
	[N, undefined, "v2.0", N],
	[N, M, undefined, N],
	[N, M, "v2.0", N],
	[undefined, M, undefined, M],
	[undefined, M, "v2.0", M],
	[undefined, undefined, "v2.0", 2],
	[undefined, undefined, undefined, 1],
];

const set = <K extends string, V>(key: K, value: V | undefined) => (value === undefined ? {} : ({ [key]: value } as { [key in K]: V }));

const anyOptions: fc.Arbitrary<MetadataOptions> = fc.record({
	httpEndpoint: fc.constantFrom("enabled", "disabled"),
	httpTokens: fc.constantFrom("optional", "required"),
	httpPutResponseHopLimit: fc.integer({ min: 1, max: 64 }),
	httpProtocolIpv6: fc.constantFrom("enabled", "disabled"),
	instanceMetadataTags: fc.constantFrom("enabled", "disabled"),
});

for (const [launch, account, imdsSupport, result] of HTTP_TOKENS) {
	test(`httpTokens: launch ${launch ?? "—"}, account ${account ?? "—"}, image ${imdsSupport ?? "—"} → ${result}`, () => {
		const sources = { launch: set("httpTokens", launch), account: set("httpTokens", account), imdsSupport };
		assert.equal(resolveMetadataOptions(sources).httpTokens, result);
	});
}

for (const [launch, account, imdsSupport, result] of HOP_LIMIT) {
	test(`hop limit: launch ${launch ?? "—"}, account ${account ?? "—"}, image ${imdsSupport ?? "—"} → ${result}`, () => {
		const limit = "httpPutResponseHopLimit";
		const sources = { launch: set(limit, launch), account: set(limit, account), imdsSupport };
		assert.equal(resolveMetadataOptions(sources).httpPutResponseHopLimit, result);
	});
}

test("with nothing said anywhere, the service's defaults hold", () => {
	const defaults = {
		httpEndpoint: "enabled",
		httpTokens: "optional",
		httpPutResponseHopLimit: 1,
		httpProtocolIpv6: "disabled",
		instanceMetadataTags: "disabled",
	};
	assert.deepEqual(resolveMetadataOptions({}), defaults);
	assert.deepEqual(resolveMetadataOptions({ launch: undefined, account: undefined, imdsSupport: undefined }), defaults);
});

test("an image with imdsSupport decides two options and no other, each for itself", () => {
	const account = { httpPutResponseHopLimit: 1 };
	assert.deepEqual(resolveMetadataOptions({ account, imdsSupport: "v2.0" }), {
		...resolveMetadataOptions({}),
		httpTokens: "required",
		httpPutResponseHopLimit: 1,
	});
	assert.equal(resolveMetadataOptions({ account: { httpTokens: "optional" }, imdsSupport: "v2.0" }).httpPutResponseHopLimit, 2);
	assert.equal(resolveMetadataOptions({ launch: { httpTokens: "optional" }, imdsSupport: "v2.0" }).httpPutResponseHopLimit, 2);
});

test("what a launch says of an option holds, whatever the others say, and the account has no word on IPv6", () => {
	const partial = <T extends object>(full: fc.Arbitrary<T>) =>
		fc
			.tuple(full, fc.func(fc.boolean()))
			.map(([all, keep]) => Object.fromEntries(Object.entries(all).filter(([key]) => keep(key))) as Partial<T>);
	const launches = partial(anyOptions);
	const accounts = partial(
		anyOptions.map((options) => {
			const { httpProtocolIpv6: _, ...preferences } = options;
			return preferences;
		}),
	);
	fc.assert(
		fc.property(launches, accounts, fc.constantFrom("v2.0" as const, undefined), (launch, account, imdsSupport) => {
			const resolved = resolveMetadataOptions({ launch, account, imdsSupport });
			const fallback = resolveMetadataOptions({ imdsSupport });
			assert.deepEqual(resolved, { ...fallback, ...account, ...launch });
			assert.deepEqual(Object.keys(resolved).toSorted(), Object.keys(fallback).toSorted());
		}),
	);
});

test("enforcement is no option of an instance", () => {
	assert.ok(!("httpTokensEnforced" in resolveMetadataOptions({ account: { httpTokensEnforced: "enabled" } })));
});

test("enforcement forbids optional tokens, wherever they come from, and nothing else", () => {
	const rows: readonly (readonly [
		httpTokens: "optional" | "required",
		enforced: "enabled" | "disabled" | undefined,
		forbidden: boolean,
	])[] = [
		["required", undefined, false],
		["required", "disabled", false],
		["required", "enabled", false],
		["optional", undefined, false],
		["optional", "disabled", false],
		["optional", "enabled", true],
	];
	for (const [httpTokens, enforced, forbidden] of rows) {
		const account: InstanceMetadataDefaults = set("httpTokensEnforced", enforced);
		const options = resolveMetadataOptions({ launch: { httpTokens } });
		assert.equal(forbiddenByEnforcement(options, account), forbidden, `${httpTokens}, ${enforced}`);
		const disabled: MetadataOptions = { ...options, httpEndpoint: "disabled" };
		assert.equal(forbiddenByEnforcement(disabled, account), forbidden, "a disabled endpoint changes nothing");
	}
	assert.equal(forbiddenByEnforcement(resolveMetadataOptions({}), undefined), false);
});
