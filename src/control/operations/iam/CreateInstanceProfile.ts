import type { InstanceProfile } from "../../../model/iam.ts";
import { timestamp } from "../../../model/timestamp.ts";
import { alreadyExists } from "../../iam-errors.ts";
import { describedProfile } from "./entities/descriptions.ts";
import { createNamed, creationNeeds } from "./entities/entities.ts";
import type { IamOperation } from "./iam-operation.ts";
import { checkedPath, checkName } from "./entities/names.ts";
import { newIamId } from "./entities/new-iam-id.ts";
import { checkTags, modelTags } from "../../iam-tags.ts";

export const CreateInstanceProfile: IamOperation<"CreateInstanceProfile"> = {
	access: ({ InstanceProfileName, Path, Tags }, call) =>
		creationNeeds("instance-profile", { name: InstanceProfileName, Path, Tags }, call, { tagAction: "iam:TagInstanceProfile" }),
	async run({ InstanceProfileName, Path, Tags = [] }, call) {
		checkName("instanceProfileName", InstanceProfileName);
		checkTags(Tags);
		const profile: InstanceProfile = {
			instanceProfileName: InstanceProfileName,
			instanceProfileId: newIamId("AIPA"),
			path: checkedPath(Path),
			createDate: timestamp(call.nowMs),
			...(Tags.length > 0 && { tags: modelTags(Tags) }),
		};
		await createNamed("instance-profile", profile, call, { taken: alreadyExists(`Instance Profile ${InstanceProfileName}`) });
		return { InstanceProfile: describedProfile(profile, call) };
	},
};
