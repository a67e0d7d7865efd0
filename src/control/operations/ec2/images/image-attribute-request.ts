// What ModifyImageAttribute is asked for, in either of its two forms: `Attribute=imdsSupport&Value=v2.0`, or `ImdsSupport.Value=v2.0`.

import type { Image } from "../../../../model/image.ts";
import { invalidImageAttributeItem, invalidParameterCombination, invalidParameterValue, missingParameter } from "../../../errors.ts";
import type { LaunchPermission, ModifyImageAttributeRequest } from "../../../models/ec2.ts";
import { isAccountId } from "./user-ids.ts";

/** AWS: the attributes that can be changed, by their names in `Attribute`. */
const ATTRIBUTES = { description: "Description", imdsSupport: "ImdsSupport", launchPermission: "LaunchPermission" } as const;

type AttributeName = keyof typeof ATTRIBUTES;

/** The attributes that a request names, by their names in policies, with the values that are simple. Nothing is checked yet. */
export function requestedImageAttributes(input: ModifyImageAttributeRequest): Readonly<Record<string, string>> {
	const values = { description: descriptionOf(input), imdsSupport: imdsSupportOf(input), launchPermission: "" };
	const names = Object.keys(ATTRIBUTES) as AttributeName[];
	return Object.fromEntries(names.filter((name) => isNamed(name, input)).map((name) => [ATTRIBUTES[name], values[name] ?? ""]));
}

/**
 * The one change that a request asks for: pure, and the image itself where it is so already.
 *
 * @throws {ApiError} for no attribute, for more than one, and for values that it can't have.
 */
export function requestedImageAttribute(input: ModifyImageAttributeRequest): (image: Image) => Image {
	const { Attribute } = input;
	if (Attribute !== undefined && !Object.hasOwn(ATTRIBUTES, Attribute)) throw unknownAttribute(Attribute);
	const names = (Object.keys(ATTRIBUTES) as AttributeName[]).filter((name) => isNamed(name, input));
	const [name] = names;
	if (name === undefined) throw invalidParameterCombination("No attributes specified.");
	if (names.length > 1) throw invalidParameterCombination(`Fields for multiple attribute types specified: ${names.join(", ")}`);
	switch (name) {
		case "description":
			return changedDescription(descriptionOf(input));
		case "imdsSupport":
			return changedImdsSupport(imdsSupportOf(input));
		case "launchPermission":
			return changedPermissions(input);
	}
}

function unknownAttribute(attribute: string) {
	// Gap: product codes are given by AWS Marketplace, and to images of the configuration file.
	const allowed = Object.keys(ATTRIBUTES).join(", ");
	return invalidParameterValue(`Value (${attribute}) for parameter attribute is invalid. Unknown attribute type. Allowed: ${allowed}.`);
}

function isNamed(name: AttributeName, input: ModifyImageAttributeRequest): boolean {
	return input.Attribute === name || input[ATTRIBUTES[name]] !== undefined;
}

function descriptionOf({ Description, Value }: ModifyImageAttributeRequest): string | undefined {
	return Description?.Value ?? Value;
}

function imdsSupportOf({ ImdsSupport, Value }: ModifyImageAttributeRequest): string | undefined {
	return ImdsSupport?.Value ?? Value;
}

function changedDescription(description: string | undefined): (image: Image) => Image {
	if (description === undefined) throw missingParameter("Description.Value");
	return (image) => (image.description === description ? image : { ...image, description });
}

/**
 * AWS: the only value there is, and nothing takes it away again; setting it twice is no mistake (control-apis.md §1.5). Launches from
 * now on default to it, and instances that run keep what they have.
 */
function changedImdsSupport(value: string | undefined): (image: Image) => Image {
	if (value === undefined) throw missingParameter("ImdsSupport.Value");
	if (value !== "v2.0") {
		throw invalidParameterValue(`A value of '${value}' is not valid for ImdsSupport. Specify 'v2.0', which can't be undone.`);
	}
	return (image) => (image.imdsSupport === value ? image : { ...image, imdsSupport: value });
}

function changedPermissions(input: ModifyImageAttributeRequest): (image: Image) => Image {
	const { LaunchPermission = {}, OperationType, UserIds = [], UserGroups = [], OrganizationArns = [], OrganizationalUnitArns = [] } = input;
	const listed = [
		...UserIds.map((UserId) => ({ UserId })),
		...UserGroups.map((Group) => ({ Group })),
		...[...OrganizationArns, ...OrganizationalUnitArns].map((OrganizationArn) => ({ OrganizationArn })),
	];
	if (listed.length > 0 && OperationType === undefined) throw missingParameter("OperationType");
	const added = [...(LaunchPermission.Add ?? []), ...(OperationType === "add" ? listed : [])].map(permissionOf);
	const removed = new Set([...(LaunchPermission.Remove ?? []), ...(OperationType === "remove" ? listed : [])].map(permissionOf));
	if (added.length === 0 && removed.size === 0) throw missingParameter("LaunchPermission");
	return (image) => {
		const launchPermissions = [...new Set([...(image.launchPermissions ?? []), ...added])].filter((one) => !removed.has(one));
		return { ...image, launchPermissions };
	};
}

type AnyPermission = Omit<LaunchPermission, "Group"> & { readonly Group?: string | undefined };

function permissionOf({ Group, UserId, OrganizationArn, OrganizationalUnitArn }: AnyPermission): string {
	if (Group !== undefined) {
		if (Group !== "all") throw invalidImageAttributeItem(Group, "group");
		return Group;
	}
	if (UserId !== undefined) {
		if (!isAccountId(UserId)) throw invalidImageAttributeItem(UserId, "userId");
		return UserId;
	}
	const arn = OrganizationArn ?? OrganizationalUnitArn ?? "";
	if (!/^arn:[\w-]+:organizations::\d{12}:(organization|ou)\/[\w/-]+$/.test(arn)) throw invalidImageAttributeItem(arn, "organizationArn");
	return arn;
}
