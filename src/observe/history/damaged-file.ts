/** What cannot have been written by us was read: the file is damaged where SQLite itself does not look. */
export class DamagedFile extends Error {}
