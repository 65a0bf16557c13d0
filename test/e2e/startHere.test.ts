// The "Start here" template as a newcomer uses it: files into the form, questions into the chat, answers with their sources.
import type { Browser, Page } from 'playwright-core';
import { sampleFile, sampleQuestions } from '../../host/samples.cjs';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { startChatEngine, type ChatEngine } from '../support/chatEngine';
import { settled } from '../support/editor';
import { MovingPicture } from '../support/movingPicture';
import { startHost, sharedHost, template, type Host } from '../support/n8n';

jest.setTimeout(300_000);

const files = ['employee-handbook.pdf', 'price-list.csv', 'expense-rules.docx'];
const questions = files.map((name) => {
	const found = sampleQuestions().find(({ source }) => source === name);
	if (!found) throw new Error(`No question is answered by ${name}`);
	return found;
});
/** Asked one after the other: each goes on with the one before. */
const followUps = [
	['How much does the Trail 500 cost?', '1899'],
	['And the Trail 700?', '2649'],
	['And the City 3 Electric?', '2399'],
	['And the Kids 20?', '389'],
] as const;
const unknown = 'What is the capital of France?';

/**
 * What a model would write: it makes a follow-up whole, and answers from the passage (a line of JSON with its number) that holds what is
 * asked for.
 */
function scripted(asked: string): string {
	const last = /Last question: "(.*)"$/.exec(asked)?.[1];
	if (last !== undefined) return last.replace(/^And the (.*)\?$/, 'How much does the $1 cost?');
	const question = /Question: (.*)$/.exec(asked)?.[1] ?? '';
	const answers = [...questions.map((each) => [each.question, each.answer] as const), ...followUps];
	const answer =
		answers.find(([known]) => known === question)?.[1] ??
		followUps.find(([known]) => question.includes(known.replace(/^And the (.*)\?$/, '$1')))?.[1];
	const line = asked.split('\n').find((each) => answer !== undefined && each.includes(answer));
	const number = /"number":(\d+)/.exec(line ?? '')?.[1];
	return number === undefined ? 'NOT_IN_PASSAGES' : `It is ${answer} [${number}].`;
}

/** The moving picture of README is as large as this. */
const size = { width: 1100, height: 820 };

let host: Host;
let engine: ChatEngine;
let browser: Browser;
let page: Page;
const picture = new MovingPicture();

beforeAll(async () => {
	engine = await startChatEngine(({ messages }) => scripted(String(messages.at(-1)?.content)));
	// A fresh n8n: nobody has stored anything in the index of the template.
	host = await startHost({ tarball: (await sharedHost()).tarball });
	await host.client.importWorkflow(template('start-here'));
	browser = await launchBrowser();
	page = await openEditor(browser, host.url);
	await page.setViewportSize(size);
});
afterAll(async () => {
	await browser.close();
	await host.remove();
	await engine.close();
});

async function openTemplate(): Promise<void> {
	await page.goto('/workflow/startHere');
	await page.getByTestId('canvas-node').first().waitFor();
	await page.getByTestId('zoom-to-fit').click();
	// Messages would cover what the moving picture shows.
	await page.addStyleTag({ content: '.el-notification { display: none !important; }' });
	// the canvas glides there
	await page.waitForTimeout(1_000);
}

/** Step 1 of the note: the form opens in a window of its own. */
async function upload(names: readonly string[]): Promise<void> {
	const [form] = await Promise.all([
		page.waitForEvent('popup'),
		page.getByTestId('execute-workflow-button').first().click(),
	]);
	await form.setViewportSize(size);
	await form.locator('input[type="file"]').waitFor();
	await picture.take(form, 1_500);
	await form.locator('input[type="file"]').setInputFiles(names.map(sampleFile));
	await picture.take(form, 1_500);
	await form.getByRole('button', { name: 'Upload' }).click();
	await form.getByText(`${names.length} documents are ready`).waitFor({ timeout: 120_000 });
	await picture.take(form, 2_000);
	await form.close();
}

/** The editor remembers whether the panel was open. */
async function openChat(): Promise<void> {
	const button = page.getByTestId('workflow-chat-button');
	if (/Open/.test(await button.innerText())) await button.click();
	const chat = page.getByTestId('canvas-chat');
	await chat.getByTestId('chat-input').waitFor();
	// Larger, so that a whole answer can be seen: its upper edge and then its right edge are dragged.
	const box = await chat.boundingBox();
	if (!box) throw new Error('The chat is not on the page');
	await drag([box.x + 200, box.y], [box.x + 200, 330]);
	await drag([box.x + box.width, 600], [box.x + 560, 600]);
}

async function drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
	await page.mouse.move(...from);
	await page.mouse.down();
	await page.mouse.move(...to, { steps: 5 });
	await page.mouse.up();
}

/** Step 2. Returns what the chat answers, once it holds this (the source stands at its end). */
async function ask(question: string, holds: string | RegExp): Promise<string> {
	const answers = page.locator('.chat-message-from-bot .chat-message-markdown');
	const before = await answers.count();
	await page.getByTestId('chat-input').fill(question);
	await picture.take(page, 1_500);
	await page.keyboard.press('Enter');
	const answer = answers.nth(before);
	await answer.getByText(holds).first().waitFor({ timeout: 60_000 });
	const said = await settled(page, () => answer.innerText());
	await picture.take(page, 3_500);
	return said;
}

/** Three follow-ups, each answered with its source, and a question that the documents do not answer. */
async function goesOn(): Promise<void> {
	for (const [question, answer] of followUps) {
		const said = await ask(question, 'price-list.csv');
		expect({ question, said }).toEqual({ question, said: expect.stringContaining(answer) });
	}
	const said = await ask(unknown, /do not answer/);
	expect(said).not.toMatch(/Sources|price-list|handbook/);
}

it('stores three files from the form, and answers three questions in the chat with source and page', async () => {
	await openTemplate();
	await keepPicture(page, 'templates/start-here');
	await picture.take(page, 2_500);
	await upload(files);
	await openChat();
	for (const { question, answer, source, page: number } of questions) {
		const said = await ask(question, source);
		expect(said).toContain(answer);
		expect(said).toContain(source);
		if (number !== undefined) expect(said).toMatch(new RegExp(`page ${number}\\b`, 'i'));
		// No raw JSON
		expect(said).not.toContain('{');
	}
	await keepPicture(page, 'start-here-chat');
	picture.keep('start-here');
	await goesOn();
});

it('answers with sources when an engine writes, too', async () => {
	const { id } = await host.client.createCredential({
		name: 'My engine',
		type: 'localEngineApi',
		data: {
			...{ dialect: 'openai', baseUrl: engine.url, apiKey: '', chatModel: 'scripted' },
			...{ headers: {}, furtherEngines: {} },
		},
	});
	const workflow = await host.client.workflow('startHere');
	for (const node of workflow.nodes)
		if (node.name === 'Answer') node.credentials = { localEngineApi: { id, name: 'My engine' } };
	await host.client.changeWorkflow('startHere', workflow);
	await openTemplate();
	await openChat();
	for (const { question, answer, source, page: number } of questions) {
		const said = await ask(question, source);
		expect(said).toMatch(/\[\d\]/);
		expect(said).toContain(answer);
		if (number !== undefined) expect(said).toMatch(new RegExp(`page ${number}\\b`, 'i'));
	}
	await goesOn();
	expect(engine.asked.length).toBeGreaterThan(questions.length);
});
