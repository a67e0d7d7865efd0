import type { Timestamp } from "../model/timestamp.ts";
import type { Version } from "./versions.ts";
import type { AttachedInterface, View } from "./view.ts";

/** How role credentials were fetched: by a tokenless GET, or in a session (`ec2:RoleDelivery`). */
export type Delivery = "1.0" | "2.0";

/** A category of metadata: where it stands, since when, and what it says. */
export interface Leaf {
	/** The path below `/{version}/`, with `{placeholders}` where one leaf stands for many. */
	readonly path: string;
	/** The first version of the index that shows it. */
	readonly since: Version;
	/** Every place where this instance has it. */
	readonly bind: (view: View) => readonly BoundLeaf[];
}

/** A leaf of one instance. */
export interface BoundLeaf extends LeafTraits {
	/** What the placeholders of the path stand for. */
	readonly names: readonly Name[];
	/** The value; `undefined` or (tags apart) empty: this instance hasn't got it. */
	readonly value: (delivery: Delivery) => Value;
}

/** A path segment; where a listing shows something else than the segment, both. */
export type Name = string | { readonly segment: string; readonly listedAs: string };

/** A value: text, or bytes as they are. */
export type Value = string | Buffer | undefined;

/** What sets a leaf apart from the ordinary one, which is plain text and cheap to tell. */
export interface LeafTraits {
	readonly contentType?: "application/octet-stream";
	/** When the value was last refreshed. Missing: at launch. */
	readonly refreshedAt?: Timestamp;
	/** The value differs by {@link Delivery}. */
	readonly byDelivery?: true;
	/** The value is costly and surely there: it is not told before somebody asks. */
	readonly deferred?: boolean;
	/** An empty value is a value. */
	readonly mayBeEmpty?: true;
}

type TraitsOf = LeafTraits | ((view: View) => LeafTraits);

/** A leaf that an instance has once, or not at all. */
export function leaf(path: string, since: Version, value: (view: View, delivery: Delivery) => Value, traits: TraitsOf = {}): Leaf {
	return { path, since, bind: (view) => [{ names: [], value: (delivery) => value(view, delivery), ...traitsFor(traits, view) }] };
}

/** A leaf that an instance has once for each of something; `names` fills the placeholders of the path. */
export function leafOfEach<T>(path: string, since: Version, each: EachOf<T>): Leaf {
	const { of, names, value, traits = {} } = each;
	return {
		path,
		since,
		bind: (view) =>
			of(view).map((item) => ({
				names: names(item),
				value: (delivery) => value(item, view, delivery),
				...traitsFor(traits, view),
			})),
	};
}

interface EachOf<T> {
	readonly of: (view: View) => readonly T[];
	readonly names: (item: T) => readonly Name[];
	readonly value: (item: T, view: View, delivery: Delivery) => Value;
	readonly traits?: TraitsOf;
}

/** A leaf below `network/interfaces/macs/{mac}/`. */
export function leafOfInterface(name: string, since: Version, value: (attached: AttachedInterface, view: View) => Value): Leaf {
	return leafOfEach(`meta-data/network/interfaces/macs/{mac}/${name}`, since, {
		of: (view) => view.interfaces,
		names: (attached) => [attached.macAddress],
		value,
		traits: live,
	});
}

/** The traits of leaves that follow the instance while it runs. */
export function live({ instance }: View): LeafTraits {
	return { refreshedAt: instance.lastModifiedTime };
}

/** One value a line, no newline after the last; nothing for none. */
export function lines(values: readonly string[]): string {
	return values.join("\n");
}

function traitsFor(traits: TraitsOf, view: View): LeafTraits {
	return typeof traits === "function" ? traits(view) : traits;
}
