import type { IDataObject } from 'n8n-workflow';
import { answerIn, questionIn, type ExchangeRecord } from '../../../lib/distillation';
import { defined } from '../../shared/runtime/values';

/** A record as a row of a table: what was asked and answered, and what it can be found by. */
export function recordRow(record: ExchangeRecord): IDataObject {
	const { id, createdAt, model, conversation, source, lineage, answers } = record;
	const [answer] = answers;
	return defined({
		id,
		createdAt,
		question: questionIn(record),
		answer: answerIn(record),
		model,
		finishReason: answer?.finishReason,
		label: answer?.label,
		score: answer?.score,
		corrected: answer && answer.author === 'human',
		conversation,
		source,
		workflow: lineage.workflow,
	});
}
