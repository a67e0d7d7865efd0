/** Why the service can't start, or can't go on: a sentence for its user that names the next step. No stack trace is shown. */
export class StartError extends Error {
	override readonly name = "StartError";
}
