// Requests that metrics count, and the times to ask for.

import assert from "node:assert/strict";
import { tokenFrom } from "../running-service.ts";

/** A time of one period, as operations of metrics take it. */
export interface AskedPeriod {
	readonly StartTime: Date;
	readonly EndTime: Date;
	readonly Period: number;
}

/** A quarter of an hour: no test of metrics takes longer. */
const MARGIN_MS = 15 * 60_000;

/** A period that began some time ago and does not end before the tests do: all that they count is in this one. */
export function onePeriod(nowMs = Date.now()): AskedPeriod {
	for (let Period = 3600; ; Period += 300) {
		const periodMs = Period * 1000;
		const start = Math.floor(nowMs / periodMs) * periodMs;
		if (nowMs - start > MARGIN_MS && start + periodMs - nowMs > MARGIN_MS) {
			return { StartTime: new Date(start), EndTime: new Date(start + periodMs), Period };
		}
	}
}

/** The same time in periods of five minutes, as the cases ask for them. */
export function inFiveMinutes(period: AskedPeriod): AskedPeriod {
	return { ...period, Period: 300 };
}

/** Asks for metadata without a token, so often, and passes if each answer has that status. */
export async function askWithoutToken(url: string, times: number, status = 200): Promise<void> {
	for (let asked = 0; asked < times; asked++) assert.equal((await fetch(`${url}/latest/meta-data/instance-id`)).status, status);
}

/** The same with a token. */
export async function askWithToken(url: string, times: number): Promise<void> {
	const headers = { "X-aws-ec2-metadata-token": await tokenFrom(url) };
	for (let asked = 0; asked < times; asked++) assert.equal((await fetch(`${url}/latest/meta-data/instance-id`, { headers })).status, 200);
}
