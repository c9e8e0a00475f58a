// Single keys, off while typing and off altogether by the profile (html[data-shortcuts="off"]).
import { write, writeAt } from './composer.js';
import { openFrom } from './dialog.js';
import { edit } from './inline-edit.js';
import { clearSelection, selectRow } from './selection.js';
import { undoLast } from './toast.js';

const WAIT = 1200;
const TYPING = 'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"]';
let prefix = '';
let timer;

const rows = () => [...document.querySelectorAll('[data-row]')].filter(row => row.offsetParent !== null);
const current = () => document.querySelector('[data-row][aria-current="true"]') ?? document.activeElement?.closest('[data-row]');
const press = selector => document.querySelector(selector)?.click();

const keys = {
	j: () => go(1),
	k: () => go(-1),
	x: () => selectRow(current(), false),
	X: () => selectRow(current(), true),
	Enter: openRow,
	o: openRow,
	' ': () => press('[data-row][aria-current="true"] [data-peek]'),
	e: editRow,
	p: () => within('[data-postpone]')?.click(),
	f: () => press('[data-key="f"]'),
	'/': search,
	z: undoLast,
	n: writeNote,
	c: () => await_('c'),
	g: () => await_('g'),
	Escape: leave,
};

document.addEventListener('keydown', event => {
	if (document.documentElement.dataset.shortcuts === 'off' && event.key !== 'Escape') return;
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
	if (event.target.closest(TYPING) || document.querySelector('dialog[open], :popover-open')) return;
	if (event.target.closest('button, a, summary') && [' ', 'Enter'].includes(event.key)) return;
	const action = prefix ? second(event.key) : keys[event.key] ?? numbered(event.key) ?? custom(event.key);
	if (!action) return;
	event.preventDefault();
	action();
});

function await_(letter) {
	prefix = letter;
	timer = setTimeout(() => {
		prefix = '';
		press(`[data-key="${letter}"]`);
	}, WAIT);
}

function second(letter) {
	clearTimeout(timer);
	const first = prefix;
	prefix = '';
	if (!/^[a-z]$/.test(letter)) return null;
	if (first === 'g') return () => press(`[data-key-go="${letter}"]`);
	const create = document.querySelector(`[data-key-create="${letter}"]`);
	return create && (() => openFrom(create.dataset.createUrl));
}

function numbered(key) {
	const view = /^[1-9]$/.test(key) && document.querySelectorAll('.tabs[data-numbered] > a')[key - 1];
	return view ? () => view.click() : null;
}

function custom(key) {
	const button = key.length === 1 && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
	return button ? () => button.click() : null;
}

function go(step) {
	const all = rows();
	if (!all.length) return press(step > 0 ? 'a[rel="next"]' : 'a[rel="prev"]');
	const next = all[Math.min(Math.max(all.indexOf(current()) + step, 0), all.length - 1)];
	for (const row of document.querySelectorAll('[data-row][aria-current]')) row.removeAttribute('aria-current');
	next.setAttribute('aria-current', 'true');
	next.scrollIntoView({ block: 'nearest' });
	(next.querySelector('.primary a, h3 a, .body a') ?? next.querySelector('a'))?.focus({ preventScroll: true });
}

const within = selector => current()?.querySelector(selector);

function openRow() {
	(within('.primary a, h3 a') ?? within('a[href]'))?.click();
}

function writeNote() {
	const own = document.querySelector('[data-key="n"]');
	const row = within('.primary a[href], h3 a[href]');
	if (own) own.click();
	else if (row) writeAt(row.href);
	else write();
}

function editRow() {
	const complete = within('[data-complete]');
	if (complete) return complete.click();
	edit(document.activeElement.closest?.('[data-edit-url], td') ?? current(), current());
}

function search() {
	const field = document.querySelector('[data-list-search]');
	if (field) field.focus();
	else press('[data-open="palette"]');
}

function leave() {
	if (!clearSelection()) press('[data-back]');
}
