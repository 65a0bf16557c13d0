/**
 * What is embedded for a chunk: its context, if it has one, and its text. The same wherever a vector of a row is made, kept or
 * looked up, or equal rows would get different vectors.
 */
export function textToEmbed(text: string, context?: string): string {
	return context === undefined || context === '' ? text : `${context}\n\n${text}`;
}
