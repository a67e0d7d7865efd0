import { readQueryRequest, type RequestDialect } from "./query-request.ts";
import { allowedInsteadOf, oneOf } from "./scalar-values.ts";
import { shortened, WireError } from "./wire-error.ts";
import { element, membersXml, textElement, XML_DECLARATION } from "./xml-output.ts";
import type { Protocol } from "./protocol.ts";
import type { ScalarShape, ServiceShapes } from "./service-shapes.ts";

/** EC2's protocol: forms in, XML out (control-apis.md §2.2). */
export function ec2Query(shapes: ServiceShapes): Protocol {
	return {
		name: "ec2Query",
		contentType: "text/xml;charset=UTF-8",
		read: (request) => readQueryRequest(request, shapes, DIALECT),
		encodeOutput: (operation, output, requestId) => {
			const shape = shapes.operations.get(operation)?.output;
			// AWS: what gives nothing gives true (control-apis.md §2.2).
			const content = shape === undefined ? textElement("return", "true") : membersXml(shape, output ?? {}, (time) => time.toISOString());
			const id = textElement("requestId", requestId);
			return `${XML_DECLARATION}<${operation}Response xmlns="${shapes.xmlNamespace}">${id}${content}</${operation}Response>`;
		},
		// AWS: no namespace, and a capital D (control-apis.md §2.2).
		encodeError: ({ code, message }, requestId) => {
			const error = element("Error", textElement("Code", code) + textElement("Message", message));
			return XML_DECLARATION + element("Response", element("Errors", error) + textElement("RequestID", requestId));
		},
	};
}

const DIALECT: RequestDialect = {
	listsAreFlat: true,
	emptyListsAreSent: false,
	unknownVersion: (version) =>
		version === undefined
			? new WireError("MissingParameter", "The request must contain the parameter Version")
			: new WireError("NoSuchVersion", `The requested version (${shortened(version)}) of service AmazonEC2 does not exist`),
	unknownAction: (action) => new WireError("InvalidAction", `The action ${shortened(action)} is not valid for this web service.`),
	unknownParameter: (parameter) => new WireError("UnknownParameter", `The parameter ${parameter} is not recognized`),
	missingParameter: (parameter) => new WireError("MissingParameter", `The request must contain the parameter ${parameter}`),
	invalidParameter: (message) => new WireError("InvalidParameterValue", message),
	invalidValue: (parameter, text, shape) => new WireError("InvalidParameterValue", invalidValueMessage(parameter, text, shape)),
};

function invalidValueMessage(parameter: string, text: string, shape: ScalarShape): string {
	const name = parameter.split(".").at(-1) ?? parameter;
	// AWS: control-apis.md §2.3, for RunInstances.
	if (shape.scalar === "blob" && /\bUserData\b/.test(parameter)) return "Invalid BASE64 encoding of user data";
	if (shape.values !== undefined && METADATA_OPTIONS.has(name)) {
		const allowed = oneOf([...shape.values].sort((a, b) => VALUES_IN_ORDER.indexOf(a) - VALUES_IN_ORDER.indexOf(b)));
		return `A value of '${shortened(text)}' is not valid for ${name}. Specify ${allowed} and try again.`;
	}
	const option = name === HOP_LIMIT ? name : parameter;
	const allowed = allowedInsteadOf(text, shape);
	const finding = `Invalid value '${shortened(text)}' for ${option}.`;
	return allowed === undefined ? finding : `${finding} The value must be ${allowed}.`;
}

/** AWS: these have words of their own, wherever they are (control-apis.md §1.6). */
const METADATA_OPTIONS: ReadonlySet<string> = new Set([
	"HttpEndpoint",
	"HttpTokens",
	"HttpProtocolIpv6",
	"InstanceMetadataTags",
	"HttpTokensEnforced",
]);
const HOP_LIMIT = "HttpPutResponseHopLimit";

/** AWS: "either 'enabled' or 'disabled'" is not the order of its models. */
const VALUES_IN_ORDER = ["enabled", "disabled", "optional", "required", "no-preference"];
