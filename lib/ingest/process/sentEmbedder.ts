import { builtinEmbedder, type Embedder } from '../../embedding';
import type { SentEmbedder } from './messages';

/**
 * The built-in model that a run was started with, in the process of the run.
 *
 * @param cacheScope whose vectors are remembered: all spaces share the process
 */
export function receivedEmbedder(sent: SentEmbedder | undefined, cacheScope: string): Embedder {
	const own = builtinEmbedder({ tier: sent?.tier ?? 'fast', cacheScope });
	if (!sent) return own;
	const { fingerprint, msPerCharacter } = sent;
	return {
		model: own.model,
		dimensions: own.dimensions,
		embedDocuments: (texts, call) => own.embedDocuments(texts, call),
		embedQuery: (text, call) => own.embedQuery(text, call),
		fingerprint: () => Promise.resolve(fingerprint),
		...(own.countTokens && { countTokens: (text: string) => own.countTokens?.(text) ?? text.length }),
		...(msPerCharacter !== undefined && {
			estimateMs: (characters: number) => own.estimateMs?.(characters) ?? characters * msPerCharacter,
		}),
		close: () => own.close(),
	};
}
