import pino from "pino";

export type Log = pino.Logger;

/** The service's log: one JSON object a line on standard error, so that standard output stays for people. */
export function openLog(level: string): Log {
	return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
}
