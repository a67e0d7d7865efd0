import { constraintMessage, enumConstraint, type MissingMember, nullMember } from "./constraint.ts";
import { readQueryRequest, type RequestDialect } from "./query-request.ts";
import { allowedInsteadOf } from "./scalar-values.ts";
import { shortened, WireError } from "./wire-error.ts";
import { element, membersXml, textElement, type TimestampText, XML_DECLARATION } from "./xml-output.ts";
import type { Answering, Protocol } from "./protocol.ts";
import type { ScalarShape, ServiceShapes } from "./service-shapes.ts";

/** The protocol of IAM and STS, and one of CloudWatch's: forms in, XML out (control-apis.md §2.12, §2.13). */
export function awsQuery(
	shapes: ServiceShapes,
	{ timestampText = wholeSeconds, missing = nullMember("ValidationError") }: QueryVariant = {},
): Protocol {
	const dialect = dialectOf(shapes.version, missing);
	return {
		...queryAnswering(shapes.xmlNamespace),
		name: "awsQuery",
		read: (request) => readQueryRequest(request, shapes, dialect),
		encodeOutput: (operation, output, requestId) => {
			const shape = shapes.operations.get(operation)?.output;
			const result = shape === undefined ? "" : element(`${operation}Result`, membersXml(shape, output ?? {}, timestampText));
			const metadata = element("ResponseMetadata", textElement("RequestId", requestId));
			return `${XML_DECLARATION}<${operation}Response xmlns="${shapes.xmlNamespace}">${result}${metadata}</${operation}Response>`;
		},
	};
}

/** In what a service differs from IAM and STS. */
interface QueryVariant {
	readonly timestampText?: TimestampText;
	readonly missing?: MissingMember;
}

/** @param xmlNamespace none where an error is nobody's. */
export function queryAnswering(xmlNamespace?: string): Answering {
	const attribute = xmlNamespace === undefined ? "" : ` xmlns="${xmlNamespace}"`;
	return {
		contentType: "text/xml",
		encodeError: ({ code, message, status }, requestId) => {
			const type = textElement("Type", status < 500 ? "Sender" : "Receiver");
			const error = element("Error", type + textElement("Code", code) + textElement("Message", message));
			return `${XML_DECLARATION}<ErrorResponse${attribute}>${error}${textElement("RequestId", requestId)}</ErrorResponse>`;
		},
	};
}

/** AWS: IAM and STS print no fraction of a second in the examples of their API references, and EC2 does. */
function wholeSeconds(time: Date): string {
	return time.toISOString().replace(/\.\d+Z$/, "Z");
}

/** AWS: CloudWatch prints one where there is one: datapoints are at full minutes, alarms change at any moment. */
export function secondsAndFraction(time: Date): string {
	return time.toISOString().replace(".000Z", "Z");
}

function dialectOf(apiVersion: string, missing: MissingMember): RequestDialect {
	const operationNotFound = (action: string, version: string): WireError =>
		new WireError("InvalidAction", `Could not find operation ${shortened(action)} for version ${shortened(version)}`);
	return {
		listsAreFlat: false,
		emptyListsAreSent: true,
		unknownVersion: (version, action) => operationNotFound(action, version ?? "NO_VERSION_SPECIFIED"),
		unknownAction: (action) => operationNotFound(action, apiVersion),
		unknownParameter: (parameter) => validationError(`The parameter ${parameter} is not recognized`),
		missingParameter: missing,
		invalidParameter: validationError,
		invalidValue: (parameter, text, shape) =>
			validationError(constraintMessage(`'${shortened(text)}'`, parameter, constraint(text, shape))),
	};
}

function constraint(text: string, shape: ScalarShape): string {
	return shape.values === undefined ? `Member must be ${allowedInsteadOf(text, shape)}` : enumConstraint(shape.values);
}

function validationError(message: string): WireError {
	return new WireError("ValidationError", message);
}
