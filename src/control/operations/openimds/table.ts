import type { OpenimdsOperations } from "../../models/openimds.ts";
import { DescribeTransition } from "./DescribeTransition.ts";
import { ListV1Callers } from "./ListV1Callers.ts";
import type { OpenimdsOperation } from "./openimds-operation.ts";
import { PlanTransition } from "./PlanTransition.ts";
import { RollBackTransition } from "./RollBackTransition.ts";
import { StartTransition } from "./StartTransition.ts";

/** Every operation of OpenIMDS's own service: one missing, or one too many, does not compile. */
export const OPENIMDS_OPERATIONS: { readonly [Name in keyof OpenimdsOperations]: OpenimdsOperation<Name> } = {
	ListV1Callers,
	DescribeTransition,
	PlanTransition,
	StartTransition,
	RollBackTransition,
};
