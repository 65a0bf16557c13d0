// A real browser at the editor of a running n8n.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, selectors, type Browser, type Locator, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from '../../host/chromium.cjs';
import { owner } from './n8n';
import { trimPicture } from './trimPicture';

export const screenshots = path.join(
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
	return await chromium.launch({ executablePath, headless: true, args: CHROMIUM_FLAGS });
}

/** A signed-in page of the editor. */
export async function openEditor(browser: Browser, url: string): Promise<Page> {
	const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, baseURL: url });
	// a machine that does other things beside takes half a minute for a page
	page.setDefaultTimeout(60_000);
	await page.goto('/signin');
	await page.locator('input[name="emailOrLdapLoginId"]').fill(owner.email);
	await page.locator('input[name="password"]').fill(owner.password);
	await page.getByTestId('form-submit-button').click();
	await page.waitForURL((address) => !address.pathname.startsWith('/signin'));
	return page;
}

const MESSAGES = '.el-notification';

/** Keeps a picture of a page; `npm run screenshots` renews those of the docs. */
export async function keepPicture(
	page: Page,
	name: string,
	/** Only a part of the page, without what the CSS selector `hidden` names, and without empty rows at the end. */
	only: { readonly part?: Locator; readonly hidden?: string; readonly trimmed?: boolean } = {},
): Promise<void> {
	const file = path.join(screenshots, `${name}.png`);
	mkdirSync(path.dirname(file), { recursive: true });
	const clip = await only.part?.boundingBox();
	const png = await page.screenshot({
		animations: 'disabled',
		...(clip && { clip }),
		// n8n's messages would cover what the picture shows.
		style: `${[MESSAGES, only.hidden].filter(Boolean).join(', ')} { opacity: 0 !important; }`,
	});
	writeFileSync(file, only.trimmed ? trimPicture(png) : png);
}
