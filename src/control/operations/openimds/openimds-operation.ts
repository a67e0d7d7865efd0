import type { OpenimdsOperations } from "../../models/openimds.ts";
import type { Operation } from "../../operation.ts";

/** An operation of OpenIMDS's own service, by its name. */
export type OpenimdsOperation<Name extends keyof OpenimdsOperations> = Operation<
	OpenimdsOperations[Name]["input"],
	OpenimdsOperations[Name]["output"]
>;
