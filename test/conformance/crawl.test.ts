// A crawl as cloud-init does it (metadata-endpoint.md §6), over every version of the index, for instances of all shapes:
// one listed child that can't be fetched, and cloud-init throws away all metadata.

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startService, tokenFrom } from "../running-service.ts";

const SHAPES = new URL("../fixtures/config/shapes.yaml", import.meta.url);

test("no listed child fails, whatever the instance's shape and the version", async (t) => {
	const { urls } = await startService(t, { configuration: readFileSync(SHAPES, "utf8") });
	assert.ok(urls.size >= 6, `${urls.size} shapes`);
	for (const [instanceId, url] of urls) {
		await t.test(instanceId, async () => {
			const crawler = await Crawler.of(url);
			const versions = (await crawler.get("/")).split("\n");
			assert.equal(versions.length, 29);
			for (const version of versions) {
				const leaves = await crawler.crawl(`/${version}/meta-data/`);
				assert.ok(leaves.has(`/${version}/meta-data/instance-id`), version);
				for (const path of (await crawler.get(`/${version}/`)).split("\n")) await crawler.get(`/${version}/${path}`);
				if (version >= "2009-04-04") await crawler.crawl(`/${version}/dynamic/`);
			}
		});
	}
});

class Crawler {
	readonly #url: string;
	readonly #token: string;
	readonly #agent = new Agent({ keepAlive: true });

	private constructor(url: string, token: string) {
		this.#url = url;
		this.#token = token;
	}

	static async of(url: string): Promise<Crawler> {
		return new Crawler(url, await tokenFrom(url, 21_600));
	}

	/** Fails for anything but 200. */
	get(path: string): Promise<string> {
		return new Promise((resolve, reject) => {
			const headers = { "X-aws-ec2-metadata-token": this.#token, Connection: "keep-alive" };
			request(this.#url + path, { agent: this.#agent, headers }, (response) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk: Buffer) => chunks.push(chunk));
				response.on("end", () => {
					if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
					else reject(new Error(`${response.statusCode} for ${path}, which is listed`));
				});
			})
				.on("error", reject)
				.end();
		});
	}

	/** As cloud-init's MetadataMaterializer: a line with a closing slash is a directory, `0=name` is a key of `public-keys/`. */
	async crawl(directory: string): Promise<ReadonlyMap<string, string>> {
		const leaves = new Map<string, string>();
		for (const line of (await this.get(directory)).split("\n")) {
			if (line.endsWith("/")) {
				for (const [path, value] of await this.crawl(directory + line)) leaves.set(path, value);
			} else {
				const [, index] = /^(\d+)=/.exec(line) ?? [];
				const path = directory + (index !== undefined && directory.endsWith("/public-keys/") ? `${index}/openssh-key` : line);
				leaves.set(path, await this.get(path));
			}
		}
		return leaves;
	}
}
