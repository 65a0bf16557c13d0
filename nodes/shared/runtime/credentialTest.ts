import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { EnginePool } from '../../../lib/engine';
import { messageOf } from '../../../lib/support';
import { addressesOf, type LocalEngineCredential } from './engines';

const PROBE_MS = 5_000;

/** Really asks each engine of the credential who it is, which version, and which models it holds. */
export async function localEngineApiTest(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data as LocalEngineCredential | undefined;
	if (!data) return { status: 'Error', message: 'The credential is empty. Fill in at least the base URL.' };
	const addresses = addressesOf(data);
	for (const { baseUrl } of addresses) {
		const refusal = await refusalOfHost(this, baseUrl);
		if (refusal !== undefined) return { status: 'Error', message: refusal };
	}
	const pool = new EnginePool(addresses);
	try {
		const verdicts = await Promise.all(
			addresses.map(async ({ baseUrl, apiKey, headers }) => {
				try {
					const { dialect, version, models } = await pool.detect(baseUrl, { apiKey, headers });
					return { ok: true, text: `${dialect}${version ? ` ${version}` : ''}: ${modelList(models)}` };
				} catch (error) {
					return { ok: false, text: messageOf(error) };
				}
			}),
		);
		const failed = verdicts.filter(({ ok }) => !ok);
		if (failed.length > 0) return { status: 'Error', message: failed.map(({ text }) => text).join(' · ') };
		return { status: 'OK', message: `Connected. ${verdicts.map(({ text }) => text).join(' · ')}` };
	} finally {
		await pool.close();
	}
}

function modelList(models: readonly string[]): string {
	if (models.length === 0) return 'no models yet';
	const more = models.length > 5 ? ` and ${models.length - 5} more` : '';
	return `${models.slice(0, 5).join(', ')}${more}`;
}

/**
 * The sentence of n8n's egress filter when an address may not be asked. A credential test is handed no filter, but its request
 * helper asks it before anything is sent; what else that request says does not matter.
 */
async function refusalOfHost(
	context: ICredentialTestFunctions,
	baseUrl: string,
): Promise<string | undefined> {
	if (!URL.canParse(baseUrl)) return undefined;
	try {
		await context.helpers.request({ method: 'HEAD', uri: baseUrl, followRedirect: false, timeout: PROBE_MS });
	} catch (error) {
		for (let each: unknown = error; each instanceof Error; each = each.cause) {
			if (each.name.startsWith('SsrfBlocked'))
				return `${baseUrl} may not be asked from here: ${each.message}`;
		}
	}
	return undefined;
}
