import { invalidUserId } from "../../../errors.ts";

/** AWS: accounts' ids have twelve digits. */
const ACCOUNT_ID = /^\d{12}$/;

/**
 * What a list of accounts in a request stands for: `self` is the account's own id, the words that the operation knows are themselves.
 *
 * @throws {ApiError} for what is neither an account's id nor one of these words.
 */
export function accountsOf(
	users: readonly string[] | undefined,
	{ accountId, words }: { readonly accountId: string; readonly words: readonly string[] },
): readonly string[] | undefined {
	return users?.map((user) => {
		if (user === "self") return accountId;
		if (words.includes(user) || isAccountId(user)) return user;
		throw invalidUserId(user);
	});
}

export function isAccountId(text: string): boolean {
	return ACCOUNT_ID.test(text);
}
