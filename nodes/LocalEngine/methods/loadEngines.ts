import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { engineNames } from '../../shared/runtime/engines';

/** The engines of the credential, for drop-downs. */
export async function loadEngines(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return (await engineNames(this)).map((name) => ({ name, value: name }));
}
