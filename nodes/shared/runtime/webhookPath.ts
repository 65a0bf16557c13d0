import type { INodeParameters, IWebhookDescription } from 'n8n-workflow';
import * as workflow from 'n8n-workflow';

/** Since n8n 2.35; on older hosts they are undefined. */
const { fromFunction, webhookDescriptionFields }: Partial<typeof workflow> = workflow;

type Path = Pick<IWebhookDescription, 'path' | 'isFullPath'>;

/**
 * The path of a webhook, computed from the parameters of its node. n8n reads the function's source as an expression, so it must
 * use nothing from outside itself. Newer hosts also call the function, and need not start their expression engine for each request.
 *
 * @param isFullPath whether the path is all of the URL behind /webhook/; else n8n puts the ID of the node's webhooks before it. Default: always
 */
export function webhookPath(
	path: (parameters: INodeParameters) => string,
	isFullPath: (parameters: INodeParameters) => boolean = () => true,
): Path {
	if (fromFunction && webhookDescriptionFields)
		// n8n evaluates an expression there as it does in the path, though the type has no room for one.
		return webhookDescriptionFields({
			path: fromFunction(path),
			isFullPath: fromFunction(isFullPath),
		}) as unknown as Path;
	return { path: expression(path), isFullPath: expression(isFullPath) as unknown as boolean };
}

const expression = (from: (parameters: INodeParameters) => unknown): string =>
	`={{(${String(from)})($parameter)}}`;
