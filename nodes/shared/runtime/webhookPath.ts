import type { INodeParameters, IWebhookDescription } from 'n8n-workflow';
import * as workflow from 'n8n-workflow';

/** Since n8n 2.35; on older hosts they are undefined. */
const { fromFunction, webhookDescriptionFields }: Partial<typeof workflow> = workflow;

/**
 * The path of a webhook, computed from the parameters of its node. n8n reads the function's source as an expression, so it must
 * use nothing from outside itself. Newer hosts also call the function, and need not start their expression engine for each request.
 */
export function webhookPath(
	path: (parameters: INodeParameters) => string,
): Pick<IWebhookDescription, 'path'> {
	if (fromFunction && webhookDescriptionFields) return webhookDescriptionFields({ path: fromFunction(path) });
	return { path: `={{(${String(path)})($parameter)}}` };
}
