import { isObject, shown, textsOf } from "./json-value.ts";

/** Who asks: a service of AWS, or somebody in an account. */
export type Principal =
	| { readonly service: string }
	| {
			readonly accountId: string;
			/** The ARNs that it answers to: a user its own; a role's session the session's and the role's. */
			readonly arns: readonly string[];
			/** Its unique ids (`AIDA…`, `AROA…`), likewise. */
			readonly ids?: readonly string[];
	  };

/** `Principal` or `NotPrincipal` of a statement. */
export interface Principals {
	readonly negated: boolean;
	readonly entries: readonly PrincipalEntry[];
}

interface PrincipalEntry {
	readonly type: string;
	/** `*`: everybody. */
	readonly value: string;
}

/** How a statement means somebody: by name (or as one of everybody), or only because it means the whole account. */
export type Coverage = "principal" | "account";

const ACCOUNT_ARN = /^arn:[a-z-]+:iam::(\d{12}):root$/;

const FORMS: Readonly<Record<string, { readonly fits: RegExp; readonly allowed: string }>> = {
	AWS: {
		fits: /^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:[^*?]+|A[A-Z0-9]{15,127})$/,
		allowed: "*, an account such as 123456789012, the ARN of an account, a user, a role or a session without wildcards, or a unique id",
	},
	Service: { fits: /^(\*|[a-z0-9-]+(\.[a-z0-9-]+)+)$/, allowed: "*, or a service such as ec2.amazonaws.com" },
	Federated: { fits: /^[^*?\s]+$/, allowed: "an identity provider" },
	CanonicalUser: { fits: /^[0-9a-f]{64}$/, allowed: "64 hexadecimal digits" },
};

/**
 * Reads a statement's `Principal` or `NotPrincipal`.
 *
 * @param place where it stands, for the errors: `Statement[1], Principal`
 * @param errors gets what is wrong with it
 */
export function parsePrincipals(value: unknown, place: string, errors: string[]): readonly PrincipalEntry[] {
	if (value === "*") return [{ type: "AWS", value }];
	if (!isObject(value) || Object.keys(value).length === 0) {
		errors.push(`${place}: ${shown(value)} is not a principal; allowed: "*", or a map such as {"Service": "ec2.amazonaws.com"}`);
		return [];
	}
	return Object.entries(value).flatMap(([type, named]) => {
		const form = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
		if (form === undefined) {
			errors.push(`${place}.${type}: is not a kind of principal; allowed: ${Object.keys(FORMS).join(", ")}`);
			return [];
		}
		const values = textsOf(named) ?? [];
		if (values.length === 0) errors.push(`${place}.${type}: ${shown(named)} is not allowed; allowed: ${form.allowed}, or a list of it`);
		const unfit = values.filter((text) => !form.fits.test(text));
		errors.push(...unfit.map((text) => `${place}.${type}: ${shown(text)} is not allowed; allowed: ${form.allowed}`));
		return values.map((text) => ({ type, value: text }));
	});
}

/** How a statement's principals mean somebody; undefined: they don't. */
export function coverageOf({ negated, entries }: Principals, principal: Principal): Coverage | undefined {
	if (negated) return exempt(entries, principal) ? undefined : "principal";
	if (entries.some((entry) => names(entry, principal))) return "principal";
	return entries.some((entry) => namesAccount(entry, principal)) ? "account" : undefined;
}

/**
 * Whether `NotPrincipal` leaves somebody out.
 *
 * AWS: it must list the account, the role and the session, all of them (control-apis.md §3.4).
 */
function exempt(entries: readonly PrincipalEntry[], principal: Principal): boolean {
	if ("service" in principal) return entries.some((entry) => names(entry, principal));
	const listed = (arn: string) => entries.some((entry) => names(entry, { accountId: principal.accountId, arns: [arn] }));
	return entries.some((entry) => namesAccount(entry, principal)) && principal.arns.every(listed);
}

function names({ type, value }: PrincipalEntry, principal: Principal): boolean {
	if (type === "AWS" && value === "*") return true;
	if ("service" in principal) return type === "Service" && (value === "*" || globalName(value) === globalName(principal.service));
	return type === "AWS" && (principal.arns.includes(value) || principal.ids?.includes(value) === true);
}

function namesAccount({ type, value }: PrincipalEntry, principal: Principal): boolean {
	if (type !== "AWS" || "service" in principal) return false;
	return value === principal.accountId || ACCOUNT_ARN.exec(value)?.[1] === principal.accountId;
}

/** AWS: `ec2.amazonaws.com.cn` is EC2 of the Regions in China. */
function globalName(service: string): string {
	return service.replace(/\.cn$/, "");
}
