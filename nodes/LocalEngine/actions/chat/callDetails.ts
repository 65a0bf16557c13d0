import type { IDataObject } from 'n8n-workflow';
import type { ChatResult } from '../../../../lib/engine';
import { withRounded } from '../../../../lib/support';
import type { Run } from '../../../shared/runtime/run';

/** What every operation that lets a model write tells about the call besides its answer. */
export function callDetails(result: ChatResult): IDataObject {
	return {
		finishReason: result.finishReason,
		engine: result.engine,
		model: result.model,
		usage: { ...result.usage },
		timings: withRounded({ ...result.timings }),
		attempts: result.attempts.map((attempt) => ({ ...attempt })),
		...(result.warnings?.length && { warnings: [...result.warnings] }),
	};
}

/**
 * Whether engines were asked and the built-in tier had to answer; then the node says so. For the top of the output, so that an
 * IF node finds it.
 */
export function fallbackOf(
	run: Run,
	{ dialect, attempts }: Pick<ChatResult, 'dialect' | 'attempts'>,
): boolean {
	const failed = attempts.filter(({ outcome }) => outcome !== 'ok');
	const isFallback = dialect === 'builtin' && failed.length > 0;
	if (isFallback) {
		const [first] = failed;
		run.hint(
			`No engine could answer, so the built-in answerer was used ("fallback" is true in the output). ${first?.engine ?? 'The engine'}: ${first?.message ?? first?.outcome ?? 'no answer'}`,
		);
	}
	return isFallback;
}
