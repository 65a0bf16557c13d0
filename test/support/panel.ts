import type { IDataObject, ISupplyDataFunctions } from 'n8n-workflow';
import { contextOf } from './nodeContext';

export interface PanelEntry {
	readonly connection: string;
	readonly input: IDataObject;
	output?: IDataObject | Error;
}

/** As much of a sub-node's context as a unit test needs, and what its run panel would show. */
export function panelOf(options: Parameters<typeof contextOf>[0] = {}): {
	context: ISupplyDataFunctions;
	panel: PanelEntry[];
} {
	const panel: PanelEntry[] = [];
	type Data = Array<Array<{ json: IDataObject }>>;
	const context = Object.assign(contextOf(options), {
		addInputData: (connection: string, data: Data) => {
			panel.push({ connection, input: data[0]?.[0]?.json ?? {} });
			return { index: panel.length - 1 };
		},
		addOutputData: (_connection: string, index: number, data: Data | Error) => {
			const entry = panel[index];
			if (entry) entry.output = data instanceof Error ? data : data[0]?.[0]?.json;
		},
		logAiEvent: () => undefined,
	});
	return { context: context as unknown as ISupplyDataFunctions, panel };
}
