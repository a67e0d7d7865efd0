// What EC2 tells an instance about itself: maintenance events, and keys that EC2 Instance Connect pushed.

import * as v from "valibot";
import { base64, consistent, distinct, fields, list, matching, moment, oneOf, optional, required, text } from "./field.ts";

export const SCHEDULED_EVENTS = v.pipe(
	list(
		v.pipe(
			fields({
				eventId: required(
					matching(
						/^instance-event-[0-9A-Za-z]{1,64}$/,
						'"instance-event-" and letters or digits, such as instance-event-0d59937288b749b32',
					),
					"Its id.",
				),
				code: required(
					oneOf("instance-reboot", "system-reboot", "system-maintenance", "instance-retirement", "instance-stop"),
					"Its kind.",
				),
				description: required(text(512), "What it is, in words."),
				notBefore: required(moment(), "When it begins at the earliest."),
				notAfter: optional(moment(), "When it ends at the latest."),
				notBeforeDeadline: optional(moment(), "Until when it may be put off."),
				state: v.pipe(
					v.optional(oneOf("active", "completed", "canceled"), "active"),
					v.description("Whether it is to come, or past. Default: active."),
				),
			}),
			consistent(({ notBefore, notAfter }) =>
				notAfter === undefined || notAfter >= notBefore
					? []
					: [{ path: ["notAfter"], message: "is before notBefore; allowed: a later moment" }],
			),
		),
		20,
	),
	distinct("eventId"),
);

export const MANAGED_SSH_KEYS = fields({
	signerCert: required(
		lines(/^(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?)+$/, 16_384, "certificates in PEM"),
		"The signer's certificate chain.",
	),
	signerOcsp: required(
		v.pipe(
			list(
				fields({
					fingerprint: required(matching(/^[0-9A-Fa-f]{40}$/, "40 hexadecimal digits"), "SHA-1 of a certificate of the chain."),
					response: required(base64(4_096), "The OCSP response."),
				}),
				10,
			),
			distinct("fingerprint"),
		),
		"OCSP answers about the chain.",
	),
	activeKeys: required(
		v.pipe(
			list(
				fields({
					user: required(matching(/^[A-Za-z_][0-9A-Za-z_-]{0,31}$/, "a user's name"), "Whom the key lets in."),
					key: required(lines(/^[\n -~]+$/, 8_192, "printable lines"), "The signed keys, as Instance Connect reads them."),
					expiresAt: required(moment(), "When it vanishes."),
				}),
				4,
			),
			distinct("user"),
		),
		"Keys that were pushed.",
	),
});

function lines(pattern: RegExp, maxLength: number, what: string) {
	const allowed = `${what}, at most ${maxLength} characters`;
	return v.pipe(
		v.string(allowed),
		v.regex(pattern, allowed),
		v.maxLength(maxLength, allowed),
		// A block of YAML ends with a newline; values of metadata don't.
		v.transform((text) => text.trimEnd()),
	);
}
