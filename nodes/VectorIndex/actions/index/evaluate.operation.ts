import type { IDataObject } from 'n8n-workflow';
import {
	type EvaluationReport,
	evaluateRetrieval,
	type Question,
	rebuildTexts,
	withCopies,
} from '../../../../lib/evaluation';
import { createSlicer, withRounded } from '../../../../lib/support';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { pathField, questionField } from '../../../shared/fields/pathField';
import { embedderOfIndex } from '../../../shared/runtime/embedders';
import { engineKey } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachGroup, type Group } from '../../../shared/runtime/groups';
import { indexTargetOf, type IndexTarget } from '../../../shared/runtime/indexes';
import { openIndex, type VectorIndex } from '../../../../lib/vectorIndex';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemResult } from '../../../shared/runtime/outputs';
import { watched } from '../../../shared/runtime/progress';
import { showReport } from '../../../shared/runtime/reports';
import type { Run } from '../../../shared/runtime/run';
import { type Mode, reportPage } from './evaluationPage';
import { questionsOf } from './questionInput';

export const evaluate: Operation = {
	option: {
		name: 'Evaluate',
		value: 'evaluate',
		action: 'Evaluate how well an index answers questions',
		description:
			'Asks questions with known answers and reports recall, MRR and nDCG with intervals, and a chart',
	},
	fields: [
		...indexFields,
		{
			displayName:
				'Each item is one question, with the sources or the passages ({ source, start, end }) that answer it. You can use the log of a webhook: enter its fields with dots ("body.question", "answer.citations"). Items without a known answer are skipped and listed in "skipped". A question that occurs twice is counted once.',
			name: 'questionsNotice',
			type: 'notice',
			default: '',
		},
		questionField,
		pathField({
			displayName: 'Expected Sources Field',
			name: 'sourcesField',
			default: 'sources',
			description:
				'Name of the field that holds the documents that answer the question: a list of names, one name, or the citations of a good answer',
		}),
		pathField({
			displayName: 'Expected Passages Field',
			name: 'passagesField',
			default: 'passages',
			description:
				'Name of the field that holds the exact passages that answer the question: a list of source, start and end',
		}),
		{
			displayName: 'Compare',
			name: 'modes',
			type: 'multiOptions',
			default: ['vector', 'keyword', 'hybrid'],
			description: 'Search modes to measure',
			options: [
				{ name: 'Keywords', value: 'keyword' },
				{ name: 'Meaning', value: 'vector' },
				{ name: 'Meaning and Keywords', value: 'hybrid' },
			],
		},
		{
			displayName: 'Results per Question',
			name: 'k',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 100 },
			default: 5,
			description: 'Number of results to look at: the k in recall@k',
		},
		{
			displayName: 'Compare With Exact Search',
			name: 'annRecall',
			type: 'boolean',
			default: false,
			description:
				'Whether to search exactly as well, and report how many of these results the approximate index finds',
		},
		optionsField(),
	],
	// The items of an index are one examination: the result is a report, not an item each.
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => ({ target: await targetOf(item), request: undefined }),
			async (group) => ({ shared: await examine(run, group) }),
		),
};

interface Target {
	readonly index: IndexTarget;
	readonly engines: string;
	readonly modes: readonly Mode[];
	readonly k: number;
	readonly annRecall: boolean;
}

async function targetOf(item: NodeItem): Promise<Target> {
	const modes = item.choices<Mode>('modes');
	if (modes.length === 0) throw new InputError('"Compare" is empty. Choose at least one way of searching.');
	return {
		index: await indexTargetOf(item),
		engines: await engineKey(item.context, item.index),
		modes,
		k: item.number('k'),
		annRecall: item.flag('annRecall'),
	};
}

async function examine(run: Run, { target, members, first }: Group<Target, undefined>): Promise<ItemResult> {
	const { k, annRecall } = target;
	const { questions: asked, skipped } = questionsOf(members.map(({ item }) => item));
	const index = await openIndex(target.index.address);
	const { model } = await index.settings();
	const embedder = await embedderOfIndex(run.context, model, first.index);
	const { name } = target.index.address;
	const questions = await withCopiesIn(index, asked, run.context.getExecutionCancelSignal());
	const reports = new Map<Mode, EvaluationReport>();
	for (const mode of target.modes) {
		const job = { task: `Evaluate (${mode})`, subject: name, unit: 'questions' };
		const report = await watched(run, first, job, async (call) => {
			const { signal } = call;
			return await evaluateRetrieval(
				questions,
				async ({ text }) => {
					const vector = mode === 'keyword' ? undefined : await embedder.embedQuery(text, { signal });
					const query = { text, vector, mode, limit: k };
					const hits = await index.search(query, { signal });
					if (!annRecall || mode === 'keyword') return { hits };
					const exact = await index.search({ ...query, exact: true }, { signal });
					return { hits, exact: exact.map(({ id }) => id) };
				},
				{ k },
				call,
			);
		});
		reports.set(mode, report);
	}
	const shown = await showReport(run, first, {
		title: `Retrieval of ${name}`,
		task: 'Evaluate',
		html: reportPage(reports, k, model),
		file: 'retrieval.html',
	});
	return {
		json: {
			index: name,
			k,
			questions: questions.length,
			skipped: skipped.map((each) => ({ ...each })),
			model,
			results: [...reports].map(([mode, { metrics, failed }]) => ({
				mode,
				metrics: withRounded(metrics) as IDataObject,
				failed: failed.map((failure) => ({ ...failure })),
			})),
			report: shown.report,
		},
		binary: { report: shown.file },
	};
}

/** Characters of an index in which copies of expected passages are looked for: it takes some milliseconds for each passage. */
const MOST_CHARACTERS = 5_000_000;

/** Whoever finds a verbatim copy of an expected passage has the answer too. */
async function withCopiesIn(
	index: VectorIndex,
	questions: readonly Question[],
	signal: AbortSignal | undefined,
): Promise<readonly Question[]> {
	if (!questions.some(({ passages }) => passages)) return questions;
	const texts = await rebuildTexts(index.scan(undefined, { signal }), MOST_CHARACTERS, { signal });
	if (!texts) return questions;
	const turn = createSlicer();
	const copied: Question[] = [];
	for (const question of questions) {
		copied.push(...withCopies([question], texts));
		await turn();
	}
	return copied;
}
