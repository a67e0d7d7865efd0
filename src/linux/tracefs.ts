// The kernel's tracing as files (Documentation/trace/ftrace.rst). Where nobody has mounted them, they are for whoever asks here alone:
// a mount without a place (fsmount(2), Linux 5.2) is seen by nobody else, and gone with its descriptor.

import { existsSync } from "node:fs";
import { type Libc, requireLibc } from "./libc.ts";

/** Files of a file system. */
export interface Mounted {
	readonly path: string;
	/** Ends it, if it was mounted for this. */
	close(): void;
}

const MOUNTED = "/sys/kernel/tracing";

/** The numbers of these are the same on every architecture that Node runs on (asm-generic/unistd.h). linux/mount.h has the others. */
const SYS_FSOPEN = 430;
const SYS_FSCONFIG = 431;
const SYS_FSMOUNT = 432;
const FSOPEN_CLOEXEC = 1;
const FSCONFIG_CMD_CREATE = 6;
const FSMOUNT_CLOEXEC = 1;

/**
 * Opens tracefs.
 *
 * @throws {SystemCallError} `EPERM` without CAP_SYS_ADMIN of the machine itself, `ENODEV` where the kernel has no tracing, `ENOSYS` …
 */
export function openTracefs(): Mounted {
	if (existsSync(`${MOUNTED}/instances`)) return { path: MOUNTED, close: () => {} };
	const libc = requireLibc();
	const mount = mountTracefs(libc);
	return { path: `/proc/self/fd/${mount}`, close: () => void libc.close(mount) };
}

function mountTracefs(libc: Libc): number {
	const context = libc.syscallOfText(SYS_FSOPEN, "tracefs", FSOPEN_CLOEXEC);
	if (context < 0) throw libc.failure("fsopen");
	try {
		if (libc.syscallOfFive(SYS_FSCONFIG, context, FSCONFIG_CMD_CREATE, null, null, 0) !== 0) throw libc.failure("fsconfig");
		const mount = libc.syscall(SYS_FSMOUNT, context, FSMOUNT_CLOEXEC, 0);
		if (mount < 0) throw libc.failure("fsmount");
		return mount;
	} finally {
		libc.close(context);
	}
}
