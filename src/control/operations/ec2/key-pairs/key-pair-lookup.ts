import { derivedId } from "../../../../model/ids.ts";
import type { KeyPair } from "../../../../model/key-pair.ts";
import { recordKey } from "../../../../model/records.ts";
import { KEY_MAX_BYTES } from "../../../../store/port.ts";
import { invalidParameterValue } from "../../../errors.ts";
import type { Call } from "../../../operation.ts";

/** AWS: up to 255 ASCII characters, no spaces in front or behind. */
const NAME_PATTERN = /^(?! )[ -~]{1,255}(?<! )$/;

/** @throws {ApiError} for names that no key pair may have. */
export function checkKeyName(keyName: string): void {
	if (!NAME_PATTERN.test(keyName)) {
		throw invalidParameterValue(
			`Value (${keyName}) for parameter KeyName is invalid. Specify 1 to 255 printable ASCII characters, without spaces at either end.`,
		);
	}
	// Gap: a name is a record's key here, in which all but letters, digits and _.:@- take three bytes.
	if (Buffer.byteLength(recordKey("key-pair", keyName)) > KEY_MAX_BYTES) {
		throw invalidParameterValue(`Value (${keyName}) for parameter KeyName is too long for so many special characters.`);
	}
}

/** `key-…` */
export function keyPairIdOf({ keyPairId, keyName }: KeyPair): string {
	return keyPairId ?? derivedId("key", keyName);
}

/** The key pair of this name or id, if it is there. */
export function findKeyPair(
	{ KeyName, KeyPairId }: { readonly KeyName?: string | undefined; readonly KeyPairId?: string | undefined },
	{ records }: Pick<Call, "records">,
): KeyPair | undefined {
	const keyPairs = records["key-pair"];
	if (KeyName !== undefined) return keyPairs.get(KeyName);
	return [...keyPairs.values()].find((keyPair) => keyPairIdOf(keyPair) === KeyPairId);
}
