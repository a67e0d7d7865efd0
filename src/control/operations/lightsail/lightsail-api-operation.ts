import type { LightsailOperations } from "../../models/lightsail.ts";
import type { Operation } from "../../operation.ts";

/** An operation of Lightsail's API, by its name. */
export type LightsailApiOperation<Name extends keyof LightsailOperations> = Operation<
	LightsailOperations[Name]["input"],
	LightsailOperations[Name]["output"]
>;
