// Where Prometheus asks: a listener of its own, on the control side, that answers GET /metrics and nothing else.

import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { printPlace } from "../config/listen.ts";
import { isLoopback } from "../endpoint/entrance.ts";
import type { Exposition } from "../observe/prometheus.ts";
import { StartError } from "./start-error.ts";

// Quirk: as in the control socket, for the sake of the start.
const { createServer } = process.getBuiltinModule("node:http");

/** Scrapers; more would be nobody's that means well. */
const CONNECTIONS_MAX = 32;

interface Place {
	readonly host: string;
	readonly port: number;
}

/** The listener while the service runs. */
export interface MetricsServer {
	/** `HOST:PORT` */
	readonly address: string;
	close(): void;
}

/**
 * @param failed told of what keeps a scrape from being answered.
 * @throws {StartError} where the address is taken.
 */
export async function listenForMetrics(place: Place, exposition: Exposition, failed: (error: unknown) => void): Promise<MetricsServer> {
	const server = createServer((request, response) => {
		const isPage = mayBeWebPage(request);
		const isAsked = request.url === "/metrics" && (request.method === "GET" || request.method === "HEAD");
		if (isPage || !isAsked) {
			response.writeHead(isPage ? 403 : 404).end();
			return;
		}
		exposition.text().then(
			({ contentType, text }) => response.writeHead(200, { "Content-Type": contentType }).end(text),
			(error: unknown) => {
				failed(error);
				response.writeHead(500).end();
			},
		);
	});
	server.maxConnections = CONNECTIONS_MAX;
	await listen(server, place);
	// An accept that fails (too many open files) must not end the service.
	server.on("error", failed);
	const { address: host, port } = server.address() as AddressInfo;
	return {
		address: printPlace({ host, port }),
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

/**
 * Whether a page in a browser may be asking: across origins, which its browser marks, or on loopback by a name of its own that leads there,
 * which its browser takes for one origin. `none` is somebody who typed the address.
 */
function mayBeWebPage({ headers: { origin, host = "", "sec-fetch-site": site = "none" }, socket }: IncomingMessage): boolean {
	if (origin !== undefined || site !== "none") return true;
	const name = host.replace(/:\d*$/, "").toLowerCase();
	return isLoopback(socket.localAddress ?? "") && name !== "localhost" && !name.startsWith("[") && isIP(name) === 0;
}

async function listen(server: Server, place: Place): Promise<void> {
	try {
		server.listen(place.port, place.host);
		await once(server, "listening");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		const reason = code === "EADDRINUSE" ? "something else listens there" : String(code ?? error);
		throw new StartError(
			`Metrics can't be told on ${printPlace(place)}: ${reason}. Give them another address with --metrics-listen HOST:PORT, or leave it out.`,
			{ cause: error },
		);
	}
}
