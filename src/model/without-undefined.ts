/** A record is JSON: a field that is undefined would be gone after a restart, so it is never there. */
export function withoutUndefined<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
	return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
