import type { IDataObject, IExecuteResponsePromiseData, IRun, ITriggerFunctions } from 'n8n-workflow';
import { GatewayError, type WorkflowAnswer, type WorkflowRequest, type WorkflowRun } from '../../lib/gateway';
import { jsonCopy } from '../../lib/support';
import { gatewayAnswerOf } from '../shared/runtime/gatewayAnswer';
import { requestOutput } from './outputs';
import type { GatewaySettings } from './settings';

type Context = Pick<ITriggerFunctions, 'emit' | 'helpers'>;

/** In queue mode the answer and the end of a run come from another process, and may change places on the way. */
const ANSWER_AFTER_END_MS = 1_000;

/**
 * Starts the workflow for one request. n8n itself brings the answer back, also from a worker of queue mode: what *Answer Request*
 * sends is what n8n's *Respond to Webhook* sends.
 */
export function startRun(
	context: Context,
	settings: Pick<GatewaySettings, 'exchanges'>,
	request: WorkflowRequest,
): WorkflowRun {
	const response = context.helpers.createDeferredPromise<IExecuteResponsePromiseData>();
	const done = context.helpers.createDeferredPromise<IRun | undefined>();
	// Nobody may be waiting any more when these fail.
	response.promise.catch(() => undefined);
	const ended = done.promise.then(
		(run): End => (run === undefined ? {} : { run }),
		(): End => ({}),
	);
	const item = { json: jsonCopy(request) as unknown as IDataObject };
	const before = Array.from({ length: requestOutput(settings) }, () => []);
	context.emit([...before, [item]], response, done as Parameters<Context['emit']>[2]);
	const answer = answerOf(response.promise, ended);
	// The client may have left before the run fails.
	answer.catch(() => undefined);
	// A run that waits holds no place: it can wait for days.
	return { answer, ended: ended.then(() => undefined) };
}

/** `run` is absent where n8n has nothing to say about it. */
interface End {
	readonly run?: IRun;
}

async function answerOf(
	response: Promise<IExecuteResponsePromiseData>,
	ended: Promise<End>,
): Promise<WorkflowAnswer> {
	const sent = response.then(
		(data) => gatewayAnswerOf(data),
		() => undefined,
	);
	const first = await Promise.race([sent.then((answer) => ({ answer })), ended]);
	if ('answer' in first && first.answer !== undefined) return first.answer;
	const end = await ended;
	// A run that waits (n8n's Wait node) goes on later, with the same promise of an answer.
	const late = isWaiting(end) ? await sent : await Promise.race([sent, later()]);
	if (late !== undefined) return late;
	throw new GatewayError('workflowFailed', howItEnded(end));
}

const later = async (): Promise<undefined> =>
	await new Promise((resolve) => setTimeout(() => resolve(undefined), ANSWER_AFTER_END_MS).unref());

const isWaiting = ({ run }: End): boolean => run?.status === 'waiting';

/** The error itself stays in n8n: it may hold what the client must not see. */
function howItEnded({ run }: End): string {
	const at = new Date().toISOString();
	const look = 'Its owner finds the execution in n8n under Executions.';
	if (run === undefined)
		return `The workflow was stopped before its answer, or ended without one (${at}). ${look}`;
	const { error, lastNodeExecuted } = run.data.resultData;
	if (run.status !== 'success' && error !== undefined)
		return lastNodeExecuted === undefined
			? `The workflow failed (${at}). ${look}`
			: `The workflow failed at its node "${lastNodeExecuted}" (${at}). ${look}`;
	return `The workflow ended without an answer (${at}). Make sure that each way through it ends in Local Engine → Gateway → Answer Request.`;
}
