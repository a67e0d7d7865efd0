import { readinessOf } from "../../transition/readiness.ts";
import { describedReadiness, describedTransition } from "./described-transition.ts";
import { instancesAsked, instancesOfAccount } from "./instances-asked.ts";
import type { OpenimdsOperation } from "./openimds-operation.ts";
import { checkPeriod, DEFAULT_PERIOD_SECONDS } from "./transition-plan.ts";
import { describedCallers } from "./v1-callers.ts";

/** For each instance how many calls without a token there were, by whom, and whether IMDSv2 may be required; and the last transition. */
export const DescribeTransition: OpenimdsOperation<"DescribeTransition"> = {
	async run({ periodSeconds = DEFAULT_PERIOD_SECONDS, instanceIds }, call) {
		checkPeriod(periodSeconds);
		const instances = instancesOfAccount(instanceIds, call);
		const readiness = await readinessOf(instances, { calls: call.calls, periodSeconds, nowMs: call.nowMs });
		const rows = await call.calls.calls(call.nowMs - periodSeconds * 1000, instancesAsked(instanceIds));
		const callers = Map.groupBy(describedCallers(rows, call.records), ({ instanceId }) => instanceId);
		return {
			periodSeconds,
			instances: readiness.map((each) => describedReadiness(each, callers.get(each.instance.instanceId))),
			transition: await describedTransition(call),
		};
	},
};
