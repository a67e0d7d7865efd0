// Who may do what with which instance of Lightsail: by its ARN, and by tags.

import { after, test } from "node:test";
import {
	DeleteInstanceCommand,
	GetInstanceCommand,
	GetInstancesCommand,
	GetOperationsForResourceCommand,
	UpdateInstanceMetadataOptionsCommand,
} from "@aws-sdk/client-lightsail";
import { rejectsWith, startApi } from "./api.ts";
import { newUser, policy } from "./iam-documents.ts";
import { create, createOne } from "./lightsail-scene.ts";

const api = await startApi({ after });
const { lightsail } = api;
const mine = await createOne(lightsail, "mine", { tags: [{ key: "team", value: "a" }] });
await createOne(lightsail, "theirs", { tags: [{ key: "team", value: "b" }] });

/** Lightsail in the hands of a user who may do this and no more. */
async function userWhoMay(name: string, actions: string, rest?: object) {
	return (await newUser(api, name, { document: policy("Allow", actions, rest) })).lightsail;
}

const update = (instanceName: string) => new UpdateInstanceMetadataOptionsCommand({ instanceName, httpTokens: "required" });

test("one instance, by its ARN; of others, and of what isn't there, nothing is said but that it is not allowed", async () => {
	const client = await userWhoMay("one", "lightsail:*", { Resource: mine.arn });
	await client.send(new GetInstanceCommand({ instanceName: "mine" }));
	await client.send(update("mine"));
	await client.send(new GetOperationsForResourceCommand({ resourceName: "mine" }));
	for (const instanceName of ["theirs", "nobody"]) {
		await rejectsWith(client.send(new GetInstanceCommand({ instanceName })), "AccessDeniedException");
		await rejectsWith(client.send(update(instanceName)), "AccessDeniedException");
		await rejectsWith(client.send(new DeleteInstanceCommand({ instanceName })), "AccessDeniedException");
	}
	await rejectsWith(client.send(new GetInstancesCommand({})), "AccessDeniedException");
	await rejectsWith(create(client, ["new"]), "AccessDeniedException");
});

test("instances with a tag", async () => {
	const Condition = { StringEquals: { "aws:ResourceTag/team": "b" } };
	const client = await userWhoMay("tags", "lightsail:UpdateInstanceMetadataOptions", { Resource: "*", Condition });
	await client.send(update("theirs"));
	await rejectsWith(client.send(update("mine")), "AccessDeniedException");
	await rejectsWith(client.send(new GetInstanceCommand({ instanceName: "theirs" })), "AccessDeniedException");
});

test("creating instances, with a tag that must be given and no other", async () => {
	const Condition = { StringEquals: { "aws:RequestTag/team": "a" }, "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } };
	const client = await userWhoMay("maker", "lightsail:CreateInstances", { Resource: "*", Condition });
	const team = { key: "team", value: "a" };
	await create(client, ["tagged"], { tags: [team] });
	await rejectsWith(create(client, ["untagged"]), "AccessDeniedException");
	await rejectsWith(create(client, ["other"], { tags: [{ key: "team", value: "b" }] }), "AccessDeniedException");
	await rejectsWith(create(client, ["more"], { tags: [team, { key: "x", value: "y" }] }), "AccessDeniedException");
});
