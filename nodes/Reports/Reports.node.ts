import type {
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import {
	forgetAddress,
	listJobs,
	listReports,
	missingPage,
	overviewPage,
	readReport,
	rememberAddress,
} from '../../lib/reports';
import { localEngineSpaceApiTest } from '../shared/runtime/spaceCredentialTest';
import { spaceOf } from '../shared/runtime/spaces';
import { webhookPath } from '../shared/runtime/webhookPath';
import { isAllowed } from './access';

export class Reports implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine Reports',
		name: 'reports',
		icon: { light: 'file:reports.svg', dark: 'file:reports.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ "/webhook/" + $parameter["path"] }}',
		description: 'A page that shows running syncs and other long work, and the reports that were made',
		eventTriggerDescription: 'Waiting for someone to open the page',
		activationMessage: 'The page with progress and reports is open at the production URL.',
		defaults: { name: 'Local Engine Reports' },
		inputs: [],
		outputs: [],
		credentials: [
			{
				name: 'localEngineSpaceApi',
				displayName: 'Credential for Space (Optional)',
				required: false,
				testedBy: 'localEngineSpaceApiTest',
			},
			{
				name: 'httpBasicAuth',
				required: true,
				displayOptions: { show: { authentication: ['basicAuth'] } },
			},
			{
				name: 'httpHeaderAuth',
				required: true,
				displayOptions: { show: { authentication: ['headerAuth'] } },
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'GET',
				responseMode: 'onReceived',
				...webhookPath((p) => (typeof p.path === 'string' ? p.path : '')),
			},
		],
		properties: [
			{
				displayName:
					'Publish the workflow and open the production URL in a browser. The page shows the progress of work that runs now, and the reports of Evaluate, Tune, Measure, Build, Get Figures and Report.',
				name: 'pageNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Path',
				name: 'path',
				type: 'string',
				noDataExpression: true,
				required: true,
				default: 'local-engine-reports',
				description:
					'Last part of the page’s address, after …/webhook/. Two published workflows cannot have the same path.',
			},
			{
				displayName: 'Authentication',
				name: 'authentication',
				type: 'options',
				noDataExpression: true,
				default: 'basicAuth',
				description:
					'Who may open the page. Reports can contain questions, names of documents and other private data.',
				options: [
					{ name: 'Basic Auth', value: 'basicAuth', description: 'The browser asks for user and password' },
					{ name: 'Header Auth', value: 'headerAuth', description: 'For a proxy that adds a header' },
					{ name: 'None', value: 'none', description: 'Everybody who can reach n8n' },
				],
			},
		],
	};

	methods = { credentialTest: { localEngineSpaceApiTest } };

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				const url = this.getNodeWebhookUrl('default');
				// A test URL is gone after one call.
				if (url !== undefined && this.getMode() !== 'manual')
					await rememberAddress((await spaceOf(this)).folder, ownerOf(this), url);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				if (this.getMode() !== 'manual') await forgetAddress((await spaceOf(this)).folder, ownerOf(this));
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const response = this.getResponseObject();
		response.setHeader('Cache-Control', 'no-store');
		response.setHeader('X-Content-Type-Options', 'nosniff');
		response.setHeader('Referrer-Policy', 'no-referrer');
		// Pages are made of text from documents: nothing in them may run or load anything. A sandbox without "allow-scripts" would keep
		// the page from loading itself again; scripts are refused by default-src.
		response.setHeader(
			'Content-Security-Policy',
			"sandbox allow-scripts allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
		);
		if (!(await isAllowed(this))) {
			if (this.getNodeParameter('authentication') === 'basicAuth')
				response.setHeader('WWW-Authenticate', 'Basic realm="Local Engine Reports", charset="UTF-8"');
			response.status(401).type('text/plain').send('Wrong or missing credentials.');
			return { noWebhookResponse: true };
		}
		const { folder: directory } = await spaceOf(this);
		const { report } = this.getQueryData() as { readonly report?: unknown };
		const page =
			typeof report === 'string'
				? await readReport(directory, report)
				: overviewPage(await listJobs(directory), await listReports(directory), (id) => `?report=${id}`);
		response
			.status(page === undefined ? 404 : 200)
			.type('text/html')
			.send(page ?? missingPage());
		return { noWebhookResponse: true };
	}
}

/** What tells one published page from another. */
const ownerOf = (context: IHookFunctions): string =>
	`${context.getWorkflow().id ?? ''} ${context.getNode().id}`;
