import { type Estimate, escapeMarkup, formatPercent, wilson } from '../support';
import { renderIntervalChart } from './chart';
import { MIN_QUESTIONS } from './defaults';

/** Which of two answers to the same question is better. */
export type Preference = 'A' | 'B' | 'tie';

export type PreferenceVerdict = 'A is better' | 'B is better' | 'no difference found' | 'too few to say';

export interface PreferenceReport {
	/** Questions with a preference. */
	readonly questions: number;
	readonly winsA: number;
	readonly winsB: number;
	readonly ties: number;
	/** Share of questions on which B is better, a tie counting half, with its 95 % interval. 0.5 is an even match. */
	readonly preferB: Estimate;
	readonly verdict: PreferenceVerdict;
	/** The verdict in words, with the figures it rests on. */
	readonly explanation: string;
}

/**
 * Two variants compared question by question. The questions are the same for both, so that an easy or a hard question changes nothing:
 * each one is a vote for A or for B, and Wilson's interval of the share of votes says what the votes can tell (as in a sign test, with a tie
 * as half a vote). Pure.
 */
export function comparePreferences(preferences: readonly Preference[]): PreferenceReport {
	const count = (wanted: Preference) => preferences.filter((each) => each === wanted).length;
	const [winsA, winsB, ties] = [count('A'), count('B'), count('tie')];
	const questions = preferences.length;
	const preferB = wilson(winsB + ties / 2, questions);
	const verdict = verdictOf(questions, preferB);
	return {
		...{ questions, winsA, winsB, ties, preferB, verdict },
		explanation: explained(verdict, { questions, winsA, winsB, ties, preferB }),
	};
}

function verdictOf(questions: number, { low, high }: Estimate): PreferenceVerdict {
	if (questions < MIN_QUESTIONS) return 'too few to say';
	if (low > 0.5) return 'B is better';
	if (high < 0.5) return 'A is better';
	return 'no difference found';
}

function explained(
	verdict: PreferenceVerdict,
	{ questions, winsA, winsB, ties, preferB }: Omit<PreferenceReport, 'verdict' | 'explanation'>,
): string {
	const counts = `A was better on ${winsA}, B on ${winsB}, and ${ties} were equal.`;
	const interval = `B is preferred on ${formatPercent(preferB.mean)} of ${questions} questions (95 % interval ${formatPercent(preferB.low)} to ${formatPercent(preferB.high)}).${ties === 0 ? '' : ' A question with equal answers counts half for each.'}`;
	switch (verdict) {
		case 'too few to say':
			return `${questions} questions are too few to say anything. Send at least ${MIN_QUESTIONS}; a small difference needs a hundred or more. ${counts}`;
		case 'no difference found':
			return `${interval} The interval contains 50 %, so the difference may be chance. Send more questions, or take whichever is cheaper. ${counts}`;
		default:
			return `${interval} The whole interval is ${verdict === 'B is better' ? 'above' : 'below'} 50 %. ${counts}`;
	}
}

/** One question, as the page shows it. */
export interface ComparedQuestion {
	readonly question: string;
	readonly answerA: string;
	readonly answerB: string;
	readonly preference?: Preference;
}

/** Questions shown on the page, and characters of each text there. */
const MAX_SHOWN = 200;
const MAX_TEXT = 2000;

const STYLE =
	'body{font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:1000px;margin:2em auto;padding:0 1em}' +
	'table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{border-bottom:1px solid #ddd;padding:.4em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}' +
	'.better{background:#e6f4ea}.verdict{border-left:5px solid #0072b2;padding:.6em 1em;background:#f6f6f6}svg{max-width:100%;height:auto}';

/** The comparison as one page that needs nothing else; every text in it is escaped. Pure. */
export function preferencesPage(
	title: string,
	report: PreferenceReport,
	questions: readonly ComparedQuestion[],
): string {
	const chart = renderIntervalChart({
		title: 'Share of questions on which B is better',
		axis: '%',
		series: ['B preferred'],
		rows: [{ label: `${report.questions} questions`, values: [report.preferB] }],
		mark: 0.5,
	});
	const cell = (text: string, isBetter: boolean) =>
		`<td${isBetter ? ' class="better"' : ''}>${escapeMarkup(text.slice(0, MAX_TEXT))}</td>`;
	const rows = questions
		.slice(0, MAX_SHOWN)
		.map(
			({ question, answerA, answerB, preference }) =>
				`<tr>${cell(question, false)}${cell(answerA, preference === 'A')}${cell(answerB, preference === 'B')}</tr>`,
		);
	return [
		`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body>`,
		`<h1>${escapeMarkup(title)}</h1><div class="verdict"><strong>${escapeMarkup(report.verdict)}</strong><br>${escapeMarkup(report.explanation)}</div>`,
		chart,
		`<table><thead><tr><th>Question</th><th>A</th><th>B</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
		questions.length > MAX_SHOWN
			? `<p>The first ${MAX_SHOWN} of ${questions.length} questions are shown.</p>`
			: '',
		'</body></html>\n',
	].join('\n');
}
