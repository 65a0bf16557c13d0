import type { IDataObject, IExecuteResponsePromiseData } from 'n8n-workflow';
import { isObject } from '../../../lib/support';

/** What *Answer Request* sends to the Engine Gateway, in the form in which n8n carries the response of a webhook. */
export const gatewayResponse = (
	text: string,
): { body: IDataObject; headers: IDataObject; statusCode: number } => ({
	body: { gatewayAnswer: { text } },
	headers: {},
	statusCode: 200,
});

/** The answer in a response; undefined for one that is from elsewhere, and for n8n's own when a run ends without any. */
export function gatewayAnswerOf(
	response: IExecuteResponsePromiseData,
): { readonly text: string } | undefined {
	const body = isObject(response) && 'body' in response ? response.body : undefined;
	const answer = isObject(body) && 'gatewayAnswer' in body ? body.gatewayAnswer : undefined;
	if (!isObject(answer) || !('text' in answer) || typeof answer.text !== 'string') return undefined;
	return { text: answer.text };
}
