// The "Start here" template as a newcomer uses it: files into the form, questions into the chat, answers with their sources.
import type { Browser, Page } from 'playwright-core';
import { sampleFile, sampleQuestions } from '../../host/samples.cjs';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { sharedHost, template, type N8nClient } from '../support/n8n';

jest.setTimeout(240_000);

const files = ['employee-handbook.pdf', 'price-list.csv', 'expense-rules.docx'];
const questions = files.map((name) => {
	const found = sampleQuestions().find(({ source }) => source === name);
	if (!found) throw new Error(`No question is answered by ${name}`);
	return found;
});

let url: string;
let client: N8nClient;
let browser: Browser;
let page: Page;

beforeAll(async () => {
	({ url, client } = await sharedHost());
	browser = await launchBrowser();
	page = await openEditor(browser, url);
});
afterAll(async () => await browser.close());

/** Step 1 of the note: the form opens in a window of its own. */
async function upload(): Promise<void> {
	await page.getByTestId('execute-workflow-button-Upload Documents').click();
	const form = await page.waitForEvent('popup');
	await form.locator('input[type="file"]').setInputFiles(files.map(sampleFile));
	await form.getByRole('button', { name: 'Upload' }).click();
	await form.getByText(/3 documents are ready/).waitFor();
	await form.close();
}

/** Step 2. */
async function ask(question: string): Promise<void> {
	await page.getByTestId('chat-input').fill(question);
	await page.keyboard.press('Enter');
}

it('stores three files of the form, and answers three questions in the chat with their sources', async () => {
	await client.importWorkflow(template('start-here'));
	await page.goto('/workflow/startHere');
	await page.getByTestId('canvas-node').first().waitFor();
	await page.getByTestId('zoom-to-fit').click();
	await upload();
	await page.getByTestId('workflow-chat-button').click();
	for (const { question, answer, source } of questions) {
		await ask(question);
		const said = page.locator('.chat-message-from-bot').filter({ hasText: answer });
		await said.getByText(source).first().waitFor();
	}
	await keepPicture(page, 'templates/start-here');
});
