// How an instance of a configuration file is told from others: model/endpoint-binding.ts.

import { isIP } from "node:net";
import * as v from "valibot";
import { INTERFACE_NAME, INTERFACE_NAME_FORM } from "../model/endpoint-binding.ts";
import { canonicalIp } from "../model/network.ts";
import { type Contradiction, consistent, fields, list, matching, optional } from "./field.ts";

const INTERFACE = matching(INTERFACE_NAME, INTERFACE_NAME_FORM);

const NAMESPACES_FOLDER = "/run/netns";
const NAMESPACE_FORM = `an absolute path, or a name in ${NAMESPACES_FOLDER}`;
const ADDRESS_FORM = "an IPv4 or IPv6 address";

const NETWORK_NAMESPACE = v.pipe(
	v.string(NAMESPACE_FORM),
	v.regex(/^(?:\/[0-9A-Za-z._@+-]+)+$|^(?!\.{1,2}$)[0-9A-Za-z._@+-]{1,255}$/, NAMESPACE_FORM),
	v.transform((name) => (name.startsWith("/") ? name : `${NAMESPACES_FOLDER}/${name}`)),
);

const SOURCE_ADDRESS = v.pipe(
	v.string(ADDRESS_FORM),
	v.check((address) => isIP(address) !== 0 && !address.includes("%"), ADDRESS_FORM),
	v.transform((address) => canonicalIp(address)),
);

const BINDING = v.pipe(
	fields({
		interface: optional(INTERFACE, "The host's interface where its requests arrive: a tap or veth of its own, or a shared bridge."),
		bridgePort: optional(INTERFACE, "Its port of that bridge; `openimds host apply` pins its addresses to it."),
		networkNamespace: optional(NETWORK_NAMESPACE, "The network namespace that the endpoint listens in; a name is one in /run/netns."),
		sourceAddresses: optional(
			list(SOURCE_ADDRESS, 64, 1),
			"Where its requests come from. Default: its own addresses with bridgePort, else anywhere on that interface or in that namespace.",
		),
	}),
	consistent((binding) => contradictionsIn(binding)),
);

export const ENDPOINT_BINDINGS = list(BINDING, 16);

function contradictionsIn({
	interface: name,
	bridgePort,
	networkNamespace,
	sourceAddresses,
}: {
	readonly interface?: string;
	readonly bridgePort?: string;
	readonly networkNamespace?: string;
	readonly sourceAddresses?: readonly string[];
}): readonly Contradiction[] {
	if (networkNamespace !== undefined && name !== undefined) {
		return [{ path: ["networkNamespace"], message: "may not be given beside interface; leave out one of them" }];
	}
	if (bridgePort !== undefined && name === undefined) {
		return [{ path: ["bridgePort"], message: "needs the bridge that it is a port of; add interface" }];
	}
	if (name === undefined && networkNamespace === undefined && sourceAddresses === undefined) {
		return [{ path: [], message: "binds nothing; allowed: interface, networkNamespace or sourceAddresses" }];
	}
	return [];
}
