import type { Instance, LightsailFacts } from "./instance.ts";

/**
 * A resource's name. Unique in an account and Region.
 *
 * AWS: `\w[\w\-]*\w` in the model; the service's own message allows full stops, too, and names like example.com are common
 * (terraform-provider-aws #8647). The console takes 2 to 255 characters.
 */
export const LIGHTSAIL_NAME_PATTERN = /^[0-9A-Za-z_][0-9A-Za-z_.-]{0,253}[0-9A-Za-z_]$/;

/** Whether Lightsail knows an instance by its name: one that is deleted has none any more, and another may get it. */
export function hasLightsailName<T extends Pick<Instance, "lightsail" | "state">>(
	instance: T,
): instance is T & { readonly lightsail: LightsailFacts } {
	return instance.lightsail !== undefined && instance.state !== "shutting-down" && instance.state !== "terminated";
}
