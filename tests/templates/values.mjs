// Has what the escape functions write read by programs that are in use.
//
//     values.mjs make DIR         writes DIR/values.ini: a target for each value; its x-value
//     values.mjs check KIND FILE  reads FILE, generated from it by values.KIND.mustache here, and
//                                 fails unless every value came back
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.resolve(process.env.NODE_MODULES, 'node_modules') + '/');

const bytes = (...codes) => Buffer.from(codes);
const letter = (c) => c.charCodeAt(0);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

// Every byte that a value may hold, between letters, and every two punctuation characters in a row
// at the beginning and at the end, where most that has a meaning has it.  A value that begins with
// a quotation mark or ends in blanks would be INI's business, and a comment is.
function values() {
	const punctuation = range(0x21, 0x7e).filter((c) => !/[0-9A-Za-z]/.test(String.fromCharCode(c)));
	const single = range(1, 255).filter((c) => c !== 10 && c !== 13);
	const pairs = punctuation.flatMap((a) => punctuation.map((b) => [a, b]));
	return [
		...single.map((c) => bytes(letter('a'), c, letter('b'))),
		...pairs.map(([a, b]) => bytes(a, b, letter('x'), letter(' '), letter('y'), a, b)),
		...['- a', '+ a', '* a', '> a', '# a', '---', '===', '- - -', ':-:', '~~~', '```',
			'1. a', '12) a', 'a  b', 'https://example.org/a_b_c', '\\N \\G \\l', '&lt; &#65;',
			'{a|b} <c>', ': b', 'no', '~', 'null', '0x1f', '--- a', '%YAML', '![a](b)', '[a]: b',
			'<!-- a -->', '| a | b |', '| --- |', '`` a ``', '$a$', '**a** __b__ ~~c~~',
			'漢字 é 🦀 a\u2028b\u0085c'].map((text) => Buffer.from(text)),
	].filter((value) => !/^[;#"]/.test(value) && !value.includes(' ;'));
}

const asText = (value) => new TextDecoder().decode(value);

const readers = {
	yml: (text) => require('yaml').parse(text),

	// Each value stands four times: alone, below a line, in a heading, in a table.
	md(text) {
		const inlines = require('markdown-it')({ html: true }).parse(text, {})
			.filter((token) => token.type === 'inline' && token.content !== 'head');
		return inlines.map(({ children }) => {
			if (children[1]?.type === 'softbreak' && children[0].content === 'head')
				children.splice(0, 2);
			const strange = children.find(({ type }) => !type.startsWith('text'));
			if (strange) return `<${strange.type}>`;
			return children.map((child) => child.content).join('');
		});
	},

	// An SVG picture, whose labels dot has read.
	svg(text) {
		const names = { lt: '<', gt: '>', amp: '&', quot: '"' };
		const decode = (reference, number, name) =>
			name ? names[name] : String.fromCodePoint(number);
		return [...text.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, label]) =>
			label.replace(/&#(\d+);|&([a-z]+);/g, decode));
	},
};

// What no page and no picture can show comes back as U+FFFD.
const shown = (text) =>
	text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, '\ufffd');

const expectations = {
	yml: values().map(asText),
	md: values().map(asText).map(shown).flatMap((text) => [text, text, text, text]),
	svg: values().map(asText).map(shown),
};

// Of blanks, pages and pictures show that there are some.
const blanks = (text) => text.replace(/[ \t\u00a0]+/g, ' ');

const commands = {
	make(directory) {
		const targets = values().map((value, i) => Buffer.concat([
			Buffer.from(`[v${i}]\ndescription = d\ntriple = a-b\nimage = i\nx-value = `),
			value, Buffer.from('\n')]));
		fs.writeFileSync(path.join(directory, 'values.ini'), Buffer.concat(targets));
	},

	check(kind, file) {
		const read = readers[kind](fs.readFileSync(file, 'utf8'));
		const expected = expectations[kind];
		const same = kind === 'yml' ? (text) => text : blanks;
		const wrong = expected.flatMap((text, i) =>
			same(text) === same(read[i] ?? '') ? [] : [`${JSON.stringify(text)} was read as ${JSON.stringify(read[i])}`]);
		console.log(wrong.slice(0, 20).join('\n'));
		console.log(`${expected.length} values, ${read.length} read, ${wrong.length} wrong`);
		process.exit(wrong.length > 0 || read.length !== expected.length ? 1 : 0);
	},
};

const [command, ...rest] = process.argv.slice(2);
commands[command](...rest);
