import {
	CHUNK_DEFAULTS,
	CODE_LANGUAGE_NAMES,
	type ChunkOptions,
	type ChunkServices,
} from '../../../lib/chunking';
import { countTokens, staticTokenVectors } from '../../../lib/embedding';
import type { NodeContext } from './context';

/** The chunking fields of a node as options of lib/chunking. */
export function chunkOptionsOf(context: NodeContext, itemIndex: number): ChunkOptions {
	const method = context.getNodeParameter(
		'method',
		itemIndex,
		CHUNK_DEFAULTS.method,
	) as ChunkOptions['method'];
	const unit = context.getNodeParameter('unit', itemIndex, CHUNK_DEFAULTS.unit) as NonNullable<
		ChunkOptions['unit']
	>;
	const { parentSize, window, language, separators, semanticStrategy } = context.getNodeParameter(
		'options',
		itemIndex,
		{},
	);
	return {
		method,
		size: context.getNodeParameter('chunkSize', itemIndex, CHUNK_DEFAULTS.size) as number,
		overlap: context.getNodeParameter('chunkOverlap', itemIndex, CHUNK_DEFAULTS.overlap) as number,
		unit,
		countTokens: unit === 'wordpiece' ? countTokens : undefined,
		...(typeof parentSize === 'number' && parentSize > 0 && { parentSize }),
		...(method === 'sentence' && typeof window === 'number' && window > 0 && { window }),
		...((method === 'code' || method === 'recursive') && isLanguage(language) && { language }),
		...(method === 'recursive' && { separators: listOfSeparators(separators) }),
		...(method === 'semantic' && {
			semantic: { strategy: semanticStrategy === 'breakpoint' ? 'breakpoint' : 'cluster' },
		}),
	};
}

/** What the semantic method needs: the token table of the built-in model, far faster than asking an engine. */
export const chunkServices: Pick<ChunkServices, 'tokenRows'> = { tokenRows: staticTokenVectors };

const isLanguage = (value: unknown): value is NonNullable<ChunkOptions['language']> =>
	typeof value === 'string' && ['markdown', 'latex', 'auto', ...CODE_LANGUAGE_NAMES].includes(value);

function listOfSeparators(value: unknown): string[] {
	const typed = Array.isArray(value) ? value : [value];
	return typed
		.filter((separator): separator is string => typeof separator === 'string' && separator !== '')
		.map((separator) => separator.replaceAll('\\n', '\n').replaceAll('\\t', '\t'));
}
