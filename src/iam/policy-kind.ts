/** What a policy is attached to decides what it may say. */
export type PolicyKind = "identity" | "boundary" | "session" | "service-control" | "trust";

/** AWS's words for each kind, as they stand in its messages. */
export const POLICY_KIND_NAMES: Readonly<Record<PolicyKind, string>> = {
	identity: "an identity-based policy",
	boundary: "a permissions boundary",
	session: "a session policy",
	"service-control": "a service control policy",
	trust: "a trust policy",
};
