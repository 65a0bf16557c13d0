// The canvas and the panel of nodes in n8n's editor, as a person uses them. On a busy machine both are on the page before the editor
// has all that they show, and a click then opens another list than the one that was meant: it is closed and opened again.
import type { Locator, Page } from 'playwright-core';

/** How long the editor may take until it shows the right list. */
const PATIENCE_MS = 120_000;
/** Something is complete when it was the same this many times, this far apart. */
const SAME_TIMES = 3;
const BETWEEN_MS = 250;

/** What `read` gives once it no longer changes. */
export async function settled<T extends string | readonly string[]>(
	page: Page,
	read: () => Promise<T>,
): Promise<T> {
	let value = await read();
	for (let same = 1; same < SAME_TIMES; ) {
		await page.waitForTimeout(BETWEEN_MS);
		const now = await read();
		same = String(now) === String(value) ? same + 1 : 1;
		value = now;
	}
	return value;
}

/** Names in the panel of nodes; the list is filtered a moment after the last letter, and slides from one view to the next. */
export async function listedNodes(page: Page): Promise<string[]> {
	const names = await settled(page, () => page.getByTestId('node-creator-item-name').allInnerTexts());
	return names.map((name) => name.trim());
}

/** Types into the panel's search, and returns the names that are listed then. */
export async function searchNodes(page: Page, words: string): Promise<string[]> {
	await page.getByTestId('node-creator-search-bar').fill(words);
	return await listedNodes(page);
}

/** Opens a panel of nodes by `button`, again with a page loaded anew until `list` has `expected`. */
async function openUntilListed(
	page: Page,
	button: Locator,
	list: () => Promise<string[]>,
	expected: string,
): Promise<void> {
	const address = page.url();
	const deadline = Date.now() + PATIENCE_MS;
	for (;;) {
		await button.click();
		await page.getByTestId('item-iterator-item').first().waitFor();
		const names = await list();
		if (names.includes(expected)) return;
		if (Date.now() > deadline)
			throw new Error(
				`The panel of nodes has no "${expected}" after ${PATIENCE_MS / 1000} s, only: ${names.join(', ')}`,
			);
		await page.goto(address);
	}
}

/** Opens the panel of all nodes in a new workflow, with a node in it that it will have once it is complete. */
export async function openNodePanel(page: Page, expected: string): Promise<void> {
	await page.goto('/workflow/new');
	const button = page.getByTestId('node-creator-plus-button');
	await openUntilListed(page, button, () => searchNodes(page, expected), expected);
}

/**
 * Opens the panel of the nodes that can be connected to an input of this kind (`ai_languageModel`) of a node. As long as the editor does
 * not know all node types, its plus opens the panel of everything.
 */
export async function openPanelAt(page: Page, input: string, node: string, expected: string): Promise<void> {
	const plus = page
		.locator(`[data-test-id="canvas-node-input-handle"][data-connection-type="${input}"]`)
		.and(page.locator(`[data-node-name="${node}"]`))
		.getByTestId('canvas-handle-plus');
	await openUntilListed(page, plus, () => listedNodes(page), expected);
}
