import { missingParameter } from "../../errors.ts";
import { ec2Arn, tagContext } from "./arns.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { findKeyPair, keyPairIdOf } from "./key-pairs/key-pair-lookup.ts";

/**
 * Deletes a key pair.
 *
 * AWS: one that is not there counts as deleted.
 *
 * Gap: instances that were launched with it keep it on AWS; here their metadata shows it no longer.
 */
export const DeleteKeyPair: Ec2Operation<"DeleteKeyPair"> = {
	access(input, call) {
		const keyPair = findKeyPair(input, call);
		return [{ resource: ec2Arn(call, "key-pair", keyPair?.keyName ?? input.KeyName ?? "*"), context: tagContext(keyPair?.tags) }];
	},
	async run(input, call) {
		const { KeyName, KeyPairId } = input;
		if (KeyName === undefined && KeyPairId === undefined) throw missingParameter("KeyName");
		const keyPair = findKeyPair(input, call);
		if (keyPair === undefined) return { Return: true };
		await call.inventory.remove("key-pair", keyPair.keyName, `The key pair '${keyPair.keyName}'`);
		return { Return: true, KeyPairId: keyPairIdOf(keyPair) };
	},
};
