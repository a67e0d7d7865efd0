import type { IamOperations } from "../../models/iam.ts";
import type { Operation } from "../../operation.ts";

/** An operation of IAM, by its name. */
export type IamOperation<Name extends keyof IamOperations> = Operation<IamOperations[Name]["input"], IamOperations[Name]["output"]>;
