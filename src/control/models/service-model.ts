/** What a service's operations take and give, as data that the wire walks: a file that `npm run models` writes. */
export interface GeneratedModel {
	readonly name: string;
	/** The only version of the API that is answered. */
	readonly version: string;
	readonly xmlNamespace: string;
	readonly operations: Readonly<Record<string, Operation>>;
	readonly structures: Readonly<Record<string, Structure>>;
	/** The values that a string may have, joined by `|`: a formatter would give each its own line, and there are 1400 instance types. */
	readonly enums: Readonly<Record<string, string>>;
	/** Operations that AWS has, and OpenIMDS doesn't. */
	readonly unsupportedOperations: readonly string[];
	/** Of a service that speaks JSON and was once asked in the Query protocol: names of exceptions, by the codes that they have there. */
	readonly errors?: Readonly<Record<string, string>> | undefined;
}

/** The structures that an operation takes and gives. */
interface Operation {
	readonly input: string;
	/** null: nothing at all. */
	readonly output: string | null;
}

/** Members by their names in the API. */
export type Structure = Readonly<Record<string, Member>>;

/** A member of a structure. */
export interface Member {
	/** A scalar, a structure's name, or that of an enum. Of lists and maps, what they hold. */
	readonly type: string;
	/** It is a list, whose items are elements of this name. */
	readonly list?: string | undefined;
	/** It is a map from strings. */
	readonly map?: boolean | undefined;
	/** Its name in a request, where it isn't the API's. */
	readonly in?: string | undefined;
	/** Its name in a response, where it isn't the API's. */
	readonly out?: string | undefined;
	readonly required?: boolean | undefined;
	/** Its value must not be logged. */
	readonly sensitive?: boolean | undefined;
}
