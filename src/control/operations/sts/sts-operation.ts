import type { StsOperations } from "../../models/sts.ts";
import type { Operation } from "../../operation.ts";

/** An operation of STS, by its name. */
export type StsOperation<Name extends keyof StsOperations> = Operation<StsOperations[Name]["input"], StsOperations[Name]["output"]>;
