import { CHAT_TEMPLATES, type ChatTemplate, type LengthOptions } from '../../../lib/distillation';
import { countTokens } from '../../../lib/embedding';
import type { NodeItem } from '../../shared/runtime/nodeItem';

/** How the node counts tokens for an item. */
export function countingOf(item: NodeItem): Pick<LengthOptions, 'countTokens' | 'render'> {
	const template = item.hasField('options.template')
		? item.optionalChoice<ChatTemplate>('options.template')
		: undefined;
	return {
		...(item.optionalChoice('options.tokens') === 'counted' && { countTokens }),
		// ChatML is lib's default, and estimated without writing the text out.
		...(template !== undefined && template !== 'chatml' && { render: CHAT_TEMPLATES[template] }),
	};
}
