import { readQueryRequest, type RequestDialect } from "./query-request.ts";
import { allowedInsteadOf } from "./scalar-values.ts";
import { shortened, WireError } from "./wire-error.ts";
import { element, membersXml, textElement, XML_DECLARATION } from "./xml-output.ts";
import type { Protocol } from "./protocol.ts";
import type { ScalarShape, ServiceShapes } from "./service-shapes.ts";

/** The protocol of IAM and STS: forms in, XML out (control-apis.md §2.13). */
export function awsQuery(shapes: ServiceShapes): Protocol {
	const dialect = dialectOf(shapes.version);
	return {
		name: "awsQuery",
		contentType: "text/xml",
		read: (request) => readQueryRequest(request, shapes, dialect),
		encodeOutput: (operation, output, requestId) => {
			const shape = shapes.operations.get(operation)?.output;
			const result = shape === undefined ? "" : element(`${operation}Result`, membersXml(shape, output ?? {}, wholeSeconds));
			const metadata = element("ResponseMetadata", textElement("RequestId", requestId));
			return `${XML_DECLARATION}<${operation}Response xmlns="${shapes.xmlNamespace}">${result}${metadata}</${operation}Response>`;
		},
		encodeError: ({ code, message, status }, requestId) => {
			const type = textElement("Type", status < 500 ? "Sender" : "Receiver");
			const error = element("Error", type + textElement("Code", code) + textElement("Message", message));
			return `${XML_DECLARATION}<ErrorResponse xmlns="${shapes.xmlNamespace}">${error}${textElement("RequestId", requestId)}</ErrorResponse>`;
		},
	};
}

/** AWS: IAM and STS print no fraction of a second in the examples of their API references, and EC2 does. */
function wholeSeconds(time: Date): string {
	return time.toISOString().replace(/\.\d+Z$/, "Z");
}

function dialectOf(apiVersion: string): RequestDialect {
	const operationNotFound = (action: string, version: string): WireError =>
		new WireError("InvalidAction", `Could not find operation ${shortened(action)} for version ${shortened(version)}`);
	return {
		listsAreFlat: false,
		emptyListsAreSent: true,
		unknownVersion: (version, action) => operationNotFound(action, version ?? "NO_VERSION_SPECIFIED"),
		unknownAction: (action) => operationNotFound(action, apiVersion),
		unknownParameter: (parameter) => validationError(`The parameter ${parameter} is not recognized`),
		missingParameter: (parameter) => constraintError("null", parameter, "Member must not be null"),
		invalidParameter: validationError,
		invalidValue: (parameter, text, shape) => constraintError(`'${shortened(text)}'`, parameter, constraint(text, shape)),
	};
}

function constraint(text: string, shape: ScalarShape): string {
	if (shape.values !== undefined) return `Member must satisfy enum value set: [${[...shape.values].join(", ")}]`;
	return `Member must be ${allowedInsteadOf(text, shape)}`;
}

/** AWS: the services' common framework says it so, with the names of parameters in lower camel case. */
function constraintError(value: string, parameter: string, constraint: string): WireError {
	const place = parameter.replaceAll(/(^|\.)[A-Z]/g, (letter) => letter.toLowerCase());
	return validationError(`1 validation error detected: Value ${value} at '${place}' failed to satisfy constraint: ${constraint}`);
}

function validationError(message: string): WireError {
	return new WireError("ValidationError", message);
}
