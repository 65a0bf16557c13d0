/** What is used of word-extractor, which brings no types. */
declare module 'word-extractor' {
	export default class WordExtractor {
		extract(file: Buffer): Promise<{
			getBody(): string;
			getHeaders(options: { readonly includeFooters: boolean }): string;
			getFootnotes(): string;
			getEndnotes(): string;
			getAnnotations(): string;
			getTextboxes(): string;
		}>;
	}
}
