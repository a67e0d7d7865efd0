import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { MAIN } from "../running-service.ts";

export interface Outcome {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** Standard output as it is. */
	readonly bytes: Buffer;
}

/** Runs a command as a user does who has set nothing but what is given; several services may run at a time, so none has the APIs. */
export async function openimds(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
	const child = spawn(process.execPath, [MAIN, ...args], {
		env: { PATH: process.env["PATH"], HOME: tmpdir(), OPENIMDS_API_LISTEN: "off", ...environment },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const [out, err]: [Buffer[], Buffer[]] = [[], []];
	child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
	child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
	const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
	const bytes = Buffer.concat(out);
	return { code, stdout: bytes.toString(), stderr: Buffer.concat(err).toString(), bytes };
}
