import { invalidParameterValue } from "../../errors.ts";
import type { OpenimdsOperation } from "./openimds-operation.ts";
import { instancesAsked } from "./instances-asked.ts";
import { describedCallers } from "./v1-callers.ts";

const DAY_MS = 86_400_000;

/** Who called without a token since a time, by program and instance: most calls first. Default: the last 24 hours. */
export const ListV1Callers: OpenimdsOperation<"ListV1Callers"> = {
	async run({ since = new Date(0), instanceIds }, call) {
		const sinceMs = since.getTime() === 0 ? call.nowMs - DAY_MS : since.getTime();
		if (sinceMs > call.nowMs) {
			throw invalidParameterValue(`Invalid value '${since.toISOString()}' for since. Specify a time that is not in the future.`);
		}
		// Of an instance that is gone, calls are still known: nobody is refused for asking.
		const rows = await call.calls.calls(sinceMs, instancesAsked(instanceIds));
		return { since: new Date(sinceMs), callers: describedCallers(rows, call.records) };
	},
};
