import { constraintViolated } from "../../errors.ts";
import { invalidAuthorizationMessage } from "../../iam-errors.ts";
import type { StsOperation } from "./sts-operation.ts";

const MESSAGE_MAX_CHARACTERS = 10_240;

/** Tells why a request was refused: the JSON of control-apis.md §3.6. */
export const DecodeAuthorizationMessage: StsOperation<"DecodeAuthorizationMessage"> = {
	run({ EncodedMessage }, { messages }) {
		if (EncodedMessage === "") throw constraintViolated("encodedMessage", EncodedMessage, "have length greater than or equal to 1");
		if (EncodedMessage.length > MESSAGE_MAX_CHARACTERS) {
			throw constraintViolated("encodedMessage", EncodedMessage, `have length less than or equal to ${MESSAGE_MAX_CHARACTERS}`);
		}
		const DecodedMessage = messages.open(EncodedMessage);
		if (DecodedMessage === undefined) throw invalidAuthorizationMessage();
		return { DecodedMessage };
	},
};
