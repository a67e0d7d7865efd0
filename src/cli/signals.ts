// Signals to a process that only waits for another one.

import { type ChildProcess, spawn } from "node:child_process";

const SIGNALS = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

export interface PassedSignals {
	/** To whom; what came before is passed on now. */
	to(command: ChildProcess): void;
	/** The first that came while nobody was there for it. */
	unheard(): NodeJS.Signals | undefined;
	/** Signals mean to this process again what they always do. */
	letGo(): void;
}

/**
 * Outlives signals, and passes on to a command those that it has not got already. The keyboard, a terminal that closes and `timeout` send
 * theirs to the whole process group, and twice is not once: at a second SIGINT, many programs stop at once. So a witness is asked, a process
 * of our group that does nothing but echo: if the signal has ended it, then the command has had that signal, too.
 */
export function passSignals(): PassedSignals {
	let witness = startWitness();
	let command: ChildProcess | undefined;
	let early: NodeJS.Signals | undefined;
	let last = Promise.resolve();
	const listener = (signal: NodeJS.Signals) => {
		const running = command;
		if (running === undefined) early ??= signal;
		// In turn: by the witness that the one before has left.
		else last = last.then(() => passTo(running, signal));
	};
	const passTo = async (running: ChildProcess, signal: NodeJS.Signals) => {
		const end = await witness.end();
		if (end !== undefined) witness = startWitness();
		// What nobody can tell is passed on.
		if (end !== signal) running.kill(signal);
	};
	for (const signal of SIGNALS) process.on(signal, listener);
	return {
		to(running) {
			command = running;
			if (early !== undefined) running.kill(early);
			early = undefined;
		},
		unheard: () => early,
		letGo() {
			for (const signal of SIGNALS) process.off(signal, listener);
			witness.dismiss();
		},
	};
}

function startWitness() {
	const echo = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
	const ended = new Promise<NodeJS.Signals | null>((resolve) => {
		echo.once("exit", (_, signal) => resolve(signal)).once("error", () => resolve(null));
	});
	echo.stdin.on("error", () => {});
	return {
		/** What has ended it; `undefined` while it echoes. */
		end(): Promise<NodeJS.Signals | null | undefined> {
			echo.stdin.write("?");
			const echoed = new Promise<undefined>((resolve) => echo.stdout.once("data", () => resolve(undefined)));
			return Promise.race([echoed, ended]);
		},
		dismiss(): void {
			echo.stdin.destroy();
		},
	};
}
