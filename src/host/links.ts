import { run } from "./command.ts";

/** An interface of this network. */
export interface Link {
	readonly name: string;
	/** The bridge that it is a port of. */
	readonly bridge: string | undefined;
	readonly isBridge: boolean;
}

/** The interfaces of this network; none where they can't be told. */
export async function readLinks(): Promise<readonly Link[]> {
	const { stdout, failure } = await run({ argv: ["ip", "-j", "-d", "link", "show"] });
	if (failure !== undefined) return []; // planAddresses() tells why
	return (JSON.parse(stdout) as readonly LinkJson[]).map(({ ifname, master, linkinfo }) => ({
		name: ifname,
		bridge: linkinfo?.info_slave_kind === "bridge" ? master : undefined,
		isBridge: linkinfo?.info_kind === "bridge",
	}));
}

interface LinkJson {
	readonly ifname: string;
	readonly master?: string;
	readonly linkinfo?: { readonly info_kind?: string; readonly info_slave_kind?: string };
}
