// Tells systemd how the service is (sd_notify(3)).

import { loadLibc } from "./libc.ts";
import { AF_UNIX, encodeSocketAddress } from "./socket-address.ts";

const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/**
 * Sends a state, such as `READY=1`, to whoever started the service and asked to be told. Nobody asked: nothing is sent.
 *
 * @param socketPath the variable NOTIFY_SOCKET.
 */
export function notify(socketPath: string | undefined, state: string): void {
	const loaded = socketPath === undefined ? undefined : loadLibc();
	if (socketPath === undefined || loaded === undefined || "reason" in loaded) return;
	const { libc } = loaded;
	const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) return;
	const address = encodeSocketAddress({ path: socketPath.replace(/^@/, "\0") });
	const message = Buffer.from(state);
	// Nothing depends on its being heard: who asked waits no longer than it wants to.
	if (libc.connect(fd, address, address.length) === 0) libc.send(fd, message, message.length, MSG_NOSIGNAL);
	libc.close(fd);
}
