// Ctrl K: records from the server, commands and pages from the page itself (so they also work offline).
import { writeAt } from './composer.js';
import { get } from './net.js';

const PAUSE = 120;
const palette = document.getElementById('palette');
let timer;
let asked = 0;

const fold = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const input = () => palette.querySelector('input');
const options = () => [...palette.querySelectorAll('[role="option"]:not([hidden])')].filter(option => !option.closest('[hidden]'));
const chosen = () => palette.querySelector('[role="option"][aria-selected="true"]');

// The dialog is open already, and perhaps somebody has begun to type.
export function begin() {
	fillLocal();
	search();
}

// Commands and pages are those of the menus, copied when the palette first opens.
function fillLocal() {
	if (palette.dataset.filled) return;
	palette.dataset.filled = 'true';
	const groups = { create: '#create-menu [data-create-url]', go: '.sidebar .nav-group .nav-link' };
	for (const [name, selector] of Object.entries(groups)) {
		const title = palette.querySelector(`[data-palette-local="${name}"] > p`);
		title?.after(...[...document.querySelectorAll(selector)].map(option));
	}
}

function option(source) {
	const copy = document.createElement(source.href ? 'a' : 'div');
	if (source.href) copy.href = source.href;
	else copy.dataset.createUrl = source.dataset.createUrl;
	copy.setAttribute('role', 'option');
	copy.setAttribute('aria-selected', 'false');
	copy.tabIndex = -1;
	const keys = source.dataset.keyGo ? ['g', source.dataset.keyGo] : source.dataset.keyCreate ? ['c', source.dataset.keyCreate] : [];
	copy.append(...[...source.children].filter(part => part.matches('.icon')).map(part => part.cloneNode(true)), wrap('span', '', words(source)));
	if (keys.length) copy.append(wrap('span', 'end', ...keys.map(key => wrap('kbd', 'kbd', key))));
	return copy;
}

const words = source => source.dataset.command ?? source.querySelector('span')?.textContent ?? [...source.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data.trim()).join('');

function wrap(name, type, ...inside) {
	const element = document.createElement(name);
	if (type) element.className = type;
	element.append(...inside);
	return element;
}

function search() {
	const query = input().value.trim();
	const onlyCommands = query.startsWith('>');
	filterLocal(fold(onlyCommands ? query.slice(1).trim() : query));
	select(options()[0]);
	clearTimeout(timer);
	if (onlyCommands) show('');
	else timer = setTimeout(() => askServer(query), query ? PAUSE : 0);
}

function filterLocal(wanted) {
	for (const group of palette.querySelectorAll('[data-palette-local]')) {
		const own = [...group.querySelectorAll('[role="option"]')];
		for (const option of own) option.hidden = !wanted.split(' ').every(word => fold(option.textContent).includes(word));
		group.hidden = own.every(option => option.hidden);
	}
}

async function askServer(query) {
	const turn = ++asked;
	const url = new URL(palette.dataset.paletteUrl, location.href);
	url.searchParams.set('q', query);
	const response = await get(url).catch(() => null);
	if (turn !== asked) return;
	show(response?.ok && !response.redirected ? await response.text() : '');
}

function show(html) {
	const place = palette.querySelector('[data-palette-remote]');
	window.htmx.swap(place, html, { swapStyle: 'innerHTML', swapDelay: 0, settleDelay: 0 });
	const all = options();
	select(all[0]);
	palette.querySelector('[data-palette-empty]').hidden = all.length > 0;
}

function select(option) {
	for (const other of palette.querySelectorAll('[aria-selected="true"]')) other.setAttribute('aria-selected', 'false');
	if (!option) return input().removeAttribute('aria-activedescendant');
	option.id ||= `palette-option-${Math.random().toString(36).slice(2)}`;
	option.setAttribute('aria-selected', 'true');
	option.scrollIntoView({ block: 'nearest' });
	input().setAttribute('aria-activedescendant', option.id);
}

function step(by) {
	const all = options();
	select(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
}

function run(option, elsewhere) {
	if (option?.href && elsewhere) return window.open(option.href, '_blank', 'noopener');
	option?.click();
	if (option) palette.close();
}

// To the record's page, where one may write at once.
function note(option) {
	palette.close();
	writeAt(option.href);
}

function onKey(event) {
	const keys = {
		ArrowDown: () => step(1),
		ArrowUp: () => step(-1),
		Enter: () => event.shiftKey && chosen()?.matches('[data-record]') ? note(chosen()) : run(chosen(), event.ctrlKey || event.metaKey),
	};
	if (!keys[event.key]) return;
	event.preventDefault();
	keys[event.key]();
}

palette?.addEventListener('input', search);
palette?.addEventListener('keydown', onKey);
palette?.addEventListener('click', event => {
	if (event.target.closest('[role="option"]') || event.target === palette) palette.close();
});
palette?.addEventListener('pointermove', event => {
	const option = event.target.closest('[role="option"]');
	if (option && option !== chosen()) select(option);
});
