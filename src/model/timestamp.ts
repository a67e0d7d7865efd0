/** A moment as EC2 prints it everywhere: `YYYY-MM-DDTHH:MM:SSZ`, whole seconds (metadata-endpoint.md §4.1: parsers are strict). */
export type Timestamp = string;

/** Prints milliseconds since the epoch as a {@link Timestamp}; fractions of a second are cut off. */
export function timestamp(epochMs: number): Timestamp {
	return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds since the epoch of a {@link Timestamp}. */
export function epochMs(at: Timestamp): number {
	return Date.parse(at);
}
