// Whether a caller may do what it asks for: every need of the operation, by every policy that has a say (control-apis.md §3.4, §3.6).

import type { AccessRequest } from "../../iam/access-request.ts";
import { authorizationMessage, denialReason } from "../../iam/denial.ts";
import { type Denial, evaluate, type PolicySet } from "../../iam/evaluate.ts";
import { ApiError } from "../errors.ts";
import type { AccessNeed, SealedMessages } from "../operation.ts";
import { accessDenied, type Dialect } from "./access-errors.ts";
import type { Principal } from "./principal.ts";

/** Who asks, and what counts. */
export interface Authorization {
	readonly principal: Principal;
	readonly policies: PolicySet;
	/** The condition keys of the request as a whole. */
	readonly context: Readonly<Record<string, string>>;
	readonly dialect: Dialect;
	/** Seals what EC2's encoded messages say. */
	readonly messages: SealedMessages;
}

/**
 * Nothing, if all needs are allowed.
 *
 * @param ownAction of needs that name none.
 * @throws {ApiError} for the first that isn't, in the words of the service.
 */
export function authorize(needs: readonly AccessNeed[], ownAction: string, authorization: Authorization): void {
	for (const need of needs) {
		const request = accessRequest(need, ownAction, authorization.context);
		const decision = evaluate(request, authorization.policies);
		if (!decision.allowed) throw unauthorized(decision, request, authorization);
	}
}

function accessRequest(
	{ action, resource, context: own = {} }: AccessNeed,
	ownAction: string,
	context: Authorization["context"],
): AccessRequest {
	const keys = Object.entries({ ...context, ...own }).flatMap(([key, value]) =>
		value === undefined ? [] : [[key, [value].flat()] as const],
	);
	return { action: action ?? ownAction, resource, context: new Map(keys) };
}

function unauthorized(denial: Denial, request: AccessRequest, { principal, dialect, messages }: Authorization): ApiError {
	const on = request.resource === "*" ? "" : ` on resource: ${request.resource}`;
	const sentence = `User: ${principal.arn} is not authorized to perform: ${request.action}${on} ${denialReason(denial, request.action)}`;
	if (dialect !== "ec2") return accessDenied(dialect, sentence);
	const { userId, userName, arn } = principal;
	const sealed = messages.seal(authorizationMessage({ decision: denial, request, principal: { id: userId, name: userName, arn } }));
	return new ApiError(
		"UnauthorizedOperation",
		`You are not authorized to perform this operation. ${sentence}. Encoded authorization failure message: ${sealed}`,
		403,
	);
}
