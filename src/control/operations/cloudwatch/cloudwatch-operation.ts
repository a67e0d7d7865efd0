import type { CloudwatchOperations } from "../../models/cloudwatch.ts";
import type { Operation } from "../../operation.ts";

/** An operation of CloudWatch, by its name. */
export type CloudwatchOperation<Name extends keyof CloudwatchOperations> = Operation<
	CloudwatchOperations[Name]["input"],
	CloudwatchOperations[Name]["output"]
>;
