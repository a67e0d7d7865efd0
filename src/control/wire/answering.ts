import { jsonAnswering } from "./aws-json.ts";
import { queryAnswering } from "./aws-query.ts";
import { PLAIN_ERRORS } from "./error-document.ts";
import { cborAnswering } from "./rpc-cbor.ts";
import type { Answering, Encoding } from "./protocol.ts";

/** How somebody is answered who asked for no service that is here: in the words that they used. */
export const ANSWERING: Readonly<Record<Encoding, Answering>> = {
	form: queryAnswering(),
	json: jsonAnswering("1.0", PLAIN_ERRORS),
	cbor: cborAnswering(PLAIN_ERRORS),
};
