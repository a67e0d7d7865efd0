import { timestamp } from "../../../model/timestamp.ts";
import { incorrectInstanceState, noSuchResource } from "../../errors.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { attributeContext, instanceNeeds } from "./instances/instance-access.ts";
import { attributeChange, checkStopped, requestedAttributes } from "./instances/instance-attributes.ts";
import { instanceOf } from "./instances/instance-lookup.ts";

/** Changes one attribute of an instance (control-apis.md §2.9). */
export const ModifyInstanceAttribute: Ec2Operation<"ModifyInstanceAttribute"> = {
	access: (input, call) => instanceNeeds([input.InstanceId], call, attributeContext(requestedAttributes(input))),
	async run(input, call) {
		const { InstanceId } = input;
		instanceOf(InstanceId, call);
		const { change, needsStopped } = attributeChange(input, call.records);
		const after = await call.inventory.update("instance", InstanceId, (before) => {
			if (before.state === "terminated" || before.state === "shutting-down") {
				throw incorrectInstanceState(`The instance '${InstanceId}' is not in a state from which its attributes can be modified.`);
			}
			if (needsStopped) checkStopped(before);
			return { ...change(before), lastModifiedTime: timestamp(call.nowMs) };
		});
		if (after === undefined) throw noSuchResource("instance", [InstanceId]);
	},
};
