import type { IBinaryData, IDataObject } from 'n8n-workflow';
import { keepReport, reportsAddress } from '../../../lib/reports';
import { messageOf } from '../../../lib/support';
import type { NodeItem } from './nodeItem';
import type { Run } from './run';
import { shownFolder } from './spaces';

/** A report that people look at. */
interface Page {
	readonly title: string;
	/** What makes it, as the operation is called. */
	readonly task: string;
	/** A whole page that needs nothing else. */
	readonly html: string;
	/** Name of the file in the item. */
	readonly file: string;
}

/** What an operation puts out of a report: where to look at it, and the page as a file. */
export interface ShownReport {
	/** Its title and, where a *Local Engine Reports* trigger is published, the URL of its page. */
	readonly report: IDataObject;
	readonly file: IBinaryData;
}

/** Keeps a report for the *Local Engine Reports* page, and says on the node where to look at it. */
export async function showReport(
	run: Run,
	item: NodeItem,
	{ title, task, html, file }: Page,
): Promise<ShownReport> {
	const { context } = run;
	const url = await addressOf(run, item, { title, task, html });
	return {
		report: { title, url },
		file: await context.helpers.prepareBinaryData(Buffer.from(html), file, 'text/html'),
	};
}

/** The URL of the kept report, null where nobody serves it; says so on the node. */
async function addressOf(
	run: Run,
	item: NodeItem,
	page: Pick<Page, 'title' | 'task' | 'html'>,
): Promise<string | null> {
	const folder = await shownFolder(item.context, item.index);
	if (folder === undefined) return null;
	const { name: workflow } = run.context.getWorkflow();
	const id = await keepReport(folder, {
		...{ ...page, node: run.context.getNode().name },
		...(workflow !== undefined && { workflow }),
	}).catch((thrown: unknown) => {
		run.hint(`The report could not be kept for the reports page: ${messageOf(thrown)}`);
		return undefined;
	});
	const address = await reportsAddress(folder);
	const url = address !== undefined && id !== undefined ? `${address}?report=${id}` : null;
	run.hint(
		url === null
			? 'To look at the report in a browser, add a Local Engine Reports trigger to a workflow, publish it, and open its URL. The page is also in the item as a file.'
			: `Look at the report: ${url}`,
		'info',
	);
	return url;
}
