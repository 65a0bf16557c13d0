import type { EngineEmbedderOptions } from '../../lib/embedding';
import type { NodeItem } from '../shared/runtime/nodeItem';
import { defined } from '../shared/runtime/values';

/** Only what the user set: the rest is the embedder's own default. */
export const embedderOptions = (item: NodeItem): Omit<EngineEmbedderOptions, 'pool'> =>
	defined({
		allowRemote: item.optionalFlag('options.allowRemote'),
		batchSize: item.optionalNumber('options.batchSize'),
		dimensions: item.optionalNumber('options.dimensions'),
		documentPrefix: item.isSet('options.documentPrefix')
			? item.verbatim('options.documentPrefix')
			: undefined,
		maxTokens: item.optionalNumber('options.maxTokens'),
		queryPrefix: item.isSet('options.queryPrefix') ? item.verbatim('options.queryPrefix') : undefined,
		onTooLong: item.optionalChoice<NonNullable<EngineEmbedderOptions['onTooLong']>>('options.onTooLong'),
	});
