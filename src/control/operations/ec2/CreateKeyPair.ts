import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { KeyPair } from "../../../model/key-pair.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { keyPairExists, unsupportedOperation } from "../../errors.ts";
import { newId } from "../../new-id.ts";
import { creationNeeds } from "./images/creation-access.ts";
import { describedTagSet } from "./tags/described-tags.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { privateKeyFingerprint, publicKeyFingerprint } from "./key-pairs/key-fingerprint.ts";
import { checkKeyName } from "./key-pairs/key-pair-lookup.ts";
import { privateKeyPem } from "./key-pairs/ssh-private-key.ts";
import { openSshLine } from "./key-pairs/ssh-public-key.ts";
import { specifiedTags, tagsOfSpecification } from "./tags/tag-checks.ts";

const generate = promisify(generateKeyPair);

/** AWS: the length of the RSA keys that EC2 makes. */
const RSA_BITS = 2048;

/** A new key pair. Its private half is told once, and kept nowhere. */
export const CreateKeyPair: Ec2Operation<"CreateKeyPair"> = {
	access: ({ KeyName, TagSpecifications }, call) =>
		creationNeeds(call, {
			operation: "CreateKeyPair",
			type: "key-pair",
			id: KeyName,
			tags: specifiedTags(TagSpecifications, "key-pair"),
		}),
	async run({ KeyName, KeyType = "rsa", KeyFormat = "pem", TagSpecifications }, call) {
		if (call.records["key-pair"].has(KeyName)) throw keyPairExists(KeyName);
		checkKeyName(KeyName);
		// Gap: AWS has PuTTY's format, too.
		if (KeyFormat === "ppk")
			throw unsupportedOperation("OpenIMDS does not make keys in the format 'ppk'. Use 'pem', and convert it with puttygen.");
		const tags = tagsOfSpecification(TagSpecifications, "key-pair", ["key-pair"]);
		const { privateKey, publicKey } =
			KeyType === "rsa" ? await generate("rsa", { modulusLength: RSA_BITS }) : await generate("ed25519", {});
		const fingerprint = KeyType === "rsa" ? privateKeyFingerprint(privateKey) : publicKeyFingerprint(publicKey);
		const keyPairId = newId("key");
		const line = openSshLine(publicKey, KeyName);
		const record: KeyPair = { keyName: KeyName, publicKey: line, keyPairId, createTime: timestamp(call.nowMs), fingerprint, tags };
		if (!(await call.inventory.create("key-pair", record))) throw keyPairExists(KeyName);
		return {
			KeyName,
			KeyPairId: keyPairId,
			KeyFingerprint: fingerprint,
			KeyMaterial: privateKeyPem(privateKey, publicKey, KeyName),
			Tags: describedTagSet(tags),
		};
	},
};
