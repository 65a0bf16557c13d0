import { EngineError, type EngineErrorKind } from '../errors';
import type { ModelInfo } from '../types/operations';
import { findModel } from './names';

/** A list older than this is asked for again. */
const FRESH_MS = 60_000;
/** An unknown name makes a list be asked for again, at most this often. */
const AGAIN_MS = 2_000;

/** Failures of the question for the list that say more than that there is none. */
const TELLING: ReadonlySet<EngineErrorKind> = new Set(['unreachable', 'unauthorized', 'cancelled']);

/** What one engine holds, as far as it was told. */
export class ModelList {
	/** What it said last; kept while it is away. */
	last: readonly ModelInfo[] | undefined;
	private known: { readonly at: number; readonly details: boolean; readonly list: ModelInfo[] } | undefined;
	private asking: { readonly details: boolean; readonly list: Promise<ModelInfo[]> } | undefined;

	/** `details`: with what costs some engines a question for each model. */
	constructor(private readonly ask: (details: boolean) => Promise<ModelInfo[]>) {}

	/** At once where it is known; one older than a minute is renewed behind the caller's back. */
	get(details = false): ModelInfo[] | Promise<ModelInfo[]> {
		const { known } = this;
		if (known === undefined || (details && !known.details)) return this.fresh(details);
		// An engine that is away is noticed by the calls, not by this.
		if (performance.now() - known.at > FRESH_MS) this.fresh(known.details).catch(() => undefined);
		return known.list;
	}

	/** Asks in any case; callers of one moment share the question. */
	fresh(details = false): Promise<ModelInfo[]> {
		if (this.asking !== undefined && (this.asking.details || !details)) return this.asking.list;
		const list = this.ask(details).then((models) => {
			this.known = { at: performance.now(), details, list: models };
			this.last = models;
			return models;
		});
		const asking = { details, list };
		this.asking = asking;
		const over = (): void => {
			if (this.asking === asking) this.asking = undefined;
		};
		list.then(over, over);
		return list;
	}

	/** The list, or an empty one for an engine that gives none. */
	orNone(details = false): ModelInfo[] | Promise<ModelInfo[]> {
		const list = this.get(details);
		return list instanceof Promise ? list.catch((error: unknown) => this.none(error)) : list;
	}

	/** The model that a name means, after a second look where the list does not have it: it may have been pulled since. */
	find(requested: string): ModelInfo | undefined | Promise<ModelInfo | undefined> {
		const known = this.known === undefined ? undefined : findModel(this.known.list, requested);
		return known ?? this.look(requested);
	}

	/** What was remembered is no longer so. */
	forget(): void {
		this.known = undefined;
	}

	private async look(requested: string): Promise<ModelInfo | undefined> {
		const list = await this.orNone();
		const found = findModel(list, requested);
		const askedAt = this.known?.at ?? 0;
		if (found !== undefined || list.length === 0 || performance.now() - askedAt < AGAIN_MS) return found;
		return findModel(await this.fresh().catch(() => list), requested);
	}

	private none(error: unknown): ModelInfo[] {
		if (!(error instanceof EngineError) || TELLING.has(error.kind)) throw error;
		this.known = { at: performance.now(), details: true, list: [] };
		return [];
	}
}
