// A program on an instance, from its start to its end.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, existsSync, constants as files, statSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import type { Program } from "../isolation/isolated-process.ts";
import { type Context, note } from "./context.ts";
import { describe, Failure, sentence } from "./failure.ts";
import { instanceVariables } from "./client-variables.ts";
import { openInstanceSource, type SourceFlags } from "./instance-source.ts";
import { obstaclesIn } from "./obstacles.ts";
import { passSignals } from "./signals.ts";

/** Exit codes that are not the program's: those of env(1) and `docker run`. */
const NOT_STARTED = 125;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** What came of a program, as Node tells it. */
type Outcome = readonly [code: number | null, signal: NodeJS.Signals | null | undefined];

/** What the command line says but for the program. */
export interface ExecFlags extends SourceFlags {
	readonly isolated?: boolean;
}

interface Run {
	readonly flags: ExecFlags;
	readonly program: Program;
	/** Told of the process that is the program, or becomes it. */
	readonly started: (child: ChildProcess) => void;
}

/** Runs a program on an instance, and ends this process as the program ended. */
export async function execute(context: Context, flags: ExecFlags, command: Pick<Program, "command" | "args">): Promise<never> {
	const signals = passSignals();
	const program = { ...command, environment: inheritedFrom(context.process.env) };
	const run = flags.isolated === true ? runIsolated : runBeside;
	const outcome = await run(context, { flags, program, started: signals.to }).catch((error: unknown): Outcome => {
		// The keyboard's have ended half of what was being started, too.
		const signal = signals.unheard();
		if (signal === undefined) context.process.stderr.write(`${describe(error)}\n`);
		return [NOT_STARTED, signal];
	});
	signals.letGo();
	return endAs(context.process, outcome);
}

async function runBeside(context: Context, { flags, program, started }: Run): Promise<Outcome> {
	const source = await openInstanceSource(context, flags);
	try {
		const environment = { ...program.environment, ...instanceVariables(await source.url(), source.region) };
		tellObstacles(context, environment);
		const child = spawn(program.command, program.args, { stdio: "inherit", env: environment });
		started(child);
		return (await once(child, "exit")) as unknown as Outcome;
	} catch (error) {
		const { code, syscall = "" } = error as NodeJS.ErrnoException;
		if (!syscall.startsWith("spawn")) throw error;
		return refuse(context, program, code);
	} finally {
		await source.stop();
	}
}

async function runIsolated(context: Context, { flags, program, started }: Run): Promise<Outcome> {
	if (process.platform !== "linux")
		throw new Failure(`--isolated needs the namespaces of Linux, and this is ${process.platform}. Leave it out.`);
	const problem = problemOf(program);
	if (problem !== undefined) return refuse(context, program, problem);
	const isolation = await loadIsolation();
	// Both at the same time, the other process first: loading a service keeps this one busy.
	const isolating = isolate(isolation);
	const opening = openInstanceSource(context, flags);
	try {
		const [source, { isolated, wayOut }] = await Promise.all([opening, isolating]);
		await source.answerAt(isolated.servers);
		tellObstacles(context, program.environment);
		if ("reason" in wayOut) note(context, `There is nothing of the network inside but the metadata addresses: ${wayOut.reason}.`);
		started(isolated.child);
		isolated.become({ ...program, environment: withoutEndpoint(program.environment) });
		return await isolated.ended;
	} finally {
		const [source, isolated] = await Promise.allSettled([opening, isolating]);
		if (isolated.status === "fulfilled") await isolated.value.close();
		if (source.status === "fulfilled") await source.value.stop();
	}
}

/** Only those pay for it who want it. */
async function loadIsolation() {
	const { IsolationError, startIsolatedProcess } = await import("../isolation/isolated-process.ts");
	const { answerAs } = await import("../isolation/name-servers.ts");
	const { openWayOut } = await import("../isolation/way-out.ts");
	return { IsolationError, answerAs, openWayOut, startIsolatedProcess };
}

async function isolate({ IsolationError, answerAs, openWayOut, startIsolatedProcess }: Awaited<ReturnType<typeof loadIsolation>>) {
	const isolated = await startIsolatedProcess().catch((error: unknown) => {
		throw error instanceof IsolationError ? new Failure(error.message) : error;
	});
	const wayOut = await openWayOut(isolated);
	if ("close" in wayOut) isolated.nameServers.forEach(answerAs);
	return {
		isolated,
		wayOut,
		async close() {
			isolated.child.kill(); // Unless it has become the program, and ended.
			if ("close" in wayOut) await wayOut.close();
		},
	};
}

/** What this process was given, but for what our own start has put there (bin/openimds). */
function inheritedFrom({ NODE_COMPILE_CACHE, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const isOurs = NODE_COMPILE_CACHE?.endsWith("/node_modules/.cache/openimds") === true;
	return isOurs || NODE_COMPILE_CACHE === undefined ? environment : { ...environment, NODE_COMPILE_CACHE };
}

/** Where the clients would ask instead. AWS_EC2_METADATA_DISABLED stays: who sets it means it, and is told as by "openimds env". */
function withoutEndpoint(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const { AWS_EC2_METADATA_SERVICE_ENDPOINT: _, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: __, ...rest } = environment;
	return rest;
}

/** A CI job's log is not for what may be meant. */
function tellObstacles(context: Context, environment: NodeJS.ProcessEnv): void {
	if (context.process.stderr.isTTY) for (const obstacle of obstaclesIn(environment)) note(context, obstacle);
}

/** Why execvp(3) would not find a program, or not run it: inside, it could not be told whose failure that is. */
function problemOf({ command, environment }: Program): string | undefined {
	const places = command.includes("/")
		? [command]
		: (environment["PATH"] ?? "/bin:/usr/bin").split(delimiter).map((folder) => join(folder, command));
	const found = places.filter((path) => existsSync(path));
	if (found.length === 0) return "ENOENT";
	return found.some(isExecutable) ? undefined : "EACCES";
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, files.X_OK);
		return statSync(path).isFile();
	} catch {
		return false; // accessSync tells by throwing
	}
}

function refuse({ process }: Context, { command }: Program, code: string | undefined): Outcome {
	const isMissing = code === "ENOENT";
	const reason = code === "EACCES" ? "it is not executable, or this user may not execute it" : code;
	process.stderr.write(`${sentence(isMissing ? `There is no program ${command}.` : `${command} can't be run: ${reason}.`)}\n`);
	return [isMissing ? NOT_FOUND : NOT_EXECUTABLE, null];
}

/** A shell shows 128 and the number for a signal, and other programs tell the one from the other, so the end is of the same kind. */
function endAs(process: NodeJS.Process, [code, signal]: Outcome): never {
	if (signal === null || signal === undefined) return process.exit(code ?? NOT_STARTED);
	process.kill(process.pid, signal);
	return process.exit(128 + constants.signals[signal]); // One that Node ignores.
}
