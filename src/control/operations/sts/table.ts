import type { StsOperations } from "../../models/sts.ts";
import { AssumeRole } from "./AssumeRole.ts";
import { DecodeAuthorizationMessage } from "./DecodeAuthorizationMessage.ts";
import { GetCallerIdentity } from "./GetCallerIdentity.ts";
import type { StsOperation } from "./sts-operation.ts";

/** Every operation of STS that there is here: one missing, or one too many, does not compile. */
export const STS_OPERATIONS: { readonly [Name in keyof StsOperations]: StsOperation<Name> } = {
	GetCallerIdentity,
	AssumeRole,
	DecodeAuthorizationMessage,
};
