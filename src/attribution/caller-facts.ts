// What is kept of somebody who called without a token, under which key calls are put together, and what to tell them.

import { adviceOn } from "./advice.ts";
import type { Container, Finding } from "./finding.ts";
import { type Sdk, sdkOf, tellableAgent } from "./sdk-versions.ts";

/** JSON, and never a secret: see command-line.ts and {@link tellableAgent}. */
export interface CallerFacts {
	/** Where it came from: an address; "" through a Unix socket. */
	readonly sourceAddress: string;
	readonly executable?: string;
	readonly commandLine?: string;
	/** Of the process that was seen last. */
	readonly pid?: number;
	readonly user?: string;
	readonly uid?: number;
	/** `RUNTIME:ID`, or the id alone. */
	readonly container?: string;
	readonly unit?: string;
	readonly networkNamespace?: string;
	/** Why there is no program, or nothing of it but what it called itself: `commandLine`, without `executable`. */
	readonly unknown?: string;
	/** What may be told of its User-Agent. */
	readonly userAgent?: string;
	readonly sdk?: Sdk;
}

const ENDED = "no more than its name is known: it had ended before it could be looked at";

/**
 * What is known of a caller.
 *
 * @returns the facts, and a key that is the same for all processes of a program: by executable, what is told of its arguments, user,
 * container, unit and SDK. Of one that had ended it is the name. Whose program is unknown is put together by why, user, address and SDK.
 */
export function callerFacts(
	finding: Finding,
	userAgent: string | undefined,
	sourceAddress: string,
): { readonly key: string; readonly facts: CallerFacts } {
	const sdk = userAgent === undefined ? undefined : sdkOf(userAgent);
	const agent = userAgent === undefined ? undefined : tellableAgent(userAgent);
	const said = { ...(agent === undefined ? {} : { userAgent: agent }), ...(sdk === undefined ? {} : { sdk }) };
	if ("unknown" in finding) {
		const { isLate: _, ...unknown } = finding;
		return { key: keyOf("unknown", unknown.unknown, unknown.user, sourceAddress, agent), facts: { sourceAddress, ...unknown, ...said } };
	}
	if ("ended" in finding) {
		const { name, pid } = finding.ended;
		return { key: keyOf("ended", name, sourceAddress, agent), facts: { sourceAddress, commandLine: name, pid, unknown: ENDED, ...said } };
	}
	const { executable, commandLine, pid, user, uid, container, unit, networkNamespace } = finding.program;
	const place = container === undefined ? {} : { container: nameOf(container) };
	return {
		key: keyOf("program", executable, commandLine, user, place.container, unit, agent),
		facts: {
			sourceAddress,
			executable,
			commandLine,
			pid,
			user,
			uid,
			...place,
			...(unit === undefined ? {} : { unit }),
			...(networkNamespace === undefined ? {} : { networkNamespace }),
			...said,
		},
	};
}

/** What a caller has to change, in a sentence. */
export function adviceFor(facts: Pick<CallerFacts, "executable" | "commandLine" | "userAgent" | "sdk">): string {
	return adviceOn({ program: facts.executable?.replace(/^.*\//, "") ?? facts.commandLine, userAgent: facts.userAgent, sdk: facts.sdk });
}

function nameOf({ id, runtime }: Container): string {
	return runtime === undefined ? id : `${runtime}:${id}`;
}

function keyOf(...parts: readonly (string | undefined)[]): string {
	return JSON.stringify(parts.map((part) => part ?? ""));
}
