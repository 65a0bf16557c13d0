/**
 * Base of every error the library throws on purpose. `kind` is for code (a closed list per module), `message` is for
 * people: what happened, to which thing, and what to do.
 */
export class LocalEngineError<Kind extends string = string> extends Error {
	constructor(
		readonly kind: Kind,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
		this.name = new.target.name;
	}
}

/** The message of anything that was thrown, for use inside another sentence. */
export function messageOf(thrown: unknown): string {
	return thrown instanceof Error ? thrown.message : String(thrown);
}
