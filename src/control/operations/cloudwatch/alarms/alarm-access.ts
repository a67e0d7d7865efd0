// The ARNs of alarms, and what policies may ask of them.

import { type Alarm, alarmId } from "../../../../model/alarm.ts";
import type { AccessNeed, Call } from "../../../operation.ts";

/** @param alarmName `*` for all. */
export function alarmArn(alarmName: string, { partition, account }: Pick<Call, "partition" | "account">): string {
	return `arn:${partition}:cloudwatch:${account.region}:${account.accountId}:alarm:${alarmName}`;
}

/** The needs to do something with alarms: one for each, with the tags of those that exist. */
export function alarmNeeds(alarmNames: readonly string[], call: Call): readonly AccessNeed[] {
	return alarmNames.map((alarmName) => ({
		resource: alarmArn(alarmName, call),
		context: resourceTagContext(call.records.alarm.get(alarmId(alarmName))),
	}));
}

function resourceTagContext(alarm: Alarm | undefined): Readonly<Record<string, string>> {
	return Object.fromEntries((alarm?.tags ?? []).map(({ key, value }) => [`aws:ResourceTag/${key}`, value]));
}
