import type { IDataObject } from 'n8n-workflow';
import type { ChatResult } from '../../../../lib/engine';

/** What every operation that lets a model write tells about the call besides its answer. */
export function callJson(result: ChatResult): IDataObject {
	return {
		finishReason: result.finishReason,
		engine: result.engine,
		model: result.model,
		usage: { ...result.usage },
		timings: { ...result.timings },
		attempts: result.attempts.map((attempt) => ({ ...attempt })),
		...(result.warnings?.length && { warnings: [...result.warnings] }),
	};
}
