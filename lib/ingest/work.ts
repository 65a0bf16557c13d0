import { extractText, type ExtractedText } from '../documents';
import { checkLength, type IdentifiedDocument } from './documents';
import { generationOf } from './fingerprints';
import type { ManifestRow } from './manifest';
import { piecesOf, titleFromName, type Piece } from './pieces';
import type { Run } from './run';
import type { DocumentOutcome } from './types';

export const TORN =
	'Rows of this document were missing from the index, or were not its own; it was stored again.';

/** A document that has to be written. */
export class Work {
	readonly source: string;
	readonly generation: string;
	/** Pieces made of it so far; all of them once `closed`. */
	pieces = 0;
	/** Of these, pieces that are stored before their vector. */
	pendingVectors = 0;
	/** Why it cannot be stored. */
	failure: string | undefined;
	/** Something went wrong in company: it is taken out of the stream and written again by itself. */
	alone = false;
	/** Its manifest row says `indexing`, so a failure has to put the old row back. */
	claimed = false;
	/** Another run has stored the same version meanwhile. */
	doneElsewhere = false;
	/** Generations of rows that nobody knows of, dropped with what this document replaces. */
	readonly unknown: string[] = [];
	readonly warnings: string[];
	private extracted: ExtractedText | undefined;

	constructor(
		readonly document: IdentifiedDocument,
		readonly settingsHash: string,
		/** The manifest row before this run touched it. */
		public previous: ManifestRow | undefined,
		/** All documents that were looked up together, this one too: they are claimed together. */
		readonly company: readonly Work[],
		/** Its manifest row says that it is stored, but its rows are not there, or not all. */
		readonly torn = false,
	) {
		this.source = document.source;
		this.warnings = [...document.warnings];
		if (torn) this.warnings.push(TORN);
		this.generation = generationOf(
			document.source,
			document.contentHash,
			settingsHash,
			document.metadataHash,
		);
	}

	get usable(): boolean {
		return this.failure === undefined && !this.alone && !this.doneElsewhere;
	}

	/** The text; a file is parsed at the first call. */
	async extract(run: Run): Promise<ExtractedText> {
		if (this.extracted) return this.extracted;
		const { content, title } = this.document;
		if ('text' in content) {
			this.extracted = { text: content.text, ...(title === undefined ? {} : { title }) };
			return this.extracted;
		}
		const found =
			'load' in content ? await content.load() : await extractText(content, run.limits, run.signal);
		checkLength(found.text, run.limits);
		this.warnings.push(...(found.warnings ?? []));
		this.extracted = title === undefined ? found : { ...found, title };
		return this.extracted;
	}

	/** What `extract` resolved to. */
	get text(): ExtractedText {
		if (!this.extracted)
			throw new Error(`The text of "${this.source}" was asked for before it was extracted`);
		return this.extracted;
	}

	/** Cuts the document, from the beginning at every call. */
	async *cut(run: Run): AsyncGenerator<Piece, void, undefined> {
		const extracted = await this.extract(run);
		this.pieces = 0;
		this.pendingVectors = 0;
		const titled = { ...extracted, title: extracted.title ?? titleFromName(this.source) };
		for await (const piece of piecesOf(titled, run, { signal: run.signal })) {
			this.pieces++;
			if (piece.chunk.flags?.includes('contextFailed'))
				this.warn('The model gave no context for some chunks.');
			yield piece;
		}
	}

	/** Says something about a document that is stored all the same, once. */
	warn(warning: string): void {
		if (!this.warnings.includes(warning)) this.warnings.push(warning);
	}

	outcome(): DocumentOutcome {
		const { source, document, warnings } = this;
		const shared = { source, position: document.position, ...(warnings.length > 0 ? { warnings } : {}) };
		if (this.failure !== undefined) return { ...shared, state: 'failed', chunks: 0, reason: this.failure };
		if (this.doneElsewhere) return { ...shared, state: 'unchanged', chunks: this.previous?.chunks ?? 0 };
		return {
			...{ ...shared, state: this.wasComplete ? 'changed' : 'added', chunks: this.pieces },
			...(this.pendingVectors > 0 ? { pendingVectors: this.pendingVectors } : {}),
		};
	}

	/** A complete version of the document was there before. */
	private get wasComplete(): boolean {
		return this.previous?.state === 'ready' || this.previous?.complete !== undefined;
	}
}
