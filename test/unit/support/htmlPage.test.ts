import { htmlPage } from '../../../lib/support';

test('a page escapes its title, holds its body, and runs nothing', () => {
	const page = htmlPage('<script>alert(1)</script>', '<h1>Sizes</h1>', 'h1{color:red}');
	expect(page).toContain('<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>');
	expect(page).toContain('<body><h1>Sizes</h1></body>');
	expect(page).toContain('h1{color:red}</style>');
	expect(page).not.toMatch(/<script|src=|href=/);
});
