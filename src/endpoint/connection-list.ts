import type { Connection } from "./connection.ts";

/**
 * The open connections. Not a Set: its tables, replaced every hundred connections or so, each hold on to the next one and to what it held.
 * Once one of them has grown old the collector of young garbage keeps all that came since, and stops the service for 50 ms each time
 * (docs/performance.md, "Neighbours").
 */
export class ConnectionList {
	readonly #list: Connection[] = [];

	get size(): number {
		return this.#list.length;
	}

	add(connection: Connection): void {
		connection.listIndex = this.#list.push(connection) - 1;
	}

	/** Answers whether it was there. The last one takes its place. */
	remove(connection: Connection): boolean {
		const { listIndex } = connection;
		if (listIndex < 0) return false;
		const last = this.#list.pop()!;
		if (last !== connection) {
			this.#list[listIndex] = last;
			last.listIndex = listIndex;
		}
		connection.listIndex = -1;
		return true;
	}

	/** Those that are there now, in no order. */
	[Symbol.iterator](): Iterator<Connection> {
		return [...this.#list].values();
	}
}
