import type { MissingMember } from "./constraint.ts";
import type { ErrorDocument } from "./error-document.ts";
import type { ServiceShapes } from "./service-shapes.ts";

/** A service that is spoken to in documents: JSON or CBOR. */
export interface DocumentService {
	readonly shapes: ServiceShapes;
	/** Its name in targets and paths. */
	readonly target: string;
	/** The code of what is of its type and not allowed nonetheless. */
	readonly invalidInput: string;
	/** How a member that must be there is missed. */
	readonly missing: MissingMember;
	readonly errors: ErrorDocument;
}
