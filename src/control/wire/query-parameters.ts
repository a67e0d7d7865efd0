import { contentTypeProblem, utf8MediaType, utf8Text } from "./request-body.ts";
import { shortened, WireError } from "./wire-error.ts";
import type { WireRequest } from "./protocol.ts";

/**
 * How many parameters a body may have, and a query string. AWS: no number is documented; the largest requests that its limits allow (1000 ids,
 * 200 values in each of some filters) stay well below.
 */
export const MAX_PARAMETERS = 10_000;

/** In characters. The longest name that the models allow, with indices of five digits everywhere, has about 150. */
export const MAX_PARAMETER_NAME_LENGTH = 500;

/** Names and values of a Query request, in the order they came. */
export type QueryParameters = ReadonlyMap<string, string>;

/**
 * Reads the parameters of a request of the Query protocols: a form in the body, a query string, or both, as presigned requests have
 * them (control-apis.md §2.2). Those that carry the signature are left out. Strict: what could be read in two ways is refused.
 *
 * @throws {WireError} MalformedQueryString, or InvalidParameterValue for a value that no answer could ever show.
 */
export function readQueryParameters(request: WireRequest): QueryParameters {
	if (request.method !== "POST" && request.method !== "GET") {
		throw malformed(`The method '${shortened(request.method)}' is not supported. Use POST or GET.`);
	}
	const parameters = new Map<string, string>();
	const queryAt = request.target.indexOf("?");
	if (queryAt !== -1) {
		addParameters(parameters, request.target.slice(queryAt + 1));
		for (const name of SIGNATURE_PARAMETERS) parameters.delete(name);
	}
	if (request.body.length > 0) {
		const problem = contentTypeProblem(request, [FORM]);
		if (problem !== undefined) throw malformed(problem);
		const form = utf8Text(request.body);
		if (form === undefined) throw malformed("The body is not UTF-8.");
		addParameters(parameters, form);
	}
	return parameters;
}

/** AWS: in the query string of a presigned request (control-apis.md §3.7). Signature Version 2's AWSAccessKeyId and so on are no more. */
const SIGNATURE_PARAMETERS = [
	"X-Amz-Algorithm",
	"X-Amz-Credential",
	"X-Amz-Date",
	"X-Amz-Expires",
	"X-Amz-SignedHeaders",
	"X-Amz-Security-Token",
	"X-Amz-Signature",
];

const FORM = utf8MediaType("application/x-www-form-urlencoded");

/** Walks through the text instead of splitting it: ten megabytes of `&` are refused at the first few thousand. */
function addParameters(parameters: Map<string, string>, form: string): void {
	let start = 0;
	for (let count = 0; start < form.length; count += 1) {
		if (count === MAX_PARAMETERS) throw malformed(`A request can have no more than ${MAX_PARAMETERS} parameters.`);
		const end = form.indexOf("&", start);
		const pair = form.slice(start, end === -1 ? form.length : end);
		start += pair.length + 1;
		if (pair !== "") addParameter(parameters, pair);
	}
}

function addParameter(parameters: Map<string, string>, pair: string): void {
	const equals = pair.indexOf("=");
	const name = decoded(equals === -1 ? pair : pair.slice(0, equals), "A parameter's name");
	if (name === "") throw malformed("A parameter has no name.");
	if (name.length > MAX_PARAMETER_NAME_LENGTH) {
		throw malformed(`The parameter name '${shortened(name)}' is longer than ${MAX_PARAMETER_NAME_LENGTH} characters.`);
	}
	if (parameters.has(name)) throw malformed(`The parameter ${name} is given more than once.`);
	const value = equals === -1 ? "" : decoded(pair.slice(equals + 1), `The parameter ${name}`);
	const unfit = NOT_IN_XML.exec(value)?.[0];
	if (unfit !== undefined) {
		const codePoint = unfit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
		throw new WireError("InvalidParameterValue", `The value of the parameter ${name} contains U+${codePoint}, which is not allowed.`);
	}
	parameters.set(name, value);
}

/** What XML 1.0 can't carry in any way: accepted once, it would be in the way of every Describe. */
// eslint-disable-next-line no-control-regex -- these are what it is about
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

function decoded(text: string, what: string): string {
	try {
		return decodeURIComponent(text.replaceAll("+", " "));
	} catch {
		// The one thing that it throws for, with the one message.
		throw malformed(`${what} is not percent-encoded UTF-8.`);
	}
}

function malformed(message: string): WireError {
	return new WireError("MalformedQueryString", message);
}
