// A real browser at the editor of a running n8n.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, selectors, type Browser, type Page } from 'playwright-core';
import { chromiumFlags, findChromium } from '../../host/chromium.cjs';
import { owner } from './n8n';

const screenshots = path.join(
	__dirname,
	'..',
	'..',
	process.env.LOCAL_ENGINE_SCREENSHOTS ?? '.cache/screenshots',
);

// n8n's own name for it
selectors.setTestIdAttribute('data-test-id');

export async function launchBrowser(): Promise<Browser> {
	const executablePath = findChromium();
	if (!executablePath)
		throw new Error('No Chromium found: install it, or name one in LOCAL_ENGINE_CHROMIUM.');
	return await chromium.launch({ executablePath, headless: true, args: chromiumFlags });
}

/** A signed-in page of the editor. */
export async function openEditor(browser: Browser, url: string): Promise<Page> {
	const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, baseURL: url });
	page.setDefaultTimeout(30_000);
	await page.goto('/signin');
	await page.locator('input[name="emailOrLdapLoginId"]').fill(owner.email);
	await page.locator('input[name="password"]').fill(owner.password);
	await page.getByTestId('form-submit-button').click();
	await page.waitForURL((address) => !address.pathname.startsWith('/signin'));
	return page;
}

/** Keeps a picture; LOCAL_ENGINE_SCREENSHOTS=docs/screenshots renews those of the docs. */
export async function keepPicture(page: Page, name: string): Promise<void> {
	mkdirSync(screenshots, { recursive: true });
	await page.screenshot({ path: path.join(screenshots, `${name}.png`), animations: 'disabled' });
}
