// What `openimds get` does.

import { type Context, print, printable, printJson } from "./context.ts";
import { didYouMean, Failure, UsageError } from "./failure.ts";
import { forbidden, MetadataClient } from "./metadata-client.ts";
import { absolutePath, BRANCHES, splitPath } from "./metadata-path.ts";
import { directoryAbove, isDirectory, type Leaf, leavesBelow, nested, textOf } from "./metadata-tree.ts";
import { nearest } from "./nearest.ts";
import { listenerOf, runningService, urlOf } from "./running-service.ts";

export interface GetFlags {
	readonly recursive?: boolean;
	readonly instance?: string;
	readonly endpoint?: string;
	readonly ttl?: number;
	readonly v1?: boolean;
	readonly json?: boolean;
	readonly dataDir?: string;
}

const TTL_SECONDS = 60;
const META_DATA = "/latest/meta-data/";

export async function askMetadata(context: Context, flags: GetFlags, written = "meta-data/"): Promise<void> {
	const endpoint = await endpointOf(context, flags);
	const client = new MetadataClient({ endpoint, ttlSeconds: flags.ttl ?? TTL_SECONDS, v1: flags.v1 === true });
	try {
		const path = absolutePath(written);
		if (flags.recursive === true && (await isDirectory(client, path))) await printTree(context, client, path, flags.json === true);
		else await printValue(context, client, path, flags.json === true);
	} finally {
		client.close();
	}
}

async function endpointOf(context: Context, { endpoint, instance, dataDir }: GetFlags): Promise<URL> {
	if (endpoint !== undefined) {
		if (instance !== undefined) throw new UsageError("--endpoint and --instance both say whom to ask; leave out one of them.");
		return readUrl("--endpoint", endpoint);
	}
	const variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
	const fromEnvironment = context.process.env[variable];
	if (fromEnvironment && instance === undefined && dataDir === undefined) return readUrl(variable, fromEnvironment);
	return new URL(urlOf((await listenerOf(runningService(context, dataDir), instance)).address));
}

function readUrl(source: string, text: string): URL {
	const url = URL.parse(text);
	if (url?.protocol === "http:") return url;
	throw new UsageError(`${source}: ${JSON.stringify(text)} is not allowed; allowed: a URL such as http://127.0.0.1:1338.`);
}

async function printValue(context: Context, client: MetadataClient, path: string, json: boolean): Promise<void> {
	const { status, body } = await client.get(path);
	if (status !== 200) throw await refusal(client, path, status);
	const text = textOf(body);
	if (json) return printJson(context, text === undefined ? { path, base64: body.toString("base64") } : { path, value: text });
	const { stdout } = context.process;
	if (stdout.isTTY && text === undefined) {
		throw new Failure(`${path} holds ${body.length} bytes that are not text. Write them to a file: openimds get ${path} > FILE`);
	}
	stdout.write(body);
	if (stdout.isTTY && !body.toString("latin1").endsWith("\n")) stdout.write("\n");
}

async function printTree(context: Context, client: MetadataClient, path: string, json: boolean): Promise<void> {
	const directory = path.endsWith("/") ? path : `${path}/`;
	const { status } = await client.get(directory);
	if (status !== 200) throw await refusal(client, path, status);
	const leaves: Leaf[] = [];
	for await (const leaf of leavesBelow(client, directory)) leaves.push(leaf);
	if (json) return printJson(context, nested(leaves));
	print(context, ...treeLines(leaves));
}

/** A line a value, aligned with the others of its directory; several lines below their path. */
function treeLines(leaves: readonly Leaf[]): readonly string[] {
	const values = leaves.map(({ path, body }) => ({
		path,
		value: textOf(body)?.replace(/\n$/, "") ?? `(${body.length} bytes that are not text)`,
	}));
	const siblings = Map.groupBy(values, ({ path }) => splitPath(path).directory);
	const widths = new Map([...siblings].map(([directory, group]) => [directory, Math.max(...group.map(({ path }) => path.length))]));
	return values.flatMap(({ path, value }) => {
		const lines = value.split("\n").map(printable);
		if (lines.length > 1) return [path, ...lines.map((line) => `    ${line}`)];
		return [`${path.padEnd(widths.get(splitPath(path).directory) ?? 0)}  ${lines[0]}`.trimEnd()];
	});
}

async function refusal(client: MetadataClient, path: string, status: number): Promise<Failure> {
	if (status === 401) return new Failure("The instance wants a session token (httpTokens: required). Leave out --v1.");
	if (status === 403) return forbidden(client.endpoint);
	if (status !== 404) return new Failure(`${path}: the endpoint answers ${status}.`);
	if (/^\/[^/]+\/user-data\/?$/.test(path)) return new Failure("The instance has no user data.");
	const { directory, children } = await directoryAbove(client, path);
	const { name } = splitPath(path.split("/").slice(0, directory.split("/").length).join("/"));
	const near = nearest(name, [...children.map((child) => child.name), ...(directory === META_DATA ? BRANCHES : [])]);
	const names = near.length > 0 ? near : await pathsTo(client, name);
	return new Failure(`There is no ${path} on this instance.${didYouMean(names)} "openimds get ${directory}" lists what there is.`);
}

/** Where else there is something of that name. */
async function pathsTo(client: MetadataClient, name: string): Promise<readonly string[]> {
	const paths: string[] = [];
	for await (const { path } of leavesBelow(client, META_DATA)) if (splitPath(path).name === name) paths.push(path);
	return paths;
}
