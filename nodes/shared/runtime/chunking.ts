import type { ChunkOptions, ChunkServices } from '../../../lib/chunking';
import { countTokens, staticTokenVectors } from '../../../lib/embedding';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';

/** The chunking fields of a node as options of lib/chunking. */
export function chunkOptionsOf(item: NodeItem): ChunkOptions {
	const method = item.choice<ChunkOptions['method']>('method');
	const unit = item.choice<NonNullable<ChunkOptions['unit']>>('unit');
	const size = item.number('chunkSize');
	const overlap = item.number('chunkOverlap');
	if (overlap >= size)
		throw new InputError(`"Chunk Overlap" should be less than "Chunk Size" (${size}), but is ${overlap}.`);
	return {
		...{ method, size, overlap, unit },
		countTokens: unit === 'wordpiece' ? countTokens : undefined,
		...(item.hasField('options.parentSize') && methodOptions(item, method, size)),
	};
}

/** Options of single methods; those of other methods do not count. */
function methodOptions(item: NodeItem, method: ChunkOptions['method'], size: number): Partial<ChunkOptions> {
	const parentSize = item.optionalNumber('options.parentSize');
	if (parentSize !== undefined && parentSize < size)
		throw new InputError(`"Parent Window" should be at least "Chunk Size" (${size}), but is ${parentSize}.`);
	const window = item.optionalNumber('options.window');
	const strategy = item.optionalChoice<'breakpoint' | 'cluster'>('options.semanticStrategy') ?? 'cluster';
	const separators = separatorsOf(item);
	const language = item.optionalChoice<NonNullable<ChunkOptions['language']>>('options.language');
	return {
		...(parentSize !== undefined && { parentSize }),
		...(method === 'sentence' && window !== undefined && { window }),
		...((method === 'code' || method === 'recursive') && language !== undefined && { language }),
		...(method === 'recursive' && { separators }),
		...(method === 'semantic' && {
			semantic: { strategy },
		}),
	};
}

/** What the semantic method needs: the token table of the built-in model, far faster than asking an engine. */
export const chunkServices: Pick<ChunkServices, 'tokenRows'> = {
	// Not the function itself: loading it loads the model's code.
	tokenRows: (text) => staticTokenVectors(text),
};

const separatorsOf = (item: NodeItem): string[] =>
	item
		.texts('options.separators')
		.map((separator) => separator.replaceAll('\\n', '\n').replaceAll('\\t', '\t'));
