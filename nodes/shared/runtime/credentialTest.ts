import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { EnginePool, findLocalEngines, programOf } from '../../../lib/engine';
import { messageOf } from '../../../lib/support';
import { egressOfTest } from './egress';
import { type EngineSetup, setupOf, type LocalEngineCredential } from './engines';
import { modelList, tryEngine } from './engineTrial';

/** Tries each engine of the credential for what it is set up for: address, type, key, and each model that is named. */
export async function localEngineApiTest(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data as LocalEngineCredential | undefined;
	if (!data) return { status: 'Error', message: 'The credential is empty. Fill in at least the base URL.' };
	if (data.dialect === 'find') return await findTest(this);
	try {
		return await setupTest(this, setupOf(data));
	} catch (error) {
		// A base URL that is none, or a name that was given twice.
		return { status: 'Error', message: messageOf(error) };
	}
}

async function setupTest(
	context: ICredentialTestFunctions,
	{ addresses, fallbacks }: EngineSetup,
): Promise<INodeCredentialTestResult> {
	const egress = egressOfTest(context);
	for (const { baseUrl } of addresses) {
		try {
			await egress.checkUrl(new URL(baseUrl));
		} catch (error) {
			return { status: 'Error', message: `${baseUrl} may not be asked from here: ${messageOf(error)}` };
		}
	}
	const pool = new EnginePool(addresses, { ...egress, fallbacks, rounds: 0, patienceMs: 0 });
	try {
		const verdicts = await Promise.all(addresses.map(async (address) => await tryEngine(pool, address)));
		const failed = verdicts.filter(({ ok }) => !ok);
		if (failed.length > 0) {
			const message = failed.map(({ text }) => text).join(' · ');
			return { status: 'Error', message: `${message}${await offer(context)}` };
		}
		return { status: 'OK', message: `Connected. ${verdicts.map(({ text }) => text).join(' · ')}` };
	} finally {
		await pool.close();
	}
}

/** Which engines are there for a credential that looks for them. */
async function findTest(context: ICredentialTestFunctions): Promise<INodeCredentialTestResult> {
	const { found, asked } = await findLocalEngines(egressOfTest(context));
	const usable = found.filter(({ needsKey }) => !needsKey);
	if (usable.length > 0) {
		const names = usable.map(({ dialect, models }) => `${programOf(dialect)}: ${modelList(models)}`);
		return { status: 'OK', message: `Found. ${names.join(' · ')}` };
	}
	const locked = found[0];
	return {
		status: 'Error',
		message: locked
			? `The engine at ${locked.baseUrl} asks for an API key. Choose "Detect Automatically", and enter its address and key.`
			: `No engine was found on this machine (asked: ${asked.join(', ')}). Start your engine, or choose "Detect Automatically" and enter its address.`,
	};
}

/** The engines that do answer on this machine, for somebody whose address did not. */
async function offer(context: ICredentialTestFunctions): Promise<string> {
	const { found } = await findLocalEngines(egressOfTest(context));
	if (found.length === 0) return '';
	const list = found.map(({ dialect, baseUrl }) => `${programOf(dialect)} at ${baseUrl}`).join(', ');
	return ` Found on this machine: ${list}. Enter that address as Base URL to use it.`;
}
