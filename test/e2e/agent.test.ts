// An agent with our chat model and our vector store as its tool, talked to in the chat panel of n8n's editor in a real browser.
import type { Browser, Page } from 'playwright-core';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { canvas, langchain, named, ours } from '../support/canvas';
import { publishKnowledgeBase, sharedHost, type N8nClient, type Workflow } from '../support/n8n';
import { chunkOf } from '../integration/gateway/support';
import {
	callDeltas,
	chatModel,
	credentialFor,
	end,
	say,
	startChatEngine,
} from '../integration/subnodes/chatModelSupport';

jest.setTimeout(240_000);

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

/** Sub-nodes stand below the agent, as a person puts them. */
const places: Record<string, [x: number, y: number]> = {
	'When chat message received': [0, 0],
	'AI Agent': [240, 0],
	'Local Engine Chat Model': [180, 220],
	'House Rules': [420, 220],
};

function agentFlow(id: string, credentials?: Awaited<ReturnType<typeof credentialFor>>): Workflow {
	const workflow = canvas(
		id,
		{
			'When chat message received': {
				type: langchain('chatTrigger'),
				typeVersion: 1.4,
				parameters: { options: { responseMode: 'streaming' } },
				webhookId: id,
			},
			'AI Agent': {
				type: langchain('agent'),
				typeVersion: 3.1,
				parameters: {
					options: { systemMessage: 'Answer from the house rules and cite the passages by their numbers.' },
				},
			},
			'Local Engine Chat Model': { ...chatModel(), ...(credentials && { credentials }) },
			'House Rules': {
				type: ours('vectorStore'),
				parameters: {
					mode: 'retrieve-as-tool',
					toolDescription: 'The rules of the house: keys, leave, printer',
					index: named('agent'),
					topK: 2,
				},
			},
		},
		[
			['When chat message received', 'AI Agent'],
			['Local Engine Chat Model', 'AI Agent', 'ai_languageModel'],
			['House Rules', 'AI Agent', 'ai_tool'],
		],
	);
	for (const node of workflow.nodes) Object.assign(node, { position: places[node.name] });
	return workflow;
}

async function openChat(id: string): Promise<void> {
	await page.goto(`/workflow/${id}`);
	await page.getByTestId('canvas-node').first().waitFor();
	// The editor remembers whether the panel was open.
	const button = page.getByTestId('workflow-chat-button');
	await button.waitFor();
	if (/Open/.test(await button.innerText())) await button.click();
}

async function ask(text: string): Promise<void> {
	await page.getByTestId('chat-input').fill(text);
	await page.keyboard.press('Enter');
}

beforeAll(async () => {
	const { ingest } = await publishKnowledgeBase(client, 'agent');
	const stored = await ingest({
		documents: [
			{ source: 'keys.md', text: 'The spare key hangs behind the blue door of the workshop.' },
			{ source: 'leave.md', text: 'The notice period for leave of more than a week is fourteen days.' },
			{ source: 'printer.md', text: 'The printer on the second floor only takes recycled paper.' },
		],
	});
	expect(stored.status).toBe(200);
});

test('answers with a citation from the vector store, seen word by word while the engine writes', async () => {
	let goOn: () => void = () => undefined;
	const engine = await startChatEngine((body, response) => {
		const results = body.messages.filter(({ role }) => role === 'tool');
		const [tool] = body.tools ?? [];
		if (results.length === 0 && tool) {
			say(
				response,
				callDeltas(tool.function.name, { question: 'Where does the spare key hang?' }),
				'tool_calls',
			);
			return;
		}
		// Cites what the search found, by the number that it gave it.
		const found = /\\?"number\\?":(\d+),\\?"source\\?":\\?"keys\.md/.exec(String(results.at(-1)?.content));
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		response.write(chunkOf({ content: 'The spare key hangs behind the blue door ' }));
		goOn = () => {
			response.write(chunkOf({ content: `of the workshop [${found?.[1] ?? 'not found'}].` }));
			end(response);
		};
	});
	try {
		await client.importWorkflow(
			agentFlow('agentChat', await credentialFor(client, 'Agent engine', [engine.url])),
		);
		await openChat('agentChat');
		await ask('Where does the spare key hang?');
		// The engine has not finished: what is on the page was streamed.
		await page
			.getByText(/behind the blue door/)
			.first()
			.waitFor();
		expect(await page.getByText(/of the workshop \[1\]/).count()).toBe(0);
		await keepPicture(page, 'agent-chat-streaming');
		goOn();
		await page
			.getByText(/behind the blue door of the workshop \[1\]/)
			.first()
			.waitFor();
		await keepPicture(page, 'agent-chat');
		expect(engine.asked).toHaveLength(2);
	} finally {
		await engine.stop();
	}
});

test('without any engine the agent searches and quotes, with the source', async () => {
	await client.importWorkflow(agentFlow('agentBuiltin'));
	await openChat('agentBuiltin');
	await ask('Which paper does the printer take?');
	await page
		.getByText(/only takes recycled paper\. \[1\]/)
		.first()
		.waitFor();
	await page
		.getByText(/\[1\] printer\.md/)
		.first()
		.waitFor();
	await keepPicture(page, 'agent-chat-built-in');
});
