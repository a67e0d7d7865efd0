/** Programs that call without a token, as processes of their own. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Lifetime } from "../running-service.ts";

export const OLD_SDK = new URL("./old-sdk.ts", import.meta.url).pathname;

/**
 * `PLACE PATH`: asks once without a token, prints `answered STATUS`, and stays with its connection until its standard input ends. A place
 * is HOST:PORT, or a Unix socket's path.
 */
export const PYTHON = `
import http.client, socket, sys
place, path = sys.argv[1:3]
connection = http.client.HTTPConnection(place if ":" in place else "localhost")
if ":" not in place:
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(place)
connection.request("GET", path, headers={"Connection": "keep-alive"})
response = connection.getresponse()
print("answered", response.status, flush=True)
sys.stdin.read()
`;

export interface CallingProgram {
	readonly pid: number;
	/** Waits until it prints that line, now or later; what it printed before the last such wait does not count. */
	printed(line: string): Promise<void>;
	/** Ends its standard input, and waits until it is gone. */
	end(): Promise<void>;
}

/** Starts a program; it does not outlive the test. */
export function startProgram(
	t: Lifetime,
	commandLine: readonly string[],
	environment: Readonly<Record<string, string>> = {},
): CallingProgram {
	const [program = "", ...args] = commandLine;
	const env = { PATH: process.env["PATH"], ...environment };
	const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
	const gone = once(child, "exit");
	t.after(() => void child.kill("SIGKILL"));
	child.stdin.on("error", () => {}); // It may have ended already.
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		pid: child.pid ?? 0,
		async printed(line) {
			for (;;) {
				const { value, done } = await lines.next();
				if (done === true) throw new Error(`${program} ended without ${line}`);
				if (value === line) return;
			}
		},
		async end() {
			child.stdin.end();
			await gone;
		},
	};
}

/** What a program that ends by itself has printed, and the number that its process had. */
export async function runProgram(program: string, args: readonly string[]): Promise<{ pid: number; stdout: string }> {
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
	let stdout = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
	await once(child, "close");
	return { pid: child.pid ?? 0, stdout };
}
