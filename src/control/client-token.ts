// Requests that carry a ClientToken are done once, however often a client sends them (control-apis.md §2.3).

import { createHash } from "node:crypto";
import type { ClientToken } from "../model/client-token.ts";
import { recordId } from "../model/records.ts";
import { epochMs, timestamp } from "../model/timestamp.ts";
import { idempotentParameterMismatch, invalidParameterValue } from "./errors.ts";
import type { Call } from "./operation.ts";

/** What is to be done at most once. */
export interface IdempotentRequest {
	readonly operation: string;
	/** Missing or empty: done each time. */
	readonly token: string | undefined;
	/** The operation's input. Its ClientToken and DryRun are no difference. */
	readonly parameters: object;
}

/** AWS: 64 characters for RunInstances, 128 for launch templates. */
const TOKEN_MAX_LENGTH = 128;

/** AWS: a token is remembered for as long at least (EC2 API reference, "Ensuring idempotency"). */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/**
 * Does something, unless the same token was there within 24 hours: then tells again what came of it.
 *
 * All of it is done inside {@link Call.inventory}'s `exclusively`, with a token or without: `make` must not ask for that again.
 *
 * Quirk: the token is written after what it made. A process that dies in between makes it once more when the client tries again.
 *
 * @param make the ids of what it made, which are remembered; nothing is where it throws.
 * @throws {ApiError} `IdempotentParameterMismatch` where the same token came with other parameters.
 */
export function idempotently(
	call: Pick<Call, "inventory" | "nowMs">,
	{ operation, token, parameters }: IdempotentRequest,
	make: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
	const { inventory, nowMs } = call;
	return inventory.exclusively(async () => {
		if (token === undefined || token === "") return make();
		checkToken(token);
		const parametersDigest = digest(parameters);
		const createdAt = timestamp(nowMs);
		const tokens = (await inventory.records())["client-token"];
		const known = tokens.get(recordId["client-token"]({ operation, token, parametersDigest, resourceIds: [], createdAt }));
		if (known !== undefined && !isForgotten(known, nowMs)) {
			if (known.parametersDigest !== parametersDigest) throw idempotentParameterMismatch();
			return known.resourceIds;
		}
		const resourceIds = await make();
		for (const old of [...tokens.values()].filter((one) => isForgotten(one, nowMs))) {
			await inventory.remove("client-token", recordId["client-token"](old), `The client token ${old.token}`);
		}
		await inventory.create("client-token", { operation, token, parametersDigest, resourceIds, createdAt });
		return resourceIds;
	});
}

function checkToken(token: string): void {
	if (token.length <= TOKEN_MAX_LENGTH && /^[ -~]*$/.test(token)) return;
	throw invalidParameterValue(`Invalid value for ClientToken. Specify at most ${TOKEN_MAX_LENGTH} printable ASCII characters.`);
}

function isForgotten({ createdAt }: ClientToken, nowMs: number): boolean {
	return epochMs(createdAt) <= nowMs - REMEMBERED_MS;
}

/** Inputs have their members in the order of their shape, whatever the order in which they came. */
function digest(parameters: object): string {
	const { ClientToken: _token, DryRun: _dryRun, ...rest } = parameters as Readonly<Record<string, unknown>>;
	return createHash("sha256").update(JSON.stringify(rest)).digest("hex");
}
