// What may be told of a program's arguments. They hold passwords and tokens as often as not, so only what is known to be none is
// kept: the program's name, the names of options, files that are there, and metadata's own addresses. The rest is "…".

export interface Arguments {
	/** The executable's path. */
	readonly executable: string;
	/** The arguments, without the first, which is what the program likes to be called. */
	readonly words: readonly string[];
	/** Address of the server that it asked, without brackets. */
	readonly serverAddress: string;
	/** Whether a word is a regular file's path, as the program would see it. Asked for {@link FILES_MAX} words at most. */
	readonly isFile: (word: string) => boolean;
}

const LINE_MAX_CHARACTERS = 200;
const FILES_MAX = 16;
const PATH_MAX_CHARACTERS = 255;
const OMITTED = "…";

/** `--name`, and what it is set to. Longer ones, and such as no program has, may be a secret that begins like an option. */
const LONG_OPTION = /^(--[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*)(=.*)?$/s;
const OPTION_MAX_CHARACTERS = 40;
/** `-x`, and whatever hangs on to it: more letters of options, or a value. */
const SHORT_OPTION = /^(-[A-Za-z0-9])(.*)$/s;

/** EC2's own addresses of the metadata service (metadata-endpoint.md §1.1). */
const METADATA_ADDRESSES: readonly string[] = ["169.254.169.254", "fd00:ec2::254"];
/** A path of metadata; any other may be another service's, and hold a secret of that. */
const METADATA_PATH = /^\/(?:latest|1\.0|\d{4}-\d\d-\d\d)(?:\/[\w.:@%+=-]*)*$/;

/** The line, of 200 characters at most. */
export function redactedCommandLine({ executable, words, serverAddress, isFile }: Arguments): string {
	let files = 0;
	const isKnownFile = (word: string) => word.length <= PATH_MAX_CHARACTERS && files++ < FILES_MAX && isFile(word);
	const kept = [printable(executable.slice(executable.lastIndexOf("/") + 1))];
	for (const word of words) {
		const shown = printable(optionOf(word) ?? urlOf(word, serverAddress) ?? (isKnownFile(word) ? word : OMITTED));
		if (shown !== OMITTED || kept.at(-1) !== OMITTED) kept.push(shown);
	}
	let line = kept.join(" ");
	if (line.length > LINE_MAX_CHARACTERS)
		line = `${line.slice(0, LINE_MAX_CHARACTERS - OMITTED.length - 1).replace(/ \S*$/, "")} ${OMITTED}`;
	return line;
}

/** Nothing that a terminal would act upon, or that is written in the other direction. */
export function printable(text: string): string {
	return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, "");
}

function optionOf(word: string): string | undefined {
	if (word === "-" || word === "--") return word;
	if (!word.startsWith("-")) return undefined;
	const [, long, value] = LONG_OPTION.exec(word) ?? [];
	if (long !== undefined) return long.length > OPTION_MAX_CHARACTERS ? OMITTED : value === undefined ? long : `${long}=${OMITTED}`;
	const [, short, rest] = SHORT_OPTION.exec(word) ?? [];
	if (short === undefined) return OMITTED;
	return rest === "" ? short : `${short}${OMITTED}`;
}

/** An URL of metadata, without user, query and fragment. curl and others take one without its scheme, too. */
function urlOf(word: string, serverAddress: string): string | undefined {
	const [scheme = ""] = /^http:\/\//i.exec(word) ?? [];
	const url = URL.parse(scheme === "" ? `http://${word}` : word);
	const host = url?.hostname.replace(/^\[(.*)\]$/, "$1") ?? "";
	if (url === null || !isMetadataHost(host, serverAddress)) return undefined;
	// Without a scheme it is one only where it begins with the address: "2130706433" and "/localhost/" are not.
	if (scheme === "" && !word.replace("[", "").startsWith(host)) return undefined;
	const path = url.pathname === "/" ? "" : METADATA_PATH.test(url.pathname) ? url.pathname : `/${OMITTED}`;
	return `${scheme === "" ? "" : "http://"}${url.host}${path}`;
}

function isMetadataHost(host: string, serverAddress: string): boolean {
	return (
		METADATA_ADDRESSES.includes(host) || host === serverAddress || host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host)
	);
}
