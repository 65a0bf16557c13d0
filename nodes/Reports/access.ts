import { createHash, timingSafeEqual } from 'node:crypto';
import type { IWebhookFunctions } from 'n8n-workflow';

interface BasicCredential {
	readonly user: string;
	readonly password: string;
}

interface HeaderCredential {
	readonly name: string;
	readonly value: string;
}

/** Whether a request may see the page: by the same credentials as n8n's own Webhook node. */
export async function isAllowed(context: IWebhookFunctions): Promise<boolean> {
	const headers = context.getHeaderData() as Readonly<Record<string, unknown>>;
	switch (context.getNodeParameter('authentication')) {
		case 'none':
			return true;
		case 'headerAuth': {
			const { name, value } = await context.getCredentials<HeaderCredential>('httpHeaderAuth');
			return isSame(headers[name.toLowerCase()], value);
		}
		default: {
			const { user, password } = await context.getCredentials<BasicCredential>('httpBasicAuth');
			const expected = Buffer.from(`${user}:${password}`).toString('base64');
			const given = headers.authorization;
			const isBasic = typeof given === 'string' && given.slice(0, 6).toLowerCase() === 'basic ';
			return isBasic && isSame(given.slice(6).trim(), expected);
		}
	}
}

/** Compares hashes of equal length: the time it takes tells nothing about how much of a guess was right. An empty secret opens nothing. */
function isSame(given: unknown, expected: string): boolean {
	if (typeof given !== 'string' || expected === '') return false;
	const digest = (text: string) => createHash('sha256').update(text).digest();
	return timingSafeEqual(digest(given), digest(expected));
}
