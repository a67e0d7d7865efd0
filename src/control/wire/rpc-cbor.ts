import { decodeCbor } from "./cbor-decode.ts";
import { writeStructure } from "./cbor-output.ts";
import { CborWriter } from "./cbor-writer.ts";
import { type DocumentDialect, decodeDocument } from "./document-input.ts";
import { documentInvocation, malformed, unknownOperation } from "./document-request.ts";
import { contentTypeProblem } from "./request-body.ts";
import { shortened } from "./wire-error.ts";
import type { DocumentService } from "./document-service.ts";
import type { ErrorDocument } from "./error-document.ts";
import type { Answering, Invocation, Protocol, WireRequest } from "./protocol.ts";

/** Smithy's RPC v2 in CBOR: an operation in the path, maps in and out (control-apis.md §2.12). */
export function rpcCbor(service: DocumentService): Protocol {
	const { shapes, errors, invalidInput, missing } = service;
	const dialect: DocumentDialect = {
		time: (value) => (value instanceof Date ? value : undefined),
		allowedTime: "a time: the tag 1 with the seconds since 1970",
		bytes: (value) => (value instanceof Uint8Array ? value : undefined),
		allowedBytes: "bytes",
		invalidInput,
		missing,
	};
	return {
		...cborAnswering(errors),
		name: "rpcV2Cbor",
		read: (request) => readCborRequest(request, service, dialect),
		encodeOutput: (operation, output) => {
			const shape = shapes.operations.get(operation)?.output;
			const writer = new CborWriter();
			if (shape === undefined) writer.map(0);
			else writeStructure(writer, shape, output ?? {});
			return writer.written;
		},
	};
}

export function cborAnswering({ members, headers }: ErrorDocument): Answering {
	return {
		contentType: "application/cbor",
		headers: { "smithy-protocol": PROTOCOL },
		encodeError: (failure) => {
			const entries = Object.entries(members(failure));
			const writer = new CborWriter();
			writer.map(entries.length);
			for (const [name, text] of entries) {
				writer.text(name);
				writer.text(text);
			}
			return writer.written;
		},
		...(headers && { errorHeaders: headers }),
	};
}

const PROTOCOL = "rpc-v2-cbor";

function readCborRequest(request: WireRequest, { shapes, target }: DocumentService, dialect: DocumentDialect): Invocation {
	if (request.method !== "POST") throw malformed(`The method '${shortened(request.method)}' is not supported. Use POST.`);
	checkHeaders(request);
	const [path = ""] = request.target.split("?", 1);
	const [, service, operation = ""] = /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(path) ?? [];
	if (service !== target) throw unknownOperation(path);
	return documentInvocation(shapes, operation, (input) => {
		const problem = contentTypeProblem(request, [CBOR]);
		if (problem !== undefined) throw malformed(problem);
		// AWS: who has nothing to say may send nothing.
		return decodeDocument(input, request.body.length === 0 ? {} : decodeCbor(request.body), dialect);
	});
}

const CBOR = { name: "application/cbor", pattern: /^application\/cbor$/i };

/** AWS: the header says which of the protocols of a path it is, and the header of another protocol must not be there (Smithy RPC v2). */
function checkHeaders({ headers }: WireRequest): void {
	for (const [name, value] of headers) {
		const lowerName = name.toLowerCase();
		if (lowerName === "smithy-protocol" && value.trim() !== PROTOCOL) {
			throw malformed(`The protocol '${shortened(value)}' is not supported. Use ${PROTOCOL}.`);
		}
		if (lowerName === "x-amz-target" || lowerName === "x-amzn-target") {
			throw malformed(`A request has its operation in the path or in the header ${name}, not in both.`);
		}
	}
}
