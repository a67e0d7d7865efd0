// The words that a name is made of, by which a search finds it.

const TOKEN = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|[\p{L}]+/gu;

/**
 * A name's words, in order and as they are written. `Project2-trial333`: Project, 2, trial, 333.
 *
 * AWS: words begin with capitals and with digits; what is neither letter nor digit stands between them (CloudWatch guide, "CloudWatch
 * search expression syntax: Tokenization").
 */
export function tokensOf(name: string): readonly string[] {
	return name.match(TOKEN) ?? [];
}

/**
 * Whether a name has the words of a term, one after the other.
 *
 * AWS: a single word is found whatever its capitals, and so is the whole name without what stands between its words; several words by
 * their own capitals alone ("Partial matches").
 *
 * @param term the words of the term; one at least.
 */
export function hasTokens(name: string, term: readonly string[]): boolean {
	const tokens = tokensOf(name);
	if (tokens.join("").toLowerCase() === term.join("").toLowerCase()) return true;
	if (term.length > 1) return tokens.some((_, at) => term.every((token, index) => tokens[at + index] === token));
	const wanted = term[0]?.toLowerCase();
	return tokens.some((token) => token.toLowerCase() === wanted);
}
