import type { AnsweredRequest } from "../control/pipeline.ts";
import type { Exposed } from "../observe/prometheus.ts";

/** Counts requests to the control APIs. Labels come from closed sets: operations that there are, and codes that we answer. */
export class ApiCounts {
	readonly #counts = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();

	note({ service, operation = "", code = "" }: AnsweredRequest): void {
		const key = `${service} ${operation} ${code}`;
		let count = this.#counts.get(key);
		if (count === undefined) this.#counts.set(key, (count = { labels: { service, operation, code }, value: 0 }));
		count.value++;
	}

	samples(): Awaited<ReturnType<Exposed["samples"]>> {
		return [...this.#counts.values()];
	}
}
