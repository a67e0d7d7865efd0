import type { KeyPair } from "../../../model/key-pair.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { keyPairExists } from "../../errors.ts";
import { newId } from "../../new-id.ts";
import { creationNeeds } from "./images/creation-access.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { publicKeyFingerprint } from "./key-pairs/key-fingerprint.ts";
import { checkKeyName } from "./key-pairs/key-pair-lookup.ts";
import { importedPublicKey, openSshLine } from "./key-pairs/ssh-public-key.ts";
import { specifiedTags, tagsOfSpecification } from "./tags/tag-checks.ts";

/** A key pair whose private half somebody else has. */
export const ImportKeyPair: Ec2Operation<"ImportKeyPair"> = {
	access: ({ KeyName, TagSpecifications }, call) =>
		creationNeeds(call, {
			operation: "ImportKeyPair",
			type: "key-pair",
			id: KeyName,
			tags: specifiedTags(TagSpecifications, "key-pair"),
		}),
	async run({ KeyName, PublicKeyMaterial, TagSpecifications }, call) {
		checkKeyName(KeyName);
		const publicKey = importedPublicKey(PublicKeyMaterial);
		const tags = tagsOfSpecification(TagSpecifications, "key-pair", ["key-pair"]);
		const fingerprint = publicKeyFingerprint(publicKey);
		const keyPairId = newId("key");
		// AWS: what instances see is named as the pair is, whatever name the key came with.
		const line = openSshLine(publicKey, KeyName);
		const record: KeyPair = { keyName: KeyName, publicKey: line, keyPairId, createTime: timestamp(call.nowMs), fingerprint, tags };
		if (!(await call.inventory.create("key-pair", record))) throw keyPairExists(KeyName);
		return { KeyName, KeyPairId: keyPairId, KeyFingerprint: fingerprint, Tags: describedTagSet(tags) };
	},
};
