// A client that sits on connections: opens many, sends half of a request over every other one, and never goes on.
// `node half-open.ts URL COUNT`. Says "open" once each has been tried.

import { connect } from "node:net";

/** A connection that was closed is opened again after this: as long as the service holds one, so that those it had no room for come when there is some. */
const AGAIN_MS = 5_000;
/** How many are opened in one go, and how soon the next ones are: few enough for the accept queue, enough for all to fall due together. */
const AT_ONCE = 100;
const PAUSE_MS = 5;

const { hostname, port } = new URL(process.argv[2] ?? "");
const count = Number(process.argv[3]);

for (let opened = 0; opened < count; opened += AT_ONCE) {
	for (let index = opened; index < Math.min(count, opened + AT_ONCE); index++) sit(index % 2 === 0);
	await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
process.send?.("open");
process.on("disconnect", () => process.exit());

function sit(begins: boolean): void {
	const socket = connect({ host: hostname, port: Number(port) });
	if (begins) socket.write("GET /latest/meta-data/ HTTP/1.1\r\nHost: ");
	socket.resume();
	socket.on("error", () => {});
	socket.on("close", () => setTimeout(() => sit(begins), AGAIN_MS));
}
