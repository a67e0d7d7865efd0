// The few calls of libc that Node has no words for, each declared once. The only file that loads the FFI library.

import { createRequire } from "node:module";
import { platform } from "node:os";
import type Koffi from "koffi";

/** A call failed; `code` is errno's name where we know it. */
export class SystemCallError extends Error {
	readonly code: string;

	constructor(call: string, errno: number) {
		const code = ERRNO_NAMES.get(errno) ?? `errno ${errno}`;
		super(`${call}: ${code}`);
		this.name = "SystemCallError";
		this.code = code;
	}
}

/** libc's functions, as C has them: -1 is a failure, and {@link Libc.failure} says which. */
export interface Libc {
	setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
	getsockopt(fd: number, level: number, name: number, value: Buffer, length: [number]): number;
	socket(family: number, type: number, protocol: number): number;
	bind(fd: number, address: Buffer, length: number): number;
	listen(fd: number, backlog: number): number;
	connect(fd: number, address: Buffer, length: number): number;
	send(fd: number, message: Buffer, length: number, flags: number): number;
	recv(fd: number, buffer: Buffer, length: number, flags: number): number;
	getsockname(fd: number, address: Buffer, length: [number]): number;
	open(path: string, flags: number, mode: number): number;
	read(fd: number, buffer: Buffer, length: number): number;
	close(fd: number): number;
	fcntl(fd: number, command: number, argument: number): number;
	setns(fd: number, kind: number): number;
	if_nametoindex(name: string): number;
	prctl(option: number, a: number, b: number, c: number, d: number): number;
	/** syscall(2), for calls that not every libc has: three arguments that are numbers, or five of which the third and fourth may be null. */
	syscall(number: number, a: number, b: number, c: number): number;
	syscallOfText(number: number, a: string, b: number): number;
	syscallOfFive(number: number, a: number, b: number, c: null, d: null, e: number): number;
	/** The error of the call that failed last. */
	failure(call: string): SystemCallError;
}

/** libc, or why there is none. */
export type LibcOrReason = { readonly libc: Libc } | { readonly reason: string };

let loaded: LibcOrReason | undefined;

/** libc, loaded at the first call. */
export function loadLibc(): LibcOrReason {
	return (loaded ??= load());
}

/**
 * libc for those who can't do without.
 *
 * @throws {Error} saying why there is none.
 */
export function requireLibc(): Libc {
	const result = loadLibc();
	if ("reason" in result) throw new Error(result.reason);
	return result.libc;
}

function load(): LibcOrReason {
	if (platform() !== "linux") return { reason: `this is ${platform()}, and only Linux's socket options are known here` };
	try {
		// Not an import: a platform without a prebuilt library must still get a service, which then says what is missing.
		const koffi = createRequire(import.meta.url)("koffi") as typeof Koffi;
		const { load: open, errno } = koffi;
		const library = open(null); // the libc that this process runs on
		const libc = {
			setsockopt: library.func("int setsockopt(int, int, int, const void *, unsigned int)"),
			getsockopt: library.func("int getsockopt(int, int, int, _Out_ void *, _Inout_ unsigned int *)"),
			socket: library.func("int socket(int, int, int)"),
			bind: library.func("int bind(int, const void *, unsigned int)"),
			listen: library.func("int listen(int, int)"),
			connect: library.func("int connect(int, const void *, unsigned int)"),
			send: library.func("long send(int, const void *, unsigned long, int)"),
			recv: library.func("long recv(int, _Out_ void *, unsigned long, int)"),
			getsockname: library.func("int getsockname(int, _Out_ void *, _Inout_ unsigned int *)"),
			open: library.func("int open(const char *, int, int)"),
			read: library.func("long read(int, _Out_ void *, unsigned long)"),
			close: library.func("int close(int)"),
			fcntl: library.func("int fcntl(int, int, int)"),
			setns: library.func("int setns(int, int)"),
			if_nametoindex: library.func("unsigned int if_nametoindex(const char *)"),
			prctl: library.func("int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)"),
			syscall: library.func("syscall", "long", ["long", "long", "long", "long"]),
			syscallOfText: library.func("syscall", "long", ["long", "str", "long"]),
			syscallOfFive: library.func("syscall", "long", ["long", "long", "long", "void *", "void *", "long"]),
			failure: (call: string) => new SystemCallError(call, errno()),
		} as unknown as Libc;
		return { libc };
	} catch (error) {
		return { reason: `the library koffi can't be loaded (${error instanceof Error ? error.message.split("\n")[0] : String(error)})` };
	}
}

/** Linux's numbers that are the same on every architecture Node runs on (asm-generic/errno.h). */
const ERRNO_NAMES: ReadonlyMap<number, string> = new Map([
	[1, "EPERM"],
	[2, "ENOENT"],
	[9, "EBADF"],
	[13, "EACCES"],
	[16, "EBUSY"],
	[19, "ENODEV"],
	[22, "EINVAL"],
	[38, "ENOSYS"],
	[92, "ENOPROTOOPT"],
	[97, "EAFNOSUPPORT"],
	[98, "EADDRINUSE"],
	[99, "EADDRNOTAVAIL"],
]);
