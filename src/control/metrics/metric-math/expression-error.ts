/** An expression that can't be read, or can't be computed. The message says where or what. */
export class ExpressionError extends Error {
	override readonly name = "ExpressionError";
}
