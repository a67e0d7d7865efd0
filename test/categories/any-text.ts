import fc from "fast-check";

/** Characters of every length in UTF-8, those that protocols stumble over more often. fast-check's own unit for this takes 86 MB. */
const CHARACTER = fc.oneof(
	fc.constantFrom(..."aZ09 -_.:/%=&?#<>\"'\\\0\t\r\n\u007f\u0085é\u2028€中\ufeff\ufffd𝄞"),
	fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
	fc.integer({ min: 0x100, max: 0xd7ff }).map((code) => String.fromCharCode(code)),
	fc.integer({ min: 0xe000, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
);

/** Any well-formed text. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
	return fc.string({ unit: CHARACTER, maxLength });
}
