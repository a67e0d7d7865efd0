// Who calls without a token, for people.

import type { ToldCaller as Caller } from "../daemon/control-messages.ts";

/** A program and how it was called, as far as that may be told. */
export function programOf(caller: Caller): string {
	const version = caller.executable === undefined && caller.sdkVersion !== undefined ? ` ${caller.sdkVersion}` : "";
	return caller.commandLine ?? `${nameOf(caller)}${version}`;
}

/** What people know a program by: its executable, or what it was called; what it says of itself, where that is all that is known. */
export function nameOf({ executable, commandLine, sdkName, userAgent, sourceAddress = "" }: Caller): string {
	const from = sourceAddress === "" ? "unknown" : `somebody at ${sourceAddress}`;
	return executable?.replace(/^.*\//, "") ?? commandLine ?? sdkName ?? userAgent ?? from;
}

/** Where it runs: a container, a unit, a guest's address. */
export function placeOf({ container, unit, networkNamespace, sourceAddress, unknown }: Caller): string {
	const named = container ?? unit ?? (networkNamespace === undefined ? undefined : `network namespace ${networkNamespace}`);
	return named ?? (unknown === undefined ? "" : (sourceAddress ?? ""));
}

/** `curl -s http://169.254.169.254/latest/ (root)`; or why it is not known. */
export function shortly(caller: Caller): string {
	const more = [caller.user, caller.unknown].filter((word) => word !== undefined);
	return more.length === 0 ? programOf(caller) : `${programOf(caller)} (${more.join("; ")})`;
}

/** What to change, by whom: a line for each advice, since many programs get the same. */
export function adviceLines(callers: readonly Caller[]): readonly string[] {
	const byAdvice = Map.groupBy(callers, ({ advice = "" }) => advice);
	return [...byAdvice].map(([advice, given]) => {
		const names = new Set(given.map(nameOf).filter((name) => !advice.toLowerCase().startsWith(name.toLowerCase())));
		return `  ${names.size === 0 ? "" : `${[...names].join(", ")}: `}${advice}`;
	});
}

/** Why programs could not be found, each reason once. */
export function reasonLines(callers: readonly Caller[]): readonly string[] {
	const reasons = [...new Set(callers.flatMap(({ unknown }) => unknown ?? []))];
	const more = reasons.length - REASONS_TOLD;
	return [...reasons.slice(0, REASONS_TOLD).map((reason) => `  ${reason}`), ...(more > 0 ? [`  and ${more} more: --json tells all`] : [])];
}

/** Each guest has one of its own. */
const REASONS_TOLD = 10;
