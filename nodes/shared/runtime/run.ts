import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { resumeVectors } from './backgroundVectors';
import type { NodeContext } from './context';
import { NodeForm } from './nodeForm';
import { NodeItem } from './nodeItem';
import type { ToolForm } from './toolForm';

/** One execution of one operation. */
export class Run {
	private readonly form: NodeForm;
	private readonly hints = new Set<string>();
	/** A tool's expressions see the item of the agent. */
	private readonly seesItem: boolean;

	/**
	 * @param fields the operation's fields
	 * @param tool set when an agent calls it
	 */
	constructor(
		readonly context: IExecuteFunctions,
		fields: readonly INodeProperties[],
		readonly tool?: ToolForm,
	) {
		resumeVectors();
		const { type, parameters } = context.getNode();
		this.form = new NodeForm(fields, parameters);
		this.seesItem = !type.endsWith('Tool');
	}

	/** Number of input items. */
	get count(): number {
		return this.context.getInputData().length;
	}

	/** Aborts when the user cancels the execution. */
	get signal(): AbortSignal | undefined {
		return this.context.getExecutionCancelSignal();
	}

	item(index: number, signal = this.signal): NodeItem {
		return new NodeItem(this.context, this.form, index, signal, this.seesItem);
	}

	/** Shows a sentence on the node, once. */
	hint(message: string, type: 'info' | 'warning' = 'warning'): void {
		if (this.hints.has(message)) return;
		this.hints.add(message);
		this.context.addExecutionHints({ message, type, location: 'outputPane' });
	}
}

/** An item as a sub-node sees it. */
export const itemOf = (
	context: NodeContext,
	fields: readonly INodeProperties[],
	itemIndex: number,
): NodeItem => {
	resumeVectors();
	return new NodeItem(context, new NodeForm(fields, context.getNode().parameters), itemIndex);
};
