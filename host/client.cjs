// What the editor does over HTTP, for programs: sign up, import and publish workflows, credentials, executions, webhooks.

/**
 * @typedef {{ email: string, firstName: string, lastName: string, password: string }} Owner
 * @typedef {{ status: number, text: string, json: any, ms: number, headers: Headers }} Answer
 */

const notThere = Symbol('n8n of this version has no such call');

class RestError extends Error {
	/** @param {string} message @param {number} status */
	constructor(message, status) {
		super(message);
		this.status = status;
	}
}

class N8nClient {
	#cookie = '';

	/** @param {string} url */
	constructor(url) {
		this.url = url;
	}

	/** The session, for calls beside the API. */
	get cookie() {
		return this.#cookie;
	}

	/**
	 * A call to n8n's own API; resolves to its `data`. @param {string} method @param {string} path below /rest
	 * @param {unknown} [body] @returns {Promise<any>}
	 */
	async rest(method, path, body) {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: {
				// n8n closes an idle connection after 5 s, which a caller that was busy notices too late
				connection: 'close',
				...(this.#cookie && { cookie: this.#cookie }),
				...(body !== undefined && { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok)
			throw new RestError(
				`n8n: ${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`,
				response.status,
			);
		const cookie = response.headers.getSetCookie().find((each) => each.startsWith('n8n-auth='));
		if (cookie) this.#cookie = cookie.split(';')[0] ?? '';
		return text ? JSON.parse(text).data : undefined;
	}

	/** Only a fresh n8n has no owner. @param {Owner} owner */
	async signUp(owner) {
		await this.rest('POST', '/owner/setup', owner);
	}

	/** @param {Pick<Owner, 'email' | 'password'>} owner */
	async signIn({ email, password }) {
		await this.rest('POST', '/login', { emailOrLdapLoginId: email, password });
	}

	/** @returns {Promise<Array<{ id: string, name: string, active: boolean }>>} */
	async workflows() {
		return await this.rest('GET', '/workflows');
	}

	/** @param {string} id @returns {Promise<any>} */
	async workflow(id) {
		return await this.rest('GET', `/workflows/${id}`);
	}

	/** Replaces a stored workflow. @param {string} id @param {any} workflow @returns {Promise<{ id: string, versionId: string }>} */
	async changeWorkflow(id, { name, nodes, connections, settings, pinData, meta, tags }) {
		return await this.rest('PATCH', `/workflows/${id}`, {
			...{ name, nodes, connections, settings, pinData, meta, tags },
		});
	}

	/**
	 * Imports a workflow as it stands in its file. Tags are taken as ids; a file's tags are names, which n8n does not take here.
	 * @param {any} workflow @returns {Promise<{ id: string, versionId: string }>}
	 */
	async importWorkflow(workflow) {
		const tags = (workflow.tags ?? []).filter((/** @type {unknown} */ tag) => typeof tag === 'string');
		return await this.rest('POST', '/workflows', { ...workflow, tags, active: false });
	}

	/**
	 * Publishes the current version and waits until its triggers are live (n8n does that in the background).
	 * @param {{ id: string, versionId: string }} workflow @param {number} [timeoutMs]
	 */
	async publish({ id, versionId }, timeoutMs) {
		// n8n 1 has no such call: a workflow is switched on by a change of it
		if ((await this.#ifThere('POST', `/workflows/${id}/activate`, { versionId })) === notThere)
			await this.rest('PATCH', `/workflows/${id}`, { active: true, versionId });
		await this.published(id, timeoutMs);
	}

	/** A call that older versions of n8n do not have. @param {[method: string, path: string, body?: unknown]} call @returns {Promise<any>} */
	async #ifThere(...call) {
		try {
			return await this.rest(...call);
		} catch (error) {
			if (error instanceof RestError && error.status === 404) return notThere;
			throw error;
		}
	}

	/** Waits until the triggers of a published workflow are live. @param {string} id */
	async published(id, timeoutMs = 60_000) {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const answer = await this.#ifThere('GET', `/workflows/${id}/publication-status`);
			// where there is no such question, the call above answered when they were live
			if (answer === notThere) return;
			const { status, liveVersionId, triggers } = answer;
			if (status !== 'in_progress' && liveVersionId) return;
			if (Date.now() > deadline) {
				throw new Error(
					`n8n: workflow ${id} is not live after ${timeoutMs / 1000} s: ${JSON.stringify(triggers)}`,
				);
			}
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	/** @param {any} workflow */
	async importAndPublish(workflow) {
		const imported = await this.importWorkflow(workflow);
		await this.publish(imported);
		return imported;
	}

	/** @param {{ name: string, type: string, data: Record<string, unknown> }} credential @returns {Promise<{ id: string }>} */
	async createCredential(credential) {
		return await this.rest('POST', '/credentials', credential);
	}

	/** The latest executions of a workflow, newest first. @param {string} workflowId @returns {Promise<any[]>} */
	async executions(workflowId) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		return (await this.rest('GET', `/executions?filter=${filter}&limit=20`)).results;
	}

	/**
	 * Calls a production webhook. A string, FormData or bytes are sent as they are, anything else as JSON.
	 * @param {string} path @param {any} [body] @param {RequestInit} [init] @returns {Promise<Answer>}
	 */
	async webhook(path, body, init = {}) {
		const raw =
			body === undefined ||
			typeof body === 'string' ||
			body instanceof Uint8Array ||
			body instanceof FormData;
		const started = performance.now();
		const response = await fetch(`${this.url}/webhook/${path}`, {
			method: 'POST',
			signal: AbortSignal.timeout(60_000),
			...init,
			headers: { ...(!raw && { 'content-type': 'application/json' }), ...init.headers },
			body: raw ? body : JSON.stringify(body),
		});
		const text = await response.text();
		const ms = performance.now() - started;
		let json;
		try {
			json = JSON.parse(text);
		} catch {
			json = undefined; // not every answer is JSON: the caller looks at text
		}
		return { status: response.status, text, json, ms, headers: response.headers };
	}
}

module.exports = { N8nClient };
