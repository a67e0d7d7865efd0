import { constants } from "node:os";
import { isatty } from "node:tty";
import type { Service } from "../daemon/service.ts";

/** Runs a service until a signal stops it, or it has to stop. */
export async function untilStopped(process: NodeJS.Process, start: () => Promise<Service>): Promise<void> {
	const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
	let isAsked = false;
	let service: Service | undefined;
	const stop = (signal: NodeJS.Signals) => {
		if (isAsked) process.exit(128 + constants.signals[signal]);
		isAsked = true;
		ask();
	};
	const fromTerminal = isatty(0);
	const hangUp = () => {
		// A terminal that is closed sends the same signal, and nobody is left to stop the service.
		if (fromTerminal && !isatty(0)) stop("SIGHUP");
		else void service?.reload();
	};
	process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", hangUp);
	process.on("SIGUSR2", () => void service?.restart());
	try {
		service = await start();
		await Promise.race([asked, service.stopped]);
	} finally {
		await service?.stop();
	}
}
