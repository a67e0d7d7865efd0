import { type Alarm, alarmId } from "../../../model/alarm.ts";
import { alarmLimitExceeded } from "../../cloudwatch-errors.ts";
import type { PutMetricAlarmInput } from "../../models/cloudwatch.ts";
import { requestTagContext } from "../../request-tags.ts";
import { checkTags } from "../../tag-limits.ts";
import { alarmNeeds } from "./alarms/alarm-access.ts";
import { checkedConfiguration } from "./alarms/alarm-checks.ts";
import { checkAlarmName } from "./alarms/alarm-name-checks.ts";
import type { CloudwatchOperation } from "./cloudwatch-operation.ts";

/** AWS: alarms of an account in a Region (CloudWatch guide, "Common features of CloudWatch alarms"). */
const ALARMS_MAX = 5_000;

/**
 * AWS: a new alarm has INSUFFICIENT_DATA until it is evaluated; one that is there keeps its state and its tags, and everything else of it
 * is overwritten.
 *
 * Gap: actions are kept and shown, and never carried out.
 */
export const PutMetricAlarm: CloudwatchOperation<"PutMetricAlarm"> = {
	access(input, call) {
		const context = requestTagContext(modelTags(input));
		const needs = alarmNeeds([input.AlarmName], call).map((need) => ({ ...need, context: { ...need.context, ...context } }));
		return input.Tags === undefined || input.Tags.length === 0
			? needs
			: [...needs, ...needs.map((need) => ({ ...need, action: "cloudwatch:TagResource" }))];
	},
	async run(input, { inventory, nowMs, account }) {
		const { AlarmName: alarmName } = input;
		checkAlarmName(alarmName);
		checkTags(modelTags(input));
		const configuration = checkedConfiguration(input, account.accountId);
		const overwritten = await inventory.update("alarm", alarmId(alarmName), (before) => ({
			...before,
			configuration,
			configurationUpdatedAtMs: nowMs,
		}));
		if (overwritten !== undefined) return;
		const alarm: Alarm = {
			alarmName,
			configuration,
			configurationUpdatedAtMs: nowMs,
			state: "INSUFFICIENT_DATA",
			stateReason: "Unchecked: Initial alarm creation",
			stateUpdatedAtMs: nowMs,
			stateTransitionedAtMs: nowMs,
			tags: modelTags(input),
		};
		await inventory.exclusively(async () => {
			const { alarm: alarms } = await inventory.records();
			if (alarms.size >= ALARMS_MAX) throw alarmLimitExceeded(ALARMS_MAX);
			if (await inventory.create("alarm", alarm)) return;
			// Somebody else has made it meanwhile.
			await inventory.update("alarm", alarmId(alarmName), (before) => ({ ...before, configuration, configurationUpdatedAtMs: nowMs }));
		});
	},
};

function modelTags({ Tags = [] }: PutMetricAlarmInput): Alarm["tags"] {
	return Tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
}
