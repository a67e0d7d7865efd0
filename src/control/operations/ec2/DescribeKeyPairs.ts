import type { KeyPair } from "../../../model/key-pair.ts";
import { epochMs } from "../../../model/timestamp.ts";
import { keyPairNotFound, noSuchResource } from "../../errors.ts";
import { type FilterTable, matcher } from "../../filters.ts";
import type * as ec2 from "../../models/ec2.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { fingerprintOfLine } from "./key-pairs/key-fingerprint.ts";
import { findKeyPair, keyPairIdOf } from "./key-pairs/key-pair-lookup.ts";

/** Key pairs by name, id and filter; all at once, as there are no pages. */
export const DescribeKeyPairs: Ec2Operation<"DescribeKeyPairs"> = {
	run({ KeyNames, KeyPairIds, Filters, IncludePublicKey }, call) {
		const unknownNames = (KeyNames ?? []).filter((KeyName) => findKeyPair({ KeyName }, call) === undefined);
		if (unknownNames.length > 0) throw keyPairNotFound(unknownNames);
		const unknownIds = (KeyPairIds ?? []).filter((KeyPairId) => findKeyPair({ KeyPairId }, call) === undefined);
		if (unknownIds.length > 0) throw noSuchResource("key-pair", unknownIds);
		const keyPairs = [...call.records["key-pair"].values()]
			.filter(({ keyName }) => KeyNames?.includes(keyName) ?? true)
			.filter((keyPair) => KeyPairIds?.includes(keyPairIdOf(keyPair)) ?? true)
			.filter(matcher(Filters, FILTERS))
			.toSorted((a, b) => (a.keyName < b.keyName ? -1 : 1));
		return { KeyPairs: keyPairs.map((keyPair) => describeKeyPair(keyPair, IncludePublicKey === true)) };
	},
};

const FILTERS: FilterTable<KeyPair> = {
	fingerprint: fingerprintOf,
	"key-name": ({ keyName }) => keyName,
	"key-pair-id": keyPairIdOf,
};

function fingerprintOf({ fingerprint, publicKey }: KeyPair): string {
	return fingerprint ?? fingerprintOfLine(publicKey);
}

function describeKeyPair(keyPair: KeyPair, withPublicKey: boolean): ec2.KeyPairInfo {
	const { keyName, publicKey, createTime, tags } = keyPair;
	return {
		KeyName: keyName,
		KeyPairId: keyPairIdOf(keyPair),
		KeyFingerprint: fingerprintOf(keyPair),
		KeyType: KEY_TYPES.get(publicKey.split(" ")[0] ?? ""),
		CreateTime: createTime === undefined ? undefined : new Date(epochMs(createTime)),
		PublicKey: withPublicKey ? publicKey : undefined,
		Tags: describedTagSet(tags) ?? [],
	};
}

const KEY_TYPES: ReadonlyMap<string, ec2.KeyType> = new Map([
	["ssh-rsa", "rsa"],
	["ssh-ed25519", "ed25519"],
]);
