import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";

/** Removes a Unix socket that nobody listens on any more, as a crash leaves it behind. Whatever else is there stays. */
export async function clearTheWay(path: string): Promise<void> {
	const found = await lstat(path).catch(() => undefined);
	if (found?.isSocket() === true && !(await answers(path))) await unlink(path);
}

function answers(path: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(path);
		socket.once("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
	});
}
