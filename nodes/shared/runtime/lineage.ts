import type { ExchangeRecord } from '../../../lib/distillation';
import type { NodeItem } from './nodeItem';

/** Where in n8n a record comes from. */
export const lineageOf = ({ context, index }: NodeItem): Partial<ExchangeRecord['lineage']> => ({
	workflow: context.getWorkflow().id,
	node: context.getNode().name,
	execution: context.getExecutionId(),
	item: index,
});
