// What an operation is. Each is a file of its own in operations/, named as AWS names it; a service's table.ts lists its own.

import type { Account } from "../model/account.ts";
import type { EndpointBinding } from "../model/endpoint-binding.ts";
import type { Instance } from "../model/instance.ts";
import type { CallReader } from "../observe/call-reader.ts";
import type { MetricReader } from "../observe/metric-reader.ts";
import type { Inventory, Records } from "./inventory.ts";
import type { Principal } from "./access/principal.ts";

/** One operation of a service. */
export interface Operation<Input, Output> {
	/**
	 * What the caller must be allowed to do, all of it; left out: the operation's own action on `*`. Nothing is looked up but
	 * what is there: what does not exist is {@link run}'s to refuse, after the caller was found to be allowed.
	 */
	readonly access?: (input: Input, call: Call) => readonly AccessNeed[];
	/**
	 * Does it, or refuses with an ApiError and has changed nothing. Checks what the input says before anything is written.
	 */
	readonly run: (input: Input, call: Call) => Output | Promise<Output>;
}

/** Something that must be allowed. */
export interface AccessNeed {
	/** `service:Action`; left out: the operation's own. */
	readonly action?: string;
	/** An ARN, or `*`. */
	readonly resource: string;
	/** Condition keys of this need, beside those of every request; what is undefined is absent. */
	readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What an operation knows of the request, and what it may use. */
export interface Call {
	readonly principal: Principal;
	readonly requestId: string;
	readonly nowMs: number;
	readonly account: Account;
	/** `aws`, `aws-cn`, … */
	readonly partition: string;
	/** The condition keys of the request as a whole. */
	readonly context: Readonly<Record<string, string>>;
	/** All there was when the request was authorized. */
	readonly records: Records;
	/** Reads anew, and writes. */
	readonly inventory: Inventory;
	readonly credentials: CallCredentials;
	readonly messages: SealedMessages;
	/** Whether what EC2 tolerates and most people would call a mistake is refused (control-apis.md §1.1, strict). */
	readonly strict: boolean;
	/** Where an instance that is launched shall be asked for its metadata, so that nobody else is asked there. */
	readonly endpointFor: (instance: Instance, others: Iterable<Instance>) => Promise<InstanceEndpoint>;
	/** What was counted of requests for metadata. */
	readonly metrics: MetricReader;
	/** Who called without a token. */
	readonly calls: CallReader;
	/** There is a transition to carry on. */
	readonly carryOn: () => void;
}

/** Where an instance is asked: listeners of its own, or what it is told from others by. */
export interface InstanceEndpoint {
	readonly endpointListen: readonly string[];
	readonly endpointBindings: readonly EndpointBinding[];
}

/** Makes credentials. */
export interface CallCredentials {
	/** A new access key's id, `AKIA…`. */
	newAccessKeyId(): string;
	/** The secret half of a key that IAM made. */
	secretOf(accessKeyId: string): string;
	/** Temporary credentials of a role, from now on. */
	assumeRole(
		session: AssumedRole,
		nowMs: number,
	): { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiresAtMs: number };
}

export interface AssumedRole {
	readonly roleArn: string;
	readonly roleId: string;
	readonly sessionName: string;
	readonly durationSeconds: number;
	/** Session policies: JSON, or the ARN of a managed one. */
	readonly policies: readonly string[];
	readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Seals messages for this account alone. */
export interface SealedMessages {
	seal(message: string): string;
	/** `undefined`: not one of ours. */
	open(sealed: string): string | undefined;
}
